"""Forms of the programme: the next version of the rules, the next campaign, whom a lycée equips."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cartable.kernel.levels import LEVEL_LABELS, level_label
from cartable.kernel.names import cleaned, folded
from cartable.kernel.school_year import SchoolYear
from cartable.kernel.tables import UnreadableTable
from cartable.programme.models import CampaignRules, KeepPolicy, LeftoverPolicy, Opening, WaveKind
from cartable.programme.prices import PriceList, read_prices, typed_prices, written
from cartable.programme.queries import campaign_is_open, prices_of
from cartable.programme.rules import paragraphs
from cartable.programme.words import REFUSALS, price_problems, unreadable_prices

MOST_KIT = 20
LONGEST_KIT_LINE = 80
LONGEST_CHARTER = 20_000
LARGEST_PRICE_FILE = 2 * 1024 * 1024
STATUSES = {"ST": gettext_lazy("Élève (ST)"), "AP": gettext_lazy("Apprenti (AP)"), "FQ": gettext_lazy("Autre (FQ)")}
# What the form asks and the version holds under the same name.
SAME = (
    "eligible_levels", "eligible_statuses", "charter_title", "keep_policy", "theft_opens", "breakage_opens",
    "loss_opens", "failure_opens", "leftover_policy", "charter_override_allowed",
)  # fmt: skip


class PercentField(forms.DecimalField):
    """A share as people write it, whatever the language: 4, 4,5 or 4.5 %."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Read a comma as a point, and leave a percent sign out."""
        return super().to_python(str(value or "").replace("%", "").replace(",", ".").strip())


