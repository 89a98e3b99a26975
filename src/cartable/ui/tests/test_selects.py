"""A long select says the same as Django's own, and costs less."""

import re

import pytest
from django import forms

from cartable.ui.selects import LongSelect

CHOICES = [("", "Tous"), ("a", "Lycée « A » & <B>"), ("b'\"", "B")]


class Short(forms.Form):
    """Django's own select beside ours."""

    own = forms.ChoiceField(choices=CHOICES, required=False)
    long = forms.ChoiceField(choices=CHOICES, required=False, widget=LongSelect)


@pytest.mark.parametrize("chosen", ["", "a", "b'\"", "none of them"])
def test_the_markup_is_that_of_django(chosen: str) -> None:
    form = Short({"own": chosen, "long": chosen})
    own, long = (re.sub(r"\s+", " ", str(form[name])).replace("> <", "><") for name in ("own", "long"))
    assert sorted(re.findall(r"[\w-]+=\"[^\"]*\"| selected|>[^<]+<", long.replace("long", "own"))) == sorted(
        re.findall(r"[\w-]+=\"[^\"]*\"| selected|>[^<]+<", own)
    )
