"""The first load of a region's lists: SIECLE files of every lycée, students and guardians, previewed and applied.

The limit is what any importer must do at least: parse the same XML once (lxml, nothing kept), and COPY the same rows into
the same tables with all their constraints and indexes. Aim: at most three times that.
"""

import io
import resource
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, connections
from django.utils import timezone
from django_scopes import scopes_disabled
from lxml import etree
from tqdm import tqdm

from bench.figures import percentile
from bench.scratch import scratch_database
from cartable.accounts.commands import system_actor
from cartable.kernel.uai import check_letter
from cartable.organisations.commands import open_academy, open_departement, open_region, open_school
from cartable.organisations.models import School
from cartable.rosters.commands.files import apply_import, preview_file
from cartable.simulation.siecle_files import SchoolFiles, write_school_files

STUDENTS_PER_SCHOOL = 563  # 200,000 students in 355 lycées.
YEAR = 2026
TODAY = date(2026, 9, 13)
# In the order of their foreign keys.
TABLES = ("fleet_custodian", "fleet_affiliation", "rosters_student", "rosters_enrolment", "rosters_guardian")


def run(size: int = 20_000) -> dict[str, Any]:
    """Load the lists of ``size`` students; return the ratio to the limit, and students per second."""
    school_count = max(1, round(size / STUDENTS_PER_SCHOOL))
    with tempfile.TemporaryDirectory() as directory, scratch_database(), scopes_disabled():
        files = list(_written(Path(directory), school_count))
        first, steps = _timed(lambda: _load(files, "first load"))
        students = _count("rosters_student")
        reload_seconds, _reload_steps = _timed(lambda: _load(files, "reload"))
        parse_seconds, _none = _timed(lambda: _parse_only(files))
        copy_seconds = _copy_seconds()
    limit = parse_seconds + copy_seconds
    return {
        "name": "roster-first",
        "size": students,
        "figure": round(students / first, 1),
        "unit": "students/s",
        "limit": round(students / limit, 1),
        "ratio": round(first / limit, 2),
        "p95_ms": round(percentile(steps, 95) * 1000, 1),
        "p99_ms": round(percentile(steps, 99) * 1000, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "seconds": round(first, 1),
        "parse_seconds": round(parse_seconds, 1),
        "copy_seconds": round(copy_seconds, 1),
        "reload_ratio": round(reload_seconds / limit, 2),
    }


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = act()
    return time.perf_counter() - started, result


def _written(directory: Path, school_count: int) -> Iterator[SchoolFiles]:
    region = open_region(code="44", name="Région d’essai")
    academy = open_academy(region=region, code="12", name="Académie d’essai")
    departement = open_departement(region=region, academy=academy, code="57", name="Moselle")
    for number in tqdm(range(school_count), desc="writing files"):
        digits = f"{570_000 + number:07d}"
        uai = digits + check_letter(digits)
        open_school(region=region, departement=departement, uai=uai, name=f"Lycée {number}", town="Metz")
        folder = directory / uai
        folder.mkdir()
        yield write_school_files(
            folder, uai=uai, school_year=YEAR, student_count=STUDENTS_PER_SCHOOL, seed=number, today=TODAY
        )


def _load(files: list[SchoolFiles], what: str) -> list[float]:
    """Preview and apply every file; return the seconds of each lycée."""
    actor, steps = system_actor(), []
    schools = {school.uai: school for school in School.objects.select_related("region")}
    for one in tqdm(files, desc=what):
        started = time.perf_counter()
        for path in (one.students_path, one.guardians_path):
            roster_import = preview_file(
                path=path,
                first_year=YEAR,
                read_by_id=actor.pk,
                now=timezone.now(),
                today=TODAY,
                school=schools[one.truth.uai],
            )
            apply_import(roster_import=roster_import, applied_by_id=actor.pk, now=timezone.now(), today=TODAY)
        steps.append(time.perf_counter() - started)
    return steps


def _parse_only(files: list[SchoolFiles]) -> None:
    for one in files:
        for path in (one.students_path, one.guardians_path):
            with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as xml:
                for _event, element in etree.iterparse(xml, resolve_entities=False, no_network=True):
                    element.clear()


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _copy_seconds() -> float:
    """Take the loaded rows out, empty the tables, and time their COPY back in."""
    owner = connections["owner"]
    with owner.cursor() as cursor:
        columns = {table: _stored_columns(cursor, table) for table in TABLES}
        rows = {table: _copied_out(cursor, table, columns[table]) for table in TABLES}
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        started = time.perf_counter()
        for table in TABLES:
            with cursor.copy(f"COPY {table} ({columns[table]}) FROM STDIN") as copy:
                copy.write(rows[table].getvalue())
        return time.perf_counter() - started


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
