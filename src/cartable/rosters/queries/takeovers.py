"""Read takeovers: what opening the books would do, and what became of every line, reconciled."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from cartable.documents.queries import content_of
from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.queries.codes import known_identifiers
from cartable.fleet.rules import CustodianKind
from cartable.kernel.names import folded
from cartable.kernel.spreadsheets import read_table
from cartable.kernel.tables import Table, UnreadableTable
from cartable.organisations.models import Contractor, School
from cartable.organisations.queries import schools_for_uais, standing_uais
from cartable.rosters.formats.refusals import FileRefused
from cartable.rosters.formats.table import unzipped_table
from cartable.rosters.models import Takeover, TakeoverCount, TakeoverLine
from cartable.rosters.queries.takeover_people import known_holders
from cartable.rosters.rules.takeover import (
    KnownHolder,
    Park,
    Place,
    TakeoverJudgement,
    identifiers,
    judge_takeover,
)
from cartable.rosters.rules.takeover_lines import (
    CONDITION_OF_WORD,
    KIND_OF_WORD,
    TakenLine,
    chosen_columns,
    day_of,
    found_columns,
    read_takeover,
)
from cartable.rosters.takeover_words import cause_of, remedy_of
from cartable.supply.queries.notes import ColumnChoice, choice_among


@dataclass(frozen=True)
class Reckoned:
    """One row of the reconciliation: lines read, and what became of each; `added` and `dropped` were settled later."""

    name: str
    read: int
    entered: int
    queued: int
    refused: int
    added: int = 0
    dropped: int = 0

    @property
    def in_the_park(self) -> int:
        """Count the PCs that are in the books, at once or after somebody settled their line."""
        return self.entered + self.added

    @property
    def open_count(self) -> int:
        """Count the lines that wait."""
        return self.queued + self.refused - self.added - self.dropped


@dataclass(frozen=True)
class Reconciliation:
    """All lines of a file three times over: by lot, by lycée, by account; each sums to the whole."""

    whole: Reckoned
    by_lot: tuple[Reckoned, ...]
    by_school: tuple[Reckoned, ...]
    by_account: tuple[Reckoned, ...]


@dataclass(frozen=True)
class ShownTakeoverLine:
    """A line that stays out, as pages, exports and the terminal show it."""

    line: int
    code: str
    is_queued: bool
    cause: str
    remedy: str
    serial: str
    asset_tag: str
    lot: str
    uai: str
    state: str
    person: str
    division: str
    settlement: str = ""
    remark: str = ""
    device_tag: str = ""


def content_of_takeover(takeover: Takeover) -> bytes:
    """Return the bytes of the file. Raises documents.queries.FileErased after its 30 days."""
    return content_of(takeover.document_id)


def bare_table(content: bytes) -> bytes:
    """Return a fleet without the zip that it came in. Raises UnreadableTable where that holds no table alone."""
    try:
        return unzipped_table(content)
    except FileRefused as refusal:
        raise UnreadableTable("zip_unfit") from refusal


def read_lines(takeover: Takeover, content: bytes) -> tuple[list[TakenLine], tuple[str, ...]]:
    """Return the lines of the file and the warnings of its format. Raises UnreadableTable."""
    table, columns = _opened(takeover, content)
    return read_takeover(table, columns, ine_key=settings.INE_KEY), table.warnings


def judged_lines(
    takeover: Takeover,
    lines: Sequence[TakenLine],
    *,
    today: date,
    chosen: Mapping[int, KnownHolder] | None = None,
) -> TakeoverJudgement:
    """Judge lines against the park and the students as they are now: a few look-ups for the whole file."""
    moved = standing_uais((said.uai for said in lines), region_id=takeover.region_id)
    lines = [said._replace(uai=moved[said.uai]) if said.uai in moved else said for said in lines] if moved else lines
    serials, tags = identifiers(lines)
    known_serials, known_tags = known_identifiers(serials=serials, tags=tags)
    holders = known_holders(lines, region_id=takeover.region_id)
    park = Park(
        known_serials=known_serials,
        known_tags=known_tags,
        uais=frozenset(
            School.objects.filter(region_id=takeover.region_id, closed_on=None).values_list("uai", flat=True)
        ),
        today=today,
        default_model=takeover.default_model,
        default_lot=takeover.default_lot,
        has_repairer=takeover.repairer_id is not None,
        by_ine=holders.by_ine,
        by_birth=holders.by_birth,
    )
    return judge_takeover(lines, park, chosen=chosen)


def column_choice(takeover: Takeover, content: bytes) -> ColumnChoice:
    """Return the columns of the file with their first values. Raises UnreadableTable."""
    table = read_table(content, has_header=takeover.has_header)
    try:
        columns = _columns(takeover, table)
    except UnreadableTable:
        columns = {}
    return choice_among(table, columns)


def reconciliation_of(takeover: Takeover) -> Reconciliation:
    """Return what became of each line of an applied takeover, as it stands now."""
    settled = Q(lines__settlement="entered"), Q(lines__settlement="dropped")
    counts = TakeoverCount.objects.filter(takeover=takeover).annotate(
        added=Count("lines", filter=settled[0]), dropped=Count("lines", filter=settled[1])
    )
    return reconciled(
        [
            (
                Place(count.lot, count.uai, count.kind),
                Reckoned("", count.read, count.entered, count.queued, count.refused, count.added, count.dropped),
            )
            for count in counts.order_by("lot", "uai", "kind")
        ]
    )


def waiting_lines(
    takeover: Takeover, *, only_open: bool = False, limit: int | None = None
) -> tuple[ShownTakeoverLine, ...]:
    """Return the lines that stayed out, in the order of the file; those that still wait first."""
    lines = TakeoverLine.objects.filter(takeover=takeover).select_related("device")
    if only_open:
        lines = lines.filter(settled_at__isnull=True)
    return tuple(map(kept_line, lines.order_by("settlement", "line")[:limit]))


def next_open_line(takeover: Takeover, *, after: int) -> int | None:
    """Return the number of the next line that waits, from the beginning again after the last one."""
    lines = TakeoverLine.objects.filter(takeover=takeover, settled_at__isnull=True).order_by("line")
    numbers = lines.values_list("line", flat=True)
    return numbers.filter(line__gt=after).first() or numbers.first()


def open_causes(takeover: Takeover) -> tuple[tuple[str, str, int], ...]:
    """Return code, cause and count of the lines that wait."""
    counts = (
        TakeoverLine.objects.filter(takeover=takeover, settled_at__isnull=True)
        .order_by()
        .values_list("code")
        .annotate(count=Count("pk"))
        .order_by("-count", "code")
    )
    return tuple((code, cause_of(code), count) for code, count in counts)


@dataclass(frozen=True)
class TakeoverRow:
    """A takeover in the list."""

    pk: UUID
    file_name: str
    sent_at: datetime
    is_applied: bool
    is_closed: bool
    read_count: int
    open_count: int


def latest_takeovers(*, limit: int = 30) -> tuple[TakeoverRow, ...]:
    """Return the takeovers, the latest first."""
    found = Takeover.objects.annotate(waiting=Count("lines", filter=Q(lines__settled_at__isnull=True)))
    return tuple(
        TakeoverRow(
            one.pk,
            one.file_name,
            one.sent_at,
            one.applied_at is not None,
            one.closed_at is not None,
            one.read_count,
            one.waiting,
        )
        for one in found.order_by("-sent_at")[:limit]
    )


def contractor_choices(trade: str) -> list[tuple[str, str]]:
    """Return id and name of the region's companies of one trade."""
    found = Contractor.objects.filter(trades__contains=[trade]).order_by("name")
    return [(str(pk), name) for pk, name in found.values_list("pk", "name")]


