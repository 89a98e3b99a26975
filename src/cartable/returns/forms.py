"""What is scanned and ticked at the desk. Forms read; commands decide."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cartable.fleet.models import Grade
from cartable.kernel.codes import DEVICE_LETTER, InvalidLabelCode, LabelCode, parse_label_code
from cartable.photos.forms import PhotosField
from cartable.returns.models import BenchCheck, Damage, Outlet, ReturnReason, WipeMethod
from cartable.returns.rules import BenchAct

_SCAN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}


class ReturnScanForm(forms.Form):
    """Whatever is at hand: the PC, or the student by label or name."""

    code = forms.CharField(
        label=_("PC (étiquette ou numéro de série), ou élève (étiquette ou nom)"),
        max_length=80,
        widget=forms.TextInput(attrs=_SCAN),
    )

    def without_focus(self) -> "ReturnScanForm":
        """Leave the focus to what comes first on the page."""
        del self.fields["code"].widget.attrs["autofocus"]
        return self


class ReturnForm(forms.Form):
    """The state of what came back: the letter is the button that sends it."""

    movement = forms.UUIDField(widget=forms.HiddenInput)
    pc = forms.CharField(widget=forms.HiddenInput, max_length=40)
    eleve = forms.CharField(widget=forms.HiddenInput, max_length=11)
    grade = forms.ChoiceField(choices=Grade.choices, widget=forms.HiddenInput)
    kit = forms.MultipleChoiceField(label=_("Rendu avec le PC"), required=False, widget=forms.CheckboxSelectMultiple)
    damages = forms.MultipleChoiceField(
        label=_("Pièces abîmées"), required=False, choices=Damage.choices, widget=forms.CheckboxSelectMultiple
    )
    photos = PhotosField()
    why = forms.ChoiceField(label=_("Pourquoi"), choices=ReturnReason.choices)

    def __init__(self, *args: Any, kit: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kit"].choices = [(item, item) for item in kit]  # type: ignore[attr-defined]


class UndoForm(forms.Form):
    """The id of the movement that will undo."""

    movement = forms.UUIDField(widget=forms.HiddenInput)


class SeriesForm(forms.Form):
    """What is said once for a whole class: the state, the kit, why."""

    etat = forms.ChoiceField(label=_("État de tous les PC"), choices=Grade.choices, widget=forms.RadioSelect)
    complet = forms.BooleanField(label=_("Tout est rendu avec chaque PC"), required=False)
    motif = forms.ChoiceField(label=_("Pourquoi"), choices=ReturnReason.choices)
    classe = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["etat"].choices = [(grade.value, f"{grade.value} · {grade.label}") for grade in Grade]  # type: ignore[attr-defined]


class SeriesScanForm(forms.Form):
    """One PC after another."""

    pc = forms.CharField(label=_("PC suivant"), max_length=40, widget=forms.TextInput(attrs=_SCAN))
    movement = forms.UUIDField(widget=forms.HiddenInput)


# What a technician says with the thumb; the first one is the usual gesture.
ACTS = (
    (BenchAct.ALL, _("Tout est fait : dans la réserve")),
    (BenchAct.WIPE, _("Effacé")),
    (BenchAct.IMAGE, _("Image installée")),
    (BenchAct.CHECK, _("Contrôlé")),
    (BenchAct.SHELVE, _("Rangé dans la réserve")),
)
TO_RESERVE, TO_DEPOT = "reserve", "depot"


class BenchScanForm(forms.Form):
    """A PC of the bench, by tag or serial number."""

    pc = forms.CharField(
        label=_("PC : étiquette ou numéro de série"),
        max_length=40,
        widget=forms.TextInput(attrs={**_SCAN, "inputmode": "text", "enterkeyhint": "go"}),
    )


class BenchForm(forms.Form):
    """What was done: the same for one PC and for a series."""

    methode = forms.ChoiceField(label=_("Effacé comment"), choices=WipeMethod.choices)
    image = forms.CharField(label=_("Version de l’image"), max_length=40, required=False)
    controles = forms.MultipleChoiceField(
        label=_("Contrôles faits"), required=False, choices=BenchCheck.choices, widget=forms.CheckboxSelectMultiple
    )
    vers = forms.ChoiceField(
        label=_("Où va-t-il"), choices=((TO_RESERVE, _("Réserve du lycée (FUP)")), (TO_DEPOT, _("Dépôt de la région")))
    )
    geste = forms.ChoiceField(label=_("Ce qui est fait"), choices=ACTS)


class BenchGestureForm(BenchForm):
    """The gesture on one PC: the button says which."""

    movement = forms.UUIDField(widget=forms.HiddenInput)
    pc = forms.CharField(widget=forms.HiddenInput, max_length=40)


class SlipForm(forms.Form):
    """A slip: where what follows goes, and to whom."""

    slip = forms.UUIDField(widget=forms.HiddenInput)
    outlet = forms.ChoiceField(label=_("Destination"), choices=Outlet.choices, widget=forms.RadioSelect)
    receiver = forms.CharField(label=_("Organisme qui reçoit"), max_length=120)


class WriteOffForm(forms.Form):
    """One PC after another under a slip."""

    pc = forms.CharField(label=_("PC suivant"), max_length=40, widget=forms.TextInput(attrs=_SCAN))
    methode = forms.ChoiceField(
        label=_("S’il n’est pas encore effacé"),
        choices=(("", _("Ne pas le prendre")), *WipeMethod.choices),
        required=False,
    )
    movement = forms.UUIDField(widget=forms.HiddenInput)


class NewTagForm(forms.Form):
    """The new tag from the roll; empty to print one."""

    nouvelle = forms.CharField(
        label=_("Nouvelle étiquette"),
        help_text=_("Scannez une étiquette vierge, ou laissez vide pour en imprimer une."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=_SCAN),
    )

    def clean_nouvelle(self) -> str:
        """Return the tag that was scanned; an error where the check digits do not agree."""
        text: str = self.cleaned_data["nouvelle"].strip()
        if not text:
            return ""
        tag: LabelCode | None
        try:
            tag = parse_label_code(text)
        except InvalidLabelCode:
            tag = None
        if tag is None or tag.letter != DEVICE_LETTER:
            raise forms.ValidationError(_("Ce n’est pas une étiquette de PC. Scannez-la de nouveau."))
        return str(tag)
