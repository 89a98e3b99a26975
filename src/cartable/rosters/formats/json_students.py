"""What the readers of JSON lists have in common: typed fields, one list per lycée, one school year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cartable.kernel.names import cleaned
from cartable.kernel.school_year import SchoolYear
from cartable.kernel.uai import normalised_uai
from cartable.rosters.formats.json_list import JsonList, Number
from cartable.rosters.formats.records import Header, Kind, ListPart, Problem, StudentFile
from cartable.rosters.formats.refusals import NoStudents, SeveralSchoolYears, TooManyRecords
from cartable.rosters.formats.siecle.students import MOST_STUDENTS, StudentReader

Record = Mapping[str, object]

# StudentReader says itself what is wrong with a name.
_NAMES = frozenset({"NOM_DE_FAMILLE", "NOM_USAGE", "PRENOM"})
_YEAR = re.compile(r"20[0-9]{2}")
_LONGEST_UAI = 20


class RecordRefused(Exception):
    """This record is refused and the next one read; `code` and `field_name` say why."""

    def __init__(self, code: str, field_name: str) -> None:
        super().__init__(code)
        self.code = code
        self.field_name = field_name


@dataclass(frozen=True, slots=True)
class Listed:
    """A student as read, kept until the whole list is known; `rank` is his place in the `file`."""

    key: str
    texts: dict[str, str]
    divisions: tuple[str, ...]
    level: str | None
    uai: str
    rank: int
    file: str


class JsonStudents:
    """Collects the records of the lists of one kind; `parts` joins them per lycée.

    A subclass says what a record means (`listed`); several answers of one kind, such as one per level, are one list.
    """

    kind: Kind
    has_keys = True

    def __init__(self) -> None:
        self._listed: list[Listed] = []
        self._refused: list[Problem] = []
        self._years: set[int] = set()

    def read(self, records: Iterator[object], beside: JsonList, file: str) -> None:
        """Take the records of one file, then what the file says beside them of school and year."""
        first = len(self._listed)
        for rank, record in enumerate(records, 1):
            if len(self._listed) + len(self._refused) >= MOST_STUDENTS:
                raise TooManyRecords(limit=MOST_STUDENTS)
            try:
                if not isinstance(record, dict):
                    raise RecordRefused("record_unreadable", "")
                self._listed.append(self.listed(record, rank, file))
            except RecordRefused as refused:
                self._refused.append(_problem(refused, rank, file))
        if year := self._year_beside(beside.context):
            self._years.add(year)
        uai = next((text for key in ("codeUai", "uai", "rne") if (text := _plain(beside.context.get(key)))), "")
        if uai:
            self._listed[first:] = [
                listed if listed.uai else replace(listed, uai=_uai(uai)) for listed in self._listed[first:]
            ]

    def listed(self, record: Record, rank: int, file: str) -> Listed:
        """Return what a record means; raise RecordRefused."""
        raise NotImplementedError

    def merged(self, listed: list[Listed]) -> tuple[list[Listed], list[Problem]]:
        """Return each student once, and what to tell of those who stood there several times."""
        return listed, []

    def parts(self) -> Iterator[ListPart]:
        """Yield the students of each lycée, by UAI ("" alone: the list does not say).

        Raises SeveralSchoolYears, NoStudents.
        """
        if len(self._years) > 1:
            years = ", ".join(SchoolYear(year).label for year in sorted(self._years)[:5])
            raise SeveralSchoolYears(years=years)
        listed, problems = self.merged(self._listed)
        uais = sorted({one.uai for one in listed} - {""})
        if not listed and not self._refused:
            raise NoStudents
        year = next(iter(self._years), 0)
        refused = list(self._refused)
        if len(uais) > 1:
            refused += [
                Problem("school_missing", "refuse", one.rank, _unit(one.file), one.key or None)
                for one in listed
                if not one.uai
            ]
        for uai in uais or [""]:
            # Without a lycée of its own a record belongs to the only one.
            own = [one for one in listed if one.uai == uai or (not one.uai and len(uais) <= 1)]
            yield self._student_file(Header(self.kind, uai, year, None, ""), own, refused, problems)
            refused, problems = [], []

    def _student_file(
        self, header: Header, own: list[Listed], refused: list[Problem], problems: list[Problem]
    ) -> StudentFile:
        reader = StudentReader()
        reader.has_keys = self.has_keys
        for one in own:
            before = len(reader.problems)
            reader.take(one.key, one.texts, one.rank, divisions=one.divisions, level=one.level)
            unit = _unit(one.file)
            reader.problems[before:] = [
                replace(p, parameters={**p.parameters, **unit}) for p in reader.problems[before:]
            ]
        for problem in refused:
            reader.refuse(problem, uncounted=True)
        reader.problems += problems
        return reader.result(header)

    def _year_beside(self, context: Record) -> int | None:
        raise NotImplementedError

    def _add_year(self, year: int | None) -> None:
        if year is not None:
            self._years.add(year)


def texts_of(record: Record, names: Mapping[str, str]) -> dict[str, str]:
    """Return the non-empty texts of the wanted fields under SIECLE's names; the first of several names rules.

    A number is a text but in names and dates. Raises RecordRefused for another type, or for a character that no text
    can hold (\\u0000, half a surrogate pair).
    """
    found: dict[str, str] = {}
    for name, field in names.items():
        value = record.get(name)
        if value is None or value == "" or field in found:
            continue
        if not isinstance(value, str) or (isinstance(value, Number) and field in _NAMES | {"DATE_NAISS"}):
            raise RecordRefused("type_unexpected", field)
        if field not in _NAMES and not (value := cleaned(value)).isprintable():
            raise RecordRefused("value_unfit", field)
        if value.strip():
            found[field] = value.strip()
    return found


def object_of(record: Record, name: str, field: str) -> Record:
    """Return the object under a name, an empty one where there is none; raise RecordRefused for another type."""
    value = record.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RecordRefused("type_unexpected", field)
    return value


def uai_of(texts: dict[str, str]) -> str:
    """Take the UAI out of a record's texts, in its normal form; "" where there is none."""
    return _uai(texts.pop("CODE_UAI", ""))


def year_of(value: object) -> int | None:
    """Return a school year written as its first civil year, None for anything else."""
    text = _plain(value)
    return int(text) if _YEAR.fullmatch(text) else None


def _plain(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return text if text.isprintable() else ""


def _uai(text: str) -> str:
    return normalised_uai(text)[:_LONGEST_UAI]


def _unit(file: str) -> dict[str, object]:
    return {"unit": "record", "file": file} if file else {"unit": "record"}


def _problem(refused: RecordRefused, rank: int, file: str) -> Problem:
    field = {"field": refused.field_name} if refused.field_name else {}
    return Problem(refused.code, "refuse", rank, {**field, **_unit(file)})
