"""Remind families about the charter, class by class."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.distribution.access import day_for
from cartable.distribution.commands.reminders import remind_class
from cartable.distribution.forms import ReminderForm
from cartable.distribution.queries.reminders import classes_waiting
from cartable.notices.queries import sending_of
from cartable.notices.rules import NoticeKind
from cartable.ui.figures import thin


@open_to(Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE)
def reminders(request: CartableRequest, day_id: int) -> HttpResponse:
    """Show the classes that lack charters; write to the families of the one that was chosen."""
    day = day_for(day_id)
    classes = classes_waiting(day)
    form = ReminderForm(request.POST or None, divisions=[one.division for one in classes])
    if request.method == "POST" and form.is_valid():
        count = remind_class(
            act_id=form.cleaned_data["act"],
            day=day,
            division=form.cleaned_data["division"],
            language="fr",
            asked_at=timezone.now(),
        )
        said = ngettext("%(count)s courriel part.", "%(count)s courriels partent.", count)
        messages.success(request, said % {"count": thin(count)})
        return redirect("distribution:reminders", day.pk)
    values = {
        "day": day,
        "classes": [(one, uuid4()) for one in classes],
        "sending": sending_of(day.school_id, NoticeKind.CHARTER_REMINDER),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "distribution/reminders.html", values, status=status)
