"""Whom a lycée equips this year: chosen by the region, on a page or in the terminal; the last choice holds."""

import io
from collections.abc import Iterator

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from cartable.conftest import NOW, Cast
from cartable.programme.models import Wave

PAGE = "/programme/2026/vague/"


@pytest.fixture(autouse=True)
def in_september() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def sonia(cast: Cast) -> Client:
    """The manager of the region, signed in."""
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    return client


def chosen(cast: Cast) -> tuple[str, list[str], list[str]]:
    wave = Wave.objects.get(campaign=cast.campaign, school=cast.school)
    return wave.kind, wave.levels, wave.divisions


def run(*arguments: str) -> str:
    """Run the command; return what it prints."""
    out = io.StringIO()
    call_command("rules", "wave", *arguments, stdout=out)
    return out.getvalue()


def test_the_region_chooses_levels_then_classes_and_the_last_choice_holds(cast: Cast, sonia: Client) -> None:
    said = {"school": cast.school.uai, "kind": "levels", "levels": ["2211", "2381"], "divisions": ""}
    assert sonia.post(PAGE, said)["Location"] == "/programme/2026/"
    assert chosen(cast) == ("levels", ["2211", "2381"], [])
    assert "2nde GT, 2nde pro" in sonia.get("/programme/2026/").content.decode()
    said |= {"kind": "divisions", "divisions": "2DE7\r\n\r\n 2DE8 "}
    sonia.post(PAGE, said)
    assert chosen(cast) == ("divisions", [], ["2DE7", "2DE8"])


def test_the_page_proposes_what_was_chosen(cast: Cast, sonia: Client) -> None:
    sonia.post(PAGE, {"school": cast.school.uai, "kind": "divisions", "divisions": "2DE7"})
    form = sonia.get(f"{PAGE}?lycee={cast.school.uai}").context["form"]
    assert (form["school"].value(), form["kind"].value()) == (cast.school.uai, "divisions")
    assert "2DE7" in str(form["divisions"])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"kind": "levels"}, "au moins un niveau"),
        ({"kind": "divisions"}, "au moins une classe"),
        ({"kind": "divisions", "divisions": "2DE7\n2de7"}, "est déjà plus haut"),
        ({"kind": "divisions", "divisions": "x" * 21}, "plus de 20 signes"),
        ({"kind": "levels", "levels": ["9999"]}, "9999"),
        ({"kind": "everyone", "school": "0000000A"}, "0000000A"),
    ],
)
def test_a_choice_without_its_part_is_refused_in_words(
    cast: Cast, sonia: Client, said: dict[str, object], words: str
) -> None:
    answer = sonia.post(PAGE, {"school": cast.school.uai, **said})
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert chosen(cast)[0] == "everyone"


def test_a_head_reads_the_wave_and_may_not_choose_it(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.durand, backend="django.contrib.auth.backends.ModelBackend")
    assert PAGE not in client.get("/programme/2026/").content.decode()
    assert client.post(PAGE, {"school": cast.school.uai, "kind": "everyone"}).status_code == 404


def test_the_terminal_chooses_the_same(cast: Cast) -> None:
    assert "2nde GT" in run(cast.school.uai, "--levels", "2211")
    assert chosen(cast) == ("levels", ["2211"], [])
    run(cast.school.uai, "--divisions", "2DE7", "2DE8")
    assert chosen(cast) == ("divisions", [], ["2DE7", "2DE8"])
    run(cast.school.uai, "--everyone")
    assert chosen(cast) == ("everyone", [], [])


def test_the_terminal_refuses_a_lycee_and_a_level_that_are_not_there(cast: Cast) -> None:
    for arguments in (("0000000A", "--everyone"), (cast.school.uai, "--levels", "9999")):
        with pytest.raises(CommandError):
            run(*arguments)
    assert chosen(cast)[0] == "everyone"
