"""What the runtime role may do: everything a page needs, and nothing that rewrites history.

The owner runs migrations, restores and test flushes. The runtime role reads and writes rows; it may not truncate a
table, and on append-only tables it may only add (ARCHITECTURE section 4, I06).
"""

from django.apps import apps
from django.db import connections
from psycopg import sql


def append_only_tables() -> list[str]:
    """List the tables whose model says ``append_only = True``."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False))


def grant_runtime_role(*, owner_alias: str = "owner", runtime_alias: str = "default") -> None:
    """Give the runtime role its rights on every table of the database; safe to repeat."""
    role = sql.Identifier(connections[runtime_alias].settings_dict["USER"])
    statements = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(role),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role),
        *(
            sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), role)
            for table in append_only_tables()
        ),
    ]
    with connections[owner_alias].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
