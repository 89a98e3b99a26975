"""From the bytes that somebody sent to previewed imports; one road for pages, terminal and folder."""

import hashlib
import io
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from cartable.organisations.models import FormerUai, School
from cartable.organisations.queries import school_for_uai, standing_uais
from cartable.rosters.commands.guardians import apply_guardians, preview_guardians
from cartable.rosters.commands.imports import SchoolHasClosed, apply_students, preview_students
from cartable.rosters.commands.nomenclatures import (
    apply_classes,
    apply_levels,
    levels_of_region,
    preview_classes,
    preview_levels,
)
from cartable.rosters.formats.levels import with_levels
from cartable.rosters.formats.recognition import claimed, read_list
from cartable.rosters.formats.records import ClassFile, GuardianFile, ListPart, StudentFile
from cartable.rosters.formats.refusals import TableNeedsMapping
from cartable.rosters.models import RosterImport, RosterKind
from cartable.rosters.queries.tables import remembered_columns
from cartable.rosters.rules.roll_over import accepted_year


class SchoolUnknown(Exception):
    """The file is of a lycée that is not in the directory, or not in the scope of whoever reads it."""

    code = "school_unknown"

    def __init__(self, uai: str) -> None:
        super().__init__(uai)
        self.uai = uai


class SchoolNotNamed(SchoolUnknown):
    """The file does not say of which lycée it is: it is sent on the page of that lycée."""

    code = "school_not_named"


class SchoolClosed(SchoolUnknown):
    """The lycée of the file has closed: its students are listed by its successor."""

    code = "school_closed"


@dataclass(frozen=True)
class _Reading:
    """What is the same for every list of a file."""

    sha256: bytes
    first_year: int
    read_by_id: int
    now: datetime
    today: date


class _NamedContent(io.BytesIO):
    """Bytes with the name under which they were sent."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


@transaction.atomic
def preview_content(
    *,
    content: bytes,
    first_year: int,
    read_by_id: int,
    now: datetime,
    today: date,
    school: School | None = None,
    name: str = "",
) -> list[RosterImport]:
    """Read a file of any format and preview each list that it holds; its own UAI names the lycée where none is given.

    `name` is how it was sent: whether an AAF delivery is whole stands nowhere else.
    The columns of a table are those remembered for the lycée, or those that its header names without doubt. Raises
    `recognition.FileRefused` (with code, line and sentence; TableNeedsMapping where a human must say which column is what,
    or whose table it is), SchoolUnknown, SchoolNotNamed or SchoolClosed; nothing is kept then.
    """
    reading = _Reading(hashlib.sha256(content).digest(), first_year, read_by_id, now, today)
    columns = remembered_columns(school.pk if school else None)
    return [_preview(part, school, reading) for part in read_list(_NamedContent(content, name), columns=columns)]


def _preview(part: ListPart, school: School | None, reading: _Reading) -> RosterImport:
    school = school or _school_of(part)
    if school.closed_on is not None:
        raise SchoolClosed(school.uai)
    year = accepted_year(part.header.school_year, current=reading.first_year, today=reading.today)
    part = claimed(_by_standing_numbers(part, school), uai=school.uai, school_year=year)
    common = {"school": school, "sha256": reading.sha256, "now": reading.now, "read_by_id": reading.read_by_id}
    if isinstance(part, StudentFile):
        listed = with_levels(part, levels) if (levels := levels_of_region(school.region_id)) else part
        return preview_students(listed=listed, first_year=year, today=reading.today, **common)  # type: ignore[arg-type]
    if isinstance(part, GuardianFile):
        return preview_guardians(listed=part, first_year=year, **common)  # type: ignore[arg-type]
    if isinstance(part, ClassFile):
        return preview_classes(listed=part, first_year=year, **common)  # type: ignore[arg-type]
    return preview_levels(listed=part, first_year=year, **common)  # type: ignore[arg-type]


def _by_standing_numbers(part: ListPart, school: School) -> ListPart:
    """Return a list whose lycées are called as they are today: software goes on writing a former number for months."""
    if part.header.uai != school.uai and FormerUai.objects.filter(school=school, uai=part.header.uai).exists():
        part = replace(part, header=replace(part.header, uai=school.uai))
    if not isinstance(part, StudentFile):
        return part
    said = {student.previous_uai for student in (*part.students, *part.queued) if student.previous_uai}
    moved = standing_uais(said, region_id=school.region_id)
    if not moved:
        return part
    students, queued = (
        tuple(replace(one, previous_uai=moved.get(one.previous_uai or "", one.previous_uai)) for one in ones)
        for ones in (part.students, part.queued)
    )
    return replace(part, students=students, queued=queued)


def _school_of(part: ListPart) -> School:
    uai = part.header.uai
    if part.header.kind == "TABLE":
        raise TableNeedsMapping
    if not uai:
        raise SchoolNotNamed(uai)
    school = school_for_uai(uai)
    if school is None:
        raise SchoolUnknown(uai)
    return school


def apply_import(*, roster_import: RosterImport, applied_by_id: int, now: datetime, today: date) -> RosterImport:
    """Apply a previewed import of any kind. Raises ImportNotOpen, SecondPersonNeeded, ListsContradict, SchoolHasClosed."""
    if School.objects.filter(pk=roster_import.school_id, closed_on__isnull=False).exists():
        raise SchoolHasClosed
    if roster_import.kind == RosterKind.STUDENTS:
        return apply_students(roster_import=roster_import, applied_by_id=applied_by_id, now=now, today=today)
    apply = {
        RosterKind.GUARDIANS: apply_guardians,
        RosterKind.CLASSES: apply_classes,
        RosterKind.LEVELS: apply_levels,
    }[RosterKind(roster_import.kind)]
    return apply(roster_import=roster_import, applied_by_id=applied_by_id, now=now)
