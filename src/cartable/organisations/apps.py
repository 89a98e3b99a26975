"""The application of the package."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Region, academies, departements, schools, contractors."""

    name = "cartable.organisations"
