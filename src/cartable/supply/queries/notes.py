"""Read delivery notes: what a supplier sent, and what receiving it would do."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cartable.fleet.queries.codes import known_identifiers
from cartable.kernel.spreadsheets import read_table
from cartable.kernel.tables import Table, UnreadableTable
from cartable.organisations.models import Contractor
from cartable.supply.models import DeliveryNote
from cartable.supply.queries.deliveries import ShownLine
from cartable.supply.rules import (
    FIELDS,
    Judgement,
    NoteLine,
    RefusedNoteLine,
    chosen_columns,
    found_columns,
    identifiers,
    judge,
    read_note,
)
from cartable.supply.words import CAUSES, REMEDIES, cause_of


@dataclass(frozen=True)
class Check:
    """What receiving a note would do, as the park is now."""

    line_count: int
    accepted_count: int
    made_tag_count: int
    pallet_count: int
    models: tuple[tuple[str, int], ...]
    refused: tuple[ShownLine, ...]
    refused_by_cause: tuple[tuple[str, int], ...]
    warnings: tuple[str, ...]


def open_note(note: DeliveryNote) -> tuple[Table, dict[str, int]]:
    """Return the note's table and which column is what. Raises UnreadableTable."""
    table = read_table(bytes(note.content), has_header=note.has_header)
    return table, chosen_columns(table, note.columns) if note.columns else found_columns(table)


def note_lines(note: DeliveryNote) -> tuple[list[NoteLine], tuple[str, ...]]:
    """Return the lines of a note and the warnings of its file. Raises UnreadableTable."""
    table, columns = open_note(note)
    return read_note(table, columns), table.warnings


def judged_lines(lines: list[NoteLine], *, default_model: str) -> Judgement:
    """Judge the lines against the park as it is now: two look-ups for the whole note."""
    serials, tags = identifiers(lines)
    known_serials, known_tags = known_identifiers(serials=serials, tags=tags)
    return judge(lines, default_model=default_model, known_serials=known_serials, known_tags=known_tags)


def check_note(note: DeliveryNote) -> Check:
    """Say what receiving the note would do; writes nothing. Raises UnreadableTable."""
    lines, warnings = note_lines(note)
    judgement = judged_lines(lines, default_model=note.default_model)
    accepted = judgement.accepted
    causes = Counter(refused.code for refused in judgement.refused)
    return Check(
        line_count=len(lines),
        accepted_count=len(accepted),
        made_tag_count=sum(not line.asset_tag for line in accepted),
        pallet_count=len({line.pallet for line in accepted if line.pallet}),
        models=tuple(Counter(line.model for line in accepted).most_common()),
        refused=tuple(map(_shown, judgement.refused)),
        refused_by_cause=tuple((str(CAUSES[code]), count) for code, count in causes.most_common()),
        warnings=warnings,
    )


@dataclass(frozen=True)
class ColumnChoice:
    """What somebody needs to say which column is what: names, first values, and what was found."""

    header: tuple[str, ...]
    samples: tuple[tuple[str, tuple[str, ...]], ...]
    found: dict[str, str]


def column_choice(note: DeliveryNote) -> ColumnChoice:
    """Return the columns of the note's file with their first three values. Raises UnreadableTable."""
    table = read_table(bytes(note.content), has_header=note.has_header)
    try:
        columns = chosen_columns(table, note.columns) if note.columns else found_columns(table)
    except UnreadableTable:
        columns = {}
    return choice_among(table, columns)


def choice_among(table: Table, columns: Mapping[str, int]) -> ColumnChoice:
    """Return the columns of a table with their first three values, and which of them was found to be what."""
    first = [row.cells for _, row in zip(range(3), table.rows, strict=False)]
    samples = tuple(
        (name, tuple(cells[place][:40] for cells in first)) for place, name in enumerate(table.header) if name
    )
    return ColumnChoice(table.header, samples, {field: table.header[place] for field, place in columns.items()})


@dataclass(frozen=True)
class NoteRow:
    """A note that waits to be received."""

    pk: int
    supplier: str
    lot: str
    file_name: str
    sent_at: datetime
    is_queued: bool


def waiting_notes(*, limit: int = 20) -> tuple[NoteRow, ...]:
    """Return the notes that were sent and not received yet, the latest first."""
    notes = (
        DeliveryNote.objects.filter(delivery__isnull=True)
        .order_by("-sent_at")
        .values_list("pk", "contractor__name", "lot_reference", "file_name", "sent_at", "queued_at")
    )
    return tuple(
        NoteRow(pk, who, lot, name, at, queued is not None) for pk, who, lot, name, at, queued in notes[:limit]
    )


def supplier_choices() -> list[tuple[str, str]]:
    """Return id and name of the suppliers of the region."""
    suppliers = Contractor.objects.filter(trades__contains=["supplier"]).order_by("name")
    return [(str(pk), name) for pk, name in suppliers.values_list("pk", "name")]


def _shown(refused: RefusedNoteLine) -> ShownLine:
    said = refused.said
    return ShownLine(
        said.line, refused.code, cause_of(refused.code, refused.other_line), str(REMEDIES[refused.code]),
        *(getattr(said, field)[:120] for field in FIELDS),
    )  # fmt: skip
