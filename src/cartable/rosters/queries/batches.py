"""Read a batch: how far it is, and lycée by lycée what its lists would do."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cartable.rosters.models import FileImport, FileState, Outcome, RosterBatch, RosterFile, RosterKind, RosterState
from cartable.rosters.queries.lists import file_refusal
from cartable.rosters.rules.outcomes import needs_second_person


class Standing(StrEnum):
    """Where the lists of a lycée stand in a batch."""

    WAITING = "waiting"
    MAPPING = "mapping"
    REFUSED = "refused"
    STOPPED = "stopped"
    REVIEW = "review"
    READY = "ready"
    APPLIED = "applied"
    ABANDONED = "abandoned"


_OPEN = frozenset({Standing.STOPPED, Standing.REVIEW, Standing.READY})


@dataclass(frozen=True)
class BatchRow:
    """One file of a batch as its page shows it; ``refusal`` is a sentence, ``counts`` are students per outcome.

    ``kinds`` says in words what the file holds.
    """

    file_id: UUID
    name: str
    school: str
    uai: str
    standing: Standing
    refusal: str
    apply_refusal: str
    is_known: bool
    kinds: str
    import_ids: tuple[UUID, ...]
    counts: dict[str, int]

    @property
    def needs_columns(self) -> bool:
        """Say whether somebody must say which column of the table is what."""
        return self.standing == Standing.MAPPING


@dataclass(frozen=True)
class BatchSheet:
    """A batch: progress, what applying the open lists would change in all, and its files."""

    batch_id: UUID
    sent_at: datetime
    first_year: int
    file_count: int
    read_count: int
    standings: dict[Standing, int]
    totals: dict[str, int]
    rows: list[BatchRow] = field(default_factory=list)

    @property
    def is_reading(self) -> bool:
        """Say whether files wait to be read."""
        return self.read_count < self.file_count

    @property
    def ready_count(self) -> int:
        """Count the files that can be applied without a second person."""
        return self.standings.get(Standing.READY, 0) + self.standings.get(Standing.REVIEW, 0)


@dataclass(frozen=True)
class BatchLine:
    """A batch in the list of batches."""

    batch_id: UUID
    sent_at: datetime
    file_count: int
    waiting_count: int


def batch_by_id(batch_id: UUID) -> RosterBatch | None:
    """Return a batch in scope."""
    return RosterBatch.objects.filter(pk=batch_id).first()


def latest_batches(*, limit: int = 12) -> list[BatchLine]:
    """Return the latest batches of the region in scope, newest first."""
    batches = list(RosterBatch.objects.filter(school__isnull=True).order_by("-sent_at")[:limit])
    states = RosterFile.objects.filter(batch__in=batches).values_list("batch_id", "state")
    files, waiting = Counter[UUID](), Counter[UUID]()
    for batch_id, state in states:
        files[batch_id] += 1
        waiting[batch_id] += state == FileState.WAITING
    return [BatchLine(b.pk, b.sent_at, files[b.pk], waiting[b.pk]) for b in batches]


def batch_sheet(batch: RosterBatch) -> BatchSheet:
    """Return a batch with all its files, those that wait for a human first."""
    files = list(RosterFile.objects.filter(batch=batch).select_related("school").order_by("school__name", "name"))
    held: dict[UUID, list[FileImport]] = {}
    for one in FileImport.objects.filter(file__batch=batch).select_related("roster_import"):
        held.setdefault(one.file_id, []).append(one)
    rows = [_row(file, held.get(file.pk, [])) for file in files if file.settled_at is None]
    order = list(Standing)
    totals: Counter[str] = Counter()
    for row in (row for row in rows if row.standing in _OPEN):
        totals.update({outcome: row.counts.get(outcome, 0) for outcome in Outcome.values})
    return BatchSheet(
        batch_id=batch.pk,
        sent_at=batch.sent_at,
        first_year=batch.first_year,
        file_count=len(files),
        read_count=sum(file.state != FileState.WAITING for file in files),
        standings=dict(Counter(row.standing for row in rows)),
        totals=dict(totals),
        rows=sorted(rows, key=lambda row: order.index(row.standing)),
    )


def _row(file: RosterFile, held: list[FileImport]) -> BatchRow:
    imports = [one.roster_import for one in sorted(held, key=lambda one: one.roster_import.kind != RosterKind.STUDENTS)]
    counts: Counter[str] = Counter()
    for one in imports:
        counts.update({name: count for name, count in one.counts.items() if isinstance(count, int)})
    return BatchRow(
        file_id=file.pk,
        name=file.name,
        school=file.school.name if file.school else "",
        uai=file.school.uai if file.school else "",
        standing=_standing(file, [one.state for one in imports], counts),
        refusal=file_refusal(file) if file.state == FileState.REFUSED else "",
        apply_refusal=next((one.refusal_code for one in held if one.refusal_code), ""),
        is_known=file.state == FileState.KNOWN,
        kinds=", ".join(str(RosterKind(one.kind).label) for one in imports),
        import_ids=tuple(one.pk for one in imports),
        counts=dict(counts),
    )


def _standing(file: RosterFile, states: Iterable[str], counts: Counter[str]) -> Standing:
    states = set(states)
    if file.state == FileState.WAITING:
        return Standing.WAITING
    if file.state == FileState.REFUSED:
        return Standing.REFUSED
    if file.state == FileState.MAPPING:
        return Standing.MAPPING
    if RosterState.PREVIEWED not in states:
        return Standing.APPLIED if RosterState.APPLIED in states else Standing.ABANDONED
    gone = counts[Outcome.DEPARTURE] + counts[Outcome.ABSENT]
    if needs_second_person(gone=gone, enrolled=counts["enrolled"]):
        return Standing.STOPPED
    return Standing.REVIEW if counts[Outcome.REVIEW] else Standing.READY
