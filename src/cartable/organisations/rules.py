"""Read the ministry's school directory and say what it would change. Pure: no Django, no database.

Source of the columns: dataset fr-en-annuaire-education (DOMAIN 3.1). The names of its CSV export and the lower-case
keys of its API fold alike; columns that are missing leave what is known as it is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256

from cartable.kernel.names import cleaned, folded, unfit_character
from cartable.kernel.tables import Row, Table, UnreadableTable
from cartable.kernel.uai import is_valid_uai, normalised_uai

DIRECTORY_COLUMNS: dict[str, tuple[str, ...]] = {
    "uai": ("identifiant_de_l_etablissement", "numero_uai", "uai", "code_uai", "rne"),
    "name": ("nom_etablissement", "appellation_officielle", "nom"),
    "type": ("type_etablissement",),
    "nature": ("code_nature", "nature_uai"),
    "sector": ("statut_public_prive", "secteur_public_prive_libe", "secteur"),
    "ministry": ("ministere_tutelle", "libelle_ministere"),
    "is_agricultural": ("lycee_agricole",),
    "postal_code": ("code_postal", "code_postal_uai"),
    "town": ("nom_commune", "libelle_commune", "commune"),
    "departement": ("code_departement",),
    "departement_name": ("libelle_departement", "departement"),
    "academy": ("code_academie",),
    "academy_name": ("libelle_academie", "academie"),
    "region": ("code_region",),
    "state": ("etat", "etat_etablissement_libe"),
}
# Lycées of all kinds, and regional schools for adapted teaching (EREA), which the programme equips as well. The
# sections that a lycée runs under a number of their own (334, 335) are no lycée: their students are in its list.
LYCEE_NATURES = frozenset({"300", "301", "302", "306", "310", "320", "370"})
_LYCEE_TYPES = ("LYCEE", "EREA", "ETABLISSEMENT REGIONAL D ENSEIGNEMENT ADAPTE")
_AGRICULTURE, _PRIVATE, _PUBLIC = "AGRICULTURE", "PRIVE", "PUBLIC"
LONGEST = {"name": 150, "town": 100, "departement_name": 100, "academy_name": 100}


@dataclass(frozen=True)
class DirectoryLine:
    """One lycée of the directory; None where the file does not say."""

    line: int
    uai: str
    name: str | None = None
    town: str | None = None
    postal_code: str | None = None
    sector: str | None = None
    ministry: str | None = None
    departement: str | None = None
    departement_name: str | None = None
    academy: str | None = None
    academy_name: str | None = None
    is_closed: bool | None = None


@dataclass(frozen=True)
class RefusedLine:
    """A line that stays out: its number, what it called itself, the code of the reason and what it said."""

    line: int
    uai: str
    code: str
    detail: str = ""


@dataclass(frozen=True)
class Reading:
    """What the file says about one region: its lycées, its refused lines, and how many lines concern others."""

    lines: tuple[DirectoryLine, ...]
    refused: tuple[RefusedLine, ...]
    ignored_count: int


@dataclass(frozen=True)
class KnownSchool:
    """A school as the books have it."""

    uai: str
    name: str
    town: str
    postal_code: str
    sector: str
    ministry: str
    departement: str
    is_closed: bool
    # Students or PCs are still there: the file alone does not close it.
    is_occupied: bool = False
    # Somebody carried it over into another lycée: a directory that is behind does not open it again.
    has_successor: bool = False
    former_uais: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One field of one school: what the books say, what the file says."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangedSchool:
    """A known school of which the file says something else."""

    uai: str
    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Difference:
    """What the file would change, and nothing that is not in it: a school it does not name stays as it is."""

    new: tuple[DirectoryLine, ...]
    changed: tuple[ChangedSchool, ...]
    unchanged_count: int
    refused: tuple[RefusedLine, ...]
    ignored_count: int
    absent_count: int
    # Lines under a number that a lycée bore before: neither a new lycée nor a second one, and no news of it.
    former_count: int
    # Closed in the file, and still with students or PCs: UAI and name. Not written: what is there goes first.
    to_close: tuple[tuple[str, str], ...]
    new_departements: tuple[tuple[str, str, str], ...]
    new_academies: tuple[tuple[str, str], ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to apply."""
        return not self.new and not self.changed

    @property
    def fingerprint(self) -> str:
        """Return a digest of what would be written: what was looked at is what is applied."""
        content = repr((self.new, self.changed, self.new_departements, self.new_academies))
        return sha256(content.encode()).hexdigest()


