"""A role guide names buttons as the product does: every word it sets in bold is a text of the product, in its language."""

import re
from pathlib import Path

import pytest

from cartable.config.environment import PROJECT_DIRECTORY
from cartable.config.messages import catalogue

GUIDES = PROJECT_DIRECTORY / "docs" / "guides"
OF_ROLES = {
    "mon-lycee.fr.md": "my-lycee.en.md",
    "ma-tournee.fr.md": "my-round.en.md",
    "mon-atelier.fr.md": "my-workshop.en.md",
    "piloter.fr.md": "steering.en.md",
}
# A key, not a text.
KEYS = {"Ctrl K"}


def in_bold(guide: Path) -> list[str]:
    """Return what a guide sets in bold, in its order."""
    return [re.sub(r"\s+", " ", words) for words in re.findall(r"\*\*([^*]+)\*\*", guide.read_text())]


@pytest.mark.parametrize("name", [*OF_ROLES, *OF_ROLES.values()])
def test_every_word_in_bold_is_a_text_of_the_product(name: str) -> None:
    texts = {
        text
        for entry in catalogue()
        for text in ((entry.msgid,) if ".fr." in name else (entry.msgstr, *entry.msgstr_plural.values()))
    }
    assert [words for words in in_bold(GUIDES / name) if words not in texts | KEYS] == []


@pytest.mark.parametrize(("french", "english"), OF_ROLES.items())
def test_both_languages_of_a_guide_name_the_same_buttons(french: str, english: str) -> None:
    translated = {entry.msgid: {entry.msgstr, *entry.msgstr_plural.values()} for entry in catalogue()}
    pairs = zip(in_bold(GUIDES / french), in_bold(GUIDES / english), strict=True)
    assert [pair for pair in pairs if pair[1] not in translated.get(pair[0], set()) | KEYS] == []
