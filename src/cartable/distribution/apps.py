"""The application of the package."""

from django.apps import AppConfig


class DistributionConfig(AppConfig):
    """The day: labels, charters, stations, scans, check-out, closing."""

    name = "cartable.distribution"

    def ready(self) -> None:
        """Ask the lists to say when enrolments changed, and tell the fleet which PCs are contested."""
        from cartable.distribution.commands.days import ask_for_following
        from cartable.distribution.queries.court import address_of_dispute
        from cartable.fleet.contests import find_disputes_with
        from cartable.rosters.followers import follow_enrolments_with

        follow_enrolments_with(ask_for_following)
        find_disputes_with(address_of_dispute)
