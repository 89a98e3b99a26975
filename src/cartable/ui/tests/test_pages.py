"""Every component and base page: valid for a strict content policy, readable by everybody, light."""

import gzip
import mimetypes
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connection
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils import translation
from playwright.sync_api import Browser, Route

from cartable.ui.icons import ICONS
from cartable.ui.shell import NavEntry, Shell
from cartable.ui.static_storage import OURS, slimmed, slimmed_style
from cartable.ui.template_engine import QueryInTemplate
from cartable.ui.tests.gallery import gallery

pytest_plugins = ["cartable.ui.tests.browser"]

PACKAGES = Path(__file__).parents[2]
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:"
PLAIN_STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
pytestmark = pytest.mark.usefixtures("plain_static")


@pytest.fixture
def plain_static(settings: Any) -> None:
    """Static files under their own names."""
    settings.STORAGES = PLAIN_STORAGES
    settings.ROOT_URLCONF = "cartable.ui.tests.urls"
    settings.CARTABLE_SHELL = "cartable.ui.tests.test_pages.full_shell"


def full_shell(_request: Any) -> Shell:
    """Return the surroundings of a page with everything in them."""
    return Shell(
        navigation=(NavEntry("Pilotage", "/", is_current=True), NavEntry("Distribution", "/d/")),
        search_url="/recherche/",
        log_out_url="/deconnexion/",
        user_name="Sonia Antoine",
        user_role="Responsable régionale",
    )


@pytest.mark.browser
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_axe_finds_nothing_on_the_gallery_and_it_never_scrolls_sideways(
    chromium: Browser, width: int, language: str
) -> None:
    with translation.override(language):
        body = gallery()
    complaints: list[str] = []

    def serve(route: Route) -> None:
        path = route.request.url.split("localhost", 1)[1].split("?")[0]
        if not path.startswith("/static/"):
            headers = {"Content-Security-Policy": CSP}
            route.fulfill(body=body, content_type="text/html; charset=utf-8", headers=headers)
        elif found := finders.find(path.removeprefix("/static/")):
            route.fulfill(path=str(found), content_type=mimetypes.guess_type(path)[0])
        else:
            complaints.append(path)
            route.fulfill(status=404)

    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.route("**/*", serve)
    page.goto("http://localhost/")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Control+k")
    assert page.evaluate("document.activeElement.name") == "q"
    page.click("details.compte summary")
    found = Axe().run(page).response["violations"]
    assert [rule["id"] for rule in found] == []
    context.close()
    assert complaints == []


def test_no_template_holds_inline_style_or_script() -> None:
    forbidden = re.compile(r"\sstyle=|\son[a-z]+=|hx-on|<style|<script(?![^>]*(src=|application/json))", re.IGNORECASE)
    guilty = [
        path.relative_to(PACKAGES).as_posix()
        for path in PACKAGES.glob("*/templates/**/*.html")
        if forbidden.search(path.read_text())
    ]
    assert guilty == []


def test_no_template_and_no_style_names_a_colour_outside_the_tokens() -> None:
    colour = re.compile(r"#[0-9a-f]{3,8}\b(?!;?\s*\{)", re.IGNORECASE)
    alone = {"jetons", "panne", "impression"}
    styles = [path for path in (PACKAGES / "ui/static/ui").glob("*.css") if path.stem not in alone]
    found = {path.name: colour.findall(path.read_text()) for path in styles}
    assert {name: values for name, values in found.items() if values} == {}


@pytest.mark.parametrize("name", ["400", "403", "404", "500"])
def test_error_pages_say_what_to_do_in_both_languages(name: str) -> None:
    for language in ("fr", "en"):
        with translation.override(language):
            body = render_to_string(f"{name}.html", {}, request=RequestFactory().get("/"))
        assert "<h1>" in body
        assert 'href="/"' in body


