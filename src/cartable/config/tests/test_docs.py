"""What the documentation names is there: links, files, modules and what they define, commands, decisions."""

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import cartable
from cartable.config.command_line import LIBRARY_COMMANDS, OUR_COMMANDS
from cartable.config.environment import PROJECT_DIRECTORY

SOURCE = Path(cartable.__file__).parent
PACKAGES = sorted(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())
PAGES = sorted(
    [
        PROJECT_DIRECTORY / "README.md",
        *(PROJECT_DIRECTORY / "docs").rglob("*.md"),
        *(PROJECT_DIRECTORY / "bench").glob("*.md"),
        *(PROJECT_DIRECTORY / "journeys").glob("*.md"),
        *SOURCE.rglob("README.md"),
    ]
)
# Made when the product runs, or by the tools of `make`.
MADE_LATER = ("var/", "./var", ".venv/")
_ENDS_LIKE_A_FILE = re.compile(r"\.(py|md|js|css|html|po|json|toml|lock)$")
_DOTTED = re.compile(r"[a-z_]+(\.[A-Za-z_]+)+")


def name_of(page: Path) -> str:
    """Return the page as its path in the project."""
    return str(page.relative_to(PROJECT_DIRECTORY))


def in_backticks(page: Path) -> set[str]:
    """Return what a page sets in backticks, blocks of code apart."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`\n]+)`", text))


def package_of(page: Path) -> str:
    """Return the package that a page is about, or nothing."""
    return page.relative_to(SOURCE).parts[0] if page.is_relative_to(SOURCE) else ""


def is_a_file(page: Path, token: str) -> bool:
    """Say whether a path, its end or a pattern is found: in the page's package, or from the project for other pages."""
    pattern = token.replace("<package>", "*").removeprefix("./").rstrip("/")
    below = SOURCE / package_of(page)
    found = [*PROJECT_DIRECTORY.glob(pattern), *page.parent.glob(pattern), *SOURCE.glob(pattern), *below.rglob(pattern)]
    return bool(found)


def is_defined(dotted: str) -> bool:
    """Say whether a dotted name is a module, or something that a module holds."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        module_name = "cartable." + ".".join(parts[:length])
        try:
            if find_spec(module_name) is None:
                continue
        except ModuleNotFoundError:
            continue
        found: object = import_module(module_name)
        if length == 1 and len(parts) == 2 and find_spec(f"{module_name}.models") is not None:
            found = import_module(f"{module_name}.models")  # `fleet.Device`: the way models are named everywhere.
        for part in parts[length:]:
            if not hasattr(found, part):
                # A field of a dataclass or of a model is no attribute of its class.
                return part in getattr(found, "__annotations__", {})
            found = getattr(found, part)
        return True
    return False


def named_modules(page: Path) -> Iterator[str]:
    """Yield the dotted names of a page that begin with a package of ours, or with a module of the page's package."""
    package = package_of(page)
    for token in in_backticks(page):
        if not _DOTTED.fullmatch(token) or _ENDS_LIKE_A_FILE.search(token):
            continue
        first = token.split(".")[0]
        if first in PACKAGES:
            yield token
        elif package and (SOURCE / package / f"{first}.py").exists() | (SOURCE / package / first).is_dir():
            yield f"{package}.{token}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text())
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = [
        token
        for token in in_backticks(page)
        if _ENDS_LIKE_A_FILE.search(token) or re.fullmatch(r"[\w<>.-]+(/[\w<>*.-]+)*/", token)
        if not token.startswith(("/", *MADE_LATER)) and " " not in token and "…" not in token
    ]
    assert [token for token in named if not is_a_file(page, token)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_module_that_a_page_names_is_there(page: Path) -> None:
    assert [dotted for dotted in named_modules(page) if not is_defined(dotted)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_that_a_page_names_is_there(page: Path) -> None:
    known = {*LIBRARY_COMMANDS, *(name for names in OUR_COMMANDS.values() for name in names), "help"}
    named = set(re.findall(r"`(?:\.venv/bin/)?cartable ([a-z_]+)", page.read_text()))
    assert named <= known


@pytest.mark.parametrize("package", [name for name in PACKAGES if name != "tests"])
def test_every_package_has_its_page_and_its_line_on_the_map(package: str) -> None:
    assert (SOURCE / package / "README.md").exists()
    assert f"| `{package}` |" in (PROJECT_DIRECTORY / "docs" / "ARCHITECTURE.md").read_text()


def test_every_decision_has_a_number_of_its_own_and_a_line_in_the_index() -> None:
    directory = PROJECT_DIRECTORY / "docs" / "decisions"
    records = sorted(path.name for path in directory.glob("[0-9]*.md"))
    numbers = [name[:4] for name in records]
    assert len(set(numbers)) == len(numbers)
    assert re.findall(r"\]\(([0-9][^)]+)\)", (directory / "README.md").read_text()) == records
