"""The demo region, built once per run; each story gets a copy of it, with a server of its own.

Stories talk HTTP and look into their own database: nothing of them touches the database of the other tests.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext

from cartable.config.scratch import Scratch, migrated_database, pointed_at
from cartable.simulation import demo
from journeys.world import World, person, world_from

pytest_plugins = ["cartable.ui.tests.browser"]

Template = tuple[Scratch, Path, dict[str, int]]
NewComputer = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Template]:
    """Build the demo region in a database that stories copy."""
    directory = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), migrated_database() as scratch:
        with pointed_at(scratch):
            demo.build(directory, now=timezone.now(), address="http://localhost:8000/poste/")
            day_ids = {day.school.key: day.day_id for day in demo.demo_days_of_region()}
        yield scratch, directory, day_ids


@pytest.fixture
def world(template: Template) -> Iterator[World]:
    """A copy of the region for one story."""
    with world_from(*template) as one:
        yield one


@pytest.fixture(scope="module")
def read_world(template: Template) -> Iterator[World]:
    """A copy of the region that the stories of a module only read."""
    with world_from(*template) as one:
        yield one


@pytest.fixture
def new_computer(chromium: Browser) -> Iterator[NewComputer]:
    """Return a function that gives somebody a computer: a browser without cookies."""
    opened: list[BrowserContext] = []

    def give(**options: Any) -> BrowserContext:
        opened.append(person(chromium, **options))
        return opened[-1]

    yield give
    for context in opened:
        context.close()
