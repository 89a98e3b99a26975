"""From the bytes that somebody sent to previewed imports; one road for pages, terminal and folder."""

import hashlib
from datetime import date, datetime

from django.db import transaction

from cartable.organisations.models import School
from cartable.rosters.commands.guardians import apply_guardians, preview_guardians
from cartable.rosters.commands.imports import apply_students, preview_students
from cartable.rosters.formats.siecle import GuardianFile, StudentFile, check_expected, read_siecle
from cartable.rosters.models import RosterImport, RosterKind


class SchoolUnknown(Exception):
    """The file is of a lycée that is not in the directory, or not in the scope of whoever reads it."""

    code = "school_unknown"

    def __init__(self, uai: str) -> None:
        super().__init__(uai)
        self.uai = uai


@transaction.atomic
def preview_content(
    *, content: bytes, first_year: int, read_by_id: int, now: datetime, today: date, school: School | None = None
) -> list[RosterImport]:
    """Read a file and preview each list that it holds; its own UAI names the lycée where none is given.

    Raises `siecle.FileRefused` (with code, line and sentence) or SchoolUnknown; nothing is kept then.
    """
    sha256 = hashlib.sha256(content).digest()
    return [_preview(listed, first_year, read_by_id, now, today, school, sha256) for listed in (read_siecle(content),)]


def _preview(
    listed: StudentFile | GuardianFile,
    first_year: int,
    read_by_id: int,
    now: datetime,
    today: date,
    school: School | None,
    sha256: bytes,
) -> RosterImport:
    header = listed.header
    check_expected(header, uai=school.uai if school else header.uai, school_year=first_year, kind=header.kind)
    school = school or School.objects.filter(uai=header.uai).first()
    if school is None:
        raise SchoolUnknown(header.uai)
    if isinstance(listed, StudentFile):
        return preview_students(
            school=school, first_year=first_year, listed=listed, sha256=sha256, now=now, read_by_id=read_by_id,
            today=today,
        )  # fmt: skip
    return preview_guardians(
        school=school, first_year=first_year, listed=listed, sha256=sha256, now=now, read_by_id=read_by_id
    )


def apply_import(*, roster_import: RosterImport, applied_by_id: int, now: datetime, today: date) -> RosterImport:
    """Apply a previewed import of either kind. Raises ImportNotOpen, SecondPersonNeeded."""
    if roster_import.kind == RosterKind.STUDENTS:
        return apply_students(roster_import=roster_import, applied_by_id=applied_by_id, now=now, today=today)
    return apply_guardians(roster_import=roster_import, applied_by_id=applied_by_id, now=now)
