"""The backend that settings name as ENGINE."""

from django.db.backends.postgresql.base import DatabaseWrapper as DjangoWrapper
from django.db.backends.postgresql.operations import DatabaseOperations as DjangoOperations


class DatabaseOperations(DjangoOperations):
    """Create foreign keys that are not deferrable.

    Django's own are INITIALLY DEFERRED: a violation passes RELEASE SAVEPOINT and kills the whole transaction at
    COMMIT, so that one bad scan would take its batch with it.
    """

    def deferrable_sql(self) -> str:
        """Say nothing: immediate is PostgreSQL's default."""
        return ""


class DatabaseWrapper(DjangoWrapper):
    """PostgreSQL with immediate foreign keys."""

    ops_class = DatabaseOperations
