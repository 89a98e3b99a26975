"""The repairs of a lycée that closes come back to the lycée that takes over."""

from cartable.repairs.models import RepairTicket


def carry_repairs(*, from_school_id: int, to_school_id: int) -> None:
    """Hand the open tickets over: the repairer reads the new lycée at once, and sends back there. One statement.

    What lies on the bench for a repair does not travel (`supply.held_back`); the parcels that went stay as they were sent.
    """
    RepairTicket.objects.filter(school_id=from_school_id, closed_at=None).update(school_id=to_school_id)
