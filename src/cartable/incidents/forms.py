"""What is scanned, declared and proved. Forms read; commands decide."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cartable.emergency_stock.forms import HandedOverForm
from cartable.incidents.models import IncidentKind
from cartable.incidents.rules import LARGEST_RECEIPT_BYTES, looks_like
from cartable.kernel.codes import DEVICE_LETTER, InvalidLabelCode, parse_label_code
from cartable.kernel.serials import is_plausible_serial, is_spoilt_by_spreadsheet, normalised_serial
from cartable.photos.forms import PhotosField

_SCAN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate,
        **options,
    )  # fmt: skip


class ScanForm(forms.Form):
    """A student or a PC, by label, serial number or name."""

    code = forms.CharField(
        label=_("Élève ou PC : étiquette, numéro de série ou nom"),
        max_length=80,
        widget=forms.TextInput(attrs={**_SCAN, "autofocus": True}),
    )


class HotScanForm(forms.Form):
    """Any PC, by tag or serial number."""

    code = forms.CharField(
        label=_("PC : étiquette ou numéro de série"),
        max_length=40,
        widget=forms.TextInput(attrs={**_SCAN, "autofocus": True}),
    )


class PlaceForm(forms.Form):
    """Where a page of the list begins or ends: an incident; what is none is the beginning."""

    apres = forms.UUIDField(required=False)
    avant = forms.UUIDField(required=False)


class DeclareForm(forms.Form):
    """What happened, when; the button that is pressed says what."""

    incident = forms.UUIDField(widget=forms.HiddenInput)
    pc = forms.CharField(widget=forms.HiddenInput, max_length=40)
    kind = forms.ChoiceField(label=_("Ce qui est arrivé"), choices=IncidentKind.choices)
    happened_on = _day(_("Quand"))
    is_here = forms.BooleanField(label=_("Le PC cassé est ici : il va à l’atelier du lycée"), required=False)
    photos = PhotosField()


class ComplaintForm(forms.Form):
    """The receipt of a complaint: the file, and what it says."""

    movement = forms.UUIDField(widget=forms.HiddenInput)
    receipt = forms.FileField(
        label=_("Récépissé de dépôt de plainte"),
        help_text=_("PDF, JPEG ou PNG, 10 Mo au plus. Effacé après un an."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    number = forms.CharField(
        label=_("Numéro de la plainte"), max_length=40, widget=forms.TextInput(attrs={**_SCAN, "autofocus": True})
    )
    office = forms.CharField(label=_("Service"), max_length=80, help_text=_("Police ou gendarmerie, et la ville."))
    lodged_on = _day(_("Date de la plainte"))

    def clean_receipt(self) -> bytes:
        """Read the file once it is known to be small and of a kind that is only looked at."""
        file: UploadedFile[Any] = self.cleaned_data["receipt"]
        if file.size is None or file.size > LARGEST_RECEIPT_BYTES:
            raise forms.ValidationError(_("Le fichier dépasse 10 Mo. Réduisez la photo, ou scannez en PDF."))
        content: bytes = file.read()
        if not looks_like(content):
            raise forms.ValidationError(_("Ce fichier n’est ni un PDF, ni un JPEG, ni un PNG. Exportez-le en PDF."))
        return content


class ReservePCForm(HandedOverForm):
    """The PC of the reserve that the student gets."""

    movement = forms.UUIDField(widget=forms.HiddenInput)
    pc = forms.CharField(
        label=_("PC de la réserve : étiquette ou numéro de série"),
        max_length=40,
        widget=forms.TextInput(attrs={**_SCAN, "autofocus": True}),
    )
    charter_received = forms.BooleanField(label=_("La charte signée est là"), required=False)


class RebuyForm(forms.Form):
    """What the proof of purchase says."""

    movement = forms.UUIDField(widget=forms.HiddenInput)
    serial_number = forms.CharField(
        label=_("Numéro de série du PC acheté"),
        max_length=60,
        widget=forms.TextInput(attrs={**_SCAN, "autofocus": True}),
    )
    bought_on = _day(_("Date de l’achat"))
    asset_tag = forms.CharField(
        label=_("Étiquette neuve"),
        max_length=20,
        required=False,
        help_text=_("Si la famille confie ce PC au programme : collez une étiquette et scannez-la, il entre dans le parc."
                    " Sans étiquette, l’achat est seulement noté."),
        widget=forms.TextInput(attrs=_SCAN),
    )  # fmt: skip

    def clean_serial_number(self) -> str:
        """Return the serial number as the fleet spells it."""
        serial = normalised_serial(self.cleaned_data["serial_number"])
        if not is_plausible_serial(serial) or is_spoilt_by_spreadsheet(serial):
            raise forms.ValidationError(_("Ce n’est pas un numéro de série : 4 à 30 lettres et chiffres."))
        return serial

    def clean_asset_tag(self) -> str:
        """Return the label code of a PC."""
        text = self.cleaned_data["asset_tag"]
        if not text:
            return ""
        try:
            tag = parse_label_code(text)
        except InvalidLabelCode:
            tag = None
        if tag is None or tag.letter != DEVICE_LETTER:
            raise forms.ValidationError(_("Ce n’est pas une étiquette de PC. Scannez-la de nouveau."))
        return str(tag)


class MovementForm(forms.Form):
    """The id of the movement that a button makes."""

    movement = forms.UUIDField(widget=forms.HiddenInput)


class FindForm(MovementForm):
    """A PC that turned up."""

    pc = forms.CharField(widget=forms.HiddenInput, max_length=11)
