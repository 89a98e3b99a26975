"""Allot PCs of the depot to a school, for its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from cartable.fleet.commands import CustodyHasMoved, MovementOrder, open_school_accounts, pass_custody
from cartable.fleet.queries.stocks import depot_account
from cartable.fleet.rules import CustodianKind, Reason
from cartable.organisations.models import School
from cartable.supply.models import Allotment
from cartable.supply.queries.depot import chosen_devices
from cartable.supply.rules import Choice


class AllotmentRefusal(Exception):
    """Nothing was allotted; ``code`` is stable."""

    code = "refused"


class NotEnoughDevices(AllotmentRefusal):
    """The depot holds fewer PCs fit to go than were asked for."""

    code = "not_enough_devices"


class NothingChosen(AllotmentRefusal):
    """The choice means no PC of the depot."""

    code = "nothing_chosen"


class DepotHasChanged(AllotmentRefusal):
    """The choice no longer means the PCs that were looked at."""

    code = "depot_has_changed"


class SchoolIsClosed(AllotmentRefusal):
    """The school is closed."""

    code = "school_is_closed"


class AllotmentIdReused(AllotmentRefusal):
    """The id names another allotment already."""

    code = "id_reused"


@dataclass(frozen=True)
class Allotted:
    """What an allotment moved; the same answer when it is asked again."""

    allotment_id: UUID
    device_count: int
    already_recorded: bool


@transaction.atomic
def allot_devices(
    *,
    allotment_id: UUID,
    region_id: int,
    school_id: int,
    choice: Choice,
    acting_actor_id: int,
    happened_at: datetime,
    expected_count: int | None = None,
) -> Allotted:
    """Pass custody of PCs from the depot to the school's allotment, all or nothing, in one statement.

    ``expected_count`` is what the person saw: another count is refused. Raises NothingChosen, NotEnoughDevices,
    DepotHasChanged, SchoolIsClosed, AllotmentIdReused.
    """
    known = Allotment.objects.filter(pk=allotment_id).first()
    if known is not None:
        if (known.school_id, known.chosen_by) != (school_id, choice.reference):
            raise AllotmentIdReused
        return Allotted(known.pk, known.device_count, True)
    if not choice.is_valid:
        raise NothingChosen
    school = School.objects.get(pk=school_id)
    if school.closed_on is not None:
        raise SchoolIsClosed
    device_ids = _chosen(choice, region_id=region_id, expected_count=expected_count)
    Allotment.objects.create(
        id=allotment_id,
        region_id=region_id,
        school=school,
        device_count=len(device_ids),
        chosen_by=choice.reference,
        happened_at=happened_at,
        made_by_id=acting_actor_id,
    )
    _move(device_ids, allotment_id, school, acting_actor_id, happened_at)
    return Allotted(allotment_id, len(device_ids), False)


def _chosen(choice: Choice, *, region_id: int, expected_count: int | None) -> list[int]:
    """Choose and lock. Of PCs that are interchangeable, those that somebody else is taking are passed over."""
    devices = chosen_devices(choice, region_id=region_id)
    locked = devices.select_for_update(of=("self",), no_key=True, skip_locked=choice.count > 0)
    device_ids = list(locked.values_list("pk", flat=True))
    if not device_ids:
        raise NotEnoughDevices if choice.count else NothingChosen
    if choice.count and len(device_ids) < choice.count:
        raise NotEnoughDevices
    if expected_count is not None and len(device_ids) != expected_count:
        raise DepotHasChanged
    return device_ids


def _move(device_ids: Sequence[int], allotment_id: UUID, school: School, actor_id: int, happened_at: datetime) -> None:
    accounts = open_school_accounts(region_id=school.region_id, school_id=school.pk, opened_at=happened_at)
    depot = depot_account(school.region_id)
    if depot is None:
        raise NothingChosen
    evidence = f"allotment:{allotment_id}"
    try:
        pass_custody(
            [
                MovementOrder(
                    uuid5(allotment_id, str(pk)), pk, depot, accounts[CustodianKind.SCHOOL_ALLOTMENT],
                    Reason.ALLOTMENT, happened_at, actor_id, evidence,
                )
                for pk in device_ids
            ]
        )  # fmt: skip
    except CustodyHasMoved as moved:
        raise DepotHasChanged from moved
