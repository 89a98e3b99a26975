"""A region's SIECLE files, their loading through the product's own commands, and the least that any importer must do."""

import io
import random
import re
import resource
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection, connections
from django.utils import timezone
from lxml import etree
from tqdm import tqdm

from bench.figures import percentile
from cartable.accounts.commands import system_actor
from cartable.kernel.uai import check_letter
from cartable.organisations.commands import open_academy, open_departement, open_region, open_school
from cartable.organisations.models import Departement, Region, School
from cartable.rosters.commands.files import apply_import, preview_content
from cartable.simulation.siecle_files import write_school_files

STUDENTS_PER_SCHOOL = 563  # 200,000 students in 355 lycées.
YEAR = 2026
TODAY = date(2026, 9, 13)
# What a list ends in, in the order of foreign keys. Lines, problems and imports are ours, not the list's: not counted.
TABLES = ("fleet_custodian", "fleet_affiliation", "rosters_student", "rosters_enrolment", "rosters_guardian")

_RECORDS = ("ELEVE", "STRUCTURES_ELEVE", "PERSONNE", "RESPONSABLE_ELEVE")
_ONE_IN = 100


@dataclass(frozen=True)
class Lists:
    """The files of one lycée."""

    school: School
    students: Path
    guardians: Path

    @property
    def paths(self) -> tuple[Path, Path]:
        """Return both, students first: guardians are theirs."""
        return self.students, self.guardians


