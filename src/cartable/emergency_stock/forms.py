"""What is scanned and confirmed at the desk. Forms read; commands decide."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cartable.emergency_stock.rules import HANDED_OVER_GRADES, MOST_ASKED, Cause
from cartable.fleet.models import Grade
from cartable.photos.forms import PhotosField
from cartable.supply.forms import parts

_SCAN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
# What one form reads; the fullest reserve of a region holds a tenth of it.
MOST_COUNTED = 2_000
GRADES = [(grade.value, f"{grade.value} · {grade.label}") for grade in Grade if grade.value in HANDED_OVER_GRADES]
CAUSES = (
    (Cause.ABSENT, _("Absent le jour de la distribution")),
    (Cause.WALK_UP, _("Arrivé en cours d’année")),
)


class StudentScanForm(forms.Form):
    """The student, by label or by name."""

    eleve = forms.CharField(
        label=_("Élève : étiquette ou nom"), max_length=80, widget=forms.TextInput(attrs={**_SCAN, "autofocus": True})
    )


class DeviceScanForm(forms.Form):
    """The PC, by tag or serial number."""

    pc = forms.CharField(
        label=_("PC : étiquette ou numéro de série"),
        max_length=40,
        widget=forms.TextInput(attrs={**_SCAN, "autofocus": True}),
    )


class HandOverForm(forms.Form):
    """The last gesture: the charter is on the desk, the PC is handed over."""

    movement = forms.UUIDField(widget=forms.HiddenInput)
    eleve = forms.CharField(widget=forms.HiddenInput, max_length=11)
    pc = forms.CharField(widget=forms.HiddenInput, max_length=40)
    cause = forms.ChoiceField(label=_("Pourquoi"), choices=CAUSES)
    charter_received = forms.BooleanField(widget=forms.HiddenInput, required=False)
    grade = forms.ChoiceField(label=_("État du PC"), choices=GRADES)
    photos = PhotosField()


class HandedOverForm(forms.Form):
    """The state of a PC that other desks lend or give: most of a reserve has been used."""

    grade = forms.ChoiceField(label=_("État du PC"), choices=GRADES, initial=Grade.USED, required=False)
    photos = PhotosField()


class UndoForm(forms.Form):
    """The id of the movement that will undo."""

    movement = forms.UUIDField(widget=forms.HiddenInput)


class CountForm(forms.Form):
    """What lies on the shelf, scanned one PC after the other."""

    codes = forms.CharField(
        label=_("PC scannés"),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 8, "autofocus": True, **_SCAN}),
        help_text=_("Étiquettes ou numéros de série, un par ligne. La douchette passe seule à la ligne."),
    )

    def clean_codes(self) -> tuple[str, ...]:
        """Return the codes, each one once."""
        found = parts(str(self.cleaned_data["codes"]))
        if len(found) > MOST_COUNTED:
            raise forms.ValidationError(_("Plus de 2 000 codes : comptez en plusieurs fois."))
        return found


class AskForm(forms.Form):
    """How many PCs the reserve needs; what it lacks is proposed."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    count = forms.IntegerField(label=_("Nombre de PC"), min_value=1, max_value=MOST_ASKED)


class GrantForm(forms.Form):
    """How many PCs are granted."""

    count = forms.IntegerField(label=_("PC accordés"), min_value=1, max_value=MOST_ASKED)


class RefuseForm(forms.Form):
    """Why a request is refused."""

    reason = forms.CharField(label=_("Motif du refus"), max_length=200)


class RebalanceForm(forms.Form):
    """A proposed transfer, as it was shown."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    giver = forms.CharField(max_length=8, widget=forms.HiddenInput)
    taker = forms.CharField(max_length=8, widget=forms.HiddenInput)
    count = forms.IntegerField(min_value=1, max_value=MOST_ASKED, widget=forms.HiddenInput)
