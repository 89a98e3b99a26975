"""Hold every request to its audience and its organisation."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django_scopes import scope

from cartable.accounts.access import may_open, signed_in_person

# Views of libraries that cannot carry a mark; the role matrix lists them.
LIBRARY_VIEWS_OPEN_TO_EVERYBODY = frozenset({"set_language"})


class ScopeMiddleware:
    """Activate the scope of the signed-in person, and refuse pages that are not theirs with 404.

    An anonymous request has no scope: any query on scoped data raises instead of leaking.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.signed_in = None  # type: ignore[attr-defined]
        if not request.user.is_authenticated:
            return self.get_response(request)
        signed_in = signed_in_person(request.user, today=timezone.localdate())
        request.signed_in = signed_in  # type: ignore[attr-defined]
        if signed_in is None:
            return self.get_response(request)
        schools = None if signed_in.school_ids is None else list(signed_in.school_ids)
        # Whoever works for a contractor sees what that one has been entrusted with, and nothing of any school.
        contractors = None if signed_in.contractor_ids is None else list(signed_in.contractor_ids)
        with scope(region=signed_in.region_id, school=schools, contractor=contractors):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Refuse a view to whoever is not in its audience."""
        match = request.resolver_match
        if match is not None and match.view_name in LIBRARY_VIEWS_OPEN_TO_EVERYBODY:
            return
        if not may_open(view, getattr(request, "signed_in", None)):
            raise Http404
