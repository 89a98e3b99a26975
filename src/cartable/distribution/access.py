"""The only road from an address to an object of the day: through the scope of whoever asks."""

from uuid import UUID

from django.http import Http404

from cartable.distribution.models import ClosingReport, DistributionDay, Passage, Scan, Station


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
