"""Components put on the page what they are given, once."""

import re
from pathlib import Path

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

import cartable.ui

COMPONENTS = sorted((Path(cartable.ui.__file__).parent / "templates" / "cotton").glob("*.html"))


class Question(forms.Form):
    """One field."""

    town = forms.CharField(label="Ville")


def test_a_form_is_written_once_and_not_also_into_an_attribute() -> None:
    written = CottonCompiler().process('<c-formulaire :formulaire="form" action="/ici/" data-essai="1" />')
    page = engines["django"].from_string(written).render({"form": Question()}, RequestFactory().get("/"))
    assert page.count('name="town"') == 1
    assert re.search(r"<form[^>]*>", page)[0] == (  # type: ignore[index]
        '<form class="formulaire" method="post" action="/ici/" data-essai="1">'
    )


@pytest.mark.parametrize("file", COMPONENTS, ids=lambda file: file.stem)
def test_what_a_component_takes_is_declared_without_colon(file: Path) -> None:
    """A colon makes django-cotton believe in another name, and print the value among the attributes."""
    declared = re.search(r"<c-vars([^>]*)>", file.read_text())
    assert declared is None or re.findall(r"\s:\w+(?=[\s/>]|$)", declared[1]) == []
