"""Two laws of every page: nothing private is cached, and reading never writes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_cache_control

GetResponse = Callable[[HttpRequest], HttpResponse]


class PrivatePagesMiddleware:
    """Forbid caches, Back buttons and shared proxies to keep a page with people in it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            patch_cache_control(response, no_store=True, private=True)
        return response


class ReadOnlyGetMiddleware:
    """Run the view of a GET or HEAD in a read-only transaction: a page that writes fails in PostgreSQL itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Answer the request from inside the transaction; views that write on GET say so with `writes_on_get`."""
        if request.method not in {"GET", "HEAD"} or getattr(view, "writes_on_get", False):
            return None
        with transaction.atomic():
            # Inside another transaction (a test's) the mode cannot be narrowed for this view alone.
            if not connection.savepoint_ids:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION READ ONLY")
            response: HttpResponseBase = view(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
            return response


def writes_on_get(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view whose GET writes (a sign-on callback): each one stands on a tested list."""

    @wraps(view)
    def marked(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    marked.writes_on_get = True  # type: ignore[attr-defined]
    return marked
