"""The laws that hold for every page, whatever it shows: RELIABILITY A15 to A29 and its ten conclusions."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import InternalError, connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from django_scopes.exceptions import ScopeError

import cartable
from cartable.accounts.access import open_to_everybody
from cartable.accounts.middleware import LIBRARY_VIEWS_OPEN_TO_EVERYBODY
from cartable.config.middleware import writes_on_get
from cartable.config.urls import urlpatterns as product_urls
from cartable.conftest import Cast
from cartable.organisations.models import Region, School
from cartable.ui.template_engine import QueryInTemplate

BACKEND = "django.contrib.auth.backends.ModelBackend"

# Pages without a name in them, and those of stations, whose right is a token or the site card.
OPEN_TO_EVERYBODY = {
    "accounts:log-in",
    "accounts:log-out",
    "distribution:api-contact",
    "distribution:api-day",
    "distribution:api-journal",
    "distribution:api-scans",
    "distribution:api-v1-day",
    "distribution:api-v1-day-changes",
    "distribution:api-v1-scans",
    "distribution:api-v1-station-workshop",
    "distribution:station",
    "distribution:station-manifest",
    "distribution:station-practice",
    "distribution:station-practice-day",
    "distribution:station-start",
    "distribution:station-state",
    "distribution:station-waiting",
    "distribution:station-worker",
    "notices:stop",
    "notices:stop-short",
    "set_language",
}
# Nothing writes on GET: sign-on callbacks will stand here.
WRITES_ON_GET: set[str] = set()
# Work for all regions at once, or before anybody is known. Each one says why where it stands.
SCOPES_DISABLED = {
    "desk/tasks.py",
    "distribution/commands/answered.py",
    "distribution/commands/stations.py",
    "distribution/tasks.py",
    "documents/management/commands/documents.py",
    "documents/tasks.py",
    "emergency_stock/tasks.py",
    "fleet/torture.py",
    "incidents/tasks.py",
    "notices/tasks.py",
    "notices/views.py",
    "returns/tasks.py",
    "rosters/management/commands/roster.py",
    "simulation/faults/day.py",
    "simulation/faults/ground.py",
    "simulation/faults/kills.py",
    "rosters/tasks.py",
    "simulation/demo.py",
    "simulation/simulated_day.py",
}


@open_to_everybody
def page_that_writes(request: HttpRequest) -> HttpResponse:
    """Write on GET, as no page may."""
    Region.objects.create(code="99", name="Nulle part")
    return HttpResponse("written")


@open_to_everybody
@writes_on_get
def callback_that_writes(request: HttpRequest) -> HttpResponse:
    """Write on GET, and say so."""
    Region.objects.create(code="99", name="Nulle part")
    return HttpResponse("written")


@open_to_everybody
def page_that_says(request: HttpRequest) -> HttpResponse:
    """Say whether its transaction may write."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        return HttpResponse(cursor.fetchone()[0])


def page_without_audience(request: HttpRequest) -> HttpResponse:
    """Forget to say who may open it."""
    return HttpResponse("open")


urlpatterns = [
    *product_urls,
    path("essai/ecrit/", page_that_writes),
    path("essai/retour/", callback_that_writes),
    path("essai/dit/", page_that_says),
    path("essai/oubli/", page_without_audience),
]


def signed_in(cast: Cast) -> Client:
    """Return the browser of the region's manager."""
    client = Client()
    client.force_login(cast.sonia, backend=BACKEND)
    return client


def views() -> Iterator[tuple[str, object]]:
    """Yield every view of the product with the name of its route."""

    def walk(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, object]]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
            elif isinstance(pattern, URLPattern):
                yield f"{space}{pattern.name}", pattern.callback

    return walk(get_resolver())


def test_the_list_of_public_pages_is_whole() -> None:
    marked = {name for name, view in views() if getattr(view, "open_to_everybody", False)}
    assert marked | LIBRARY_VIEWS_OPEN_TO_EVERYBODY == OPEN_TO_EVERYBODY


def test_the_list_of_views_that_write_on_get_is_whole() -> None:
    assert {name for name, view in views() if getattr(view, "writes_on_get", False)} == WRITES_ON_GET


