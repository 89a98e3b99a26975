"""The glossary is whole: every table and every list of values of the packages has its word, and no word is left over."""

import inspect
import re
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest
from django.apps import apps
from django.db import models
from django.utils.module_loading import module_has_submodule

from cartable.config.environment import PROJECT_DIRECTORY

GLOSSARY = PROJECT_DIRECTORY / "docs" / "glossary.md"
# Two classes of the same name must say the same words: pages know them by one list.
Family = type[StrEnum] | type[models.TextChoices]


def families() -> Iterator[Family]:
    """Yield every list of values that the models and rules of our packages define."""
    for config in apps.get_app_configs():
        for name in ("models", "rules"):
            if not config.name.startswith("cartable.") or not module_has_submodule(config.module, name):
                continue
            for module in modules_of(import_module(f"{config.name}.{name}")):
                for _name, found in inspect.getmembers(module, inspect.isclass):
                    if issubclass(found, StrEnum | models.TextChoices) and found.__module__ == module.__name__:
                        yield found


def modules_of(module: ModuleType) -> Iterator[ModuleType]:
    """Yield a module and, where it is a folder, those inside."""
    yield module
    for inside in iter_modules(getattr(module, "__path__", ())):
        yield import_module(f"{module.__name__}.{inside.name}")


def first_column(text: str) -> set[str]:
    """Return the words in the first column of the tables of a text."""
    return {word for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for word in re.findall(r"`([^`]+)`", row)}


def sections() -> dict[str, set[str]]:
    """Return what follows each heading of a family: class name → its words."""
    parts = re.split(r"^#{2,3} ", GLOSSARY.read_text(), flags=re.MULTILINE)
    named = {found[1]: part for part in parts if (found := re.match(r"`(\w+)`", part))}
    return {name: first_column(part) for name, part in named.items()}


def table_words() -> list[str]:
    """Return the word of every table of our packages: ``RosterImport`` is ``roster_import``."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("cartable.")]
    return sorted(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower() for model in ours)


@pytest.mark.parametrize("word", table_words())
def test_every_table_has_its_word(word: str) -> None:
    assert word in first_column(GLOSSARY.read_text())


@pytest.mark.parametrize("family", sorted(set(families()), key=lambda family: family.__qualname__))
def test_every_value_has_its_word_and_no_word_is_left_over(family: Family) -> None:
    assert sections().get(family.__name__, set()) == {str(member.value) for member in family}


def test_no_list_of_words_is_left_over() -> None:
    assert set(sections()) == {family.__name__ for family in families()}
