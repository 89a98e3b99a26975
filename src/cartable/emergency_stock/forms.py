"""What is scanned and confirmed at the desk. Forms read; commands decide."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cartable.emergency_stock.rules import Cause

_SCAN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
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


class UndoForm(forms.Form):
    """The id of the movement that will undo."""

    movement = forms.UUIDField(widget=forms.HiddenInput)