def test_the_page_of_a_breakdown_needs_no_template_engine() -> None:
    source = (PACKAGES / "ui/templates/500.html").read_text()
    assert "{%" not in source
    assert "{{" not in source


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_is_well_formed(name: str) -> None:
    ElementTree.fromstring(f"<svg>{ICONS[name]}</svg>")


def test_user_text_is_escaped_by_every_component() -> None:
    source = (
        '{% cotton carte titre="{{ evil }}" %}{{ evil }}{% endcotton %}{% cotton puce %}{{ evil }}{% endcotton %}'
        '{% cotton moment titre="{{ evil }}" quand="{{ evil }}" %}{% endcotton %}'
        '{% cotton tableau nom="{{ evil }}" %}{% endcotton %}'
        '{% cotton bouton href="{{ evil }}" %}x{% endcotton %}{% cotton fiche titre="{{ evil }}" %}{% endcotton %}'
    )
    body = engines["django"].from_string(source).render({"evil": '"><img src=x onerror=alert(1)>'})
    assert "<img" not in body
    assert body.count("&lt;img") == 8


@pytest.mark.django_db
@override_settings(RAISE_ON_SQL_IN_TEMPLATES=True)
def test_a_template_that_asks_the_database_is_refused() -> None:
    def ask() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return ""

    with pytest.raises(QueryInTemplate):
        engines["django"].from_string("{{ ask }}").render({"ask": ask})


def test_the_style_of_the_whole_product_stays_light() -> None:
    # The camera's comes with the camera, when its button is pressed.
    styles = [path.read_text() for path in PACKAGES.glob("*/static/*/*.css") if path.name != "camera.css"]
    assert sum(len(gzip.compress(slimmed_style(style).encode(), 9)) for style in styles) <= 15 * 1024


def test_slimming_a_style_drops_comments_and_nothing_else() -> None:
    style = '/* One. */\n@layer a {\n  .b { content: "▾"; } /* two\n  lines */\n\n  .c { top: 0; }\n}\n'
    assert slimmed_style(style) == '\n@layer a {\n.b { content: "▾"; } \n.c { top: 0; }\n}\n'


def test_slimming_drops_comment_lines_and_nothing_else() -> None:
    script = '/** One\n * two. */\nconst a = "// kept"; // kept\n  // dropped\n  /** @type {X} */ let b;\n'
    assert slimmed(script) == 'const a = "// kept"; // kept\n/** @type {X} */ let b;\n'


def test_no_script_of_ours_has_a_text_over_several_lines() -> None:
    """Slimming works on lines: a template literal that spans lines could lose one."""
    for package in OURS:
        for path in (PACKAGES / package / "static" / package).glob("*.js"):
            assert all(line.count("`") % 2 == 0 for line in slimmed(path.read_text()).splitlines()), path.name


def test_collected_scripts_name_the_modules_of_their_own_release(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    backend = {"BACKEND": "cartable.ui.static_storage.CartableStaticFiles"}
    settings.STORAGES = {**PLAIN_STORAGES, "staticfiles": backend}
    call_command("collectstatic", interactive=False, verbosity=0)
    hashed = [path for path in tmp_path.glob("*/*.js") if re.search(r"\.[0-9a-f]{12}\.js$", path.name)]
    ours = [path for path in hashed if f"{path.parent.name}/" in OURS]
    imports = {path: re.findall(r'from\s*"([^"]+)"', path.read_text()) for path in ours}
    assert sum(map(len, imports.values())) > 20
    for path, names in imports.items():
        assert path.stat().st_size > 100 or path.name.startswith("types.")
        for name in names:
            assert re.search(r"\.[0-9a-f]{12}\.js$", name), f"{path.name} imports {name}"
            assert (path.parent / name).exists()


def test_initials_are_at_most_two() -> None:
    names = {"Sonia Antoine": "SA", "Jean de La Tour": "JT", "Zoé": "Z", "": ""}
    assert {name: Shell(user_name=name).initials for name in names} == names
