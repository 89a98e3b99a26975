"""What opening the books would do: found now, or by the worker before and kept for the page."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from cartable.rosters.models import KeptCheck, Takeover
from cartable.rosters.queries.takeovers import (
    Reckoned,
    Reconciliation,
    ShownTakeoverLine,
    judged_lines,
    person_of,
    read_lines,
    reconciled,
)
from cartable.rosters.rules.takeover import Place, WaitingLine
from cartable.rosters.takeover_words import cause_of, remedy_of

# How many of the lines that stay out a page shows, and a kept check keeps.
SHOWN_LINES = 200
# Longer than any file takes: then the worker was stopped, or has too much before it.
GIVEN_UP_AFTER = timedelta(minutes=10)

# Line, code, whether queued, other line, serial, tag, lot, lycée, state, person, class.
_Waiting = tuple[int, str, bool, int | None, str, str, str, str, str, str, str]


@dataclass(frozen=True)
class Found:
    """What a check found, without words: it is read in the language of whoever looks, and kept as JSON."""

    # Lot, lycée, account; lines read, entered, queued, refused.
    places: tuple[tuple[str, str, str, int, int, int, int], ...]
    made_tag_count: int
    waiting: tuple[_Waiting, ...]
    waiting_count: int
    causes: tuple[tuple[str, int, bool], ...]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what a kept check keeps: all counts, and the lines that the page shows."""
        return {**asdict(self), "waiting": self.waiting[:SHOWN_LINES]}


@dataclass(frozen=True)
class TakeoverCheck:
    """What opening the books would do, in words, as the park and the lists were when it was checked."""

    reconciliation: Reconciliation
    made_tag_count: int
    waiting: tuple[ShownTakeoverLine, ...]
    waiting_count: int
    causes: tuple[tuple[str, int, bool], ...]
    warnings: tuple[str, ...]


def basis_of(takeover: Takeover, *, today: date) -> dict[str, Any]:
    """Return all that a check follows from, besides the park and the lists: changed, the file is checked anew."""
    return {
        "columns": takeover.columns,
        "has_header": takeover.has_header,
        "default_lot": takeover.default_lot,
        "default_model": takeover.default_model,
        "has_repairer": takeover.repairer_id is not None,
        "day": today.isoformat(),
    }


def found_in(takeover: Takeover, content: bytes, *, today: date) -> Found:
    """Judge each line as the park and the lists are now; writes nothing. Raises UnreadableTable."""
    lines, warnings = read_lines(takeover, content)
    judgement = judged_lines(takeover, lines, today=today)
    causes = Counter((waiting.code, waiting.is_queued) for waiting in judgement.waiting)
    return Found(
        places=tuple((place.lot, place.uai, str(place.kind), *tally) for place, tally in judgement.tallies().items()),
        made_tag_count=sum(not opening.device.asset_tag for opening in judgement.entered),
        waiting=tuple(map(_waiting, judgement.waiting)),
        waiting_count=len(judgement.waiting),
        causes=tuple((str(code), count, is_queued) for (code, is_queued), count in causes.items()),
        warnings=tuple(warnings),
    )


def check_in_words(found: Found) -> TakeoverCheck:
    """Say in words what a check found."""
    # Two codes may be told in the same words.
    causes: Counter[tuple[str, bool]] = Counter()
    for code, count, is_queued in found.causes:
        causes[cause_of(code), is_queued] += count
    return TakeoverCheck(
        reconciliation=reconciled(
            [(Place(lot, uai, kind), Reckoned("", *counts)) for lot, uai, kind, *counts in found.places]
        ),
        made_tag_count=found.made_tag_count,
        waiting=tuple(map(_in_words, found.waiting)),
        waiting_count=found.waiting_count,
        causes=tuple((cause, count, is_queued) for (cause, is_queued), count in sorted(causes.items(), key=_by_count)),
        warnings=found.warnings,
    )


def check_takeover(takeover: Takeover, content: bytes, *, today: date) -> TakeoverCheck:
    """Say what opening the books would do; writes nothing. Raises UnreadableTable."""
    return check_in_words(found_in(takeover, content, today=today))


def found_of(kept: Mapping[str, Any]) -> Found:
    """Return a kept check as it was found."""
    return Found(**kept)


def current_check(takeover: Takeover, *, today: date) -> KeptCheck | None:
    """Return the kept check of a takeover, where it still follows from what is said of the file and from this day."""
    return KeptCheck.objects.filter(takeover=takeover, basis=basis_of(takeover, today=today)).first()


def _waiting(waiting: WaitingLine) -> _Waiting:
    said = waiting.said
    return (
        said.line, str(waiting.code), waiting.is_queued, waiting.other_line, said.serial[:120], said.asset_tag[:120],
        waiting.place.lot, said.uai[:120], said.state[:120], person_of(said)[:240], said.division[:120],
    )  # fmt: skip


def _in_words(waiting: _Waiting) -> ShownTakeoverLine:
    line, code, is_queued, other_line, *said = waiting
    return ShownTakeoverLine(line, code, is_queued, cause_of(code, other_line), remedy_of(code), *said)


def _by_count(item: tuple[tuple[str, bool], int]) -> tuple[int, str]:
    return -item[1], item[0][0]
