"""Django application of the look of Cartable."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Bring templates, static files and template tags; no table, no view but the error pages."""

    name = "cartable.ui"
    label = "ui"