COMPARED_FIELDS = ("name", "town", "postal_code", "sector", "ministry", "departement", "is_closed")


def read_directory(table: Table, *, region_code: str, departement_codes: Iterable[str]) -> Reading:
    """Read the lycées of one region. Raises UnreadableTable where the file names no school number or has no row.

    The region is told by its code, else by a known departement, else by the first digits of the UAI.
    """
    columns = table.columns(DIRECTORY_COLUMNS)
    if "uai" not in columns:
        raise UnreadableTable("uai_column_missing", line=1, detail=", ".join(table.header[:8]))
    known_departements = frozenset(departement_codes)
    lines: dict[str, DirectoryLine] = {}
    refused: list[RefusedLine] = []
    ignored = total = 0
    for row in table.rows:
        total += 1
        cells = {name: row.cells[place].strip() for name, place in columns.items()}
        if not _is_in_region(cells, region_code, known_departements) or not _is_lycee(cells):
            ignored += 1
            continue
        judged = _judged(row, cells, lines)
        if isinstance(judged, RefusedLine):
            refused.append(judged)
        else:
            lines[judged.uai] = judged
    if not total:
        raise UnreadableTable("no_row")
    return Reading(tuple(lines.values()), tuple(refused), ignored)


def difference(
    reading: Reading, *, known: Mapping[str, KnownSchool], departements: Iterable[str], academies: Iterable[str]
) -> Difference:
    """Compare what the file says with what the books say; new schools must say enough to be entered."""
    new, changed, refused, to_close, unchanged, former = [], [], list(reading.refused), [], 0, 0
    bearer = {uai: school.uai for school in known.values() for uai in school.former_uais}
    known_departements, known_academies = frozenset(departements), frozenset(academies)
    for line in reading.lines:
        if line.uai in bearer:
            former += 1
            continue
        school = known.get(line.uai)
        if school is None:
            reason = _what_a_new_school_lacks(line, known_departements, known_academies)
            if reason:
                refused.append(RefusedLine(line.line, line.uai, reason))
            elif not line.is_closed:
                new.append(line)
            continue
        changes = _changes(line, school)
        if line.is_closed and not school.is_closed and school.is_occupied:
            to_close.append((school.uai, school.name))
            changes = tuple(change for change in changes if change.field != "is_closed")
        if any(c.field == "departement" and c.after not in known_departements for c in changes):
            refused.append(RefusedLine(line.line, line.uai, "departement_unknown", line.departement or ""))
        elif changes:
            changed.append(ChangedSchool(line.uai, school.name, changes))
        else:
            unchanged += 1
    named = {line.uai for line in reading.lines} | {line.uai for line in reading.refused}
    named |= {bearer[uai] for uai in named & bearer.keys()}
    return Difference(
        new=tuple(new),
        changed=tuple(changed),
        unchanged_count=unchanged,
        refused=tuple(sorted(refused, key=lambda r: r.line)),
        ignored_count=reading.ignored_count,
        absent_count=sum(1 for uai, school in known.items() if uai not in named and not school.is_closed),
        former_count=former,
        to_close=tuple(to_close),
        new_departements=tuple(sorted(_new_departements(new, known_departements))),
        new_academies=tuple(sorted(_new_academies(new, known_departements, known_academies))),
    )


def departement_of_uai(uai: str) -> str:
    """Return the departement that the first digits of a UAI name: 057 is "57", 620 is "2A", 974 stays."""
    prefix = uai[:3]
    return {"620": "2A", "720": "2B"}.get(prefix, prefix[1:] if prefix.startswith("0") else prefix)


def reading_as_values(reading: Reading) -> dict[str, object]:
    """Return the reading as plain values (JSON); `reading_from_values` reads them again."""
    return asdict(reading)


def reading_from_values(values: Mapping[str, object]) -> Reading:
    """Return the reading that `reading_as_values` wrote."""
    lines: list[dict[str, object]] = values["lines"]  # type: ignore[assignment]
    refused: list[dict[str, object]] = values["refused"]  # type: ignore[assignment]
    return Reading(
        tuple(DirectoryLine(**line) for line in lines),  # type: ignore[arg-type]
        tuple(RefusedLine(**line) for line in refused),  # type: ignore[arg-type]
        int(values["ignored_count"]),  # type: ignore[call-overload]
    )


