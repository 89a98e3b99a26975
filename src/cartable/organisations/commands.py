"""Enter organisations in the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone

from cartable.kernel.uai import is_valid_uai, normalised_uai
from cartable.organisations.models import (
    Academy,
    Contractor,
    Departement,
    DirectoryImport,
    FormerUai,
    Ministry,
    Region,
    School,
    Sector,
)
from cartable.organisations.queries import directory_difference, read_directory_of, reading_of
from cartable.organisations.rules import Difference, DirectoryLine, reading_as_values


def open_region(*, code: str, name: str) -> Region:
    """Create a region."""
    return Region.objects.create(code=code, name=name)


def open_academy(*, region: Region, code: str, name: str) -> Academy:
    """Create an academy of a region."""
    return Academy.objects.create(region=region, code=code, name=name)


def open_departement(*, region: Region, academy: Academy, code: str, name: str) -> Departement:
    """Create a departement of an academy."""
    return Departement.objects.create(region=region, academy=academy, code=code, name=name)


def open_school(
    *,
    region: Region,
    departement: Departement,
    uai: str,
    name: str,
    town: str,
    postal_code: str = "",
    sector: Sector = Sector.PUBLIC,
    ministry: Ministry = Ministry.EDUCATION,
) -> School:
    """Create a school; the database refuses a UAI whose check letter is wrong."""
    return School.objects.create(
        region=region, departement=departement, uai=uai, name=name, town=town, postal_code=postal_code,
        sector=sector, ministry=ministry,
    )  # fmt: skip


def hire_contractor(*, region: Region, name: str, trades: Sequence[str]) -> Contractor:
    """Create a contractor with its trades."""
    return Contractor.objects.create(region=region, name=name, trades=list(trades))


class SchoolRefused(Exception):
    """A lycée stays as it is; ``code`` is stable, and says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def change_uai(*, school_id: int, uai: str, changed_on: date) -> FormerUai | None:
    """Give a lycée another number; the one that it bore is remembered and still names it. Return that one.

    None where it bears the number already. Back to a number that it bore before is a change as any other. Raises
    SchoolRefused: uai_wrong, uai_taken (another lycée bears it, or bore it), school_closed.
    """
    wanted = normalised_uai(uai)
    if not is_valid_uai(wanted):
        raise SchoolRefused("uai_wrong")
    try:
        with transaction.atomic():
            school = School.objects.select_for_update(no_key=True, of=("self",)).get(pk=school_id)
            if school.uai == wanted:
                return None
            if school.closed_on is not None:
                raise SchoolRefused("school_closed")
            before, school.uai = school.uai, wanted
            FormerUai.objects.filter(school=school, uai=wanted).delete()
            school.save(update_fields=["uai"])
            return FormerUai.objects.create(school=school, uai=before, ended_on=changed_on)
    except IntegrityError as error:
        raise SchoolRefused("uai_taken") from error


def close_school(*, school_id: int, closed_on: date, successor_id: int | None) -> None:
    """Say that a lycée has closed, and which one has its students; whose successor it was now leads there as well.

    Whoever calls has carried students and PCs over: the database lets nothing in afterwards.
    """
    School.objects.filter(pk=school_id).update(closed_on=closed_on, successor_id=successor_id)
    School.objects.filter(successor_id=school_id).update(successor_id=successor_id)


class DirectoryRefusal(Exception):
    """A directory was not applied; ``code`` is stable."""

    code = "refused"


class SchoolsHaveChanged(DirectoryRefusal):
    """The books moved since the difference was looked at: it must be looked at again."""

    code = "schools_have_changed"


class NothingToApply(DirectoryRefusal):
    """The directory says what the books say already."""

    code = "nothing_to_apply"


@dataclass(frozen=True)
class AppliedDirectory:
    """What applying a directory changed; the same answer when it is asked again."""

    new_count: int
    changed_count: int
    already_applied: bool


def keep_directory(*, region: Region, file_name: str, content: bytes, sent_at: datetime) -> DirectoryImport:
    """Keep what a directory file says about the region; nothing else is written.

    Raises kernel.tables.UnreadableTable.
    """
    return DirectoryImport.objects.create(
        region=region,
        file_name=file_name[-150:],
        file_sha256=sha256(content).hexdigest(),
        sent_at=sent_at,
        reading=reading_as_values(read_directory_of(region, content)),
    )


@transaction.atomic
def apply_directory(*, directory_id: int, fingerprint: str, applied_at: datetime) -> AppliedDirectory:
    """Write the difference that was looked at, named by its ``fingerprint``; all or nothing.

    Raises SchoolsHaveChanged where the difference is another one by now, NothingToApply where there is none.
    """
    directory = DirectoryImport.objects.select_for_update().get(pk=directory_id)
    if directory.applied_at is not None:
        return AppliedDirectory(directory.new_count or 0, directory.changed_count or 0, True)
    # One directory at a time: two differences computed side by side would each be right, and both wrong together.
    region = Region.objects.select_for_update().get(pk=directory.region_id)
    found = directory_difference(region, reading_of(directory))
    if found.fingerprint != fingerprint:
        raise SchoolsHaveChanged
    if found.is_empty:
        raise NothingToApply
    _write(region, found, on=timezone.localdate(applied_at))
    directory.applied_at = applied_at
    directory.new_count, directory.changed_count = len(found.new), len(found.changed)
    directory.save(update_fields=["applied_at", "new_count", "changed_count"])
    return AppliedDirectory(len(found.new), len(found.changed), False)


def _write(region: Region, found: Difference, *, on: date) -> None:
    for code, name in found.new_academies:
        open_academy(region=region, code=code, name=name)
    academies = {academy.code: academy for academy in Academy.objects.filter(region=region)}
    for code, name, academy_code in found.new_departements:
        open_departement(region=region, academy=academies[academy_code], code=code, name=name)
    departements = {place.code: place for place in Departement.objects.filter(region=region)}
    School.objects.bulk_create(_new_school(region, departements, line) for line in found.new)
    schools = {
        school.uai: school for school in School.objects.filter(uai__in=[changed.uai for changed in found.changed])
    }
    for changed in found.changed:
        for change in changed.changes:
            _change(schools[changed.uai], change.field, change.after, departements=departements, on=on)
    School.objects.bulk_update(
        schools.values(), ["name", "town", "postal_code", "sector", "ministry", "departement", "closed_on"]
    )


def _new_school(region: Region, departements: dict[str, Departement], line: DirectoryLine) -> School:
    return School(
        region=region,
        departement=departements[line.departement or ""],
        uai=line.uai,
        name=line.name or "",
        town=line.town or "",
        postal_code=line.postal_code or "",
        sector=line.sector or "",
        ministry=line.ministry or Ministry.EDUCATION,
    )


def _change(school: School, field: str, value: str, *, departements: dict[str, Departement], on: date) -> None:
    if field == "departement":
        school.departement = departements[value]
    elif field == "is_closed":
        school.closed_on = on if value == "closed" else None
    else:
        setattr(school, field, value)
