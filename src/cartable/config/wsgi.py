"""The WSGI application: pages take the whole road, stations a short one."""

import gc
import os
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cartable.config.settings")
django.setup(set_prefix=False)

from django.core.handlers.exception import convert_exception_to_response  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.urls import ResolverMatch, get_resolver  # noqa: E402

STATION_PREFIX = "/api/"


class StationHandler(WSGIHandler):
    """Answer the stations' API without middleware.

    Its requests carry a token, no cookie: sessions, CSRF, locale and the rest have nothing to do there, and cost more
    than the view itself (STACK: 13-15 % against 33-38 % of the database's own pace).
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """Leave every hook empty: the view is the chain."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Look an address up once: they are eight, and walking past every page's pattern costs a tenth of a scan."""
        match = request.resolver_match = _match(request.path_info)
        return match


@lru_cache(maxsize=16)
def _match(path: str) -> ResolverMatch:
    return get_resolver().resolve(path)


def settle_memory() -> None:
    """Load what every request walks past, and take it from the garbage collector, which would walk past it as well.

    150,000 objects of modules and addresses never go; each full collection stopped all threads for 100 to 150 ms to find
    that out, and takes 15 ms without them.
    """
    get_resolver()._populate()
    gc.collect()
    gc.freeze()


_pages = WSGIHandler()
_stations = StationHandler()
settle_memory()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Choose the road by the path."""
    handler = _stations if environ["PATH_INFO"].startswith(STATION_PREFIX) else _pages
    return handler(environ, start_response)
