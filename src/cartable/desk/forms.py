"""Forms of the desk: filters of the schools, the directory file."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cartable.desk.queries.school_year import StudentFilter
from cartable.fleet.forms import NOTHING
from cartable.kernel.tables import LARGEST_FILE_BYTES
from cartable.organisations.models import Sector
from cartable.organisations.queries import SchoolFilter
from cartable.ui.selects import LongSelect, Pairs

LONGEST_CLOSED = 366  # Days: an older closing is a typing error.


class SchoolFilterForm(forms.Form):
    """Text, departement and sector; what is not among the choices narrows nothing."""

    q = forms.CharField(label=_("Nom, commune ou UAI"), required=False, max_length=80)
    departement = forms.ChoiceField(label=_("Département"), required=False)
    secteur = forms.ChoiceField(label=_("Secteur"), required=False, choices=[("", _("Tous")), *Sector.choices])

    def __init__(self, *args: Any, departements: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(code, f"{name} ({code})") for code, name in departements]
        self.fields["departement"].choices = [("", _("Tous")), *named]  # type: ignore[attr-defined]

    def wanted(self) -> SchoolFilter:
        """Return the filter that the address asks for."""
        self.full_clean()
        chosen = self.cleaned_data
        return SchoolFilter(
            text=NOTHING if "q" in self.errors else chosen.get("q", ""),
            departement=chosen.get("departement", ""),
            sector=chosen.get("secteur", ""),
        )


class LyceeForm(forms.Form):
    """One lycée out of those in scope; what is not among them narrows nothing."""

    lycee = forms.ChoiceField(label=_("Lycée"), required=False, widget=LongSelect)

    def __init__(self, *args: Any, schools: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schools = schools
        self.fields["lycee"].choices = Pairs([("", _("Tous")), *schools])  # type: ignore[attr-defined]

    def chosen(self) -> str:
        """Return the UAI that the address names, empty for all."""
        self.full_clean()
        return str(self.cleaned_data.get("lycee", ""))


class StudentFilterForm(forms.Form):
    """Class, and with or without a PC; what is not among the choices narrows nothing. No name stands in an address."""

    classe = forms.ChoiceField(label=_("Classe"), required=False)
    pc = forms.ChoiceField(
        label=_("PC"), required=False, choices=[("", _("Tous")), ("avec", _("Avec PC")), ("sans", _("Sans PC"))]
    )

    def __init__(self, *args: Any, divisions: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["classe"].choices = [("", _("Toutes")), *((one, one) for one in divisions if one)]  # type: ignore[attr-defined]

    def wanted(self, uai: str) -> StudentFilter:
        """Return the filter that the address asks for, in this lycée or wherever the person sees students."""
        self.full_clean()
        chosen = self.cleaned_data
        return StudentFilter(uai, chosen.get("classe", ""), {"avec": True, "sans": False}.get(chosen.get("pc", "")))


class LeaveForm(forms.Form):
    """The id that the page gave to the departure: sent twice it is one."""

    depart = forms.UUIDField(widget=forms.HiddenInput)


class MoveForm(LeaveForm):
    """The lycée that a student leaves, as the page showed it, and the one of the region that they leave for."""

    de = forms.CharField(max_length=8, widget=forms.HiddenInput)
    vers = forms.ChoiceField(
        label=_("Nouveau lycée"), widget=LongSelect,
        error_messages={"required": _("Choisissez le nouveau lycée."), "invalid_choice": _("Choisissez un lycée de la liste.")},
    )  # fmt: skip

    def __init__(self, *args: Any, schools: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vers"].choices = Pairs([("", _("Choisir…")), *schools])  # type: ignore[attr-defined]


# A lycée that nobody takes over: its stock goes to the depot.
NOBODY = "aucun"


class ClosingChoiceForm(forms.Form):
    """Which lycée takes over, and on which day the other one closed."""

    vers = forms.ChoiceField(
        label=_("Lycée qui reprend les élèves et les PC"), widget=LongSelect,
        error_messages={
            "required": _("Choisissez le lycée qui reprend."), "invalid_choice": _("Choisissez un lycée de la liste."),
        },
    )  # fmt: skip
    le = forms.DateField(
        label=_("Fermé le"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Le premier jour sans élève. Aujourd’hui au plus tard : une fermeture se confirme quand elle a lieu."),
    )  # fmt: skip

    def __init__(self, *args: Any, schools: Sequence[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        nobody = (NOBODY, _("Aucun : il ne reste pas d’élève, le stock va au dépôt"))
        self.fields["vers"].choices = Pairs([("", _("Choisir…")), *schools, nobody])  # type: ignore[attr-defined]

    def clean_le(self) -> date:
        """Refuse a day to come, and one of another school year."""
        day: date = self.cleaned_data["le"]
        if day > self.today:
            raise forms.ValidationError(_("Ce jour n’est pas encore venu. Revenez le jour de la fermeture."))
        if day < self.today - timedelta(days=LONGEST_CLOSED):
            raise forms.ValidationError(_("Ce jour est passé depuis plus d’un an. Vérifiez-le."))
        return day


class ClosingForm(ClosingChoiceForm):
    """The preview that was looked at, by its fingerprint; the id is made with the page, so that sent twice it is one."""

    fermeture = forms.UUIDField(widget=forms.HiddenInput)
    empreinte = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # It stands beside the form of the choice: its fields have ids of their own.
        super().__init__(*args, auto_id="confirmation_%s", **kwargs)
        for name in ("vers", "le"):
            self.fields[name].widget = forms.HiddenInput()


class NumberForm(forms.Form):
    """The number that a lycée bears from now on."""

    changement = forms.UUIDField(widget=forms.HiddenInput)
    uai = forms.CharField(
        label=_("Nouveau numéro UAI"), max_length=12, help_text=_("Sept chiffres et une lettre, comme 0570123Z."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip


class SearchForm(forms.Form):
    """The search of the bar."""

    q = forms.CharField(
        label=_("PC, élève ou lycée : étiquette, numéro de série ou nom"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def text(self) -> str:
        """Return what is looked for; something that finds nothing where it can be no code and no name."""
        self.full_clean()
        return NOTHING if self.errors else str(self.cleaned_data["q"])


class ScannerForm(forms.Form):
    """A code in hand, and the cursor already in its field."""

    q = forms.CharField(
        label=_("Étiquette ou numéro de série"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class ExportForm(forms.Form):
    """Asks for a long list; the id is made with the page, so that the same page sent twice asks once."""

    form_id = forms.UUIDField(widget=forms.HiddenInput)


class DirectoryForm(forms.Form):
    """A school directory to compare with the books."""

    file = forms.FileField(
        label=_("Annuaire des lycées"),
        help_text=_("Export CSV ou .xlsx de l’annuaire de l’éducation, entier ou réduit à la région."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={"empty": _("Ce fichier est vide. Exportez l’annuaire de nouveau.")},
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """Refuse a file that is too big before it is read."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if file.size is not None and file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError(_("Le fichier dépasse 64 Mo. Gardez les lignes de votre région."))
        return file


class DirectoryConfirmationForm(forms.Form):
    """The difference that was looked at, by its fingerprint."""

    fingerprint = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput())
