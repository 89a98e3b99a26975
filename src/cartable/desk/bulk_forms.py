"""Forms of bulk acts: which lines of a list, and what is said once for all of them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.rules import CustodianKind
from cartable.returns.models import Outlet, WipeMethod
from cartable.ui.selects import LongSelect, Pairs

Choices = Sequence[tuple[str, Any]]
TICKED, EVERYTHING = "coches", "filtre"
_DEPOT = "depot"
_ACCOUNTS = (CustodianKind.EMERGENCY_STOCK, CustodianKind.SCHOOL_ALLOTMENT, CustodianKind.SCHOOL_BENCH)
_PLACE_MISSING = {
    "required": _("Choisissez le lieu d’arrivée."), "invalid_choice": _("Choisissez un lieu de la liste."),
}  # fmt: skip


class BulkForm(forms.Form):
    """The bar under a list: the id that the page gave to the act, what to do, and to which lines."""

    action = forms.UUIDField(widget=forms.HiddenInput)
    portee = forms.ChoiceField(choices=((TICKED, ""), (EVERYTHING, "")))
    geste = forms.ChoiceField(label=_("Que faire"))

    def __init__(self, *args: Any, acts: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "lot_%s", **kwargs})
        self.fields["geste"].choices = [("", _("Choisir…")), *acts]  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    """How many lines the preview said would be done, and the mark of what was said for all of them."""

    count = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    said = forms.CharField(max_length=64, widget=forms.HiddenInput)


class SendForm(forms.Form):
    """Where PCs go, and what goes with them."""

    vers = forms.ChoiceField(label=_("Lieu d’arrivée"), widget=LongSelect, error_messages=_PLACE_MISSING)
    compte = forms.ChoiceField(
        label=_("Compte"),
        choices=[(str(kind), CUSTODIAN_KIND_NAMES[kind]) for kind in _ACCOUNTS],
        help_text=_("Où arrivent au lycée les PC qui viennent du dépôt. Les autres arrivent dans le même compte qu’au départ."),
    )  # fmt: skip
    note = forms.CharField(label=_("Transporteur ou remarque"), required=False, max_length=120)

    def __init__(self, *args: Any, schools: Choices, sees_depot: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [*([(_DEPOT, _("Dépôt de la région"))] if sees_depot else []), *schools]
        self.fields["vers"].choices = Pairs([("", _("Choisir…")), *places])  # type: ignore[attr-defined]


class AllotForm(forms.Form):
    """The lycée whose distribution PCs of the depot are for."""

    vers = forms.ChoiceField(label=_("Lycée"), widget=LongSelect, error_messages=_PLACE_MISSING)

    def __init__(self, *args: Any, schools: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vers"].choices = Pairs([("", _("Choisir…")), *schools])  # type: ignore[attr-defined]


class WriteOffAllForm(forms.Form):
    """Where PCs go for good, and to whom."""

    outlet = forms.ChoiceField(label=_("Destination"), choices=Outlet.choices, widget=forms.RadioSelect)
    receiver = forms.CharField(label=_("Organisme qui reçoit"), max_length=120)
    methode = forms.ChoiceField(
        label=_("Ceux qui ne sont pas encore effacés"),
        choices=(("", _("Ne pas les prendre")), *WipeMethod.choices),
        required=False,
    )
