"""The application of the package."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People who log in, their roles, and whose data they see."""

    name = "cartable.accounts"
