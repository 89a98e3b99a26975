"""A long select says the same as Django's own, and costs less."""

import re

import pytest
from django import forms

from cartable.ui.selects import LongSelect, Pairs

CHOICES = [("", "Tous"), ("a", "Lycée « A » & <B>"), ("b'\"", "B")]


class Short(forms.Form):
    """Django's own select beside ours."""

    own = forms.ChoiceField(choices=CHOICES, required=False)
    long = forms.ChoiceField(choices=CHOICES, required=False, widget=LongSelect)


def test_pairs_are_the_choices_that_a_list_of_them_is() -> None:
    own, pairs = forms.ChoiceField(choices=CHOICES), forms.ChoiceField(choices=Pairs(CHOICES), widget=LongSelect)
    assert list(own.choices) == list(pairs.choices)
    assert pairs.clean("a") == own.clean("a")
    with pytest.raises(forms.ValidationError):
        pairs.clean("none of them")


@pytest.mark.parametrize("chosen", ["", "a", "b'\"", "none of them"])
def test_the_markup_is_that_of_django(chosen: str) -> None:
    form = Short({"own": chosen, "long": chosen})
    own, long = (re.sub(r"\s+", " ", str(form[name])).replace("> <", "><") for name in ("own", "long"))
    assert sorted(re.findall(r"[\w-]+=\"[^\"]*\"| selected|>[^<]+<", long.replace("long", "own"))) == sorted(
        re.findall(r"[\w-]+=\"[^\"]*\"| selected|>[^<]+<", own)
    )
