"""Read schools, and compare a directory with them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from cartable.kernel.spreadsheets import read_table
from cartable.kernel.uai import has_uai_shape, normalised_uai
from cartable.organisations.models import Academy, Departement, DirectoryImport, FormerUai, Region, School
from cartable.organisations.occupied import occupied
from cartable.organisations.rules import (
    Difference,
    KnownSchool,
    Reading,
    difference,
    read_directory,
    reading_from_values,
)


@dataclass(frozen=True)
class SchoolRow:
    """A school as lists show it."""

    school_id: int
    uai: str
    name: str
    town: str
    departement: str
    sector: str
    ministry: str
    is_public: bool
    is_closed: bool


@dataclass(frozen=True)
class SchoolPage:
    """One page of the list: the rows, the whole count, and the UAI from which the neighbours start."""

    rows: tuple[SchoolRow, ...]
    count: int
    previous_before: str | None
    next_after: str | None


@dataclass(frozen=True)
class SchoolFilter:
    """What the list of schools is narrowed to; empty texts narrow nothing."""

    text: str = ""
    departement: str = ""
    sector: str = ""
    # None: all of them.
    school_ids: tuple[int, ...] | None = None


def list_schools(wanted: SchoolFilter, *, after: str = "", before: str = "", limit: int = 50) -> SchoolPage:
    """Return one page of the schools in scope, in the order of their UAI."""
    chosen = _matching(wanted)
    count = chosen.count()
    if before:
        found = list(chosen.filter(uai__lt=before).order_by("-uai")[: limit + 1])
        has_more, found = len(found) > limit, found[:limit][::-1]
        return _page(found, count, has_previous=has_more, has_next=True)
    found = list(chosen.filter(uai__gt=after).order_by("uai")[: limit + 1])
    return _page(found[:limit], count, has_previous=bool(after), has_next=len(found) > limit)


def find_schools(text: str, *, limit: int = 20) -> tuple[SchoolRow, ...]:
    """Return the schools in scope whose UAI, name or town answers to the text."""
    if not text.strip():
        return ()
    return tuple(map(_row, _matching(SchoolFilter(text=text)).order_by("uai")[:limit]))


def school_row(school: School) -> SchoolRow:
    """Return a school as pages show it; the departement must be loaded with it."""
    return _row(school)


def departements() -> tuple[tuple[str, str], ...]:
    """Return code and name of the departements in scope."""
    return tuple(Departement.objects.order_by("code").values_list("code", "name"))


def read_directory_of(region: Region, content: bytes) -> Reading:
    """Read a directory file for one region. Raises kernel.tables.UnreadableTable."""
    codes = Departement.objects.filter(region=region).values_list("code", flat=True)
    return read_directory(read_table(content), region_code=region.code, departement_codes=codes)


def directory_difference(region: Region, reading: Reading) -> Difference:
    """Compare a reading with the books, as they are now."""
    schools = list(School.objects.filter(region=region).select_related("departement"))
    said_closed = {line.uai for line in reading.lines if line.is_closed}
    full = occupied([one.pk for one in schools if one.uai in said_closed and one.closed_on is None])
    former: dict[int, list[str]] = {}
    for school_id, uai in FormerUai.objects.filter(school__region=region).values_list("school_id", "uai"):
        former.setdefault(school_id, []).append(uai)
    known = {
        school.uai: KnownSchool(
            school.uai, school.name, school.town, school.postal_code, school.sector, school.ministry,
            school.departement.code, school.closed_on is not None, school.pk in full,
            school.successor_id is not None, tuple(former.get(school.pk, ())),
        )
        for school in schools
    }  # fmt: skip
    return difference(
        reading,
        known=known,
        departements=Departement.objects.filter(region=region).values_list("code", flat=True),
        academies=Academy.objects.filter(region=region).values_list("code", flat=True),
    )


def reading_of(directory: DirectoryImport) -> Reading:
    """Return what a directory that was sent says."""
    return reading_from_values(directory.reading)


@dataclass(frozen=True)
class DirectoryRow:
    """A directory that was sent."""

    pk: int
    file_name: str
    sent_at: datetime
    applied_at: datetime | None
    new_count: int | None
    changed_count: int | None


def latest_directories(*, limit: int = 5) -> tuple[DirectoryRow, ...]:
    """Return the directories sent last, the latest first."""
    rows = DirectoryImport.objects.order_by("-sent_at").values_list(
        "pk", "file_name", "sent_at", "applied_at", "new_count", "changed_count"
    )
    return tuple(DirectoryRow(*row) for row in rows[:limit])


def _matching(wanted: SchoolFilter):  # type: ignore[no-untyped-def]  # A scoped manager's QuerySet[School].
    chosen = School.objects.select_related("departement")
    if wanted.departement:
        chosen = chosen.filter(departement__code=wanted.departement)
    if wanted.sector:
        chosen = chosen.filter(sector=wanted.sector)
    if wanted.school_ids is not None:
        chosen = chosen.filter(pk__in=wanted.school_ids)
    for word in wanted.text.split():
        chosen = chosen.filter(
            Q(uai__startswith=normalised_uai(word))
            | Q(name__icontains=word)
            | Q(town__icontains=word)
            # By their ids: a join would give a lycée of two former numbers twice.
            | Q(pk__in=FormerUai.objects.filter(uai__startswith=normalised_uai(word)).values("school_id"))
        )
    return chosen


def _row(school: School) -> SchoolRow:
    return SchoolRow(
        school_id=school.pk,
        uai=school.uai,
        name=school.name,
        town=school.town,
        departement=f"{school.departement.name} ({school.departement.code})",
        sector=school.get_sector_display(),
        ministry=school.get_ministry_display(),
        is_public=school.sector == "public",
        is_closed=school.closed_on is not None,
    )


def _page(found: Sequence[School], count: int, *, has_previous: bool, has_next: bool) -> SchoolPage:
    return SchoolPage(
        rows=tuple(map(_row, found)),
        count=count,
        previous_before=found[0].uai if has_previous and found else None,
        next_after=found[-1].uai if has_next and found else None,
    )


def region_named(code: str) -> Region:
    """Return the region of this code; without code, the only one. Raises Region.DoesNotExist."""
    regions = list(Region.objects.filter(code=code) if code else Region.objects.all()[:2])
    if len(regions) != 1:
        raise Region.DoesNotExist
    return regions[0]


def school_choices() -> list[tuple[str, str]]:
    """Return UAI and name of the schools in scope, by town and name."""
    schools = School.objects.order_by("town", "name").values_list("uai", "town", "name")
    return [(uai, f"{town} · {name}") for uai, town, name in schools]


def open_school_choices() -> list[tuple[str, str]]:
    """Return UAI and name of the schools in scope that are not closed, by town and name."""
    schools = School.objects.filter(closed_on__isnull=True).order_by("town", "name").values_list("uai", "town", "name")
    return [(uai, f"{town} · {name}") for uai, town, name in schools]


def schools_of(school_ids: Sequence[int]) -> tuple[SchoolRow, ...]:
    """Return these schools, by name."""
    return tuple(map(_row, School.objects.filter(pk__in=school_ids).select_related("departement").order_by("name")))


def school_for_uai(uai: str) -> School | None:
    """Return the school in scope that bears this UAI, or bore it before; None for an unknown one, and for what is none."""
    return schools_for_uais([uai]).get(uai) if has_uai_shape(uai) else None


def schools_for_uais(uais: Iterable[str]) -> dict[str, School]:
    """Return UAI → the school in scope that bears it, or bore it before; at most two statements for any number."""
    wanted = set(uais)
    found = {school.uai: school for school in School.objects.filter(uai__in=wanted)}
    if left := wanted - found.keys():
        former = FormerUai.objects.filter(uai__in=left).select_related("school")
        found |= {one.uai: one.school for one in former}
    return found


def standing_uais(uais: Iterable[str], *, region_id: int) -> dict[str, str]:
    """Return UAI → the number under which its students are known today, for those that say another one.

    A lycée that has changed its number is known by the new one; the students of one that has closed are with its successor.
    Of the whole region, whoever asks: the list of one lycée names the previous ones of its students.
    """
    wanted = [uai for uai in set(uais) if uai]
    if not wanted:
        return {}
    closed = School._base_manager.filter(region_id=region_id, uai__in=wanted, successor__isnull=False)
    moved = dict(closed.values_list("uai", "successor__uai"))
    former = FormerUai._base_manager.filter(school__region_id=region_id, uai__in=wanted)
    for uai, current, successor in former.values_list("uai", "school__uai", "school__successor__uai"):
        moved[uai] = successor or current
    return moved


@dataclass(frozen=True)
class SchoolPast:
    """What a lycée was: its former numbers with the day each ended, and where its students went when it closed."""

    former_uais: tuple[tuple[str, date], ...]
    closed_on: date | None
    successor: str


def past_of(school: School) -> SchoolPast:
    """Return the former numbers of a school in scope, and its successor by name, whoever may see that one."""
    former = FormerUai.objects.filter(school=school).order_by("-ended_on", "-pk").values_list("uai", "ended_on")
    successor = School._base_manager.filter(pk=school.successor_id).first() if school.successor_id else None
    return SchoolPast(tuple(former), school.closed_on, str(successor or ""))
