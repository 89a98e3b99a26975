"""Read BEE_ELEVES: the students of a lycée and their classes.

`StudentReader.take` turns the texts of one record into a student, and serves the readers of other formats too; the
names of its fields are SIECLE's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from typing import NamedTuple

from lxml import etree

from cartable.kernel.ine import has_valid_key, ine_kind, normalised_ine
from cartable.kernel.levels import level_of_mef
from cartable.kernel.uai import is_valid_uai, normalised_uai
from cartable.rosters.formats.document import RecordHandler, line_of
from cartable.rosters.formats.records import Header, Kind, Problem, Student, StudentFile
from cartable.rosters.formats.refusals import NoStudents, TooManyRecords
from cartable.rosters.formats.siecle.fields import (
    LONGEST_CODE,
    LONGEST_DIVISION,
    LONGEST_KEY,
    LONGEST_MEF,
    LONGEST_SHORT_CODE,
    UnreadableDate,
    read_date,
    read_name,
    texts_of,
)
from cartable.rosters.formats.siecle.header import HeaderReader
from cartable.rosters.formats.siecle.likeness import set_doubles_aside

MOST_STUDENTS = 20_000

_WANTED = frozenset(
    {
        "ID_NATIONAL",
        "INE_RNIE",
        "INE_BEA",
        "NOM_DE_FAMILLE",
        "NOM",
        "NOM_USAGE",
        "PRENOM",
        "DATE_NAISS",
        "CODE_STATUT",
        "CODE_MEF",
        "DATE_ENTREE",
        "DATE_SORTIE",
        "CODE_MOTIF_SORTIE",
    }
)
_LAST_YEAR = "SCOLARITE_AN_DERNIER"
_STRUCTURE = frozenset({"CODE_STRUCTURE", "TYPE_STRUCTURE"})
# Pix: a pseudo-division of SIECLE for those who are not there. Not a class.
_NO_CLASS = "INACTIFS"
# No lycée student is younger or older than this on 1 September; a birth date outside is a typing error.
_LIKELY_AGES = range(10, 31)


class Refused(Exception):
    """This record is refused and the next one read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class _Names(NamedTuple):
    family: str
    usage: str
    given: str


