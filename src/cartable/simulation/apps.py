"""The application of the package."""

from django.apps import AppConfig


class SimulationConfig(AppConfig):
    """Demo region and simulated day, through the real commands."""

    name = "cartable.simulation"
