"""The log-in form."""

from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AuthenticationForm
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cartable.accounts.access import signed_in_person
from cartable.accounts.models import Person


class LogInForm(AuthenticationForm):
    """Mail address and password, with one message for all that is wrong."""

    error_messages = {
        "invalid_login": _("Adresse ou mot de passe inconnu. Vérifiez les deux, majuscules comprises."),
        "inactive": _("Ce compte est fermé. Demandez à la région de le rouvrir."),
        "no_role": _("Ce compte n’a aucun rôle aujourd’hui. Demandez à la région de vous en donner un."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Adresse de messagerie")
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
        self.fields["password"].label = _("Mot de passe")

    def clean_username(self) -> str:
        """Return the address in lower case, as accounts keep it."""
        return str(self.cleaned_data["username"]).strip().lower()

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Refuse a closed account, and one without any role today: every page would be closed to it."""
        super().confirm_login_allowed(user)  # type: ignore[arg-type]
        if isinstance(user, Person) and signed_in_person(user, today=timezone.localdate()) is None:
            raise forms.ValidationError(self.error_messages["no_role"], code="no_role")
