"""What every template knows about the person who reads it."""

from typing import Any

from django.http import HttpRequest


def signed_in_person(request: HttpRequest) -> dict[str, Any]:
    """Return ``signed_in`` (`access.SignedIn` or None) and ``role`` flags for the navigation."""
    signed_in = getattr(request, "signed_in", None)
    return {
        "signed_in": signed_in,
        "roles": {str(role) for role in signed_in.roles} if signed_in else set(),
    }
