"""The incidents of a lycée that closes go on in the lycée that takes over."""

from cartable.incidents.models import Incident, IncidentState


def carry_incidents(*, from_school_id: int, to_school_id: int) -> None:
    """Hand the open incidents over; those that are closed stay the history of the lycée. One statement."""
    Incident.objects.filter(school_id=from_school_id).exclude(state=IncidentState.CLOSED).update(school_id=to_school_id)
