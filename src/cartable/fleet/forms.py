"""The filters of the list of devices."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cartable.fleet.models import CONDITION_NAMES
from cartable.fleet.queries.lists import DeviceFilter
from cartable.ui.selects import LongSelect, Pairs

Choices = Sequence[tuple[str, str]]
# What is too long or holds a NUL is no code: it finds nothing, rather than everything.
NOTHING = "?"


class DeviceFilterForm(forms.Form):
    """Text, school, custodian, lot and condition; what is not among the choices narrows nothing."""

    q = forms.CharField(label=_("Étiquette, série, palette"), required=False, max_length=64)
    lycee = forms.ChoiceField(label=_("Lycée"), required=False, widget=LongSelect)
    detenteur = forms.ChoiceField(label=_("Détenteur"), required=False)
    lot = forms.ChoiceField(label=_("Lot"), required=False)
    etat = forms.ChoiceField(label=_("État"), required=False)

    def __init__(self, *args: Any, schools: Choices, kinds: Choices, lots: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", _("Tous"))
        conditions = [(str(condition), name) for condition, name in CONDITION_NAMES.items()]
        for name, choices in (("lycee", schools), ("detenteur", kinds), ("lot", lots), ("etat", conditions)):
            self.fields[name].choices = Pairs([everything, *choices])  # type: ignore[attr-defined]
        if len(schools) < 2:
            del self.fields["lycee"]

    def wanted(self) -> DeviceFilter:
        """Return the filter that the address asks for."""
        self.full_clean()
        chosen = self.cleaned_data
        return DeviceFilter(
            text=NOTHING if "q" in self.errors else chosen.get("q", ""),
            school_uai=chosen.get("lycee", ""),
            kind=chosen.get("detenteur", ""),
            lot=chosen.get("lot", ""),
            condition=chosen.get("etat", ""),
        )
