"""What is scanned, ticked and written. Forms read; commands decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cartable.emergency_stock.forms import HandedOverForm
from cartable.emergency_stock.rules import LoanEnd
from cartable.repairs.models import FaultyPart, RepairOutcome, Symptom

STROKE = "|"
SCAN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def _scan_field(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=40, required=required, widget=forms.TextInput(attrs={**SCAN, "autofocus": True})
    )


class DeviceScanForm(forms.Form):
    """The PC, by tag or serial number."""

    pc = _scan_field(_("PC : étiquette ou numéro de série"))


class FailureForm(forms.Form):
    """What is seen at the desk; nothing ticked is to be diagnosed."""

    act = forms.UUIDField(widget=forms.HiddenInput)
    pc = forms.CharField(widget=forms.HiddenInput, max_length=40)
    symptoms = forms.MultipleChoiceField(
        label=_("Ce qui ne va pas"),
        choices=Symptom.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(
        label=_("Note pour le réparateur"),
        help_text=_("Jamais de nom : le réparateur ne connaît pas l’élève."),
        max_length=300,
        required=False,
    )


class RepairerForm(forms.Form):
    """Which repairer, where the region has several."""

    repairer = forms.TypedChoiceField(label=_("Réparateur"), coerce=int)

    def __init__(self, *args: Any, repairers: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["repairer"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = repairers
        field.initial = repairers[0][0] if repairers else None
        if len(repairers) < 2:
            field.widget = forms.HiddenInput()


class LoanerScanForm(HandedOverForm):
    """The PC of the reserve that goes out, after what was said about the failed one."""

    loaner = _scan_field(_("PC de la réserve à prêter : étiquette ou numéro de série"))


class SeriesForm(forms.Form):
    """A series of scans: the next one, and those before it, parted by a stroke that no code has."""

    act = forms.UUIDField(widget=forms.HiddenInput)
    scans = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)
    scan = _scan_field(_("PC suivant : étiquette ou numéro de série"), required=False)

    def texts(self) -> list[str]:
        """Return what was scanned so far, in its order."""
        said = [*self.cleaned_data["scans"].split(STROKE), self.cleaned_data["scan"].replace(STROKE, "")]
        return [text.strip()[:40] for text in said if text.strip()][:500]


class ActForm(forms.Form):
    """The id of an act, made with its page."""

    act = forms.UUIDField(widget=forms.HiddenInput)


class SettleForm(ActForm):
    """How the loan ends; the loaner that comes back is scanned."""

    end = forms.ChoiceField(choices=[(end, end) for end in LoanEnd])
    loaner = forms.CharField(max_length=40, required=False)


class DiagnosisForm(forms.Form):
    """Three interactions: the part, covered or not, send."""

    part = forms.ChoiceField(label=_("Ce qui est en cause"), choices=[("", "—"), *FaultyPart.choices])
    is_covered = forms.TypedChoiceField(
        label=_("La garantie couvre"),
        choices=[("oui", _("Oui, sous garantie")), ("non", _("Non, dommage ou hors délai"))],
        coerce=lambda said: said == "oui",
        widget=forms.RadioSelect,
    )


class QuoteForm(forms.Form):
    """Four interactions: part, price, note, send."""

    quote = forms.UUIDField(widget=forms.HiddenInput)
    part = forms.ChoiceField(label=_("Pièce"), choices=FaultyPart.choices)
    price_eur = forms.DecimalField(
        label=_("Prix (€)"),
        min_value=0.01,
        max_digits=8,
        decimal_places=2,
        localize=True,  # type: ignore[arg-type]
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class OutcomeForm(forms.Form):
    """What became of the PC."""

    outcome = forms.ChoiceField(label=_("Résultat"), choices=RepairOutcome.choices, widget=forms.RadioSelect)
    new_serial = forms.CharField(
        label=_("Numéro de série du PC qui revient"),
        help_text=_("Seulement pour un échange : l’étiquette de la région reste la même."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=SCAN),
    )
    is_reinstalled = forms.BooleanField(label=_("Système réinstallé, plus aucun fichier de l’élève"), required=False)


class DecisionForm(forms.Form):
    """Accept or refuse."""

    decision = forms.ChoiceField(choices=[("accept", "accept"), ("refuse", "refuse")])


class TermsForm(forms.Form):
    """What was agreed with a repairer."""

    warranty_months = forms.IntegerField(label=_("Garantie (mois depuis la livraison)"), min_value=0, max_value=120)
    agreed_days = forms.IntegerField(label=_("Délai convenu (jours)"), min_value=1, max_value=92)


class RecallForm(forms.Form):
    """A model or a lot that is called back, and why."""

    act = forms.UUIDField(widget=forms.HiddenInput)
    what = forms.ChoiceField(label=_("Modèle ou lot"))
    reason = forms.CharField(label=_("Pourquoi"), max_length=200)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *choices]

    def named(self) -> tuple[int | None, int | None]:
        """Return the id of the model, and that of the lot: one of the two."""
        kind, _dash, pk = self.cleaned_data["what"].partition("-")
        return (int(pk), None) if kind == "modele" else (None, int(pk))


class MonthForm(forms.Form):
    """A month of the statement."""

    mois = forms.RegexField(
        label=_("Mois"), regex=r"^20\d{2}-(0[1-9]|1[0-2])$", widget=forms.TextInput(attrs={"type": "month"})
    )
