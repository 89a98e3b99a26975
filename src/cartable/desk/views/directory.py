"""The school directory: sent, looked at as a difference, applied when confirmed."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.desk.forms import DirectoryConfirmationForm, DirectoryForm
from cartable.kernel.tables import UnreadableTable
from cartable.organisations import commands
from cartable.organisations.access import directory_of, region_of
from cartable.organisations.queries import directory_difference, latest_directories, reading_of
from cartable.organisations.rules import Change, Difference, RefusedLine
from cartable.organisations.words import FIELD_NAMES, REFUSED_LINE, VALUE_NAMES, unreadable_file

SHOWN_LINES = 200  # Of each list; the counts are whole.


@open_to(Role.REGION_MANAGER)
def directory_new(request: CartableRequest) -> HttpResponse:
    """Take a directory file; nothing of it is applied."""
    form = DirectoryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            directory = commands.keep_directory(
                region=region_of(request.signed_in.region_id),
                file_name=file.name,
                content=file.read(),
                sent_at=timezone.now(),
            )
        except UnreadableTable as refusal:
            form.add_error("file", unreadable_file(refusal.code, line=refusal.line, detail=refusal.detail))
        else:
            return redirect("desk:directory", directory.pk)
    status = 422 if request.method == "POST" else 200
    values = {"form": form, "latest": latest_directories()}
    return render(request, "desk/directory_new.html", values, status=status)


@open_to(Role.REGION_MANAGER)
def directory(request: CartableRequest, pk: int) -> HttpResponse:
    """Show what a directory would change, or what it changed."""
    found = directory_of(pk)
    if found.applied_at is not None:
        return render(request, "desk/directory_applied.html", {"directory": found})
    difference = directory_difference(found.region, reading_of(found))
    form = DirectoryConfirmationForm(initial={"fingerprint": difference.fingerprint})
    values = {"directory": found, "form": form, "shown": _shown(difference), "difference": difference}
    return render(request, "desk/directory.html", values)


@open_to(Role.REGION_MANAGER)
@require_POST
def directory_apply(request: CartableRequest, pk: int) -> HttpResponse:
    """Apply the difference that was looked at."""
    found = directory_of(pk)
    form = DirectoryConfirmationForm(request.POST)
    fingerprint = form.cleaned_data["fingerprint"] if form.is_valid() else ""
    try:
        commands.apply_directory(directory_id=found.pk, fingerprint=fingerprint, applied_at=timezone.now())
    except commands.SchoolsHaveChanged:
        messages.warning(
            request, _("Les lycées ont changé depuis cette page. Revoyez les différences, puis confirmez.")
        )
    except commands.NothingToApply:
        messages.info(request, _("Il n’y a rien à changer."))
    return redirect("desk:directory", pk)


def _shown(difference: Difference) -> dict[str, object]:
    changed = [
        (school, [_change_in_words(change) for change in school.changes]) for school in difference.changed[:SHOWN_LINES]
    ]
    return {
        "new": difference.new[:SHOWN_LINES],
        "changed": changed,
        "refused": [_refused_in_words(line) for line in difference.refused[:SHOWN_LINES]],
        "limit": SHOWN_LINES,
    }


def _change_in_words(change: Change) -> tuple[str, str, str]:
    before, after = (str(VALUE_NAMES.get(value, value)) for value in (change.before, change.after))
    return str(FIELD_NAMES[change.field]), before, after


def _refused_in_words(line: RefusedLine) -> tuple[RefusedLine, str]:
    return line, str(REFUSED_LINE[line.code])
