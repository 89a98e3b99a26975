"""The application of the package."""

from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    """What comes back: the return desk, the bench, the slips of what ends."""

    name = "cartable.returns"
