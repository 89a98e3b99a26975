"""Look up the students whom the lines of a takeover may name: all lines at once, and one line in doubt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q

from cartable.fleet.models import Device
from cartable.kernel.names import folded
from cartable.organisations.queries import standing_uais
from cartable.rosters.models import Enrolment, Student, TakeoverLine
from cartable.rosters.rules.takeover import KnownHolder
from cartable.rosters.rules.takeover_lines import TakenLine, name_forms

_HOLDERS = """
SELECT student.id, student.custodian_id, student.family_name, student.usage_name, student.given_name, student.birth_on,
    student.ine_fingerprint, coalesce(school.uai, ''),
    EXISTS (SELECT FROM fleet_device device WHERE device.custodian_id = student.custodian_id)
FROM rosters_student student
JOIN fleet_custodian custodian ON custodian.id = student.custodian_id
LEFT JOIN organisations_school school ON school.id = custodian.school_id
WHERE student.region_id = %(region)s AND student.merged_into_id IS NULL AND student.id = ANY(%(students)s)
"""
# A student who was merged into another is read through that other one.
_BY_INE = """
SELECT coalesce(student.merged_into_id, student.id)
FROM rosters_student student JOIN unnest(%(fingerprints)s::bytea[]) AS said(fingerprint)
    ON student.ine_fingerprint = said.fingerprint
WHERE student.region_id = %(region)s
"""
_BY_BIRTH = """
SELECT student.id
FROM (SELECT DISTINCT * FROM unnest(%(uais)s::text[], %(days)s::date[]) AS named(uai, birth_on)) said
JOIN organisations_school school ON school.uai = said.uai AND school.region_id = %(region)s
JOIN fleet_custodian custodian ON custodian.school_id = school.id AND custodian.kind = 'student'
JOIN rosters_student student ON student.custodian_id = custodian.id AND student.birth_on = said.birth_on
WHERE student.merged_into_id IS NULL
"""
CANDIDATES_SHOWN = 6


@dataclass(frozen=True)
class Holders:
    """Students by what a line may say of them."""

    by_ine: dict[bytes, list[KnownHolder]]
    by_birth: dict[tuple[str, date], list[KnownHolder]]


def known_holders(lines: Sequence[TakenLine], *, region_id: int) -> Holders:
    """Return the students who bear the INE of a line, or its birth date in the lycée that it names."""
    fingerprints = list({said.ine_fingerprint for said in lines if said.ine_fingerprint})
    named = [(said.uai, said.birth_on) for said in lines if said.uai and said.birth_on]
    bearers = {row[0] for row in _rows(_BY_INE, region=region_id, fingerprints=fingerprints)}
    uais, days = [uai for uai, _ in named], [day for _, day in named]
    born = {row[0] for row in _rows(_BY_BIRTH, region=region_id, uais=uais, days=days)}
    holders = Holders({}, {})
    for holder in holders_by_id(bearers | born, region_id=region_id):
        if holder.ine_fingerprint:
            holders.by_ine.setdefault(holder.ine_fingerprint, []).append(holder)
        if holder.birth_on:
            holders.by_birth.setdefault((holder.uai, holder.birth_on), []).append(holder)
    return holders


def holders_by_id(student_ids: Iterable[int], *, region_id: int) -> list[KnownHolder]:
    """Return students as holders, those that exist and stand for themselves."""
    return [_holder(row) for row in _rows(_HOLDERS, region=region_id, students=list(student_ids))]


@dataclass(frozen=True)
class Candidate:
    """A student who may hold the PC of a line: who, where, how old, and which PC stands in the books already."""

    label_code: str
    name: str
    division: str
    school: str
    birth_on: date | None
    asset_tag: str


def candidates_for(line: TakeoverLine) -> tuple[Candidate, ...]:
    """Return whom a queued line may mean: by INE, or of this name or birth date in its lycée; the likeliest first."""
    wanted = Q(pk__in=[])
    if line.ine_fingerprint:
        wanted |= Q(ine_fingerprint=bytes(line.ine_fingerprint))
    uai = standing_uais([line.uai], region_id=line.takeover.region_id).get(line.uai, line.uai)
    words = folded(f"{line.family_name} {line.given_name}").split()
    named = Q(pk__isnull=not words)
    for word in words:
        named &= Q(folded_name__contains=word)
    if words:
        wanted |= named if line.birth_on is None else named & Q(birth_on=line.birth_on)
        wanted |= named & Q(custodian__school__uai=uai)
        if line.birth_on:
            wanted |= Q(birth_on=line.birth_on, custodian__school__uai=uai, folded_name__contains=words[-1])
            wanted |= Q(birth_on=line.birth_on, custodian__school__uai=uai, folded_name__contains=words[0])
    chosen = Student.objects.filter(wanted, merged_into__isnull=True).select_related("custodian__school")
    found = list(chosen.order_by("folded_name", "pk")[: 4 * CANDIDATES_SHOWN])
    found.sort(key=lambda student: (student.birth_on != line.birth_on, _uai(student) != uai))
    return _as_candidates(found[:CANDIDATES_SHOWN])


def student_by_label(label_code: str) -> Student | None:
    """Return the student of a label, read through whoever it was merged into."""
    student = (
        Student.objects.filter(label_code="".join(label_code.split()).upper()).select_related("merged_into").first()
    )
    return student.merged_into or student if student else None


def _as_candidates(found: Sequence[Student]) -> tuple[Candidate, ...]:
    latest = Enrolment.objects.filter(student__in=found).order_by("first_year", "starts_on")
    divisions = dict(latest.values_list("student_id", "division"))
    held = Device.objects.filter(custodian__in=[student.custodian_id for student in found])
    tags = dict(held.values_list("custodian_id", "asset_tag"))
    return tuple(
        Candidate(
            student.label_code,
            student.display_name,
            divisions.get(student.pk, ""),
            str(student.custodian.school or ""),
            student.birth_on,
            tags.get(student.custodian_id, ""),
        )
        for student in found
    )


def _uai(student: Student) -> str:
    return student.custodian.school.uai if student.custodian.school else ""


def _holder(row: tuple[Any, ...]) -> KnownHolder:
    student_id, custodian_id, family, usage, given, birth_on, fingerprint, uai, holds = row
    names = name_forms((family, given), (usage, given))
    return KnownHolder(
        student_id, custodian_id, names, birth_on, bytes(fingerprint) if fingerprint else None, uai, holds
    )


def _rows(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