class StudentReader(HeaderReader):
    """Collects the records of one file; `result` puts students and classes together."""

    kind: Kind = "BEE_ELEVES"
    # False where a format has no key of its own; a student's is then "".
    has_keys = True

    def __init__(self) -> None:
        super().__init__()
        self.sections: Mapping[str, RecordHandler] = {
            "ELEVES": self._read_student,
            "STRUCTURES": self._read_classes,
        }
        # Complete but for the class, which may stand in an earlier or a later section.
        self._unplaced: list[tuple[str | int, partial[Student]]] = []
        # By ELEVE_ID, or by the rank of the record that tells its classes itself.
        self._divisions: dict[str | int, list[str]] = {}
        self._record_count = 0
        self._refused_count = 0
        self._unknown_mefs: dict[str, tuple[int | None, int]] = {}

    def result(self, header: Header) -> StudentFile:
        """Return the file read; raise NoStudents when it holds none."""
        if not self._record_count:
            raise NoStudents
        self._report_unknown_mefs()
        placed = []
        for place, unplaced in self._unplaced:
            student = unplaced(division=self._division(place))
            self._check_placed(student, place, header.school_year)
            placed.append(student)
        students, queued, problems = set_doubles_aside(placed)
        return StudentFile(
            header=header,
            students=tuple(students),
            queued=tuple(queued),
            problems=tuple(sorted(self.problems + problems, key=lambda problem: problem.line or 0)),
            record_count=self._record_count,
            refused_count=self._refused_count,
        )

    def take(
        self,
        eleve_id: str,
        texts: dict[str, str],
        line: int | None,
        *,
        previous_uai: str | None = None,
        divisions: Sequence[str] | None = None,
        level: str | None = None,
    ) -> None:
        """Count one record and keep its student, or the problem for which it is refused.

        `texts` are named as in SIECLE. `divisions` None: the classes come in a section of their own. `level` None: it
        follows from CODE_MEF.
        """
        self._record_count += 1
        if self._record_count > MOST_STUDENTS:
            raise TooManyRecords(limit=MOST_STUDENTS)
        place: str | int = eleve_id
        if divisions is not None:
            place = self._record_count
            for division in divisions:
                self._place(place, division)
        try:
            self._unplaced.append((place, self._student(eleve_id, texts, line, previous_uai, level)))
        except Refused as refused:
            self.refuse(refused.problem)

    def refuse(self, problem: Problem, *, uncounted: bool = False) -> None:
        """Keep the problem of a record that is not taken; `uncounted` when `take` never saw it."""
        self._record_count += uncounted
        self._refused_count += 1
        self.problems.append(problem)

    def _read_student(self, record: etree._Element) -> None:
        eleve_id = (record.get("ELEVE_ID") or "").strip()
        self.take(eleve_id, texts_of(record, _WANTED), line_of(record), previous_uai=_previous_uai(record))

    def _student(
        self, eleve_id: str, texts: dict[str, str], line: int | None, previous_uai: str | None, level: str | None
    ) -> partial[Student]:
        if (self.has_keys and not eleve_id) or len(eleve_id) > LONGEST_KEY:
            raise Refused(Problem("eleve_id_missing", "refuse", line))
        names = self._names(texts, eleve_id, line)
        mef = texts.get("CODE_MEF", "").upper()[:LONGEST_CODE]
        return partial(
            Student,
            eleve_id=eleve_id,
            ine=self._ine(texts, eleve_id, line),
            family_name=names.family,
            usage_name=names.usage,
            given_name=names.given,
            birth_on=self._date(texts, "DATE_NAISS", eleve_id, line),
            status=texts.get("CODE_STATUT", "").upper()[:LONGEST_SHORT_CODE],
            mef=mef[:LONGEST_MEF],
            level=level or self._level(mef, line),
            entered_on=self._entry(texts, eleve_id, line),
            left_on=self._date(texts, "DATE_SORTIE", eleve_id, line),
            exit_reason=texts.get("CODE_MOTIF_SORTIE", "")[:LONGEST_SHORT_CODE],
            previous_uai=previous_uai,
            line=line,
        )

    def _names(self, texts: dict[str, str], eleve_id: str, line: int | None) -> _Names:
        usage = self._name(texts, "NOM_USAGE", eleve_id, line)
        # NOM until the summer of 2016, NOM_DE_FAMILLE since (GEPI).
        family = self._name(texts, "NOM_DE_FAMILLE" if "NOM_DE_FAMILLE" in texts else "NOM", eleve_id, line)
        given = self._name(texts, "PRENOM", eleve_id, line)
        if not _has_letter(family or usage):
            raise Refused(Problem("family_name_missing", "refuse", line, {}, eleve_id))
        if not _has_letter(given):
            self.warn("given_name_missing", line, eleve_id)
            given = ""
        # A usage name equal to the family name says nothing.
        return _Names(family or usage, usage if family and usage != family else "", given)

    def _name(self, texts: dict[str, str], tag: str, eleve_id: str, line: int | None) -> str:
        try:
            return read_name(texts.get(tag, ""))
        except ValueError:
            raise Refused(Problem("name_unfit", "refuse", line, {"field": tag}, eleve_id)) from None

    def _ine(self, texts: dict[str, str], eleve_id: str, line: int | None) -> str | None:
        raw = texts.get("ID_NATIONAL") or texts.get("INE_RNIE") or texts.get("INE_BEA")
        if raw is None:
            self.warn("ine_missing", line, eleve_id)
            return None
        ine = normalised_ine(raw)
        is_valid = has_valid_key(ine)
        if is_valid is None and ine_kind(ine) is None:
            self.warn("ine_unreadable", line, eleve_id)
            return None
        if is_valid is False:
            self.warn("ine_key_wrong", line, eleve_id)
        return ine

    def _date(self, texts: dict[str, str], tag: str, eleve_id: str, line: int | None) -> date | None:
        text = texts.get(tag)
        if text is None:
            return None
        try:
            return read_date(text)
        except UnreadableDate as fault:
            parameters = {"field": tag, "value": text[:LONGEST_CODE]}
            raise Refused(Problem(fault.code, "refuse", line, parameters, eleve_id)) from None

    def _entry(self, texts: dict[str, str], eleve_id: str, line: int | None) -> date | None:
        # The day of entry decides nothing: a fault in it costs the field, not the student.
        try:
            return self._date(texts, "DATE_ENTREE", eleve_id, line)
        except Refused:
            self.refuse_field("entry_date_unreadable", line, eleve_id, "DATE_ENTREE")
            return None

    def _level(self, mef: str, line: int | None) -> str | None:
        level = level_of_mef(mef)
        if level is None:
            first_line, count = self._unknown_mefs.get(mef, (line, 0))
            self._unknown_mefs[mef] = (first_line, count + 1)
        return level

    def _report_unknown_mefs(self) -> None:
        for mef, (line, count) in self._unknown_mefs.items():
            self.warn("level_unknown", line, mef=mef or "—", count=count)

    def _read_classes(self, record: etree._Element) -> None:
        eleve_id = (record.get("ELEVE_ID") or "").strip()
        for structure in record:
            texts = texts_of(structure, _STRUCTURE)
            if texts.get("TYPE_STRUCTURE") == "D":
                self._place(eleve_id, texts.get("CODE_STRUCTURE", ""))

    def _place(self, place: str | int, division: str) -> None:
        code = " ".join(division.split())[:LONGEST_DIVISION]
        if code and code.upper() != _NO_CLASS:
            divisions = self._divisions.setdefault(place, [])
            if code not in divisions:
                divisions.append(code)

    def _division(self, place: str | int) -> str | None:
        divisions = self._divisions.get(place)
        return divisions[0] if divisions else None

    def _check_placed(self, student: Student, place: str | int, school_year: int) -> None:
        if student.division is None and student.left_on is None:
            self.warn("division_missing", student.line, student.eleve_id)
        elif len(divisions := self._divisions.get(place, ())) > 1:
            self.warn("two_divisions", student.line, student.eleve_id, divisions=", ".join(divisions))
        if student.birth_on is None:
            self.warn("birth_date_missing", student.line, student.eleve_id)
        elif school_year and school_year - student.birth_on.year not in _LIKELY_AGES:
            self.warn("birth_date_unlikely", student.line, student.eleve_id, year=student.birth_on.year)


def _has_letter(name: str) -> bool:
    return any(map(str.isalnum, name))


@lru_cache(maxsize=4096)
def valid_uai(text: str) -> str | None:
    """Return the UAI in its normal form, None for anything else."""
    uai = normalised_uai(text)
    return uai if is_valid_uai(uai) else None


def _previous_uai(record: etree._Element) -> str | None:
    last_year = next(record.iterchildren("{*}" + _LAST_YEAR), None)
    code = None if last_year is None else next(last_year.iterchildren("{*}CODE_RNE"), None)
    return valid_uai((code.text if code is not None else None) or "")
