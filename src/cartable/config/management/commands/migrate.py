"""Bring the database to the state of the code, as its owner, and give the runtime role its rights."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate

from cartable.config.grants import grant_runtime_role


class Command(DjangoMigrate):
    """Django's migrate, always through the owner's connection."""

    help = "Brings the database to the state of the code (as its owner) and gives the runtime role its rights."

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then grant: a new table without rights would be a page that fails."""
        options["database"] = "owner"
        super().handle(*args, **options)
        grant_runtime_role()
