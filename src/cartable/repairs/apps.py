"""The application of the package."""

from django.apps import AppConfig


class RepairsConfig(AppConfig):
    """Failures: tickets, what goes to the repairer and comes back."""

    name = "cartable.repairs"
