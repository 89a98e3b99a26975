"""The application of the package."""

from django.apps import AppConfig


class RostersConfig(AppConfig):
    """Students, guardians, enrolments and the lists they come from."""

    name = "cartable.rosters"

    def ready(self) -> None:
        """Tell the fleet who its student accounts are."""
        from cartable.fleet.holders import name_holders_with
        from cartable.rosters.queries.people import holder_in_words

        name_holders_with(holder_in_words)
