"""Files that people send: a lycée's list, or those of a whole region."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cartable.organisations.models import School
from cartable.rosters.formats.table import REQUIRED_FIELDS, TableSample
from cartable.rosters.models import Ruling
from cartable.rosters.words import FIELD_NAMES


class RosterFileForm(forms.Form):
    """One list of any format that is read."""

    file = forms.FileField(
        label=_("Liste du lycée"),
        allow_empty_file=True,  # An empty file gets the reader's own sentence.
        help_text=_(
            "Fichier de SIECLE, de l’annuaire (AAF), d’un logiciel privé, de SYGNE ou de FREGATA, ou tableau CSV ou .xlsx. "
            "Tel qu’il a été exporté, sans le modifier."
        ),
    )
    asks_columns = forms.BooleanField(label=_("Tableau : choisir moi-même les colonnes"), required=False)


class TableColumnsForm(forms.Form):
    """Which column of a table is what, and of which lycée it is where nobody said."""

    def __init__(self, *args: Any, sample: TableSample, school: School | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._school = school
        if school is None:
            schools = {str(one.pk): one for one in School.objects.filter(closed_on__isnull=True).order_by("name")}
            self.fields["school"] = forms.TypedChoiceField(
                label=_("Lycée"),
                choices=[("", _("Choisir")), *((pk, f"{one.name} · {one.uai}") for pk, one in schools.items())],
                coerce=schools.__getitem__,
            )
        for field, name in FIELD_NAMES.items():
            self.fields[field] = forms.ChoiceField(
                label=name,
                required=field in REQUIRED_FIELDS,
                choices=[("", _("Aucune colonne")), *((header, header) for header in sample.header)],
                initial=sample.found.get(field, ""),
            )

    def clean(self) -> dict[str, Any]:
        """Hold each column to one use."""
        cleaned = super().clean() or {}
        cleaned.setdefault("school", self._school)
        uses: dict[str, str] = {}
        for field in FIELD_NAMES:
            header = cleaned.get(field, "")
            if header and header in uses:
                first = FIELD_NAMES[uses[header]]
                self.add_error(field, _("Cette colonne est déjà choisie : %(field)s.") % {"field": first})
            uses.setdefault(header, field)
        return cleaned

    def chosen(self) -> dict[str, str]:
        """Return field → header."""
        return {field: self.cleaned_data[field] for field in FIELD_NAMES if self.cleaned_data[field]}


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """Several files at once; each may be empty, its reader says so."""

    widget = _SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """Return the files."""
        return [super(_FilesField, self).clean(one, initial) for one in (data or [None])]


class RegionFilesForm(forms.Form):
    """The lists of many lycées, or one archive that holds them."""

    batch = forms.UUIDField(widget=forms.HiddenInput)
    sent = _FilesField(
        label=_("Fichiers des lycées"),
        allow_empty_file=True,
        help_text=_("Autant de fichiers que vous voulez, ou un seul zip qui les contient tous (2 000 au plus)."),
    )


class ReviewAnswerForm(forms.Form):
    """An answer to one case: "same:12", "other", "here:12", "elsewhere:12", "taken" or "dropped", under the page's id."""

    decision = forms.UUIDField()
    answer = forms.RegexField(r"^(same|here|elsewhere):\d{1,18}$|^(other|taken|dropped)$")

    def answer_given(self) -> tuple[Ruling, int | None]:
        """Return the ruling, and whom it is about; nobody for "other" and for a whole line."""
        ruling, _colon, student_id = self.cleaned_data["answer"].partition(":")
        return Ruling(ruling), int(student_id) if student_id else None


class MergeSearchForm(forms.Form):
    """What names the other record of a student: a label, or part of a name."""

    wanted = forms.CharField(label=_("Étiquette ou nom de l’autre fiche"), max_length=80)


class MergeForm(forms.Form):
    """The id that the page gave to the merge: sent twice it is one."""

    merge = forms.UUIDField(widget=forms.HiddenInput)


class UndoMergeForm(forms.Form):
    """The id that the page gave to the movement by which a PC goes back."""

    movement = forms.UUIDField(widget=forms.HiddenInput)