def _is_in_region(cells: Mapping[str, str], region_code: str, departements: frozenset[str]) -> bool:
    if cells.get("region"):
        return cells["region"].lstrip("0") == region_code.lstrip("0")
    departement = _departement(cells)
    if departement:
        return departement in departements
    return departement_of_uai(normalised_uai(cells["uai"])) in departements


def _is_lycee(cells: Mapping[str, str]) -> bool:
    """Tell by nature, else by type; a list that says neither is a list of lycées."""
    if cells.get("nature"):
        return cells["nature"] in LYCEE_NATURES
    return not cells.get("type") or folded(cells["type"]).startswith(_LYCEE_TYPES)


def _judged(row: Row, cells: Mapping[str, str], earlier: Mapping[str, DirectoryLine]) -> DirectoryLine | RefusedLine:
    uai = normalised_uai(cells["uai"])
    shown = uai[:20]
    if row.has_surplus:
        return RefusedLine(row.line, shown, "too_many_cells")
    if not uai:
        return RefusedLine(row.line, "", "uai_missing")
    if not is_valid_uai(uai):
        return RefusedLine(row.line, shown, "uai_wrong")
    if uai in earlier:
        return RefusedLine(row.line, uai, "uai_doubled", str(earlier[uai].line))
    for name, limit in LONGEST.items():
        text = cleaned(cells.get(name, ""))
        if len(text) > limit or unfit_character(text):
            return RefusedLine(row.line, uai, "text_unfit", text[:40])
    return _line(row.line, uai, cells)


def _line(number: int, uai: str, cells: Mapping[str, str]) -> DirectoryLine:
    postal_code = cells.get("postal_code", "").zfill(5) if cells.get("postal_code") else ""
    return DirectoryLine(
        line=number,
        uai=uai,
        name=cleaned(cells.get("name", "")) or None,
        town=cleaned(cells.get("town", "")) or None,
        postal_code=postal_code if re.fullmatch(r"[0-9]{5}", postal_code) else None,
        sector=_sector(cells.get("sector", "")),
        ministry=_ministry(cells),
        departement=_departement(cells) or departement_of_uai(uai),
        departement_name=cleaned(cells.get("departement_name", "")) or None,
        academy=cells.get("academy", "").lstrip("0").zfill(2) if cells.get("academy") else None,
        academy_name=cleaned(cells.get("academy_name", "")) or None,
        is_closed=folded(cells["state"]).startswith("FERME") if cells.get("state") else None,
    )


def _departement(cells: Mapping[str, str]) -> str:
    code = cells.get("departement", "").upper()
    return code[1:] if re.fullmatch(r"0[0-9][0-9AB]", code) else code


def _sector(text: str) -> str | None:
    plain = folded(text)
    return "private" if plain.startswith(_PRIVATE) else "public" if plain.startswith(_PUBLIC) else None


def _ministry(cells: Mapping[str, str]) -> str | None:
    if _AGRICULTURE in folded(cells.get("ministry", "")) or cells.get("is_agricultural", "") in {"1", "1.0"}:
        return "agriculture"
    return "education" if cells.get("ministry") else None


def _what_a_new_school_lacks(line: DirectoryLine, departements: frozenset[str], academies: frozenset[str]) -> str:
    for name in ("name", "town", "sector"):
        if getattr(line, name) is None:
            return f"{name}_missing"
    if line.departement in departements:
        return ""
    if not line.departement_name:
        return "departement_unknown"
    return "" if line.academy in academies or (line.academy and line.academy_name) else "academy_unknown"


def _changes(line: DirectoryLine, school: KnownSchool) -> tuple[Change, ...]:
    pairs = ((name, getattr(school, name), getattr(line, name)) for name in COMPARED_FIELDS)
    return tuple(
        Change(name, _said(before), _said(after))
        for name, before, after in pairs
        if after is not None and after != before and not (name == "is_closed" and before and school.has_successor)
    )


def _said(value: object) -> str:
    return ("closed" if value else "open") if isinstance(value, bool) else str(value)


def _new_departements(new: Iterable[DirectoryLine], known: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    seen: set[str] = set()
    for line in new:
        if line.departement and line.departement not in known and line.departement not in seen:
            seen.add(line.departement)
            yield line.departement, line.departement_name or "", line.academy or ""


def _new_academies(
    new: Iterable[DirectoryLine], departements: frozenset[str], known: frozenset[str]
) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for line in new:
        code = line.academy
        if line.departement not in departements and code and code not in known and code not in seen:
            seen.add(code)
            yield code, line.academy_name or ""
