"""Files that people send: a lycée's list, or those of a whole region."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cartable.rosters.models import Ruling


class RosterFileForm(forms.Form):
    """One SIECLE file, zip or XML."""

    file = forms.FileField(
        label=_("Fichier SIECLE"),
        allow_empty_file=True,  # An empty file gets the reader's own sentence.
        help_text=_(
            "ElevesSansAdresses, puis ResponsablesAvecAdresses : le zip ou le XML donné par SIECLE, sans le modifier."
        ),
    )


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
