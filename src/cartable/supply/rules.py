"""Read a supplier's delivery note and say which lines become PCs. Pure: no Django, no database.

A line that is doubtful stays out with its number, its reason and what it said; the others are not held up by it.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from cartable.fleet.rules import HOT_KINDS, CustodianKind
from cartable.kernel.codes import DEVICE_LETTER, InvalidLabelCode, parse_label_code
from cartable.kernel.names import cleaned, unfit_character
from cartable.kernel.serials import is_plausible_serial, is_spoilt_by_spreadsheet, normalised_serial
from cartable.kernel.tables import DateText, NumberText, Row, Table, UnreadableTable

FIELDS = ("serial", "model", "asset_tag", "pallet", "carton")
REQUIRED_FIELDS = ("serial",)
NOTE_COLUMNS: dict[str, tuple[str, ...]] = {
    "serial": (
        "serial", "serial number", "serial no", "serial nr", "s n", "sn", "serialnumber", "numero de serie",
        "numero serie", "n de serie", "n serie", "no de serie", "num serie", "no serie", "serie",
    ),
    "model": (
        "model", "modele", "model name", "product", "product name", "produit", "designation", "description",
        "libelle",
    ),
    "asset_tag": (
        "asset tag", "asset", "asset number", "tag", "etiquette", "n etiquette", "numero etiquette",
        "code etiquette", "inventaire", "n inventaire", "numero d inventaire", "n d inventaire",
        "code inventaire", "immobilisation",
    ),
    "pallet": (
        "pallet", "pallet id", "pallet number", "palette", "n palette", "numero palette", "numero de palette",
        "id palette",
    ),
    "carton": (
        "carton", "box", "box id", "carton id", "n carton", "numero carton", "numero de carton", "colis",
        "n colis", "case",
    ),
}  # fmt: skip
LONGEST_MODEL, LONGEST_PLACE = 100, 30
KEPT_TEXT = 120  # Characters of a refused cell that are kept to be looked at.


class LineCode(StrEnum):
    """Why a line stays out."""

    SERIAL_MISSING = "serial_missing"
    SERIAL_SPOILT = "serial_spoilt"
    SERIAL_UNFIT = "serial_unfit"
    SERIAL_DOUBLED = "serial_doubled"
    SERIAL_KNOWN = "serial_known"
    TAG_MISREAD = "tag_misread"
    TAG_DOUBLED = "tag_doubled"
    TAG_TAKEN = "tag_taken"
    MODEL_MISSING = "model_missing"
    TEXT_UNFIT = "text_unfit"
    TOO_MANY_CELLS = "too_many_cells"


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One line as the note says it, cell by cell."""

    line: int
    serial: str
    model: str
    asset_tag: str
    pallet: str
    carton: str
    has_surplus: bool = False


@dataclass(frozen=True, slots=True)
class AcceptedLine:
    """One line that becomes a PC; ``asset_tag`` is empty where the supplier gave none."""

    line: int
    serial: str
    model: str
    asset_tag: str
    pallet: str
    carton: str


@dataclass(frozen=True, slots=True)
class RefusedNoteLine:
    """One line that stays out, with what it said; ``other_line`` is the one it repeats, where it repeats one."""

    said: NoteLine
    code: LineCode
    other_line: int | None = None


@dataclass(frozen=True)
class Judgement:
    """What becomes of each line of a note."""

    accepted: tuple[AcceptedLine, ...]
    refused: tuple[RefusedNoteLine, ...]


def found_columns(table: Table) -> dict[str, int]:
    """Return field → position, by the synonyms in French and English. Raises UnreadableTable("header_ambiguous")."""
    return table.columns(NOTE_COLUMNS)


def chosen_columns(table: Table, chosen: Mapping[str, str]) -> dict[str, int]:
    """Return field → position from a mapping that somebody chose, field → header."""
    return table.chosen({field: header for field, header in chosen.items() if field in FIELDS})


def read_note(table: Table, columns: Mapping[str, int]) -> list[NoteLine]:
    """Return the lines of the note. Raises UnreadableTable: column_missing, no_row, or what reading meets."""
    missing = [field for field in REQUIRED_FIELDS if field not in columns]
    if missing:
        raise UnreadableTable("column_missing", line=1, detail=", ".join(missing))
    lines = [_line(row, columns) for row in table.rows]
    if not lines:
        raise UnreadableTable("no_row")
    return lines