def kept_line(line: TakeoverLine) -> ShownTakeoverLine:
    """Return a kept line as pages show it."""
    return ShownTakeoverLine(
        line.line, line.code, line.is_queued, cause_of(line.code, line.other_line), remedy_of(line.code), line.serial,
        line.asset_tag, line.lot, line.uai, line.state, person_of(line), line.division, line.settlement, line.remark,
        line.device.asset_tag if line.device else "",
    )  # fmt: skip


def said_of(line: TakeoverLine) -> dict[str, Any]:
    """Return what a kept line says, as the form that settles it wants it; what the file left out comes from the takeover."""
    condition = CONDITION_OF_WORD.get(folded(line.condition), "")
    kind = KIND_OF_WORD.get(folded(line.state), CustodianKind.STUDENT if line.family_name else "")
    return {
        "serial": line.serial,
        "asset_tag": line.asset_tag,
        "model": line.model or line.takeover.default_model,
        "lot": line.lot or line.takeover.default_lot,
        "uai": line.uai,
        "kind": str(kind),
        "condition": str(condition),
        "held_since": day_of(line.held_since),
    }


def gestures_for(line: TakeoverLine, said: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """Return the places that one gesture gives to the PC of a queued line: kind, words, icon."""
    if not line.is_queued:
        return ()
    of_school = (
        (CustodianKind.EMERGENCY_STOCK, _("En réserve du lycée"), "reserve"),
        (CustodianKind.SCHOOL_BENCH, _("À l’atelier du lycée"), "cle"),
    )
    of_region = ((CustodianKind.DEPOT, _("Au dépôt"), "boite"), (CustodianKind.LOST, _("Perdu"), "recherche"))
    return tuple(
        (str(kind), words, icon) for kind, words, icon in ((*of_school, *of_region) if said["uai"] else of_region)
    )


def person_of(line: TakenLine | TakeoverLine) -> str:
    """Return whom a line names, as it is shown."""
    return f"{line.given_name} {line.family_name}".strip()


def _opened(takeover: Takeover, content: bytes) -> tuple[Table, dict[str, int]]:
    table = read_table(content, has_header=takeover.has_header)
    return table, _columns(takeover, table)


def _columns(takeover: Takeover, table: Table) -> dict[str, int]:
    return chosen_columns(table, takeover.columns) if takeover.columns else found_columns(table)


def reconciled(rows: Sequence[tuple[Place, Reckoned]]) -> Reconciliation:
    """Add up what became of lines, three times over, each row by its name."""
    schools = schools_for_uais({place.uai for place, _row in rows} - {""})
    names = {uai: school.name for uai, school in schools.items()}

    def school(place: Place) -> str:
        return f"{names.get(place.uai, '')} ({place.uai})" if place.uai else _("Sans lycée")

    def account(place: Place) -> str:
        return str(CUSTODIAN_KIND_NAMES[CustodianKind(place.kind)]) if place.kind else _("Sans détenteur connu")

    return Reconciliation(
        _summed(_("Tout le fichier"), [row for _place, row in rows]),
        _grouped(rows, lambda place: place.lot or _("Sans lot")),
        _grouped(rows, school),
        _grouped(rows, account),
    )


def _grouped(rows: Sequence[tuple[Place, Reckoned]], name_of: Callable[[Place], str]) -> tuple[Reckoned, ...]:
    groups: dict[str, list[Reckoned]] = {}
    for place, row in rows:
        groups.setdefault(name_of(place), []).append(row)
    return tuple(_summed(name, members) for name, members in sorted(groups.items(), key=_by_folded_name))


def _by_folded_name(item: tuple[str, list[Reckoned]]) -> str:
    return folded(item[0])


def _summed(name: str, rows: Iterable[Reckoned]) -> Reckoned:
    whole = Reckoned(name, 0, 0, 0, 0)
    for row in rows:
        whole = replace(
            whole,
            read=whole.read + row.read, entered=whole.entered + row.entered, queued=whole.queued + row.queued,
            refused=whole.refused + row.refused, added=whole.added + row.added, dropped=whole.dropped + row.dropped,
        )  # fmt: skip
    return whole
