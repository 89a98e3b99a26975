"""The application of the package."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """What people are told: written with the fact, sent by the worker."""

    name = "cartable.notices"