def test_every_view_says_its_audience() -> None:
    silent = {
        name for name, view in views() if not hasattr(view, "open_to") and not getattr(view, "open_to_everybody", False)
    }
    assert silent - LIBRARY_VIEWS_OPEN_TO_EVERYBODY == set()


def test_the_list_of_code_that_works_without_scope_is_whole() -> None:
    root = Path(cartable.__file__).parent
    using = {
        str(file.relative_to(root))
        for file in root.rglob("*.py")
        if "tests" not in file.relative_to(root).parts and file.name != "conftest.py"
        if re.search(r"scopes_disabled|with_scope\b", file.read_text())
    }
    assert using == SCOPES_DISABLED


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@override_settings(ROOT_URLCONF=__name__)
def test_a_page_that_writes_on_get_fails_in_the_database() -> None:
    assert Client().get("/essai/dit/").content == b"on"
    with pytest.raises(InternalError, match="read-only transaction"):
        Client().get("/essai/ecrit/")
    assert Client(raise_request_exception=False).head("/essai/ecrit/").status_code == 500
    assert not Region.objects.exists()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@override_settings(ROOT_URLCONF=__name__)
def test_a_form_that_is_sent_and_a_callback_that_says_so_may_write() -> None:
    assert Client().post("/essai/ecrit/").content == b"written"
    Region.objects.all().delete()
    assert Client().get("/essai/retour/").content == b"written"


@override_settings(ROOT_URLCONF=__name__)
def test_a_view_that_forgot_its_audience_is_open_to_nobody(cast: Cast) -> None:
    assert signed_in(cast).get("/essai/oubli/").status_code == 404
    assert Client().get("/essai/oubli/").status_code == 302


def test_a_template_that_queries_fails_at_once(cast: Cast) -> None:
    template = engines["django"].from_string("{% for school in schools %}{{ school }}{% endfor %}")
    with pytest.raises(QueryInTemplate):
        template.render({"schools": type(cast.school).objects.all()}, RequestFactory().get("/"))


@pytest.mark.parametrize("header", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST"])
def test_A25_a_foreign_host_gets_nothing_and_never_reaches_a_link(cast: Cast, header: str) -> None:
    answer = signed_in(cast).get(reverse("desk:home"), **{header: "mechant.example"})
    if header == "HTTP_HOST":
        assert answer.status_code == 400
    assert b"mechant.example" not in answer.content


@pytest.mark.parametrize("route", ["desk:home", "fleet:devices", "supply:deliveries", "accounts:log-in"])
def test_A29_no_private_page_is_kept_by_any_cache(cast: Cast, route: str) -> None:
    answer = signed_in(cast).get(reverse(route))
    kept = answer["Cache-Control"]
    assert "no-store" in kept
    assert "private" in kept


@pytest.mark.parametrize("address", ["/pc/style.css", "/lycees/0579901C/x.css", "/nulle/part"])
def test_A29_a_false_ending_gives_nothing_and_nothing_is_kept(cast: Cast, address: str) -> None:
    answer = signed_in(cast).get(address)
    assert answer.status_code == 404
    assert "no-store" in answer["Cache-Control"]


def test_A27_no_page_may_be_framed(cast: Cast) -> None:
    for client, address in ((signed_in(cast), "/"), (Client(), reverse("accounts:log-in")), (Client(), "/nulle/part")):
        answer = client.get(address)
        assert answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_the_content_policy_allows_no_inline_code_and_no_stranger(cast: Cast) -> None:
    policy = signed_in(cast).get("/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'self'(;|$)", policy)


def test_pages_obey_their_own_policy(cast: Cast) -> None:
    for route in ("desk:home", "fleet:devices", "supply:note-new", "supply:allotment-new", "desk:directory-new"):
        page = signed_in(cast).get(reverse(route)).content.decode()
        assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|hx-on", page), route


def test_a_form_without_its_token_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.sonia, backend=BACKEND)
    assert client.post(reverse("supply:allotment-check"), {}).status_code == 403


def test_a_query_without_scope_raises_instead_of_leaking(db: None) -> None:
    with pytest.raises(ScopeError):
        School.objects.count()
