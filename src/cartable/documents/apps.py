"""The room of stored files."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Stored files: sealed, encrypted, kept as long as their class allows."""

    name = "cartable.documents"
