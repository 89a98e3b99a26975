"""Let what a human rules about an applied list take effect at once, by the road that the list itself would take."""

from collections import Counter
from collections.abc import Sequence, Set
from datetime import date, datetime
from itertools import chain

from cartable.rosters.commands.changes import apply_lines
from cartable.rosters.commands.guardians import follow_settled_students
from cartable.rosters.commands.imports import judged_now
from cartable.rosters.commands.known import enrolled_now
from cartable.rosters.commands.lines import KeptLine, judge_again, keep_absent, kept_lines
from cartable.rosters.commands.replaced import remember_application
from cartable.rosters.commands.statements import follow_keys
from cartable.rosters.followers import tell_followers
from cartable.rosters.models import Enrolment, Outcome, RosterImport, RosterLine
from cartable.rosters.rules.outcomes import UNWRITTEN, WRITTEN, OutcomeName, Verdict

# Lines of an applied list that wrote nothing for want of an answer, or because of one that may be taken back.
_UNANSWERED: tuple[OutcomeName, ...] = ("review", "dropped")


def settle_lines(roster_import: RosterImport, *, settled_at: datetime, settled_by_id: int, today: date) -> None:
    """Judge again what an applied list left open, and write what is no longer in doubt.

    All lines are judged, so that nobody is claimed twice; those that were written once are never written again: what
    came after the list stands. The caller holds the lycée and the import (`imports.held_with_lycee`).
    """
    follow_keys()
    kept = kept_lines(roster_import.pk, (*WRITTEN, *UNWRITTEN))
    verdicts = judged_now(roster_import, kept, today=today)
    changed = [
        (line, verdict)
        for line, verdict in zip(kept, verdicts, strict=True)
        if line.verdict.outcome in _UNANSWERED and verdict != line.verdict
    ]
    if not changed:
        return
    lines, settled = [line for line, _verdict in changed], [verdict for _line, verdict in changed]
    judge_again(lines, settled)
    _recount(roster_import, lines, settled, named={verdict.student_id for verdict in verdicts})
    written = [line.line_id for line, verdict in changed if verdict.outcome in (*WRITTEN, "same")]
    if not written:
        return
    remember_application(roster_import, applied_at=settled_at)
    schools = apply_lines(roster_import, applied_at=settled_at, applied_by_id=settled_by_id, line_ids=written)
    _follow(roster_import, lines, settled)
    for school_id in sorted(schools):
        tell_followers(school_id)


def _recount(
    roster_import: RosterImport, lines: Sequence[KeptLine], settled: Sequence[Verdict], named: Set[int | None]
) -> None:
    """Keep the counts of the import those of its lines; whom no line names any more, enrolled here, is absent from it."""
    counts = Counter(roster_import.counts)
    counts.update(verdict.outcome for verdict in settled)
    counts.subtract(line.verdict.outcome for line in lines)
    absent = _absent(roster_import, lines, named) if roster_import.lists_everybody else set()
    keep_absent(
        roster_import.pk, absent, school_id=roster_import.school_id,
        first_year=roster_import.first_year,
    )  # fmt: skip
    counts[Outcome.ABSENT] = len(absent)
    kinds = Counter(roster_import.kinds)
    kinds.update(chain.from_iterable(verdict.changes for verdict in settled))
    roster_import.counts = {str(name): count for name, count in counts.items() if count}
    roster_import.kinds = dict(kinds)
    roster_import.save(update_fields=["counts", "kinds"])


def _absent(roster_import: RosterImport, lines: Sequence[KeptLine], named: Set[int | None]) -> set[int]:
    absent = RosterLine.objects.filter(
        roster_import=roster_import, outcome=Outcome.ABSENT, student_id__isnull=False
    ).values_list("student_id", flat=True)
    formerly_named = {line.verdict.student_id for line in lines if line.verdict.student_id is not None}
    enrolled = enrolled_now(school=roster_import.school, first_year=roster_import.first_year)
    return {pk for pk in (*absent, *(formerly_named & enrolled)) if pk is not None and pk not in named}


def _follow(roster_import: RosterImport, lines: Sequence[KeptLine], settled: Sequence[Verdict]) -> None:
    """Bring the guardians whom the lycée's last file names for these students."""
    known = {verdict.student_id for verdict in settled if verdict.student_id is not None}
    numbers = {line.listed.eleve_id for line in lines} - {""}
    entered = Enrolment.objects.filter(
        school_id=roster_import.school_id, first_year=roster_import.first_year, eleve_id__in=numbers
    )
    follow_settled_students(
        school_id=roster_import.school_id, first_year=roster_import.first_year,
        student_ids=known | set(entered.values_list("student_id", flat=True)),
    )  # fmt: skip
