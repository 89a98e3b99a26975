"""The demo region behind a server of its own, and what a story needs to look into it from outside."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Browser, BrowserContext, Page

from cartable.config.scratch import Scratch, scratch_database
from cartable.distribution.commands.stations import site_card_digits
from cartable.simulation import demo_cast
from cartable.simulation.demo_cast import DemoSchool
from cartable.simulation.web import web_server

REGION = "region@demo.example"


@dataclass(frozen=True)
class World:
    """A copy of the demo region that one story may change as it likes."""

    scratch: Scratch
    port: int
    directory: Path
    day_ids: dict[str, int]

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def day_path(self, school: DemoSchool, rest: str = "") -> str:
        """Return the path of a page of a lycée's day."""
        return f"/journees/{self.day_ids[school.key]}/{rest}"

    def site_card(self, school: DemoSchool) -> str:
        """Return the 24 digits of a day's site card."""
        return site_card_digits(self.day_ids[school.key])

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask the database, as the runtime role."""
        with psycopg.connect(self.scratch.runtime_url, autocommit=True) as connection:
            return connection.execute(query, parameters).fetchall()  # type: ignore[call-overload, no-any-return]

    def expected_students(self, school: DemoSchool) -> list[str]:
        """Return the label codes of the students who are expected on a lycée's day, in passing order."""
        rows = self.rows(
            "SELECT student.label_code FROM distribution_passage passage"
            " JOIN rosters_student student ON student.id = passage.student_id"
            " WHERE passage.day_id = %s AND passage.is_expected AND NOT passage.is_gone"
            " ORDER BY passage.passing_at, student.folded_name",
            self.day_ids[school.key],
        )
        return [code for (code,) in rows]

    def devices_on_the_table(self, school: DemoSchool) -> list[str]:
        """Return the asset tags of the PCs allotted to a lycée."""
        rows = self.rows(
            "SELECT device.asset_tag FROM fleet_device device JOIN fleet_custodian c ON c.id = device.custodian_id"
            " JOIN organisations_school school ON school.id = c.school_id"
            " WHERE school.uai = %s AND device.custodian_kind = 'school_allotment' ORDER BY 1",
            school.uai,
        )
        return [tag for (tag,) in rows]

    def audit(self) -> dict[str, Any]:
        """Run ``cartable ledger audit --json`` on this world."""
        done = subprocess.run(
            [sys.executable, "-m", "cartable.config.command_line", "ledger", "audit", "--json"],
            env={**environ, **self.scratch.environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == (1 if found["violations"] else 0)
        return found

    def sign_in(self, context: BrowserContext, email: str, path: str = "/") -> Page:
        """Open a page as somebody of the demo."""
        page = context.new_page()
        page.goto(self.url(f"/connexion/?next={path}"))
        page.fill("[name=username]", email)
        page.fill("[name=password]", demo_cast.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(self.url(path))
        return page


@contextmanager
def world_from(template: Scratch, directory: Path, day_ids: dict[str, int]) -> Iterator[World]:
    """Copy the region, and serve it until the block ends."""
    with scratch_database(template) as scratch, web_server(scratch) as served:
        yield World(scratch, served.port, directory, day_ids)


def person(chromium: Browser, **options: Any) -> BrowserContext:
    """Open a browser of one's own: another computer, other cookies."""
    viewport = options.pop("viewport", {"width": 1366, "height": 768})
    return chromium.new_context(viewport=viewport, timezone_id="Europe/Paris", locale="fr-FR", **options)


def leader_of(school: DemoSchool) -> str:
    """Return the address of who leads a lycée's distribution."""
    return f"site.{school.key}@demo.example"


def head_of(school: DemoSchool) -> str:
    """Return the address of who heads a lycée."""
    return f"direction.{school.key}@demo.example"
