"""In English, no French is left: every page of the product, every paper, and what a page answers to an empty form."""

import html
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from cartable.accounts.tests.test_role_matrix import person_of, routes, rows
from cartable.accounts.tests.world import World, build_world
from cartable.config.messages import catalogue
from cartable.config.tests.rows_again import RowsAgain
from cartable.conftest import Cast, once_upon_the_cast
from cartable.distribution.tests import paper_reading
from cartable.kernel.spreadsheets import read_table

# What is written in French for those who read French says so.
SAYS_IT_IS_FRENCH = re.compile(r'<(\w+) lang="fr">.*?</\1>', re.DOTALL)
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%\(\w+\)\.\df|{\w*}")
# Shorter texts are found inside English words and inside names.
LONG_ENOUGH = 12


def squeezed(text: str) -> str:
    """Return a text with single spaces of one kind."""
    return re.sub(r"\s+", " ", text)


def french_texts() -> list[str]:
    """Return the longest fixed part of each French text that its English does not hold."""
    texts = set()
    for entry in catalogue():
        english = " ".join([entry.msgstr, *entry.msgstr_plural.values()])
        for french in filter(None, (entry.msgid, entry.msgid_plural)):
            fixed = max((squeezed(part).strip() for part in PLACEHOLDER.split(french)), key=len)
            if len(fixed) > LONG_ENOUGH and fixed not in english:
                texts.add(fixed)
    return sorted(texts)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def told(content: bytes, kind: str) -> str:
    """Return the words of an answer, those that scripts take from a page included."""
    if kind.startswith("application/pdf"):
        return " ".join(paper_reading.texts(content)) if content.count(b"\n") > 1 else ""
    if kind == XLSX:
        table = read_table(content)
        return squeezed(" ".join([*table.header, *(cell for row in table.rows for cell in row.cells)]))
    text = html.unescape(SAYS_IT_IS_FRENCH.sub(" ", content.decode()))
    return squeezed(re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text))


written_world = once_upon_the_cast(build_world)


@pytest.fixture
def world(cast: Cast, written_world: RowsAgain[World]) -> World:
    """Both lycées, with one object of each kind."""
    return written_world.write(cast)


def answers(world: World, role: str) -> Iterator[tuple[str, str]]:
    """Yield each address of a role with the words of its page, then with those of its empty form refused."""
    client, names, person = Client(headers={"accept-language": "en"}), routes(), person_of(role, world.cast)
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    for route, owner, outcomes in rows():
        if outcomes[role] != "200":
            continue
        address = reverse(route, kwargs=world.address(route, names[route], owner))
        for answer in (client.get(address), client.post(address)):
            kind = answer.headers.get("Content-Type", "")
            if (content := answer.getvalue()) and not kind.startswith(("application/octet", "image/")):
                yield f"{role} {address}", told(content, kind)


@pytest.mark.parametrize("role", ["nobody", "region", "head", "leader"])
def test_no_page_and_no_paper_in_english_holds_a_french_text(world: World, role: str) -> None:
    texts = french_texts()
    pages = list(answers(world, role))
    left = {(address, text) for address, page in pages for text in texts if text in page}
    assert left == set()
    assert len(texts) > 500
    assert len(pages) > 3


def test_the_language_of_a_page_is_said_in_it(world: World) -> None:
    for language in ("fr", "en"):
        page = Client(headers={"accept-language": language}).get("/connexion/").content.decode()
        assert f'<html lang="{language}"' in page
