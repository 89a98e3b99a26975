"""The log-in form."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LogInForm(AuthenticationForm):
    """Mail address and password, with one message for all that is wrong."""

    error_messages = {
        "invalid_login": _("Adresse ou mot de passe inconnu. Vérifiez les deux, majuscules comprises."),
        "inactive": _("Ce compte est fermé. Demandez à la région de le rouvrir."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Adresse de messagerie")
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
        self.fields["password"].label = _("Mot de passe")

    def clean_username(self) -> str:
        """Return the address in lower case, as accounts keep it."""
        return str(self.cleaned_data["username"]).strip().lower()
