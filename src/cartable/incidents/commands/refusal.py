"""What a command of incidents answers where it does nothing, and how an incident is held while something is done."""

from uuid import UUID

from cartable.fleet.commands import hold_custody
from cartable.incidents.models import Incident


class IncidentRefused(Exception):
    """Nothing was done; ``code`` says why: an `IncidentObstacle`, or a refusal of the ledger or of the reserve."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def hold_incident(incident_id: UUID, *, device_ids: tuple[int, ...] = ()) -> Incident:
    """Hold an incident with its student's account and its PCs until the transaction ends, in the ledger's order."""
    found = Incident.objects.select_related("student").get(pk=incident_id)
    accounts = [found.student.custodian_id] if found.student else []
    hold_custody(custodian_ids=accounts, device_ids=[found.device_id, *device_ids])
    return (
        Incident.objects.select_for_update(of=("self",))
        .select_related("student__custodian", "device__custodian", "school", "rules__campaign")
        .get(pk=incident_id)
    )
