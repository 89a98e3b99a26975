"""The application of the package."""

from django.apps import AppConfig


class DistributionConfig(AppConfig):
    """The day: labels, charters, stations, scans, check-out, closing."""

    name = "cartable.distribution"
