"""The application of the package."""

from django.apps import AppConfig


class EmergencyStockConfig(AppConfig):
    """The reserve of each lycée: its level, what leaves it and why, its loans."""

    name = "cartable.emergency_stock"
