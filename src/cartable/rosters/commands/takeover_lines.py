"""Settle the lines of a takeover that waited: the PC enters with whom somebody named, or the line is dropped."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cartable.fleet.rules import CustodianKind
from cartable.kernel.names import cleaned
from cartable.kernel.uai import normalised_uai
from cartable.rosters.commands.takeover import close_if_settled, enter_openings
from cartable.rosters.models import Takeover, TakeoverLine
from cartable.rosters.queries.takeover_people import holders_by_id, student_by_label
from cartable.rosters.queries.takeovers import judged_lines
from cartable.rosters.rules.takeover import KnownHolder
from cartable.rosters.rules.takeover_lines import TakenLine
from cartable.supply.commands.births import wait_for_other_entries
from cartable.supply.models import Settlement

_NOBODY = {"family_name": "", "given_name": "", "birth_on": None, "division": "", "ine_fingerprint": None}


class LineStillWaits(Exception):
    """The line is still in doubt; `line_code` says why."""

    code = "line_still_waits"

    def __init__(self, line_code: str) -> None:
        super().__init__(f"{self.code}: {line_code}")
        self.line_code = line_code


class StudentUnnamed(Exception):
    """The PC is said to be with a student, and no student of the region bears that label."""

    code = "student_unnamed"


@dataclass(frozen=True)
class LineRuling:
    """What somebody says of a waiting line: the PC, and where it is; `label_code` names a student."""

    serial: str
    asset_tag: str
    model: str
    lot: str
    kind: CustodianKind
    uai: str = ""
    label_code: str = ""
    condition: str = ""
    held_since: str = ""


@transaction.atomic
def enter_waiting_line(
    *, takeover_id: UUID, line: int, ruling: LineRuling, settled_at: datetime, settled_by_id: int
) -> str:
    """Enter the PC of a waiting line as somebody ruled. Return its asset tag.

    A line that is settled already answers as the first time ("" where it was dropped). Raises LineStillWaits,
    StudentUnnamed, fleet.commands.DeviceAlreadyKnown and StudentAlreadyHolds.
    """
    takeover = Takeover.objects.select_for_update(of=("self",)).get(pk=takeover_id)
    kept = TakeoverLine.objects.select_related("device").get(takeover=takeover, line=line)
    if kept.settled_at is not None:
        return kept.device.asset_tag if kept.device else ""
    wait_for_other_entries()
    chosen = {line: _named(takeover, ruling)} if ruling.kind == CustodianKind.STUDENT else {}
    said = _ruled_line(line, ruling)
    judgement = judged_lines(takeover, [said], today=timezone.localdate(settled_at), chosen=chosen)
    if judgement.waiting:
        raise LineStillWaits(judgement.waiting[0].code)
    tags, ids = enter_openings(takeover, judgement.entered, now=settled_at, actor_id=settled_by_id)
    TakeoverLine.objects.filter(pk=kept.pk).update(
        settlement=Settlement.ENTERED, device_id=ids[0], settled_at=settled_at, settled_by_id=settled_by_id, **_NOBODY
    )
    close_if_settled(takeover, settled_at)
    return tags[0]


@transaction.atomic
def drop_waiting_lines(
    *,
    takeover_id: UUID,
    remark: str,
    settled_at: datetime,
    settled_by_id: int,
    line: int | None = None,
    code: str = "",
) -> int:
    """Leave waiting lines aside for good, one of them or all of one cause, and say why. Return how many."""
    takeover = Takeover.objects.select_for_update(of=("self",)).get(pk=takeover_id)
    chosen = TakeoverLine.objects.filter(takeover=takeover, settled_at__isnull=True)
    chosen = chosen.filter(line=line) if line is not None else chosen.filter(code=code)
    dropped: int = chosen.update(
        settlement=Settlement.DROPPED,
        remark=remark[:200],
        settled_at=settled_at,
        settled_by_id=settled_by_id,
        **_NOBODY,
    )
    if takeover.applied_at is not None:
        close_if_settled(takeover, settled_at)
    return dropped


def _named(takeover: Takeover, ruling: LineRuling) -> KnownHolder:
    student = student_by_label(ruling.label_code) if ruling.label_code else None
    found = holders_by_id([student.pk], region_id=takeover.region_id) if student else []
    if not found:
        raise StudentUnnamed
    return found[0]


def _ruled_line(line: int, ruling: LineRuling) -> TakenLine:
    """Return the line as it would stand in the file, had the other tool said what somebody says now."""
    return TakenLine(
        line=line, serial=ruling.serial, asset_tag=ruling.asset_tag, model=ruling.model, lot=cleaned(ruling.lot),
        uai=normalised_uai(ruling.uai), state=str(ruling.kind), ine_fingerprint=None, family_name="", given_name="",
        birth_on=None, division="", condition=cleaned(ruling.condition), held_since=ruling.held_since.strip(),
    )  # fmt: skip
