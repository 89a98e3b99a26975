"""What people type around the day. Forms validate; commands decide."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cartable.distribution.court_rules.hearing import Settlement
from cartable.distribution.models import Workshop
from cartable.distribution.paper.sheets import LABEL_SHEETS, PrinterOffset, SheetSetup
from cartable.distribution.rules import first_passing_time
from cartable.kernel.levels import LEVEL_LABELS
from cartable.organisations.models import School
from cartable.programme.models import Campaign


class PlanDayForm(forms.Form):
    """A lycée, a date, a starting time, a pace."""

    school = forms.TypedChoiceField(label=_("Lycée"), empty_value=None)
    campaign = forms.TypedChoiceField(label=_("Campagne"), empty_value=None)
    held_on = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}))
    starts_at = forms.TimeField(
        label=_("Première classe à"), initial=first_passing_time, widget=forms.TimeInput(attrs={"type": "time"})
    )
    target_per_hour = forms.IntegerField(
        label=_("Cadence visée, en PC par heure"), initial=300, min_value=10, max_value=2000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Scoped managers: only the organisation of whoever asks. Read here, since templates may not query.
        self._offer(
            "school", {str(school.pk): school for school in School.objects.filter(closed_on=None).order_by("name")}
        )
        self._offer("campaign", {str(c.pk): c for c in Campaign.objects.order_by("-first_year")})

    def _offer(self, name: str, objects: dict[str, Any]) -> None:
        field = cast(forms.TypedChoiceField, self.fields[name])
        field.choices = [(key, str(value)) for key, value in objects.items()]
        field.coerce = objects.__getitem__


class JournalForm(forms.Form):
    """The file that a station wrote of its own events."""

    journal = forms.FileField(
        label=_("Fichier du journal"), widget=forms.FileInput(attrs={"accept": ".json,application/json"})
    )


class LabelSheetForm(forms.Form):
    """How the sheet of labels lies in the printer."""

    division = forms.CharField(label=_("Classe"), required=False, max_length=20)
    sheet = forms.ChoiceField(
        label=_("Planche ou rouleau"),
        choices=[
            ("3x7", _("A4, 21 étiquettes (3 × 7)")),
            ("3x8", _("A4, 24 étiquettes (3 × 8)")),
            ("roll", _("Rouleau thermique, en PDF")),
            ("zpl203", _("Rouleau thermique, ZPL 203 dpi")),
            ("zpl300", _("Rouleau thermique, ZPL 300 dpi")),
        ],
        initial="3x7",
    )
    start_position = forms.IntegerField(label=_("Première étiquette libre"), initial=1, min_value=1, max_value=24)
    offset_x_mm = forms.FloatField(
        label=_("Décalage vers la droite, en mm"), initial=0, min_value=-10, max_value=10, required=False
    )
    offset_y_mm = forms.FloatField(
        label=_("Décalage vers le bas, en mm"), initial=0, min_value=-10, max_value=10, required=False
    )
    has_ruler_page = forms.BooleanField(label=_("Page de réglage d’abord"), required=False)
    code = forms.CharField(required=False, max_length=11, widget=forms.HiddenInput)

    def __init__(self, *args: Any, divisions: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Toutes")), *((division, division) for division in divisions if division)]
        self.fields["division"].widget = forms.Select(choices=choices)

    def clean(self) -> dict[str, Any]:
        """Refuse a start position that the sheet does not have."""
        content = super().clean() or {}
        sheet = LABEL_SHEETS.get(content.get("sheet", ""))
        if sheet and (content.get("start_position") or 1) > sheet.label_count:
            self.add_error("start_position", _("Cette planche a %(count)s étiquettes.") % {"count": sheet.label_count})
        return content

    def setup(self) -> SheetSetup:
        """Return the set-up of a valid form."""
        content = self.cleaned_data
        return SheetSetup(
            sheet=LABEL_SHEETS[content["sheet"]],
            start_position=content["start_position"],
            offset=PrinterOffset(content["offset_x_mm"] or 0.0, content["offset_y_mm"] or 0.0),
            has_ruler_page=content["has_ruler_page"],
        )


class WalkUpForm(forms.Form):
    """A student who stands there and is on no list: four fields, ten seconds."""

    # The cursor stands in the first field, and the classes of the day are proposed: somebody waits at the table.
    family_name = forms.CharField(
        label=_("Nom"), max_length=100, widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"})
    )
    given_name = forms.CharField(
        label=_("Prénom"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    division = forms.CharField(
        label=_("Classe"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"list": "classes-du-jour", "autocomplete": "off", "autocapitalize": "characters"}
        ),
    )
    level = forms.ChoiceField(label=_("Niveau"), choices=[])
    birth_on = forms.DateField(
        label=_("Date de naissance"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Majeur, l’élève signe la charte ; sinon, un responsable légal."),
    )  # fmt: skip

    def __init__(self, *args: Any, levels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = [(code, level_name(code)) for code in levels]  # type: ignore[attr-defined]


def level_name(code: str) -> str:
    """Return the short name of a level, in the language of the page."""
    level = LEVEL_LABELS.get(code)
    if level is None:
        return code
    return level.english if (get_language() or "fr").startswith("en") else level.french


class OverrideForm(forms.Form):
    """Why a student passes without charter."""

    reason = forms.CharField(
        label=_("Motif"), min_length=5, max_length=200, help_text=_("Pas de santé ni de situation familiale.")
    )


class StationForm(forms.Form):
    """What starts a station: the site card and the workshop."""

    site_card = forms.CharField(label=_("Carte du site"), max_length=64)
    workshop = forms.ChoiceField(label=_("Atelier"), choices=Workshop.choices, initial=Workshop.B)


class LeftoverForm(forms.Form):
    """The code of a PC that nobody took."""

    # The cursor stands there after each scan: the page is a stack of PCs, not a form.
    code = forms.CharField(
        label=_("PC restant"),
        max_length=64,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}),
    )


class SettlementForm(forms.Form):
    """How a dispute is settled: which ruling, on what was seen, and why."""

    choice = forms.RegexField(regex=r"^[a-z_]+:\d{0,18}:\d{0,18}$", widget=forms.HiddenInput)
    seen = forms.CharField(max_length=2000, widget=forms.HiddenInput)
    why = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Motif"), required=False, max_length=200, help_text=_("Pas de santé ni de situation familiale.")
    )
    code = forms.CharField(
        label=_("Le bon code : étiquette de l’élève ou du PC, ou numéro de série"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def ruling(self) -> tuple[Settlement, int | None, int | None]:
        """Return the ruling of a valid form, and the testimony and the PC that it is about."""
        name, testimony, device = self.cleaned_data["choice"].split(":")
        return Settlement(name), int(testimony) if testimony else None, int(device) if device else None

    def clean_choice(self) -> str:
        """Refuse a ruling that does not exist."""
        choice: str = self.cleaned_data["choice"]
        if choice.partition(":")[0] not in set(Settlement):
            raise forms.ValidationError(_("Choisissez une décision."))
        return choice


class ExchangeForm(forms.Form):
    """With whom a student exchanged PCs: the PC in the student's hand, or the other student's label."""

    code = forms.CharField(
        label=_("PC que l’élève a en main, ou étiquette de l’autre élève"),
        max_length=64,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}),
    )


_CODE_FIELD = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class SheetCodeField(forms.CharField):
    """A code that a line needs; the rules of re-entry say in their own words that it is missing."""

    def validate(self, value: Any) -> None:
        """Let an empty code through to those rules."""


class SheetClockForm(forms.Form):
    """When the lines of a sheet took place, where a line has no time of its own."""

    sheet_clock = forms.CharField(
        label=_("Heure de la feuille"), required=False, max_length=8,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text=_("8:42 ou 842. Vide : l’heure de la saisie."),
    )  # fmt: skip


class PaperLineForm(SheetClockForm):
    """A line of a sheet: the student, the PC, the charter, a time where it matters."""

    use_required_attribute = False
    line_id = forms.UUIDField(widget=forms.HiddenInput)
    student = SheetCodeField(label=_("Élève"), max_length=64, widget=forms.TextInput(attrs=_CODE_FIELD))
    device = SheetCodeField(label=_("PC"), max_length=64, widget=forms.TextInput(attrs=_CODE_FIELD))
    clock = forms.CharField(
        label=_("Heure"), required=False, max_length=8,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )  # fmt: skip
    has_charter = forms.BooleanField(label=_("Charte reçue"), required=False, initial=True)
    is_without_device = forms.BooleanField(label=_("Charte seule, sans PC"), required=False)


class PastedSheetForm(SheetClockForm):
    """A whole sheet, copied out of a spreadsheet."""

    # The page holds both forms: their fields need different ids.
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "feuille_%s", **kwargs})

    sheet_id = forms.UUIDField(widget=forms.HiddenInput)
    lines = forms.CharField(
        label=_("Lignes"),
        max_length=60_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, **_CODE_FIELD}),
        help_text=_("Deux colonnes, élève et PC, et l’heure en troisième. « sans » à la place du PC : charte seule."),
    )
    has_charter = forms.BooleanField(label=_("Chartes reçues pour ces lignes"), required=False, initial=True)


class ReminderForm(forms.Form):
    """The class whose families are written to; ``act`` makes a form that is sent twice one act."""

    act = forms.UUIDField()
    division = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, divisions: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["division"].choices = [(one, one) for one in divisions]  # type: ignore[attr-defined]
