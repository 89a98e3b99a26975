"""The only road from an address to an object of the day: through the scope of whoever asks."""

from uuid import UUID

from django.http import Http404

from cartable.distribution.models import ClosingReport, Dispute, DistributionDay, Passage, Scan, Station
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind
from cartable.kernel.codes import InvalidLabelCode, parse_label_code


def day_for(day_id: int) -> DistributionDay:
    """Return a day that the person may see; unknown and forbidden look the same."""
    day = DistributionDay.objects.select_related("school", "campaign__region", "rules").filter(pk=day_id).first()
    if day is None:
        raise Http404
    return day


def passage_for(day: DistributionDay, passage_id: int) -> Passage:
    """Return a student's passage of this day."""
    passage = Passage.objects.filter(pk=passage_id, day=day).select_related("day__rules", "student").first()
    if passage is None:
        raise Http404
    return passage


def station_for(day: DistributionDay, station_id: int) -> Station:
    """Return a station of this day."""
    station = Station.objects.filter(pk=station_id, day=day).first()
    if station is None:
        raise Http404
    return station


def scan_for(day: DistributionDay, scan_id: UUID) -> Scan:
    """Return a scan of this day."""
    scan = Scan.objects.filter(pk=scan_id, day=day).first()
    if scan is None:
        raise Http404
    return scan


def report_for(day: DistributionDay) -> ClosingReport:
    """Return the sealed report of a closed day."""
    report = ClosingReport.objects.filter(day=day).first()
    if report is None:
        raise Http404
    return report


def dispute_for(day: DistributionDay, dispute_id: int) -> Dispute:
    """Return a dispute of this day."""
    found = Dispute.objects.select_related("day__school", "day__campaign__region", "day__rules")
    dispute = found.filter(pk=dispute_id, day=day).first()
    if dispute is None:
        raise Http404
    return dispute


def _scanned(text: str) -> str:
    try:
        return str(parse_label_code(text))
    except InvalidLabelCode:
        return "".join(text.split()).upper()[:30]


def passage_named(day: DistributionDay, text: str) -> Passage | None:
    """Return the passage of the student whose label says this, on this day."""
    return Passage.objects.filter(day=day, student__label_code=_scanned(text)).select_related("student").first()


def device_named(text: str) -> Device | None:
    """Return the PC in scope whose label or serial number says this."""
    code = _scanned(text)
    return (
        Device.objects.filter(asset_tag=code).first()
        or Device.objects.filter(serial_number=code).first()
        # A worn tag that was replaced still names its PC.
        or Device.objects.filter(tag_changes__old_tag=code).first()
    )


def neighbour_named(day: DistributionDay, text: str) -> Passage | None:
    """Return the student of this day whom a text names: by the label, or by the PC that the ledger says they have."""
    device = device_named(text)
    if device is not None and device.custodian_kind == CustodianKind.STUDENT:
        return Passage.objects.filter(day=day, student__custodian_id=device.custodian_id).first()
    return passage_named(day, text)
