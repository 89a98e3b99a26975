"""Read whom one may write to about a student, and in the words of which campaign."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection

from cartable.kernel.majority import is_adult
from cartable.kernel.school_year import SchoolYear
from cartable.notices.rules import Channel

# The campaign is that of the charter signed last, else the latest that has begun, as `charters.rules_of_student` says.
# Guardians are those of the student's own record: what is said to one child's parents says nothing of another's.
# Whoever has no mail address and accepts SMS is written to there.
_FAMILIES = """
SELECT custodian.id, student.region_id, school.id, school.name,
    trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN student.usage_name
                                           ELSE student.family_name END),
    CASE WHEN guardian.email <> '' THEN guardian.email ELSE guardian.phone END,
    CASE WHEN guardian.email <> '' THEN 'mail' ELSE 'sms' END, coalesce(signed.campaign_id, begun.id), student.birth_on
FROM fleet_custodian custodian
JOIN organisations_school school ON school.id = custodian.school_id
JOIN rosters_student student ON student.custodian_id = custodian.id
JOIN rosters_guardian guardian ON guardian.student_id = student.id AND guardian.is_legal
    AND (guardian.email <> '' OR (guardian.accepts_sms AND guardian.phone <> ''))
LEFT JOIN LATERAL (
    SELECT campaign.id AS campaign_id FROM distribution_charterproof proof
    JOIN programme_campaignrules rules ON rules.id = proof.rules_id
    JOIN programme_campaign campaign ON campaign.id = rules.campaign_id
    WHERE proof.student_id = student.id AND proof.withdrawn_at IS NULL
    ORDER BY campaign.first_year DESC, proof.received_at DESC LIMIT 1
) signed ON true
LEFT JOIN LATERAL (
    SELECT campaign.id FROM programme_campaign campaign
    WHERE campaign.region_id = student.region_id AND campaign.first_year <= %(year)s
    ORDER BY campaign.first_year DESC LIMIT 1
) begun ON true
WHERE custodian.id = ANY(%(custodians)s) AND coalesce(signed.campaign_id, begun.id) IS NOT NULL
ORDER BY custodian.id, guardian.id
"""


class FamilyAddress(NamedTuple):
    """One address of a family, with what a notice says of the student."""

    region_id: int
    school_id: int
    school_name: str
    student_name: str
    address: str
    channel: Channel
    campaign_id: int


def families_of(custodian_ids: Sequence[int], *, today: date) -> dict[int, list[FamilyAddress]]:
    """Return the addresses of the legal guardians behind accounts of students; one statement for one and for thousands.

    Who has come of age by ``today`` answers alone: the parents are told nothing more, and lists hold no other address.
    """
    found: dict[int, list[FamilyAddress]] = {}
    with connection.cursor() as cursor:
        year = SchoolYear.containing(today).first_year
        cursor.execute(_FAMILIES, {"custodians": list(custodian_ids), "year": year})
        for custodian_id, *family, channel, campaign_id, birth_on in cursor.fetchall():
            if birth_on is None or not is_adult(birth_on, today):
                address = FamilyAddress._make([*family, Channel(channel), campaign_id])
                found.setdefault(custodian_id, []).append(address)
    return found
