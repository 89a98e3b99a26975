"""The role matrix, asked for real: RELIABILITY A01, A05, A07, A15 and conclusion 5."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from cartable.accounts.models import Person
from cartable.accounts.tests.role_matrix import TABLE
from cartable.accounts.tests.world import NONE, World, build_world, unknown
from cartable.config.tests.rows_again import RowsAgain
from cartable.conftest import Cast, once_upon_the_cast

ROLES = ("nobody", "region", "head", "office", "leader", "tech", "repair", "outsider")
Row = tuple[str, str, dict[str, str]]


def rows() -> list[Row]:
    """Return route, owner of the object, and role → outcome."""
    lines = (line.split() for line in TABLE.splitlines() if line.strip() and not line.startswith("#"))
    return [(route, owner, dict(zip(ROLES, outcomes, strict=True))) for route, owner, *outcomes in lines]


def routes() -> dict[str, tuple[str, ...]]:
    """Return each route of the product with the names of its address's parts."""

    def walk(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
            else:
                yield f"{space}{pattern.name}", pattern

    return {name: tuple(re.findall(r"<(?:\w+:)?(\w+)>", str(p.pattern))) for name, p in walk(get_resolver())}


def person_of(role: str, cast: Cast) -> Person | None:
    """Return who plays a role."""
    return {
        "region": cast.sonia, "head": cast.durand, "office": cast.weber, "leader": cast.meyer, "tech": cast.karim,
        "repair": cast.lina, "outsider": cast.zoe,
    }.get(role)  # fmt: skip


def outcome(answer: Any) -> str:
    """Name an answer as the table does."""
    if answer.status_code == 302 and answer["Location"].startswith(reverse("accounts:log-in")):
        return "log-in"
    return str(answer.status_code)


written_world = once_upon_the_cast(build_world)


@pytest.fixture
def world(cast: Cast, written_world: RowsAgain[World]) -> World:
    """Both lycées, with one object of each kind."""
    return written_world.write(cast)


def test_every_route_stands_in_the_matrix() -> None:
    placed = {route for route, _owner, _outcomes in rows()}
    assert set(routes()) - placed == set(), "place the new route in role_matrix.py"
    assert placed - set(routes()) == set(), "a route is gone: take it out of role_matrix.py"


def test_a_route_about_a_lycee_stands_there_for_one_s_own_and_for_another() -> None:
    owners: dict[str, set[str]] = {}
    for route, owner, _outcomes in rows():
        owners.setdefault(route, set()).add(owner)
    assert [route for route, found in owners.items() if found not in ({NONE}, {"region"}, {"own", "other"})] == []


@pytest.mark.parametrize("role", ROLES)
def test_A01_every_page_answers_each_role_as_the_matrix_says(world: World, role: str) -> None:
    client, names = Client(), routes()
    person = person_of(role, world.cast)
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    wrong = []
    for route, owner, outcomes in rows():
        parts = world.address(route, names[route], owner)
        is_public = outcomes["nobody"] == "200"
        for what, expected, got in _asked(client, route, parts, outcomes[role], is_public=is_public):
            if got != expected:
                wrong.append(f"{what} {route} {owner}: {got}, not {expected}")
    assert wrong == []


def _asked(
    client: Client, route: str, parts: dict[str, Any], expected: str, *, is_public: bool
) -> Iterator[tuple[str, str, str]]:
    """Ask for a page; yield what was asked, what was expected, what came."""
    address = reverse(route, kwargs=parts)
    got = outcome(client.get(address))
    # A page that only takes a form says so before it looks for anything: the form is what must find nothing.
    yield "GET", expected, "404" if (expected, got) == ("404", "405") else got
    if expected in {"404", "log-in"}:
        yield "POST", expected, outcome(client.post(address))
    if parts and expected == "200" and not is_public:
        yield "GET nothing of", "404", outcome(client.get(reverse(route, kwargs=unknown(parts))))


def test_A15_no_address_of_the_stations_answers_without_a_token(world: World) -> None:
    scan = {
        "id": str(uuid4()),
        "sequence": 1,
        "kind": "arrival",
        "happened_at": world.cast.now.isoformat(),
        "student_code": world.parts["own"]["label_code"],
    }
    for route in (name for name in routes() if name.startswith("distribution:api-")):
        protocol = 1 if "-v1-" in route else 2
        address, sent = reverse(route), {"protocol": protocol, "scans": [scan], "workshop": "A"}
        answers = {outcome(Client().get(address)), outcome(Client().post(address, sent, "application/json"))}
        assert answers == {"401", "405"}, route