@dataclass(frozen=True)
class Loading:
    """Seconds that loading took, in all and for each lycée in turn; the most memory that the process ever held."""

    seconds: float
    previews: list[float]
    applications: list[float]
    peak_mb: float

    @property
    def steps(self) -> list[float]:
        """Return the seconds of each lycée."""
        return [preview + apply for preview, apply in zip(self.previews, self.applications, strict=True)]

    @property
    def growth(self) -> float:
        """Return how much longer the last tenth of the lycées took than the first: 1 where the cost is linear."""
        tenth = max(1, len(self.steps) // 10)
        return median(self.steps[-tenth:]) / median(self.steps[:tenth])


@dataclass(frozen=True)
class Limit:
    """Seconds for what cannot be spared: the same XML parsed, the same rows in the same tables."""

    parse_seconds: float
    copy_seconds: float

    @property
    def seconds(self) -> float:
        """Return both together."""
        return self.parse_seconds + self.copy_seconds


def region_lists(directory: Path, student_count: int) -> list[Lists]:
    """Open a region with as many lycées as that many students fill, and write the files of each."""
    region = open_region(code="44", name="Région d’essai")
    academy = open_academy(region=region, code="12", name="Académie d’essai")
    departement = open_departement(region=region, academy=academy, code="57", name="Moselle")
    numbers = range(max(1, round(student_count / STUDENTS_PER_SCHOOL)))
    return [
        school_lists(directory, region, departement, number, STUDENTS_PER_SCHOOL)
        for number in tqdm(numbers, desc="writing files", leave=False)
    ]


def school_lists(directory: Path, region: Region, departement: Departement, number: int, student_count: int) -> Lists:
    """Open a lycée and write its files."""
    digits = f"{570_000 + number:07d}"
    uai = digits + check_letter(digits)
    school = open_school(region=region, departement=departement, uai=uai, name=f"Lycée {number}", town="Metz")
    folder = directory / uai
    folder.mkdir()
    files = write_school_files(folder, uai=uai, school_year=YEAR, student_count=student_count, seed=number, today=TODAY)
    return Lists(school, files.students_path, files.guardians_path)


def export_again(lists: Sequence[Lists]) -> None:
    """Rewrite the files as SIECLE would a week later.

    Another HORODATAGE, records in another order, one student in a hundred in another class, one phone in a hundred changed.
    """
    for one in tqdm(lists, desc="exporting again", leave=False):
        dice = random.Random(one.school.uai)
        for path in one.paths:
            with zipfile.ZipFile(path) as archive:
                (name,) = archive.namelist()
                text = archive.read(name).decode("iso-8859-15")
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(name, _exported_again(text, dice).encode("iso-8859-15"))


def _exported_again(text: str, dice: random.Random) -> str:
    text = text.replace(" 09:11:46</HORODATAGE>", " 17:42:03</HORODATAGE>")
    for tag in _RECORDS:
        pattern = re.compile(rf"      <{tag} ?[^>]*>\n.*?\n      </{tag}>\n", re.DOTALL)
        records = [_changed(record, tag, dice) for record in pattern.findall(text)]
        dice.shuffle(records)
        shuffled = iter(records)
        text = pattern.sub(lambda _match, shuffled=shuffled: next(shuffled), text)  # type: ignore[misc]
    return text


def _changed(record: str, tag: str, dice: random.Random) -> str:
    if tag == "STRUCTURES_ELEVE" and not dice.randrange(_ONE_IN):
        return re.sub(r"(<CODE_STRUCTURE>)[^<]+", r"\g<1>2DE 99", record, count=1)
    if tag == "PERSONNE" and not dice.randrange(_ONE_IN):
        return re.sub(r"(<TEL_PORTABLE>)[^<]+", r"\g<1>0699000000", record)
    return record


def load(lists: Sequence[Lists], what: str) -> Loading:
    """Preview and apply every file, lycée after lycée."""
    actor_id = system_actor().pk
    previews, applications = [], []
    started = time.perf_counter()
    for one in tqdm(lists, desc=what, leave=False):
        preview, application = 0.0, 0.0
        for path in one.paths:
            clock = time.perf_counter()
            (roster_import,) = preview_content(
                content=path.read_bytes(), first_year=YEAR, read_by_id=actor_id, now=timezone.now(), today=TODAY,
                school=one.school,
            )  # fmt: skip
            preview += time.perf_counter() - clock
            clock = time.perf_counter()
            apply_import(roster_import=roster_import, applied_by_id=actor_id, now=timezone.now(), today=TODAY)
            application += time.perf_counter() - clock
        previews.append(preview)
        applications.append(application)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Loading(time.perf_counter() - started, previews, applications, peak_mb)


def limit_of(lists: Sequence[Lists]) -> Limit:
    """Parse the files once (lxml, nothing kept); take the loaded rows out, empty the tables, and COPY them back in.

    Constraints, indexes and triggers of the tables stay as they are.
    """
    return Limit(_seconds(lambda: _parse(lists)), _copy_seconds())


def _seconds(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _parse(lists: Sequence[Lists]) -> None:
    for one in lists:
        for path in one.paths:
            with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as xml:
                for _event, element in etree.iterparse(xml, resolve_entities=False, no_network=True):
                    element.clear()


def _copy_seconds() -> float:
    owner = connections["owner"]
    with owner.cursor() as cursor:
        columns = {table: _stored_columns(cursor, table) for table in TABLES}
        rows = {table: _copied_out(cursor, table, columns[table]) for table in TABLES}
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        return _seconds(lambda: [_copy_in(cursor, table, columns[table], rows[table]) for table in TABLES])


def _copy_in(cursor: Any, table: str, columns: str, rows: io.BytesIO) -> None:
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        copy.write(rows.getvalue())


def _stored_columns(cursor: Any, table: str) -> str:
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
    )
    return str(cursor.fetchone()[0])


def _copied_out(cursor: Any, table: str, columns: str) -> io.BytesIO:
    rows = io.BytesIO()
    with cursor.copy(f"COPY {table} ({columns}) TO STDOUT") as copy:
        for block in copy:
            rows.write(block)
    return rows


def row_count(table: str) -> int:
    """Count the rows of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def measured(name: str, student_count: int, loading: Loading, limit: Limit) -> dict[str, Any]:
    """Return what a benchmark prints: times per lycée, ratio to the limit, growth over the run."""
    return {
        "name": name,
        "size": student_count,
        "figure": round(student_count / loading.seconds, 1),
        "unit": "students/s",
        "limit": round(student_count / limit.seconds, 1),
        "ratio": round(loading.seconds / limit.seconds, 2),
        "p95_ms": round(percentile(loading.steps, 95) * 1000, 1),
        "p99_ms": round(percentile(loading.steps, 99) * 1000, 1),
        "peak_mb": round(loading.peak_mb, 1),
        "seconds": round(loading.seconds, 1),
        "preview_seconds": round(sum(loading.previews), 1),
        "parse_seconds": round(limit.parse_seconds, 1),
        "copy_seconds": round(limit.copy_seconds, 1),
        "growth": round(loading.growth, 2),
    }
