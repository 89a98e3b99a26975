"""The application of the package."""

from django.apps import AppConfig


class RepairsConfig(AppConfig):
    """Failures: tickets, what goes to the repairer and comes back."""

    name = "cartable.repairs"

    def ready(self) -> None:
        """Let nothing travel, and no gesture be undone, over a repair that is open."""
        from cartable.repairs.queries.tickets import devices_in_repair
        from cartable.supply.held_back import hold_back_with

        hold_back_with("in_repair", devices_in_repair)
