"""The application of the package."""

from django.apps import AppConfig


class ProgrammeConfig(AppConfig):
    """Campaigns and their rules, waves, charter texts, price lists."""

    name = "cartable.programme"
