"""Write the lists of an invented region over two school years, lycée by lycée, and the truth beside them.

`2025/<UAI>/`, `2025-reload/<UAI>/` (the same students, exported again in another order), `2026/<UAI>/`, and `truth.csv`:
one row per line of `2025` and `2026`. Same arguments, same bytes.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

from cartable.rosters.rules.names import folded_names
from cartable.simulation.aaf_xml import write_feed
from cartable.simulation.invented_guardians import GuardianBook
from cartable.simulation.siecle_csv import write_extraction
from cartable.simulation.siecle_files import GUARDIANS_NAME, STUDENTS_NAME, write_document
from cartable.simulation.siecle_xml import Export, guardians_xml, students_xml
from cartable.simulation.two_years import Listed, Region, TwoYears

ListFormat = Literal["siecle", "aaf", "csv"]
FORMATS: tuple[ListFormat, ...] = ("siecle", "aaf", "csv")
TRUTH_NAME = "truth.csv"
RELOADED = "-reload"


class TrueLine(NamedTuple):
    """Whom one line of a list truly is.

    `before_uai` is the lycée whose list knew the same person the year before, "" for none; the two flags compare that
    line with this one as they are written.
    """

    school_year: int
    uai: str
    eleve_id: str
    person: int
    cases: str
    before_uai: str
    shares_ine: bool
    shares_names_and_birth: bool


@dataclass(frozen=True, slots=True)
class ListFiles:
    """The files of one lycée for one list: `label` is the year, with "-reload" where exported again."""

    label: str
    uai: str
    paths: tuple[Path, ...]
    lines: tuple[TrueLine, ...]


def list_count(region: Region) -> int:
    """Return how many lists are written: three per lycée."""
    return 3 * region.lycee_count


def write_lists(directory: Path, region: Region, form: ListFormat, *, guardians: bool = True) -> Iterator[ListFiles]:
    """Write and yield list after list; `truth.csv` is complete when the last has been taken."""
    with (directory / TRUTH_NAME).open("w", encoding="utf-8", newline="") as stream:
        truth = csv.writer(stream)
        truth.writerow(TrueLine._fields)
        for files in _all_lists(directory, region, form, guardians):
            truth.writerows(_as_text(line) for line in files.lines if not files.label.endswith(RELOADED))
            yield files


def _as_text(line: TrueLine) -> tuple[object, ...]:
    return tuple(int(value) if isinstance(value, bool) else value for value in line)


def _all_lists(directory: Path, region: Region, form: ListFormat, guardians: bool) -> Iterator[ListFiles]:
    first_day, again, second_day = (
        date(region.first_year - 1, 9, 14), date(region.first_year - 1, 9, 28), date(region.first_year, 9, 13)
    )  # fmt: skip
    years = TwoYears(region)
    writer = _Writer(directory, form, guardians)
    label = str(region.first_year - 1)
    for uai, listed in years.first_lists():
        yield writer.write(label, Export(uai, region.first_year - 1, first_day, "3.0"), listed)
        shuffled = listed[:]
        Random(f"{region.seed}/{uai}/reload").shuffle(shuffled)
        yield writer.write(label + RELOADED, Export(uai, region.first_year - 1, again, "3.0"), shuffled)
    for uai, listed in years.second_lists():
        yield writer.write(str(region.first_year), Export(uai, region.first_year, second_day, "3.0"), listed)


@dataclass(frozen=True, slots=True)
class _Writer:
    directory: Path
    form: ListFormat
    guardians: bool

    def write(self, label: str, export: Export, listed: list[Listed]) -> ListFiles:
        folder = self.directory / label / export.uai
        folder.mkdir(parents=True, exist_ok=True)
        if self.form == "aaf":
            # A Complet file knows no DATE_SORTIE: who has left is not in it.
            listed = [one for one in listed if one.student.left_on is None]
        paths = self._paths(folder, export, listed)
        return ListFiles(label, export.uai, tuple(paths), tuple(_truth(one, export) for one in listed))

    def _paths(self, folder: Path, export: Export, listed: list[Listed]) -> list[Path]:
        students = [one.student for one in listed]
        if self.form == "csv":
            return [write_extraction(folder, students)]
        book = GuardianBook(Random(f"{export.uai}/{export.school_year}/guardians"), {})
        if self.guardians:
            # Guardians follow from the lycée and the year, not from the order of the list.
            book.add_all(sorted(students, key=lambda student: student.eleve_id))
        if self.form == "aaf":
            return write_feed(
                folder, uai=export.uai, exported_on=export.exported_on, students=students,
                guardians=book.persons, links=book.links,
            )  # fmt: skip
        paths = [write_document(folder, STUDENTS_NAME, "zip", export.exported_on, students_xml(students, export))]
        if self.guardians:
            texts = guardians_xml(book.persons, book.links, export)
            paths.append(write_document(folder, GUARDIANS_NAME, "zip", export.exported_on, texts))
        return paths


def _truth(listed: Listed, export: Export) -> TrueLine:
    student, before = listed.student, listed.before
    return TrueLine(
        school_year=export.school_year,
        uai=export.uai,
        eleve_id=student.eleve_id,
        person=listed.person,
        cases=" ".join(listed.cases),
        before_uai=listed.before_uai,
        shares_ine=bool(before and before.ine and before.ine == student.ine),
        shares_names_and_birth=before is not None
        and before.birth_on == student.birth_on
        and folded_names(before.family_name, "", before.given_name)
        == folded_names(student.family_name, "", student.given_name),
    )


def case_counts(lines: Iterable[TrueLine]) -> Counter[str]:
    """Count the lines of each case."""
    return Counter(case for line in lines for case in line.cases.split())
