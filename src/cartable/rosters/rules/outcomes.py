"""What applying a list would do, line by line, and when it would do too much to be believed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple

from cartable.rosters.rules.differences import changes_of, departure_of, says_nothing_new
from cartable.rosters.rules.matching import Match, match_lines
from cartable.rosters.rules.people import Known, KnownEnrolment, KnownStudent, ListedLine
from cartable.rosters.rules.rulings import Ruled, Rulings

# RELIABILITY P33: more than one student in five gone is a wrong or cut file until a second person says otherwise.
LARGEST_SHARE_GONE = 0.2

OutcomeName = Literal["arrival", "transfer", "change", "same", "departure", "review", "dropped"]
WRITTEN: tuple[OutcomeName, ...] = ("arrival", "transfer", "change", "departure")
UNWRITTEN: tuple[OutcomeName, ...] = ("same", "review", "dropped")


class Verdict(NamedTuple):
    """What a line would do, to whom, recognised by what; why a human must look where the outcome is "review".

    In review, `candidates` are all whom the line may be, the likeliest first. `changes` name what would be written
    (`differences.changes_of`), in the order in which it is shown. `ine_rank` says how many others are known to bear the
    line's INE: none, unless a human ruled so.
    """

    outcome: OutcomeName
    review_code: str = ""
    student_id: int | None = None
    matched_by: str = ""
    candidates: tuple[int, ...] = ()
    changes: tuple[str, ...] = ()
    ine_rank: int = 0


def judge(lines: Sequence[ListedLine], known: Known, rulings: Rulings, *, today: date) -> list[Verdict]:
    """Say of each line what applying it would do; what humans ruled goes first."""
    ruled = _one_line_a_number(lines, [rulings.about(line) for line in lines])
    matches = match_lines(lines, known, ruled)
    verdicts = [
        _verdict(line, match, ruling, known, today) for line, match, ruling in zip(lines, matches, ruled, strict=True)
    ]
    return _with_ine_ranks(lines, verdicts, known)


def _with_ine_ranks(lines: Sequence[ListedLine], verdicts: list[Verdict], known: Known) -> list[Verdict]:
    """Say how many others bear the INE that a line would write: each of them was ruled to be somebody else."""
    bearers: dict[bytes, list[KnownStudent]] = {}
    for student in known.students.values():
        if student.ine_fingerprint:
            bearers.setdefault(student.ine_fingerprint, []).append(student)
    if not bearers:
        return verdicts
    ranked = []
    for line, verdict in zip(lines, verdicts, strict=True):
        others = bearers.get(line.ine_fingerprint, ()) if line.ine_fingerprint and verdict.outcome in WRITTEN else ()
        taken = [other.ine_rank for other in others if other.student_id != verdict.student_id]
        ranked.append(verdict._replace(ine_rank=1 + max(taken)) if taken else verdict)
    return ranked


def _one_line_a_number(lines: Sequence[ListedLine], ruled: Sequence[Ruled]) -> list[Ruled]:
    """Take no line whose number another line of the list bears as well, whatever was ruled about both."""
    if not any(ruling.is_taken for ruling in ruled):
        return list(ruled)
    numbers = Counter(
        line.eleve_id for line, ruling in zip(lines, ruled, strict=True) if ruling.is_taken or not line.set_aside
    )
    return [
        ruling._replace(is_taken=ruling.is_taken and numbers[line.eleve_id] == 1)
        for line, ruling in zip(lines, ruled, strict=True)
    ]


def needs_second_person(*, gone: int, enrolled: int) -> bool:
    """Say whether so many students would be gone that a second person must confirm."""
    return gone > enrolled * LARGEST_SHARE_GONE and gone > 5


def _verdict(line: ListedLine, match: Match | None, ruling: Ruled, known: Known, today: date) -> Verdict:
    has_left = line.ends_on is not None and line.ends_on <= today
    if ruling.is_dropped:
        return Verdict("dropped")
    if line.set_aside and not ruling.is_taken:
        return Verdict("review", line.set_aside)
    if match is None:
        if has_left:
            return Verdict("same")
        return Verdict("arrival", changes=tuple(filter(None, [departure_of(line, today=today)])))
    if match.review_code:
        return Verdict("review", match.review_code, match.student_id, match.matched_by, match.candidates)
    student, enrolments = known.students[match.student_id], known.enrolments.get(match.student_id, [])
    here = next((enrolment for enrolment in enrolments if enrolment.is_here), None)
    elsewhere = [e for e in enrolments if e.is_home and not e.is_here and _overlap(e, line)]
    if elsewhere and match.student_id in ruling.elsewhere:
        return Verdict("dropped", "", match.student_id, match.matched_by)
    if match.student_id in ruling.here:
        elsewhere = []
    elif here is not None and here.is_said_gone and not has_left:
        # The list of a lycée that has not written the departure down yet undoes nothing that somebody said.
        if match.student_id in ruling.elsewhere:
            return Verdict("dropped", "", match.student_id, match.matched_by)
        return Verdict("review", "said_gone", match.student_id, match.matched_by, (match.student_id,))
    place = _Place(
        is_home=student.uai == known.uai,
        # Enrolled here alone this year, and yet another lycée answers: that is the list of a year to come.
        has_moved_on=here is not None and here.is_home and not any(e.is_home and not e.is_here for e in enrolments),
    )
    outcome = _outcome(line, student, here, elsewhere, place, has_left=has_left)
    if outcome == "review":
        return Verdict(outcome, "enrolled_elsewhere", match.student_id, match.matched_by, (match.student_id,))
    if outcome == "same":
        return Verdict(outcome, "", match.student_id, match.matched_by)
    changes = changes_of(
        line, student, here, known.former.get(match.student_id), today=today,
        from_uai=student.uai if outcome == "transfer" else "",
    )  # fmt: skip
    return Verdict(outcome, "", match.student_id, match.matched_by, (), changes)


class _Place(NamedTuple):
    """Whether the account counts for the lycée of the list, and whether it counts for another one from a later year on."""

    is_home: bool
    has_moved_on: bool


def _outcome(
    line: ListedLine,
    student: KnownStudent,
    here: KnownEnrolment | None,
    elsewhere: Iterable[KnownEnrolment],
    place: _Place,
    *,
    has_left: bool,
) -> OutcomeName:
    if here is not None and line.ends_on is not None and here.ends_on != line.ends_on:
        return "review" if elsewhere else "departure"
    if has_left:
        return "same"
    if not place.is_home and place.has_moved_on:
        return "same"
    if not place.is_home:
        return "review" if any(e.starts_on >= line.starts_on for e in elsewhere) else "transfer"
    return "same" if here is not None and says_nothing_new(line, student, here) else "change"


def _overlap(enrolment: KnownEnrolment, line: ListedLine) -> bool:
    """Say whether both run on one day at least; an end is the first day on which it no longer runs."""
    start = max(enrolment.starts_on, line.starts_on)
    return all(end is None or start < end for end in (enrolment.ends_on, line.ends_on))