class LinesField(forms.CharField):
    """One thing per line; blank lines are left out."""

    widget = forms.Textarea(attrs={"rows": 4})
    longest, most = LONGEST_KIT_LINE, MOST_KIT

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """Return the lines, tidied."""
        return [line for line in map(cleaned, str(value or "").splitlines()) if line]

    def prepare_value(self, value: Any) -> Any:
        """Write a list as lines."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def run_validators(self, value: Any) -> None:
        """Length is that of a line: see `validate`."""

    def validate(self, value: Any) -> None:
        """Refuse too many lines, one that is too long, and the same twice."""
        super().validate(value)
        if len(value) > self.most:
            raise forms.ValidationError(_("Plus de %(most)s lignes. Réunissez-en.") % {"most": self.most})
        known: set[str] = set()
        for number, line in enumerate(value, start=1):
            if len(line) > self.longest:
                words = _("Ligne %(number)s : plus de %(longest)s signes. Raccourcissez-la.")
                raise forms.ValidationError(words % {"number": number, "longest": self.longest})
            if folded(line) in known:
                words = _("Ligne %(number)s : « %(line)s » est déjà plus haut. Gardez une seule des deux.")
                raise forms.ValidationError(words % {"number": number, "line": line})
            known.add(folded(line))


class RulesForm(forms.Form):
    """The next version of a campaign's rules, written over the one it starts from."""

    expected_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput())
    eligible_levels = forms.MultipleChoiceField(
        label=gettext_lazy("Niveaux"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choisissez au moins un niveau : sinon personne ne reçoit de PC.")},
    )
    eligible_statuses = forms.MultipleChoiceField(
        label=gettext_lazy("Statuts SIECLE"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choisissez au moins un statut : sinon personne ne reçoit de PC.")},
    )
    kit = LinesField(
        label=gettext_lazy("Ce qui est prêté"), help_text=gettext_lazy("Un objet par ligne, le PC d’abord.")
    )
    fup_percent = PercentField(
        label=gettext_lazy("Réserve de chaque lycée (FUP)"),
        help_text=gettext_lazy("En pour cent des élèves, une décimale au plus : 4 ou 4,5."),
        min_value=0,
        max_value=100,
        decimal_places=1,
        error_messages={"invalid": gettext_lazy("Ce n’est pas un nombre. Écrivez 4 ou 4,5.")},
    )
    leftover_policy = forms.ChoiceField(label=gettext_lazy("PC que personne n’a pris"), choices=LeftoverPolicy.choices)
    charter_title = forms.CharField(label=gettext_lazy("Titre de la charte"), max_length=150)
    charter_text = forms.CharField(
        label=gettext_lazy("Texte de la charte"),
        max_length=LONGEST_CHARTER,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=gettext_lazy("Une ligne vide entre deux paragraphes. Le texte est imprimé tel quel."),
    )
    charter_override_allowed = forms.BooleanField(
        label=gettext_lazy("La direction peut laisser passer un élève sans charte, avec une raison"), required=False
    )
    theft_opens = forms.ChoiceField(label=gettext_lazy("Un vol ouvre"), choices=Opening.choices)
    loss_opens = forms.ChoiceField(label=gettext_lazy("Une perte ouvre"), choices=Opening.choices)
    breakage_opens = forms.ChoiceField(label=gettext_lazy("Une casse ouvre"), choices=Opening.choices)
    failure_opens = forms.ChoiceField(label=gettext_lazy("Une panne ouvre"), choices=Opening.choices)
    keep_policy = forms.ChoiceField(label=gettext_lazy("Fin des études"), choices=KeepPolicy.choices)
    prices = forms.CharField(
        label=gettext_lazy("Prix négociés"),
        required=False,
        max_length=LONGEST_CHARTER,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Un article par ligne, deux-points, puis le prix en euros. PC portable : 350,00"),
    )
    price_file = forms.FileField(
        label=gettext_lazy("Ou un fichier de prix"),
        required=False,
        help_text=gettext_lazy(
            "CSV ou .xlsx avec une colonne Article et une colonne Prix. Il remplace la liste écrite."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={"empty": gettext_lazy("Ce fichier est vide. Enregistrez-le de nouveau.")},
    )

    def __init__(self, *args: Any, base: CampaignRules | None, version: int = 0, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {**values_of(base), "expected_version": version})
        super().__init__(*args, **kwargs)
        known = base.eligible_levels if base else []
        self._offer("eligible_levels", {**_level_names(), **{code: code for code in known if code not in LEVEL_LABELS}})
        known = base.eligible_statuses if base else []
        self._offer("eligible_statuses", {**STATUSES, **{code: code for code in known if code not in STATUSES}})
        self.listed = PriceList({})

    def _offer(self, field: str, names: Mapping[str, Any]) -> None:
        self.fields[field].choices = list(names.items())  # type: ignore[attr-defined]

    def clean_charter_text(self) -> str:
        """Keep one empty line between paragraphs; refuse a charter without any."""
        parts = paragraphs(self.cleaned_data["charter_text"])
        if not parts:
            raise forms.ValidationError(_("Écrivez la charte : les familles la signent."))
        return "\n\n".join(parts)

    def clean_price_file(self) -> "UploadedFile[Any] | None":
        """Refuse a file that is too big before it is read."""
        file: UploadedFile[Any] | None = self.cleaned_data["price_file"]
        if file and file.size is not None and file.size > LARGEST_PRICE_FILE:
            raise forms.ValidationError(_("Le fichier dépasse 2 Mo. Gardez les colonnes Article et Prix."))
        return file

    def clean(self) -> dict[str, Any]:
        """Read the prices, from the file where there is one."""
        said = super().clean() or {}
        file = said.get("price_file")
        field = "price_file" if file else "prices"
        if "price_file" in self.errors or "prices" in self.errors:
            return said
        try:
            self.listed = read_prices(file.read()) if file else typed_prices(said.get("prices", ""))
        except UnreadableTable as refusal:
            self.add_error(field, unreadable_prices(refusal.code, line=refusal.line, detail=refusal.detail))
            return said
        for words in price_problems(self.listed.problems):
            self.add_error(field, words)
        if file and not self.listed.prices and not self.listed.problems:
            self.add_error(field, _("Le fichier n’a aucun prix. Remplissez-le, ou laissez-le de côté."))
        opened = [name for name in ("theft_opens", "loss_opens", "breakage_opens", "failure_opens")
                  if said.get(name) == Opening.REBUY]  # fmt: skip
        if opened and not self.listed.prices and not self.listed.problems:
            self.add_error(opened[0], _("Un rachat demande un prix. Donnez celui du PC dans les prix négociés."))
        return said

    def rules(self) -> dict[str, Any]:
        """Return the fields of the version."""
        said = self.cleaned_data
        shared = {name: said[name] for name in SAME}
        return {
            **shared,
            "kit": said["kit"],
            "charter_text": said["charter_text"],
            "fup_rate": said["fup_percent"] / 100,
        }

    def settled(self, *, version: int) -> dict[str, Any]:
        """Return what was read, to be carried to the next page: prices of a file are lines now."""
        carried = {**self.cleaned_data, "prices": written(self.listed.prices), "expected_version": version}
        carried.pop("price_file")
        return carried


class ClassesField(LinesField):
    """Classes of a lycée, one per line, written as its list writes them."""

    longest = 20
    most = 200


class WaveForm(forms.Form):
    """Whom one lycée equips in a campaign."""

    school = forms.ChoiceField(label=gettext_lazy("Lycée"))
    kind = forms.ChoiceField(
        label=gettext_lazy("Qui s’équipe"),
        choices=WaveKind.choices,
        widget=forms.RadioSelect,
        initial=WaveKind.EVERYONE,
    )
    levels = forms.MultipleChoiceField(
        label=gettext_lazy("Niveaux"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Pour « Certains niveaux »."),
    )
    divisions = ClassesField(
        label=gettext_lazy("Classes"),
        required=False,
        help_text=gettext_lazy("Pour « Certaines classes » : une par ligne, comme dans la liste du lycée."),
    )

    def __init__(self, *args: Any, schools: Sequence[tuple[str, str]], levels: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].choices = [("", _("Choisissez un lycée")), *schools]  # type: ignore[attr-defined]
        names = _level_names()
        self.fields["levels"].choices = [(code, names.get(code, code)) for code in levels]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Keep what the kind asks for, and ask for it."""
        said = super().clean() or {}
        kind = said.get("kind")
        if kind == WaveKind.LEVELS and not said.get("levels") and "levels" not in self.errors:
            self.add_error("levels", _("Choisissez au moins un niveau."))
        if kind == WaveKind.DIVISIONS and not said.get("divisions") and "divisions" not in self.errors:
            self.add_error("divisions", _("Écrivez au moins une classe."))
        return said

    def wave(self) -> dict[str, Any]:
        """Return what `choose_wave` asks; what belongs to another kind is left out."""
        said = self.cleaned_data
        return {
            "kind": WaveKind(said["kind"]),
            "levels": said["levels"] if said["kind"] == WaveKind.LEVELS else (),
            "divisions": said["divisions"] if said["kind"] == WaveKind.DIVISIONS else (),
        }


class CampaignForm(forms.Form):
    """The campaign of a school year."""

    first_year = forms.IntegerField(
        label=gettext_lazy("Année scolaire"),
        help_text=gettext_lazy("L’année de la rentrée : 2027 pour 2027-2028."),
        min_value=2017,
        max_value=2100,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    name = forms.CharField(label=gettext_lazy("Nom"), max_length=80)

    def __init__(self, *args: Any, first_year: int, **kwargs: Any) -> None:
        name = _("Rentrée %(year)s") % {"year": first_year}
        kwargs.setdefault("initial", {"first_year": str(first_year), "name": name})
        super().__init__(*args, **kwargs)
        self.next_year = first_year

    def clean_first_year(self) -> int:
        """Refuse a year that has its campaign, and one that is years away."""
        year: int = self.cleaned_data["first_year"]
        if campaign_is_open(first_year=year):
            raise forms.ValidationError(str(REFUSALS["campaign_already_open"]))
        if year > self.next_year:
            words = _("La prochaine année à ouvrir est %(year)s.")
            raise forms.ValidationError(words % {"year": SchoolYear(self.next_year).label})
        return year


def values_of(rules: CampaignRules | None) -> dict[str, Any]:
    """Return a version as the form writes it; nothing for none."""
    if rules is None:
        return {"eligible_statuses": ["ST"], "charter_override_allowed": True}
    return {
        **{name: getattr(rules, name) for name in SAME},
        "kit": list(rules.kit),
        "charter_text": rules.charter_text,
        "fup_percent": percent_text(rules.fup_rate),
        "prices": written(prices_of(rules)),
    }


def percent_text(share: Decimal) -> str:
    """Write 0.040 as 4, and 0.045 as 4.5 or 4,5."""
    text = f"{(share * 100).normalize():f}"
    return text if (get_language() or "fr").startswith("en") else text.replace(".", ",")


def _level_names() -> dict[str, str]:
    language = "en" if (get_language() or "fr").startswith("en") else "fr"
    codes: Sequence[str] = list(LEVEL_LABELS)
    return {code: level_label(code, language) for code in codes}  # type: ignore[arg-type]
