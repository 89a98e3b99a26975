"""The scope for SQL that no manager builds: held to the same region and the same schools, and refused without a scope."""

from typing import Any

from django_scopes import ScopeError, get_scope


def scope_values() -> dict[str, Any]:
    """Return ``region`` and ``schools`` of the active scope; None holds to none: the whole region, or scopes disabled."""
    active = get_scope()
    if not active.get("_enabled", True):
        return {"region": None, "schools": None}
    if not {"region", "school"} <= active.keys():
        raise ScopeError("A scope on dimensions region and school needs to be active for this query.")
    schools = active["school"]
    return {"region": active["region"], "schools": None if schools is None else list(schools)}
