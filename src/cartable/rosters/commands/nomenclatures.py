"""Classes of a lycée and levels of lines of study: what the lists of students refer to."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from cartable.organisations.models import School
from cartable.rosters.commands.imports import ImportNotOpen, keep_problems
from cartable.rosters.followers import tell_followers
from cartable.rosters.formats.records import ClassFile, LevelFile
from cartable.rosters.models import MefLevel, RosterImport, RosterKind, RosterState, SchoolClass

# The lines of a nomenclature are few and the same in every lycée: they wait on the import itself, as its counts do.
_ENTER_CLASSES = """
INSERT INTO rosters_schoolclass (school_id, first_year, code, label, planned_count)
SELECT %(school)s, %(year)s, listed.code, listed.label, listed.planned_count
FROM unnest(%(codes)s::text[], %(labels)s::text[], %(counts)s::int[]) AS listed(code, label, planned_count)
ON CONFLICT (school_id, first_year, code) DO UPDATE
SET label = excluded.label, planned_count = coalesce(excluded.planned_count, rosters_schoolclass.planned_count)
WHERE (rosters_schoolclass.label, rosters_schoolclass.planned_count)
    IS DISTINCT FROM (excluded.label, coalesce(excluded.planned_count, rosters_schoolclass.planned_count))
"""
_ENTER_LEVELS = """
INSERT INTO rosters_meflevel (region_id, mef, level, label)
SELECT %(region)s, listed.mef, listed.level, listed.label
FROM unnest(%(mefs)s::text[], %(levels)s::text[], %(labels)s::text[]) AS listed(mef, level, label)
ON CONFLICT (region_id, mef) DO UPDATE SET level = excluded.level, label = excluded.label
WHERE (rosters_meflevel.level, rosters_meflevel.label) IS DISTINCT FROM (excluded.level, excluded.label)
"""
# Students whose level nobody knew until now, in enrolments and in lists that wait.
_LEVEL_ENROLMENTS = """
UPDATE rosters_enrolment enrolment SET level = known.level
FROM rosters_meflevel known, organisations_school school
WHERE enrolment.level = '' AND known.mef = enrolment.mef AND school.id = enrolment.school_id
  AND known.region_id = school.region_id AND school.id = %(school)s AND enrolment.first_year = %(year)s
"""
_LEVEL_LINES = """
UPDATE rosters_rosterline line SET level = known.level
FROM rosters_meflevel known, rosters_rosterimport import
WHERE import.school_id = %(school)s AND import.state = 'previewed' AND line.roster_import_id = import.id
  AND line.level = '' AND known.mef = line.mef AND known.region_id = %(region)s
"""


def levels_of_region(region_id: int) -> dict[str, str]:
    """Return MEF → level (MEFSTAT4) as the nomenclatures of the region's lycées told."""
    return dict(MefLevel.objects.filter(region_id=region_id).values_list("mef", "level"))


def preview_classes(
    *, school: School, first_year: int, listed: ClassFile, sha256: bytes, now: datetime, read_by_id: int
) -> RosterImport:
    """Keep the classes of a lycée as they were listed, and count what is new. Nothing changes yet."""
    known = set(SchoolClass.objects.filter(school=school, first_year=first_year).values_list("code", flat=True))
    waiting = [[one.code, one.label, one.planned_count] for one in listed.classes]
    counts = {"classes": len(waiting), "new_classes": sum(one.code not in known for one in listed.classes)}
    return _keep(RosterKind.CLASSES, school, first_year, listed, sha256, now, read_by_id, counts, waiting)


def preview_levels(
    *, school: School, first_year: int, listed: LevelFile, sha256: bytes, now: datetime, read_by_id: int
) -> RosterImport:
    """Keep the levels of lines of study as they were listed, and count what is new. Nothing changes yet."""
    known = levels_of_region(school.region_id)
    waiting = [[one.mef, one.level, one.label] for one in listed.levels if one.level]
    counts = {"levels": len(waiting), "new_levels": sum(known.get(str(mef)) != level for mef, level, _label in waiting)}
    return _keep(RosterKind.LEVELS, school, first_year, listed, sha256, now, read_by_id, counts, waiting)


@transaction.atomic
def _keep(
    kind: RosterKind,
    school: School,
    first_year: int,
    listed: ClassFile | LevelFile,
    sha256: bytes,
    now: datetime,
    read_by_id: int,
    counts: dict[str, int],
    waiting: list[list[Any]],
) -> RosterImport:
    roster_import = RosterImport.objects.create(
        id=uuid4(), school=school, first_year=first_year, kind=kind, sha256=sha256,
        exported_at=listed.header.exported_at, read_at=now, read_by_id=read_by_id, state=RosterState.PREVIEWED,
        counts=counts, waiting=waiting,
    )  # fmt: skip
    keep_problems(roster_import.pk, listed.problems)
    return roster_import


@transaction.atomic
def apply_classes(*, roster_import: RosterImport, applied_by_id: int, now: datetime) -> RosterImport:
    """Enter the classes of a lycée; those that the list does not name stay. Raises ImportNotOpen."""
    roster_import = _open(roster_import)
    codes, labels, counts = _columns(roster_import)
    _write(_ENTER_CLASSES, roster_import, codes=codes, labels=labels, counts=counts)
    return _close(roster_import, applied_by_id, now)


@transaction.atomic
def apply_levels(*, roster_import: RosterImport, applied_by_id: int, now: datetime) -> RosterImport:
    """Enter the levels of lines of study, and give them to the students who had none. Raises ImportNotOpen."""
    roster_import = _open(roster_import)
    mefs, levels, labels = _columns(roster_import)
    _write(_ENTER_LEVELS, roster_import, mefs=mefs, levels=levels, labels=labels)
    for statement in (_LEVEL_ENROLMENTS, _LEVEL_LINES):
        _write(statement, roster_import)
    tell_followers(roster_import.school_id)
    return _close(roster_import, applied_by_id, now)


def _open(roster_import: RosterImport) -> RosterImport:
    School.objects.select_for_update(no_key=True).get(pk=roster_import.school_id)
    roster_import = (
        RosterImport.objects.select_for_update(of=("self",)).select_related("school").get(pk=roster_import.pk)
    )
    if roster_import.state != RosterState.PREVIEWED:
        raise ImportNotOpen
    return roster_import


def _columns(roster_import: RosterImport) -> list[list[Any]]:
    columns = zip(*(roster_import.waiting or ()), strict=True)
    return [list(column) for column in columns] or [[], [], []]


def _write(statement: str, roster_import: RosterImport, **more: Any) -> None:
    parameters = {
        "school": roster_import.school_id, "region": roster_import.school.region_id, "year": roster_import.first_year,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters | more)


def _close(roster_import: RosterImport, applied_by_id: int, now: datetime) -> RosterImport:
    roster_import.state, roster_import.applied_at, roster_import.applied_by_id = RosterState.APPLIED, now, applied_by_id
    roster_import.waiting = None
    roster_import.save(update_fields=["state", "applied_at", "applied_by", "waiting"])
    return roster_import
