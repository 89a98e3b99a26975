"""The application of the package."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Pages that need all of the packages above."""

    name = "cartable.desk"
