"""Files that people send: a lycée's list, or those of a whole region."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _


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
