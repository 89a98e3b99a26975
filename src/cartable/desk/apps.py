"""The application of the package."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Pages that need all of the packages above."""

    name = "cartable.desk"

    def ready(self) -> None:
        """Let the directory close no lycée that still has students, PCs, or something open."""
        from cartable.desk.queries.closings import occupied_schools
        from cartable.organisations.occupied import ask_occupied_with

        ask_occupied_with(occupied_schools)
