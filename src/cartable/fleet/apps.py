"""The application of the package."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    """Device models, devices, custodians and the ledger."""

    name = "cartable.fleet"
