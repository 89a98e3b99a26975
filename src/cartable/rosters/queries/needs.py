"""Read what the year to come needs: per lycée, whom to equip, what is there, what is to be ordered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from cartable.organisations.models import School
from cartable.programme.models import CampaignRules, KeepPolicy
from cartable.programme.queries import eligibility_of_schools
from cartable.programme.rules import is_eligible
from cartable.rosters.rules.needs import Need, OnSite, expected_back, has_finished, need

# Students of the year's lists, counted by everything that decides: the rule itself stays in programme.rules.
_LISTED = """
SELECT enrolment.school_id, enrolment.level, enrolment.status, enrolment.division, count(*), count(*) - count(device.id)
FROM rosters_enrolment enrolment
JOIN rosters_student student ON student.id = enrolment.student_id
LEFT JOIN fleet_device device ON device.custodian_id = student.custodian_id AND device.custodian_kind = 'student'
WHERE enrolment.school_id = ANY(%(schools)s) AND enrolment.first_year = %(year)s AND enrolment.is_home
  AND (enrolment.ends_on IS NULL OR enrolment.ends_on > %(today)s)
GROUP BY 1, 2, 3, 4
"""
_ON_SITE = """
SELECT custodian.school_id, count(*) FILTER (WHERE custodian.kind = 'emergency_stock'),
    count(*) FILTER (WHERE custodian.kind = 'school_bench'), count(*) FILTER (WHERE custodian.kind = 'school_allotment')
FROM fleet_device device JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
WHERE custodian.school_id = ANY(%(schools)s) AND device.condition IN ('fit', 'being_reimaged')
  AND custodian.kind IN ('emergency_stock', 'school_bench', 'school_allotment')
GROUP BY 1
"""
# Who holds a PC and is enrolled no more: by a date of exit, or because this year's list does not name them.
# Nobody is missing from a list that is not there yet. A merged student's PC counts for the one that stays.
_HOLDERS = """
SELECT last.* FROM (
    SELECT DISTINCT ON (student.id) custodian.school_id, enrolment.level, enrolment.division,
        coalesce(enrolment.ends_on <= %(today)s, false) AS has_left, enrolment.first_year,
        trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN student.usage_name
                                               ELSE student.family_name END) AS name,
        student.folded_name, device.asset_tag
    FROM fleet_custodian custodian
    JOIN fleet_device device ON device.custodian_id = custodian.id AND device.custodian_kind = 'student'
    JOIN rosters_student student ON student.custodian_id = custodian.id AND student.merged_into_id IS NULL
    JOIN rosters_enrolment enrolment ON enrolment.student_id = student.id AND enrolment.first_year <= %(year)s
        AND enrolment.is_home
    WHERE custodian.school_id = ANY(%(schools)s)
    ORDER BY student.id, enrolment.first_year DESC, enrolment.starts_on DESC, enrolment.id DESC
) last
WHERE (last.has_left OR last.first_year < %(year)s) AND EXISTS (
    SELECT FROM rosters_enrolment listed WHERE listed.school_id = last.school_id AND listed.first_year = %(year)s)
"""
_LEAVERS = f"""
SELECT school_id, level, has_left, count(*) FROM ({_HOLDERS}) leaver GROUP BY 1, 2, 3
"""
_ABSENT = f"""
SELECT name, division, level, asset_tag FROM ({_HOLDERS}) leaver WHERE NOT has_left ORDER BY division, folded_name LIMIT 500
"""


@dataclass(frozen=True)
class SchoolNeed:
    """What one lycée needs; `absent` hold a PC and are in no list of the year, `expected_back` are the PCs of leavers."""

    uai: str
    name: str
    town: str
    student_count: int
    need: Need
    on_site: OnSite
    expected_back: int
    absent: int

    @property
    def has_list(self) -> bool:
        """Say whether the list of the year is there: without it nobody knows whom to equip."""
        return self.student_count > 0


@dataclass(frozen=True)
class Totals:
    """The sums of a region."""

    to_equip: int
    top_up: int
    reusable: int
    allotted: int
    to_order: int
    expected_back: int
    absent: int
    without_list: int


@dataclass(frozen=True)
class AbsentHolder:
    """Somebody of an earlier list who holds a PC and is in no list of the year: no departure, to be found out."""

    name: str
    division: str
    has_finished: bool
    asset_tag: str


def school_needs(rules: CampaignRules, *, today: date, uai: str = "") -> list[SchoolNeed]:
    """Return the needs of the open lycées in scope for the year of these rules, by name. As many queries for one as for all."""
    schools = School.objects.filter(closed_on__isnull=True).order_by("name", "uai")
    found = list(schools.filter(uai=uai) if uai else schools)
    school_ids = [school.pk for school in found]
    place = {"schools": school_ids, "year": rules.campaign.first_year, "today": today}
    eligible = eligibility_of_schools(rules=rules, school_ids=school_ids)
    students: dict[int, int] = {}
    to_equip: dict[int, int] = {}
    for school_id, level, status, division, count, without_pc in _rows(_LISTED, place):
        students[school_id] = students.get(school_id, 0) + count
        if is_eligible(level=level, status=status, division=division, rules=eligible[school_id]):
            to_equip[school_id] = to_equip.get(school_id, 0) + without_pc
    on_site = {school_id: OnSite(*counts) for school_id, *counts in _rows(_ON_SITE, place)}
    leavers: dict[int, dict[str, int]] = {}
    absent: dict[int, int] = {}
    for school_id, level, has_left, count in _rows(_LEAVERS, place):
        if has_left:
            leavers.setdefault(school_id, {})[level] = count
        else:
            absent[school_id] = absent.get(school_id, 0) + count
    keeps = rules.keep_policy == KeepPolicy.UNLESS_REFUSED
    return [
        SchoolNeed(
            school.uai,
            school.name,
            school.town,
            students.get(school.pk, 0),
            need(
                to_equip=to_equip.get(school.pk, 0),
                student_count=students.get(school.pk, 0),
                fup_rate=float(rules.fup_rate),
                on_site=on_site.get(school.pk, OnSite()),
            ),
            on_site.get(school.pk, OnSite()),
            expected_back(leavers.get(school.pk, {}), keeps_unless_refused=keeps),
            absent.get(school.pk, 0),
        )
        for school in found
    ]


def totals_of(needs: Sequence[SchoolNeed]) -> Totals:
    """Return the sums over lycées."""
    return Totals(
        to_equip=sum(one.need.to_equip for one in needs),
        top_up=sum(one.need.top_up for one in needs),
        reusable=sum(one.on_site.reusable for one in needs),
        allotted=sum(one.on_site.allotted for one in needs),
        to_order=sum(one.need.to_order for one in needs),
        expected_back=sum(one.expected_back for one in needs),
        absent=sum(one.absent for one in needs),
        without_list=sum(not one.has_list for one in needs),
    )


def absent_holders(*, school_id: int, first_year: int, today: date) -> list[AbsentHolder]:
    """Return who of earlier lists of a lycée holds a PC and is in no list of the year, by class and name; 500 at most."""
    place = {"schools": [school_id], "year": first_year, "today": today}
    return [
        AbsentHolder(name, division, has_finished(level), asset_tag)
        for name, division, level, asset_tag in _rows(_ABSENT, place)
    ]


def _rows(statement: str, parameters: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        yield from cursor.fetchall()
