"""The application of the package."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Theft, loss, breakage: what was declared, what proves it, what it opens."""

    name = "cartable.incidents"
