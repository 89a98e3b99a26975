"""Write the files that an invented lycée would export from SIECLE, and remember what was hidden in them.

Same arguments, same bytes: a test, a demo and a benchmark speak of the same students. Nothing is held but the
students of one lycée, and their text is written as it is made: a region of 355 lycées takes under a minute.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import IO, Literal

from cartable.kernel.levels import is_secondary, level_of_mef
from cartable.kernel.majority import is_adult
from cartable.kernel.uai import is_valid_uai
from cartable.simulation.invented_guardians import GuardianBook
from cartable.simulation.invented_students import InventedStudent, SchoolForm, invented_students
from cartable.simulation.planted_cases import plant
from cartable.simulation.siecle_xml import Export, Version, guardians_xml, students_xml

FileForm = Literal["zip", "xml"]

STUDENTS_NAME = "ElevesSansAdresses"
GUARDIANS_NAME = "ResponsablesAvecAdresses"
_ENCODING = "iso-8859-15"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A student known in another invented lycée, who now stands in this one's list: a transfer."""

    ine: str
    family_name: str
    given_name: str
    sex: int
    birth_on: date
    from_uai: str
    from_division: str


@dataclass(frozen=True, slots=True)
class SchoolTruth:
    """What is in the files of one lycée; every value can go into JSON.

    `cases` names the ELEVE_ID planted for each edge case; `present_count` leaves out those who have left by `today`;
    `eligible_count` is the present ones with status ST at a level of secondary studies.
    """

    uai: str
    school_year: int
    today: str
    student_count: int
    present_count: int
    eligible_count: int
    adult_count: int
    count_by_level: dict[str, int]
    count_by_division: dict[str, int]
    cases: dict[str, list[str]]

    def as_json(self) -> dict[str, object]:
        """Return the record as plain dictionaries, lists and numbers."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SchoolFiles:
    """The two files written, and the truth about them; `leavers` can be given to another lycée as its arrivals."""

    students_path: Path
    guardians_path: Path
    truth: SchoolTruth
    leavers: tuple[Arrival, ...]


def write_school_files(
    directory: Path,
    *,
    uai: str,
    school_year: int,
    student_count: int,
    seed: int,
    today: date,
    edge_cases: bool = True,
    version: Version = "3.0",
    form: FileForm = "zip",
    school_form: SchoolForm = "LPO",
    arrivals: Iterable[Arrival] = (),
) -> SchoolFiles:
    """Write ElevesSansAdresses and ResponsablesAvecAdresses of a lycée into the directory, replacing older ones.

    `student_count` includes the edge cases and, first in the list, the arrivals; at most 4,000. `today` is the day on
    which somebody is 18, somebody has left and the export is dated. Raises ValueError for an invalid UAI.
    """
    if not is_valid_uai(uai):
        raise ValueError("this UAI has a wrong check letter")
    dice = Random(f"{seed}/{uai}/{school_year}")
    students = list(invented_students(dice, uai=uai, school_year=school_year, count=student_count, form=school_form))
    transferred = _settle(students, arrivals)
    cases = {"transferred": transferred} if transferred else {}
    if edge_cases:
        cases |= plant(students[len(transferred) :], dice=dice, today=today)
    book = GuardianBook(dice, cases)
    book.add_all(students)
    export = Export(uai, school_year, today, version)
    return SchoolFiles(
        students_path=write_document(directory, STUDENTS_NAME, form, today, students_xml(students, export)),
        guardians_path=write_document(
            directory, GUARDIANS_NAME, form, today, guardians_xml(book.persons, book.links, export)
        ),
        truth=_truth(students, uai, school_year, today, cases),
        leavers=tuple(_leaver(student, uai) for student in students if student.left_on),
    )


def _settle(students: list[InventedStudent], arrivals: Iterable[Arrival]) -> list[str]:
    """Give the first students the identity of the arrivals; return their ELEVE_ID, new in this school."""
    settled = []
    for student, arrival in zip(students, arrivals, strict=False):
        student.ine, student.family_name, student.given_name = arrival.ine, arrival.family_name, arrival.given_name
        student.sex, student.birth_on = arrival.sex, arrival.birth_on
        student.previous_uai, student.previous_division = arrival.from_uai, arrival.from_division
        settled.append(student.eleve_id)
    return settled


def _leaver(student: InventedStudent, uai: str) -> Arrival:
    division = student.divisions[0] if student.divisions else ""
    return Arrival(student.ine, student.family_name, student.given_name, student.sex, student.birth_on, uai, division)


def write_document(directory: Path, name: str, form: FileForm, today: date, texts: Iterable[str]) -> Path:
    """Write one document as SIECLE delivers it; what ISO-8859-15 lacks becomes a character reference."""
    path = directory / f"{name}.{form}"
    with (
        _opened(path, name, today) as document,
        io.TextIOWrapper(document, encoding=_ENCODING, errors="xmlcharrefreplace") as stream,
    ):
        stream.writelines(texts)
    return path


@contextmanager
def _opened(path: Path, name: str, today: date) -> Iterator[IO[bytes]]:
    if path.suffix == ".xml":
        with path.open("wb") as document:
            yield document
        return
    # A date of its own: with the clock's, the same arguments would give other bytes.
    entry = zipfile.ZipInfo(f"{name}.xml", date_time=(today.year, today.month, today.day, 9, 11, 46))
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(entry, "w") as document:
        yield document


def _truth(
    students: list[InventedStudent], uai: str, school_year: int, today: date, cases: dict[str, list[str]]
) -> SchoolTruth:
    present = [student for student in students if student.left_on is None or student.left_on > today]
    levels = {student.eleve_id: level_of_mef(student.mef) or "" for student in present}
    divisions = (student.divisions[0] for student in present if student.divisions and student.divisions != ["Inactifs"])
    return SchoolTruth(
        uai=uai,
        school_year=school_year,
        today=today.isoformat(),
        student_count=len(students),
        present_count=len(present),
        eligible_count=sum(s.status == "ST" and is_secondary(levels[s.eleve_id]) for s in present),
        adult_count=sum(is_adult(student.birth_on, today) for student in present),
        count_by_level=dict(sorted(Counter(levels.values()).items())),
        count_by_division=dict(sorted(Counter(divisions).items())),
        cases=cases,
    )
