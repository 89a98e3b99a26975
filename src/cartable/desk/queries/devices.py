"""Read the page of one PC: where it is, whose it is, the loan it is part of, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from cartable.desk.queries.closings import closings_of_accounts
from cartable.desk.timeline import Moment, latest_first, moments_of, of_closing
from cartable.distribution.queries.court import OpenDispute, dispute_of_device
from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.queries.gesture import offered
from cartable.emergency_stock.rules import Offered
from cartable.fleet.models import Device
from cartable.fleet.queries.device import DeviceSheet, device_sheet
from cartable.fleet.rules import HOT_KINDS, CustodianKind
from cartable.incidents.models import Incident
from cartable.incidents.queries.subject import open_incident_of_device
from cartable.photos.queries import PhotographedAct, PhotoLine, last_act_of, photos_of_device
from cartable.repairs.models import RepairTicket
from cartable.rosters.queries.people import Holder, holder_of
from cartable.supply.queries.shipments import LostOnTheRoad, lost_on_the_road
from cartable.ui.figures import moment, short_date


@dataclass(frozen=True)
class LoanLine:
    """The open loan that a PC is part of, in words, and the other PC of it."""

    words: str
    other_tag: str
    is_overdue: bool


@dataclass(frozen=True)
class DevicePage:
    """All that the desk knows of one PC."""

    sheet: DeviceSheet
    device: Device
    holder: Holder | None
    dispute: OpenDispute | None
    incident: Incident | None
    ticket: RepairTicket | None
    loan: LoanLine | None
    offered: Offered
    is_hot: bool
    lost_on_the_road: LostOnTheRoad | None
    moments: tuple[Moment, ...]
    photos: tuple[PhotoLine, ...]
    # The hand-over or return that photos can still be added to: the last thing that happened to the PC.
    photographed: PhotographedAct | None
    today: date


def device_page(device: Device, *, today: date, school_ids: Sequence[int] | None) -> DevicePage:
    """Return the page of a PC that `access` found in scope; a fixed number of queries."""
    sheet = device_sheet(device, school_ids=school_ids)
    dispute = dispute_of_device(device.pk)
    return DevicePage(
        sheet=sheet,
        device=device,
        holder=holder_of(device.custodian_id) if sheet.kind == CustodianKind.STUDENT else None,
        dispute=dispute,
        incident=open_incident_of_device(device.pk),
        ticket=RepairTicket.objects.filter(device=device, closed_at=None).first(),
        loan=_loan(device, today),
        offered=offered(device, school_id=device.custodian.school_id),
        is_hot=sheet.kind in HOT_KINDS,
        lost_on_the_road=lost_on_the_road([sheet.asset_tag], region_id=device.region_id).get(sheet.asset_tag),
        moments=_moments(device, sheet),
        photos=tuple(photos_of_device(device.pk)),
        photographed=last_act_of(device),
        today=today,
    )


def _moments(device: Device, sheet: DeviceSheet) -> tuple[Moment, ...]:
    """Return what happened; that its student's lycée closed is no movement, and is told all the same."""
    found = moments_of(sheet.events)
    if sheet.kind != CustodianKind.STUDENT:
        return tuple(found)
    since = max((one.at for one in found), default=None)
    closings = closings_of_accounts([device.custodian_id])
    told = [of_closing(one) for one in closings if since is None or one.decided_at >= since]
    return latest_first([*told, *found]) if told else tuple(found)


def _loan(device: Device, today: date) -> LoanLine | None:
    part_of = Loan.objects.filter(Q(loaner=device) | Q(stands_in_for=device), ended_at=None)
    loan = part_of.select_related("loaner", "stands_in_for").first()
    if loan is None:
        return None
    words = {"since": moment(loan.lent_at), "due": short_date(loan.due_on)}
    if loan.loaner_id == device.pk:
        text, other = _("En prêt depuis le %(since)s, attendu avant le %(due)s"), loan.stands_in_for
    else:
        text, other = _("Remplacé par un prêt depuis le %(since)s, jusqu’au %(due)s"), loan.loaner
    return LoanLine(text % words, other.asset_tag, loan.due_on < today)
