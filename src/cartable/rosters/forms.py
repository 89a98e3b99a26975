"""The upload of a lycée's list."""

from django import forms
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
