"""The rules from the terminal: shown as a file, edited, compared, published."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from cartable.conftest import NOW, Cast
from cartable.programme.models import Campaign, CampaignRules
from cartable.programme.queries import version_in_force


@pytest.fixture(autouse=True)
def _in_september() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def run(*arguments: str) -> str:
    """Run the command; return what it prints."""
    out = io.StringIO()
    call_command("rules", *arguments, stdout=out)
    return out.getvalue()


def edited(tmp_path: Path, **changes: Any) -> str:
    """Return the file that `show` prints, with some rules changed."""
    shown = json.loads(run("show", "--json"))
    shown["rules"].update(changes)
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(shown))
    return str(file)


def test_what_is_shown_and_sent_back_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    said = json.loads(run("publish", edited(tmp_path), "--apply", "--json"))
    assert (said["published"], said["changed"], said["prices"], said["charter"]) == (False, {}, {}, [])
    assert version_in_force(cast.campaign) == 1


def test_an_edited_file_is_compared_and_published_only_if_asked(cast: Cast, tmp_path: Path) -> None:
    file = edited(tmp_path, fup_percent="5", kit=["PC portable"], prices="PC portable : 360")
    said = json.loads(run("publish", file, "--json"))
    assert (said["published"], said["prices"]) == (False, {"PC portable": ["350.00", "360.00"]})
    assert version_in_force(cast.campaign) == 1
    assert "360.00" in run("publish", file, "--apply")
    assert CampaignRules.objects.get(version=2).kit == ["PC portable"]
    # The file says version 1: another is in force by now.
    with pytest.raises(CommandError, match="autre version"):
        run("publish", edited_again(file), "--apply")


def edited_again(file: str) -> str:
    """Change one rule more in a file that is stale."""
    sent = json.loads(Path(file).read_text())
    sent["rules"]["fup_percent"] = "6"
    Path(file).write_text(json.dumps(sent))
    return file


def test_T25_prices_of_a_file_are_refused_by_line_and_nothing_is_published(cast: Cast, tmp_path: Path) -> None:
    prices = tmp_path / "prix.csv"
    prices.write_text("Article;Prix\nÉcran;90\nClavier;-40\n")
    with pytest.raises(CommandError, match="Ligne 3, « Clavier » : le prix est négatif"):
        run("publish", edited(tmp_path), "--prices", str(prices), "--apply")
    assert version_in_force(cast.campaign) == 1


@pytest.mark.parametrize(
    ("content", "words"), [("{", "JSON"), ("[]", "rules"), ('{"rules": {"fup": 4}}', "Règles inconnues : fup")]
)
def test_a_file_that_is_none_is_refused_by_what_it_lacks(content: str, words: str, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(content)
    with pytest.raises(CommandError, match=words):
        run("publish", str(file))


def test_the_next_campaign_is_opened_once(cast: Cast) -> None:
    run("open", "--name", "Rentrée prochaine")
    assert Campaign.objects.get(first_year=2027).name == "Rentrée prochaine"
    with pytest.raises(CommandError, match="a déjà sa campagne"):
        run("open", "--year", "2027")
    assert "version 1" in run("show").lower()
