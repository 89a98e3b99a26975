"""The application of the package."""

from django.apps import AppConfig


class RostersConfig(AppConfig):
    """Students, guardians, enrolments and the lists they come from."""

    name = "cartable.rosters"
