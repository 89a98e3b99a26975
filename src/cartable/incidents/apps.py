"""The application of the package."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Theft, loss, breakage: what was declared, what proves it, what it opens."""

    name = "cartable.incidents"

    def ready(self) -> None:
        """Let the reserve hand nothing over past an incident."""
        from cartable.emergency_stock.incidents_first import ask_incidents_with
        from cartable.incidents.queries.subject import incident_decides

        ask_incidents_with(incident_decides)
