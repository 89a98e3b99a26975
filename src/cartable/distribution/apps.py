"""The application of the package."""

from django.apps import AppConfig


class DistributionConfig(AppConfig):
    """The day: labels, charters, stations, scans, check-out, closing."""

    name = "cartable.distribution"

    def ready(self) -> None:
        """Ask the lists to say when enrolments changed; let nothing travel that is contested."""
        from cartable.distribution.commands.days import ask_for_following
        from cartable.distribution.queries.court import contested_devices
        from cartable.rosters.followers import follow_enrolments_with
        from cartable.supply.held_back import hold_back_with

        follow_enrolments_with(ask_for_following)
        hold_back_with("contested", contested_devices)
