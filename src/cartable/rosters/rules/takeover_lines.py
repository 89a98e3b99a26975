"""What the file of another tool says of each PC and its holder: columns, words for places, dates. Pure."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from cartable.fleet.rules import Condition, CustodianKind
from cartable.kernel.ine import ine_fingerprint, ine_kind
from cartable.kernel.names import cleaned, folded
from cartable.kernel.tables import Row, Table, UnreadableTable
from cartable.kernel.uai import normalised_uai
from cartable.supply.rules import NOTE_COLUMNS

TAKEOVER_COLUMNS: dict[str, tuple[str, ...]] = {
    "serial": NOTE_COLUMNS["serial"],
    # No inventory number of another tool: only a label of the region's own form is kept.
    "asset_tag": ("asset tag", "etiquette", "n etiquette", "numero etiquette", "code etiquette", "code pc"),
    "model": NOTE_COLUMNS["model"],
    "lot": ("lot", "lot comptable", "n lot", "numero de lot", "batch", "marche", "commande"),
    "uai": (
        "uai", "rne", "code uai", "code rne", "numero uai", "uai lycee", "uai etablissement", "code etablissement",
        "lycee", "school",
    ),
    "state": (
        "etat", "statut", "situation", "detenteur", "type detenteur", "emplacement", "localisation", "status",
        "state", "location", "holder kind",
    ),
    "ine": ("ine", "n ine", "numero ine", "ine eleve", "identifiant national", "holder ine"),
    "family_name": (
        "nom", "nom eleve", "nom de l eleve", "nom de famille", "nom detenteur", "eleve", "last name", "family name",
        "holder name", "holder",
    ),
    "given_name": ("prenom", "prenom eleve", "prenom de l eleve", "prenom detenteur", "first name", "given name"),
    "birth_on": (
        "date de naissance", "date naissance", "ne le", "ne e le", "naissance", "ddn", "birth date", "date of birth", "birthdate",
    ),
    "division": ("classe", "division", "class", "classe eleve", "holder class"),
    "condition": ("etat du pc", "etat pc", "etat materiel", "etat du materiel", "condition", "panne"),
    "held_since": (
        "date", "date d attribution", "date attribution", "date de remise", "date remise", "depuis", "depuis le",
        "date d affectation", "since", "assigned on", "date de pret",
    ),
}  # fmt: skip
FIELDS = tuple(TAKEOVER_COLUMNS)
REQUIRED_FIELDS = ("serial",)

_K = CustodianKind
_PLACES: dict[CustodianKind, tuple[str, ...]] = {
    _K.STUDENT: (
        "eleve", "attribue", "attribue a un eleve", "affecte", "affecte a un eleve", "en pret", "prete", "remis",
        "distribue", "en service", "assigned", "deployed", "chez l eleve",
    ),
    _K.EMERGENCY_STOCK: ("fup", "reserve", "reserve fup", "reserve du lycee", "stock du lycee", "stock fup"),
    _K.SCHOOL_BENCH: ("atelier", "atelier du lycee", "restitue", "a reconditionner", "en panne au lycee", "bench"),
    _K.SCHOOL_ALLOTMENT: ("lot du lycee", "a distribuer", "a remettre", "allotment"),
    _K.DEPOT: (
        "depot", "stock", "en stock", "stock region", "entrepot", "disponible", "depot regional", "in stock",
        "available",
    ),
    _K.REPAIRER: (
        "reparateur", "en reparation", "chez le reparateur", "reparation", "sav", "en sav", "rma", "repair", "in repair",
    ),
    _K.CLAIM: ("declare vole", "declare perdu", "declare vole ou perdu", "declaration en cours", "sinistre"),
    _K.STOLEN: ("vole", "vol", "stolen"),
    _K.LOST: ("perdu", "perte", "introuvable", "lost", "missing"),
    _K.GIVEN: ("cede", "donne", "cession", "given"),
    _K.DISPOSED: ("elimine", "rebut", "au rebut", "mis au rebut", "detruit", "reforme", "disposed", "retired"),
}  # fmt: skip
_CONDITIONS: dict[Condition, tuple[str, ...]] = {
    Condition.FIT: ("", "ok", "bon", "bon etat", "en etat", "fonctionnel", "non", "neuf", "fit", "good"),
    Condition.FAULTY: ("en panne", "panne", "oui", "defaut", "defectueux", "hs", "hors service", "faulty"),
    Condition.BROKEN: ("casse", "broken", "endommage"),
    Condition.BEING_REIMAGED: ("en remasterisation", "remasterisation", "being reimaged", "being_reimaged"),
}
KIND_OF_WORD = {
    folded(word): kind for kind, words in _PLACES.items() for word in (*words, str(kind), str(kind).replace("_", " "))
}
CONDITION_OF_WORD = {folded(word): kind for kind, words in _CONDITIONS.items() for word in words}
# Where a PC may be when the books are opened, in the order in which people are asked.
OPENING_KINDS = tuple(_PLACES)

_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})([T ].*)?")


class TakenLine(NamedTuple):
    """One line of the file, cell by cell; of the INE only the fingerprint. `held_since` stays as it was said."""

    line: int
    serial: str
    asset_tag: str
    model: str
    lot: str
    uai: str
    state: str
    ine_fingerprint: bytes | None
    family_name: str
    given_name: str
    birth_on: date | None
    division: str
    condition: str
    held_since: str
    has_surplus: bool = False


def found_columns(table: Table) -> dict[str, int]:
    """Return field → position, by the synonyms in French and English. Raises UnreadableTable("header_ambiguous")."""
    return table.columns(TAKEOVER_COLUMNS)


def chosen_columns(table: Table, chosen: Mapping[str, str]) -> dict[str, int]:
    """Return field → position from a mapping that somebody chose, field → header."""
    places = {name: place for place, name in enumerate(table.header)}
    return {field: places[header] for field, header in chosen.items() if field in FIELDS and header in places}


def read_takeover(table: Table, columns: Mapping[str, int], *, ine_key: bytes) -> list[TakenLine]:
    """Return the lines of the file. Raises UnreadableTable: column_missing, no_row, or what reading meets."""
    missing = [field for field in REQUIRED_FIELDS if field not in columns]
    if missing:
        raise UnreadableTable("column_missing", line=1, detail=", ".join(missing))
    lines = [_line(row, columns, ine_key) for row in table.rows]
    if not lines:
        raise UnreadableTable("no_row")
    return lines


@lru_cache(maxsize=8_192)
def day_of(text: str) -> date | None:
    """Return the day that a cell says, 05/03/2026 or 2026-03-05; None where it says none. Remembered: a fleet has few days."""
    tidy = text.strip()
    with suppress(ValueError):
        if found := _YEAR_FIRST.fullmatch(tidy):
            return date(*(int(part) for part in found.groups()[:3]))
        if found := _DAY_FIRST.fullmatch(tidy):
            day, month, year = map(int, found.groups())
            return date(year, month, day)
    return None


def name_forms(*names: Iterable[str]) -> frozenset[str]:
    """Return the folded spellings of (family, given) pairs, in either order, as tools put them into one cell or two."""
    pairs = [tuple(filter(None, map(folded, pair))) for pair in names]
    return frozenset(" ".join(order) for pair in pairs for order in (pair, pair[::-1]) if order)


def _line(row: Row, columns: Mapping[str, int], ine_key: bytes) -> TakenLine:
    said = {field: row.cells[columns[field]] if field in columns else "" for field in FIELDS}
    return TakenLine(
        line=row.line,
        serial=said["serial"],
        asset_tag=said["asset_tag"],
        model=said["model"],
        lot=cleaned(said["lot"]),
        uai=normalised_uai(said["uai"]),
        state=cleaned(said["state"]),
        ine_fingerprint=ine_fingerprint(said["ine"], key=ine_key) if ine_kind(said["ine"]) else None,
        family_name=cleaned(said["family_name"]),
        given_name=cleaned(said["given_name"]),
        birth_on=day_of(said["birth_on"]),
        division=cleaned(said["division"]),
        condition=cleaned(said["condition"]),
        held_since=said["held_since"].strip(),
        has_surplus=row.has_surplus,
    )
