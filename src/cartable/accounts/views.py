"""Log in and out."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cartable.accounts.access import open_to_everybody
from cartable.accounts.forms import LogInForm


def too_many_attempts(request: HttpRequest, credentials: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer somebody who failed too often: when to try again, and whom to ask."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "accounts/too_many_attempts.html", {"minutes": minutes}, status=429)


log_in = open_to_everybody(
    LoginView.as_view(
        template_name="accounts/log_in.html", authentication_form=LogInForm, redirect_authenticated_user=True
    )
)
log_out = open_to_everybody(LogoutView.as_view())
