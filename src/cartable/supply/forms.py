"""Forms of supply: the note, its columns, a refused line, an allotment."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cartable.kernel.tables import LARGEST_FILE_BYTES
from cartable.supply.queries.depot import named_devices
from cartable.supply.queries.notes import ColumnChoice
from cartable.supply.rules import FIELDS, REQUIRED_FIELDS, Choice, scanned_code
from cartable.supply.words import CAUSES, FIELD_NAMES

Choices = Sequence[tuple[str, str]]
MOST_NAMED = 2_000


class NoteForm(forms.Form):
    """A delivery note and what is said of it."""

    file = forms.FileField(
        label=_("Bon de livraison"),
        help_text=_("CSV ou .xlsx du fournisseur, un PC par ligne, avec au moins le numéro de série."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={"empty": _("Ce fichier est vide. Enregistrez-le de nouveau, ou redemandez-le au fournisseur.")},
    )
    supplier = forms.ChoiceField(label=_("Fournisseur"))
    lot = forms.CharField(label=_("Lot"), max_length=60, help_text=_("Lot comptable : nouveau ou déjà ouvert."))
    reference = forms.CharField(label=_("Numéro du bon"), max_length=60, required=False)
    model = forms.CharField(
        label=_("Modèle"), max_length=100, required=False, help_text=_("Pour les lignes qui n’en donnent pas.")
    )
    received_on = forms.DateField(label=_("Reçu le"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, suppliers: Choices, today: date, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"received_on": today})
        super().__init__(*args, **kwargs)
        self.fields["supplier"].choices = suppliers  # type: ignore[attr-defined]
        self.today = today

    def clean_file(self) -> "UploadedFile[Any]":
        """Refuse a file that is too big before it is read."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if file.size is not None and file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError(_("Le fichier dépasse 64 Mo. Coupez le bon en plusieurs fichiers."))
        return file

    def clean_received_on(self) -> date:
        """Refuse a day to come: what has not arrived is not received."""
        day: date = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError(_("Ce jour n’est pas encore là."))
        return day


class ColumnsForm(forms.Form):
    """Which column of the file is what; other files than notes name other fields."""

    asked: Sequence[str] = FIELDS
    required: Sequence[str] = REQUIRED_FIELDS
    names: Mapping[str, Any] = FIELD_NAMES

    def __init__(self, *args: Any, choice: ColumnChoice, has_header: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = [(name, f"{name} ({', '.join(filter(None, first)) or '–'})") for name, first in choice.samples]
        for field in self.asked:
            self.fields[field] = forms.ChoiceField(
                label=self.names[field],
                required=field in self.required,
                choices=[("", _("Aucune colonne")), *columns],
                initial=choice.found.get(field, ""),
            )
        self.fields["has_header"] = forms.BooleanField(
            label=_("La première ligne donne les titres des colonnes"), required=False, initial=has_header
        )

    def chosen(self) -> dict[str, str]:
        """Return field → header."""
        return {field: self.cleaned_data[field] for field in self.asked if self.cleaned_data[field]}


class CorrectionForm(forms.Form):
    """The cells of a refused line, as they should be."""

    serial = forms.CharField(label=FIELD_NAMES["serial"], max_length=60)
    model = forms.CharField(label=FIELD_NAMES["model"], max_length=100, required=False)
    asset_tag = forms.CharField(
        label=FIELD_NAMES["asset_tag"], max_length=20, required=False, help_text=_("Vide : Cartable en fait une.")
    )
    pallet = forms.CharField(label=FIELD_NAMES["pallet"], max_length=30, required=False)
    carton = forms.CharField(label=FIELD_NAMES["carton"], max_length=30, required=False)


class DropForm(forms.Form):
    """Why lines are left aside for good."""

    remark = forms.CharField(
        label=_("Pourquoi"), max_length=200, help_text=_("Par exemple : PC déjà reçu par le bon précédent.")
    )


class DropCauseForm(DropForm):
    """Why all lines of one cause are left aside for good."""

    code = forms.ChoiceField(label=_("Motif"), choices=[(str(code), name) for code, name in CAUSES.items()])


class AllotmentForm(forms.Form):
    """Which PCs of the depot go to which school; one way of choosing at a time."""

    id = forms.UUIDField(widget=forms.HiddenInput())
    lycee = forms.ChoiceField(label=_("Lycée"))
    nombre = forms.IntegerField(label=_("Nombre de PC"), required=False, min_value=1, max_value=20_000)
    palettes = forms.MultipleChoiceField(label=_("Palettes"), required=False, widget=forms.CheckboxSelectMultiple)
    cartons = forms.CharField(
        label=_("Cartons"), required=False, max_length=2_000, help_text=_("Séparés par une virgule ou un retour.")
    )
    codes = forms.CharField(
        label=_("PC un par un"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Étiquettes ou numéros de série, un par ligne. La douchette convient."),
    )

    def __init__(self, *args: Any, schools: Choices, pallets: Choices, region_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lycee"].choices = [("", _("Choisir")), *schools]  # type: ignore[attr-defined]
        self.fields["palettes"].choices = list(pallets)  # type: ignore[attr-defined]
        self.fields["id"].initial = uuid4
        self.region_id = region_id
        self.choice = Choice()

    def clean(self) -> dict[str, Any]:
        """Hold to one way of choosing, and find the PCs that are named one by one."""
        cleaned = super().clean() or {}
        names = parts(cleaned.get("codes", ""))
        self.choice = Choice(
            count=cleaned.get("nombre") or 0,
            pallets=tuple(cleaned.get("palettes", ())),
            cartons=parts(cleaned.get("cartons", "")),
        )
        ways = sum(map(bool, (self.choice.count, self.choice.pallets, self.choice.cartons, names)))
        if ways != 1 and not self.errors:
            raise forms.ValidationError(
                _("Choisissez un nombre, des palettes, des cartons ou des PC : un seul des quatre.")
            )
        if names and not self.errors:
            self.choice = Choice(device_ids=self._named(names))
        return cleaned

    def _named(self, names: Sequence[str]) -> tuple[int, ...]:
        if len(names) > MOST_NAMED:
            raise forms.ValidationError(_("Plus de 2 000 PC un par un : choisissez par palette ou par nombre."))
        device_ids, unknown = named_devices(map(scanned_code, names), region_id=self.region_id)
        if unknown:
            shown = ", ".join(unknown[:5])
            self.add_error("codes", _("Pas au dépôt, ou pas en état : %(codes)s.") % {"codes": shown})
        return device_ids


class ConfirmationForm(forms.Form):
    """How many PCs were seen before confirming."""

    expected_count = forms.IntegerField(min_value=1, widget=forms.HiddenInput())


def parts(text: str) -> tuple[str, ...]:
    """Return the codes of a text, each one once."""
    # A label is read aloud with spaces (P 0042 1187 59): only line ends and commas part the codes.
    found = (part.strip() for part in re.split(r"[\n,;\t]", text))
    return tuple(dict.fromkeys(part for part in found if part))