def judge(
    lines: Sequence[NoteLine], *, default_model: str, known_serials: AbstractSet[str], known_tags: AbstractSet[str]
) -> Judgement:
    """Say for each line whether it becomes a PC. Of two lines with one serial number the first one does."""
    accepted: list[AcceptedLine] = []
    refused: list[RefusedNoteLine] = []
    serials: dict[str, int] = {}
    tags: dict[str, int] = {}
    for said in lines:
        tidy = _tidy(said, default_model)
        code = _own_fault(said, tidy)
        other = None
        if code is None:
            code, other = _fault_beside_others(tidy, serials, tags, known_serials, known_tags)
        if code is not None:
            refused.append(RefusedNoteLine(said, code, other))
            continue
        serials[tidy.serial] = said.line
        if tidy.asset_tag:
            tags[tidy.asset_tag] = said.line
        accepted.append(tidy)
    return Judgement(tuple(accepted), tuple(refused))


def identifiers(lines: Iterable[NoteLine]) -> tuple[list[str], list[str]]:
    """Return the normalised serial numbers and asset tags of a note: what to look up in the park."""
    serials, tags = [], []
    for said in lines:
        serials.append(normalised_serial(said.serial))
        if said.asset_tag and (tag := _tag(said.asset_tag)):
            tags.append(tag)
    return serials, tags


def _line(row: Row, columns: Mapping[str, int]) -> NoteLine:
    cells = row.cells
    serial, model, tag, pallet, carton = (cells[columns[f]] if f in columns else "" for f in FIELDS)
    return NoteLine(row.line, serial, model, tag, pallet, carton, row.has_surplus)


def _tidy(said: NoteLine, default_model: str) -> AcceptedLine:
    return AcceptedLine(
        line=said.line,
        serial=normalised_serial(said.serial),
        model=cleaned(said.model) or default_model,
        asset_tag=_tag(said.asset_tag) or "" if said.asset_tag.strip() else "",
        pallet=cleaned(said.pallet),
        carton=cleaned(said.carton),
    )


def _tag(text: str) -> str | None:
    try:
        code = parse_label_code(text)
    except InvalidLabelCode:
        return None
    return str(code) if code.letter == DEVICE_LETTER else None


def _own_fault(said: NoteLine, tidy: AcceptedLine) -> LineCode | None:
    """Return what is wrong with the line by itself."""
    if said.has_surplus:
        return LineCode.TOO_MANY_CELLS
    if not tidy.serial:
        return LineCode.SERIAL_MISSING
    # A number or a date in a cell: zeros may be lost, and what was typed is gone.
    if isinstance(said.serial, NumberText | DateText) or is_spoilt_by_spreadsheet(tidy.serial):
        return LineCode.SERIAL_SPOILT
    if not is_plausible_serial(tidy.serial):
        return LineCode.SERIAL_UNFIT
    if said.asset_tag.strip() and not tidy.asset_tag:
        return LineCode.TAG_MISREAD
    if not tidy.model:
        return LineCode.MODEL_MISSING
    too_long = len(tidy.model) > LONGEST_MODEL or max(len(tidy.pallet), len(tidy.carton)) > LONGEST_PLACE
    if too_long or any(unfit_character(text) for text in (tidy.model, tidy.pallet, tidy.carton)):
        return LineCode.TEXT_UNFIT
    return None


def _fault_beside_others(
    tidy: AcceptedLine,
    serials: Mapping[str, int],
    tags: Mapping[str, int],
    known_serials: AbstractSet[str],
    known_tags: AbstractSet[str],
) -> tuple[LineCode | None, int | None]:
    if tidy.serial in known_serials:
        return LineCode.SERIAL_KNOWN, None
    if tidy.serial in serials:
        return LineCode.SERIAL_DOUBLED, serials[tidy.serial]
    if tidy.asset_tag and tidy.asset_tag in known_tags:
        return LineCode.TAG_TAKEN, None
    if tidy.asset_tag and tidy.asset_tag in tags:
        return LineCode.TAG_DOUBLED, tags[tidy.asset_tag]
    return None, None


