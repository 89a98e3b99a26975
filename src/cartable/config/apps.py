"""The wiring, as an application: it brings the commands that start, migrate and serve."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Commands of the ground: migrate, up, messages."""

    name = "cartable.config"
