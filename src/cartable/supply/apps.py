"""The application of the package."""

from django.apps import AppConfig


class SupplyConfig(AppConfig):
    """Deliveries received, allotment to schools, PCs on the road."""

    name = "cartable.supply"
