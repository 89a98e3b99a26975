"""The fleet of another tool, what its columns are, and what is said of its doubtful lines."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cartable.fleet.models import CONDITION_NAMES, CUSTODIAN_KIND_NAMES
from cartable.kernel.tables import LARGEST_FILE_BYTES
from cartable.rosters.rules.takeover_lines import FIELDS, OPENING_KINDS, REQUIRED_FIELDS
from cartable.rosters.takeover_words import CAUSES, FIELD_NAMES
from cartable.supply.forms import ColumnsForm

Choices = Sequence[tuple[str, str]]


class TakeoverForm(forms.Form):
    """The fleet of another tool and what is said of it."""

    file = forms.FileField(
        label=_("Export de l’autre outil"),
        help_text=_(
            "CSV ou .xlsx, seul dans un zip ou non, un PC par ligne : numéro de série, lycée, et qui l’a ou bien où il est."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx,.zip"}),
        error_messages={"empty": _("Ce fichier est vide. Refaites l’export.")},
    )
    supplier = forms.ChoiceField(label=_("Fournisseur des PC"))
    repairer = forms.ChoiceField(
        label=_("Réparateur"), required=False, help_text=_("Chez qui sont les PC en réparation.")
    )
    lot = forms.CharField(
        label=_("Lot"), max_length=60, required=False, help_text=_("Pour les lignes qui n’en donnent pas.")
    )
    model = forms.CharField(
        label=_("Modèle"), max_length=100, required=False, help_text=_("Pour les lignes qui n’en donnent pas.")
    )
    counted_on = forms.DateField(
        label=_("Export du"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, suppliers: Choices, repairers: Choices, today: date, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"counted_on": today})
        super().__init__(*args, **kwargs)
        self.fields["supplier"].choices = suppliers  # type: ignore[attr-defined]
        self.fields["repairer"].choices = [("", _("Aucun")), *repairers]  # type: ignore[attr-defined]
        self.today = today

    def clean_file(self) -> "UploadedFile[Any]":
        """Refuse a file that is too big before it is read."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if file.size is not None and file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError(_("Le fichier dépasse 64 Mo. Coupez-le en plusieurs fichiers."))
        return file

    def clean_counted_on(self) -> date:
        """Refuse a day to come."""
        day: date = self.cleaned_data["counted_on"]
        if day > self.today:
            raise forms.ValidationError(_("Ce jour n’est pas encore là."))
        return day


class TakeoverColumnsForm(ColumnsForm):
    """Which column of another tool's file is what."""

    asked = FIELDS
    required = REQUIRED_FIELDS
    names = FIELD_NAMES


class WaitingLineForm(forms.Form):
    """What somebody says of a line that waits: the PC, and who has it or where it is."""

    kind = forms.ChoiceField(
        label=FIELD_NAMES["state"], choices=[(str(kind), CUSTODIAN_KIND_NAMES[kind]) for kind in OPENING_KINDS]
    )
    label_code = forms.CharField(
        label=_("Étiquette de l’élève"), max_length=20, required=False, help_text=_("Seulement si un élève a le PC.")
    )
    uai = forms.ChoiceField(label=_("Lycée"), required=False)
    serial = forms.CharField(label=FIELD_NAMES["serial"], max_length=60)
    model = forms.CharField(label=FIELD_NAMES["model"], max_length=100, required=False)
    lot = forms.CharField(label=FIELD_NAMES["lot"], max_length=60, required=False)
    asset_tag = forms.CharField(
        label=FIELD_NAMES["asset_tag"], max_length=20, required=False, help_text=_("Vide : Cartable en fait une.")
    )
    condition = forms.ChoiceField(
        label=FIELD_NAMES["condition"], choices=[(str(one), name) for one, name in CONDITION_NAMES.items()]
    )
    held_since = forms.DateField(
        label=FIELD_NAMES["held_since"],
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, schools: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uai"].choices = [("", _("Aucun")), *schools]  # type: ignore[attr-defined]


class DropTakeoverLineForm(forms.Form):
    """Why a line of a takeover is left aside for good."""

    remark = forms.CharField(
        label=_("Pourquoi"),
        max_length=200,
        help_text=_("Par exemple : ligne de total, ou PC déjà rendu au fournisseur."),
    )


class DropTakeoverCauseForm(DropTakeoverLineForm):
    """Why all lines of one cause are left aside for good."""

    code = forms.ChoiceField(label=_("Motif"), choices=[(str(code), name) for code, name in CAUSES.items()])
