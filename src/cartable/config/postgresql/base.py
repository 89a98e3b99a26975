"""The backend that settings name as ENGINE."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql.base import DatabaseWrapper as DjangoWrapper
from django.db.backends.postgresql.operations import DatabaseOperations as DjangoOperations

# The protocol counts the parameters of one statement in 16 bits; with server-side binding every value is one.
MOST_PARAMETERS = 65_535


class DatabaseOperations(DjangoOperations):
    """Create foreign keys that are not deferrable, and cut bulk inserts to what one statement can carry.

    Django's own are INITIALLY DEFERRED: a violation passes RELEASE SAVEPOINT and kills the whole transaction at
    COMMIT, so that one bad scan would take its batch with it.
    """

    def deferrable_sql(self) -> str:
        """Say nothing: immediate is PostgreSQL's default."""
        return ""

    def bulk_batch_size(self, fields: Sequence[Any], objs: Sequence[Any]) -> int:
        """Return how many rows fit in one statement: Django 5.2 knows no limit here, and 5,100 passages broke it."""
        return max(1, MOST_PARAMETERS // max(1, len(fields)))


class DatabaseWrapper(DjangoWrapper):
    """PostgreSQL with immediate foreign keys."""

    ops_class = DatabaseOperations