@dataclass(frozen=True)
class Choice:
    """Which PCs of the depot go to a school: a number of them, or those of pallets, of cartons, or named one by one."""

    count: int = 0
    pallets: tuple[str, ...] = ()
    cartons: tuple[str, ...] = ()
    device_ids: tuple[int, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Tell whether exactly one way of choosing is used."""
        return sum(map(bool, (self.count > 0, self.pallets, self.cartons, self.device_ids))) == 1 and self.count >= 0

    @property
    def reference(self) -> str:
        """Return how the PCs were chosen, short enough to be kept: "count:40", "pallets:PAL-1,PAL-2"."""
        if self.pallets or self.cartons:
            word, names = ("pallets", self.pallets) if self.pallets else ("cartons", self.cartons)
            return f"{word}:{','.join(names)}"[:200]
        return f"count:{self.count}" if self.count else f"devices:{len(self.device_ids)}"


# Where a PC stands while nobody holds it and nothing carries it: what can be sent, and where it can arrive.
PLACES = frozenset(
    {CustodianKind.DEPOT, CustodianKind.SCHOOL_ALLOTMENT, CustodianKind.EMERGENCY_STOCK, CustodianKind.SCHOOL_BENCH}
)
# Accounts out of which PCs are handed to students: nothing that is not fit goes there.
HANDED_OUT_FROM = frozenset({CustodianKind.SCHOOL_ALLOTMENT, CustodianKind.EMERGENCY_STOCK})


class TravelObstacle(StrEnum):
    """Why a PC does not leave for another place; what stands still for another package bears that package's own code."""

    IN_CLAIM = "in_claim"
    ELSEWHERE = "elsewhere"
    SAME_PLACE = "same_place"
    NOT_FIT = "not_fit"


def travel_obstacle(
    kind: CustodianKind, *, to: CustodianKind, is_fit: bool, held_back_by: str, is_there: bool = False
) -> str:
    """Say why a PC in an account of this kind may not leave for another; empty where it may."""
    if kind not in PLACES:
        return TravelObstacle.IN_CLAIM if kind in HOT_KINDS else TravelObstacle.ELSEWHERE
    if is_there:
        return TravelObstacle.SAME_PLACE
    if held_back_by:
        return held_back_by
    return TravelObstacle.NOT_FIT if to in HANDED_OUT_FROM and not is_fit else ""


class AllotObstacle(StrEnum):
    """Why a PC is not allotted to a school."""

    NOT_IN_DEPOT = "not_in_depot"
    NOT_FIT = "not_fit"


def allot_obstacle(kind: CustodianKind, *, is_fit: bool) -> AllotObstacle | None:
    """Say why a PC may not be allotted: only what stands in the depot and is fit to go."""
    if kind != CustodianKind.DEPOT:
        return AllotObstacle.NOT_IN_DEPOT
    return None if is_fit else AllotObstacle.NOT_FIT


class ShipmentDifference(StrEnum):
    """What a receipt found that the dispatch did not say."""

    MISSING = "missing"
    UNEXPECTED = "unexpected"


class Remedy(StrEnum):
    """What settled a difference: the first four a PC that was missing, the last two one that nobody had announced."""

    FOUND = "found"
    RETURNED = "returned"
    CLAIMED = "claimed"
    MOVED_ON = "moved_on"
    TAKEN_IN = "taken_in"
    SET_ASIDE = "set_aside"


def arrival_kind(origin: CustodianKind, *, to_depot: bool, wanted: CustodianKind) -> CustodianKind:
    """Return the account where PCs arrive: the same one as they left, ``wanted`` where they come out of the depot."""
    if to_depot:
        return CustodianKind.DEPOT
    return wanted if origin == CustodianKind.DEPOT else origin


@dataclass(frozen=True)
class Ends:
    """Which ends of a shipment somebody answers for."""

    origin: bool
    destination: bool


def possible_remedies(
    difference: ShipmentDifference, *, kind: CustodianKind, is_on_this_road: bool, ends: Ends
) -> tuple[Remedy, ...]:
    """Return what may settle a difference, for somebody at these ends; ``kind`` is where the ledger has the PC.

    Who has the PC in their hands says so: the destination that found it, the sender to whom it came back.
    """
    if difference == ShipmentDifference.UNEXPECTED:
        if not ends.destination:
            return ()
        movable = kind in PLACES or kind == CustodianKind.TRANSIT
        return (Remedy.TAKEN_IN, Remedy.SET_ASIDE) if movable else (Remedy.SET_ASIDE,)
    if not is_on_this_road:
        return (Remedy.MOVED_ON,)
    here = (Remedy.FOUND,) if ends.destination else ()
    back = (Remedy.RETURNED,) if ends.origin else ()
    return (*here, *back, Remedy.CLAIMED)


def scanned_code(text: str) -> str:
    """Return the tag or the serial number that a scan or somebody's typing means."""
    try:
        return str(parse_label_code(text))
    except InvalidLabelCode:
        return normalised_serial(text)
