"""Part two people whom a ruling had taken for one: each gets back what is theirs."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from cartable.fleet.commands import MovementOrder, affiliate_custodians, pass_custody
from cartable.fleet.models import Movement
from cartable.fleet.queries.stocks import held_device_ids
from cartable.fleet.rules import Reason
from cartable.rosters.commands.enrolment import NewStudent, enrol_students, next_ine_rank
from cartable.rosters.commands.imports import ImportRefused
from cartable.rosters.followers import tell_followers
from cartable.rosters.models import Enrolment, RosterDecision, RosterLine, Student, StudentSource
from cartable.rosters.rules.names import folded_names


class TooLateToPart(ImportRefused):
    """What the ruling replaced is wiped: enter the other person by hand, or wait for the next list."""

    code = "too_late_to_part"


@transaction.atomic
def part_students(*, decision: RosterDecision, parted_by_id: int, parted_at: datetime) -> int:
    """Give the listed person a record of their own, and the student the identity of before. Return the new student's id.

    The enrolment that the list brought goes with the new record; so does a PC handed out since the list was applied,
    for it is the listed person who stood there. Raises TooLateToPart, and the ledger's refusals.
    """
    if decision.replaced is None or decision.student is None:
        raise TooLateToPart
    student, before = decision.student, decision.replaced
    kept_ids = [row["id"] for row in before["enrolments"]]
    brought = Enrolment.objects.filter(
        student=student, school_id=decision.school_id, first_year=decision.first_year
    ).exclude(pk__in=kept_ids).first()  # fmt: skip
    new_id = _new_record(student, decision, brought, parted_at, parted_by_id)
    _restore(student, decision, parted_at, parted_by_id)
    _pass_the_pc(student, Student.objects.get(pk=new_id), decision, parted_at, parted_by_id)
    for school_id in {decision.school_id, before["school_id"]} - {None}:
        tell_followers(school_id)
    return new_id


def _new_record(
    student: Student, decision: RosterDecision, brought: Enrolment | None, parted_at: datetime, parted_by_id: int
) -> int:
    """Enter the listed person as the list wrote them; their enrolment moves from the other record."""
    listed = brought or Enrolment.objects.get(
        student=student, school_id=decision.school_id, first_year=decision.first_year
    )
    eleve_id = listed.eleve_id
    if brought is not None:
        brought.delete()
    else:  # Both were in this lycée: the number of the list is the listed person's.
        Enrolment.objects.filter(pk=listed.pk).update(eleve_id="")
    ine = _listed_ine(student, decision)
    (new_id,) = enrol_students(
        region_id=student.region_id,
        first_year=decision.first_year,
        students=[
            NewStudent(
                decision.school_id, student.family_name, student.given_name, student.usage_name, student.birth_on,
                ine, eleve_id, listed.division, listed.level, listed.mef, listed.status, listed.starts_on, listed.ends_on,
            )
        ],
        source=StudentSource.LIST,
        entered_at=parted_at,
        recorded_by_id=parted_by_id,
    )  # fmt: skip
    return new_id


def _listed_ine(student: Student, decision: RosterDecision) -> bytes | None:
    """Return the INE that the list gave the listed person: where it gave none, that of the student is not theirs."""
    assert decision.replaced is not None
    line = RosterLine.objects.filter(
        roster_import=decision.replaced["import"], student=student, matched_by="ruling"
    ).first()  # fmt: skip
    ine = line.ine_fingerprint if line is not None else student.ine_fingerprint
    return bytes(ine) if ine else None


def _restore(student: Student, decision: RosterDecision, parted_at: datetime, parted_by_id: int) -> None:
    before = decision.replaced
    assert before is not None
    names = before["family_name"], before["usage_name"], before["given_name"]
    folded = folded_names(*names)
    ine = bytes.fromhex(before["ine_fingerprint"]) if before["ine_fingerprint"] else None
    is_same = ine == (bytes(student.ine_fingerprint) if student.ine_fingerprint else None)
    Student.objects.filter(pk=student.pk).update(
        family_name=names[0],
        usage_name=names[1],
        given_name=names[2],
        folded_name=folded.search_name,
        match_key=folded.match_key,
        birth_on=date.fromisoformat(before["birth_on"]) if before["birth_on"] else None,
        ine_fingerprint=ine,
        ine_rank=student.ine_rank if is_same else next_ine_rank(ine, student.region_id),
    )
    for row in before["enrolments"]:
        ends_on = date.fromisoformat(row["ends_on"]) if row["ends_on"] else None
        Enrolment.objects.filter(pk=row["id"]).update(is_home=row["is_home"], ends_on=ends_on)
    if before["school_id"] is not None:
        affiliate_custodians(
            custodian_ids=[student.custodian_id], school_id=before["school_id"], starts_at=parted_at,
            recorded_by_id=parted_by_id,
        )  # fmt: skip


def _pass_the_pc(
    student: Student, new: Student, decision: RosterDecision, parted_at: datetime, parted_by_id: int
) -> None:
    device_id = held_device_ids([student.custodian_id]).get(student.custodian_id)
    if device_id is None or decision.applied_at is None:
        return
    last = Movement.objects.filter(device_id=device_id).order_by("-sequence").first()
    if last is None or last.recorded_at <= decision.applied_at:
        return
    movement_id = UUID(int=decision.pk.int ^ 1 << 64)
    evidence = f"parting:{decision.pk}"
    pass_custody(
        [
            MovementOrder(
                movement_id, device_id, student.custodian_id, new.custodian_id, Reason.IDENTITY, parted_at,
                parted_by_id, evidence,
            )
        ]
    )  # fmt: skip
