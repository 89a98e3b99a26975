"""Forms of the road: what leaves for where, a scan at the receipt, its closing, the end of a difference."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.rules import CustodianKind
from cartable.supply.forms import MOST_NAMED, Choices, parts
from cartable.supply.queries.shipments import NamedLoad, named_for_dispatch
from cartable.supply.rules import Remedy
from cartable.supply.words import REMEDY_NAMES

DEPOT = "depot"
_ACCOUNTS = (CustodianKind.SCHOOL_ALLOTMENT, CustodianKind.EMERGENCY_STOCK, CustodianKind.SCHOOL_BENCH)
_SCAN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class TransferForm(forms.Form):
    """Where PCs go, and which ones: scanned one by one, or a number of those that stand in one account."""

    id = forms.UUIDField(widget=forms.HiddenInput())
    vers = forms.ChoiceField(label=_("Lieu d’arrivée"))
    codes = forms.CharField(
        label=_("PC scannés"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 6, **_SCAN}),
        help_text=_("Étiquettes ou numéros de série, un par ligne. La douchette passe seule à la ligne."),
    )
    depuis = forms.ChoiceField(label=_("Lieu de départ"), required=False)
    nombre = forms.IntegerField(label=_("Nombre de PC"), required=False, min_value=1, max_value=20_000)
    compte = forms.ChoiceField(
        label=_("Compte"),
        choices=[(str(kind), CUSTODIAN_KIND_NAMES[kind]) for kind in _ACCOUNTS],
        required=False,
        help_text=_("D’où les PC sont pris au lycée. Venus du dépôt, c’est où ils arrivent."),
    )
    note = forms.CharField(label=_("Transporteur ou remarque"), required=False, max_length=120)

    def __init__(self, *args: Any, schools: Choices, sees_depot: bool, region_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [*([(DEPOT, _("Dépôt de la région"))] if sees_depot else []), *schools]
        self.fields["vers"].choices = [("", _("Choisir")), *places]  # type: ignore[attr-defined]
        self.fields["depuis"].choices = [("", _("Choisir")), *places]  # type: ignore[attr-defined]
        self.fields["id"].initial = uuid4
        self.region_id = region_id
        self.load: NamedLoad | None = None

    def clean(self) -> dict[str, Any]:
        """Hold to one way of choosing, and find what was scanned."""
        said = super().clean() or {}
        names = parts(said.get("codes", ""))
        by_number = bool(said.get("nombre"))
        if self.errors:
            return said
        if bool(names) == by_number:
            raise forms.ValidationError(
                _("Scannez des PC, ou donnez un nombre et un lieu de départ : l’un ou l’autre.")
            )
        if by_number and not said.get("depuis"):
            self.add_error("depuis", _("Dites d’où partent ces PC."))
        if names:
            self._find(names)
        return said

    def _find(self, names: Sequence[str]) -> None:
        if len(names) > MOST_NAMED:
            raise forms.ValidationError(_("Plus de 2 000 PC un par un : choisissez par nombre."))
        load = named_for_dispatch(names, region_id=self.region_id)
        for codes, words in (
            (load.hot, _("Déclarés volés ou perdus : %(codes)s. Gardez-les, et prévenez la région.")),
            (load.unknown, _("Inconnus ici : %(codes)s. Vérifiez les étiquettes.")),
            (load.elsewhere, _("Chez quelqu’un, ou déjà en chemin : %(codes)s. Faites-les rendre d’abord.")),
        ):
            if codes:
                self.add_error("codes", words % {"codes": ", ".join(codes[:8])})
        if not self.errors and len(load.origin_ids) > 1:
            self.add_error("codes", _("Ces PC ne partent pas du même compte. Envoyez chaque compte à part."))
        self.load = load


class ReceiptScanForm(forms.Form):
    """A PC that came, or the carton or the pallet that it came in."""

    code = forms.CharField(
        label=_("PC, carton ou palette"), max_length=40, widget=forms.TextInput(attrs={**_SCAN, "autofocus": True})
    )


class CloseReceiptForm(forms.Form):
    """How many PCs were missing on the page."""

    missing = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class RemedyForm(forms.Form):
    """What settles a difference."""

    suite = forms.ChoiceField(choices=[(str(remedy), name) for remedy, name in REMEDY_NAMES.items()])

    @property
    def remedy(self) -> Remedy:
        """Return the remedy that was chosen."""
        return Remedy(self.cleaned_data["suite"])
