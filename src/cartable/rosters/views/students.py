"""Two records that turn out to be one person. The page of one student stands in `desk`."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.fleet.commands import LedgerRefusal
from cartable.rosters.access import merge_for, student_for
from cartable.rosters.commands.merging import MergeRefused, merge_students, undo_merge
from cartable.rosters.forms.lists import MergeForm, MergeSearchForm, UndoMergeForm
from cartable.rosters.queries.people import find_students
from cartable.rosters.queries.students import merge_preview as preview_of
from cartable.rosters.queries.students import student_sheet
from cartable.rosters.views.audience import STAFF
from cartable.rosters.words import REFUSALS

# What is typed may be a name: it is posted and kept in the session, never in an address.
_SEARCHED = "merge_searched"
_SHOWN = 20


@open_to(*STAFF)
def merge_search(request: HttpRequest, label_code: str) -> HttpResponse:
    """Choose the other record of the same person, by label or name."""
    found = student_for(label_code)
    if request.method == "POST":
        form = MergeSearchForm(request.POST)
        request.session[_SEARCHED] = [found.label_code, form.cleaned_data["wanted"] if form.is_valid() else ""]
        return redirect("rosters:merge", found.label_code)
    whose, typed = request.session.get(_SEARCHED, ("", ""))
    text = (typed if whose == found.label_code else "") or found.family_name
    others = [one for one in find_students(text, limit=_SHOWN + 1) if one.id != found.pk][:_SHOWN]
    values = {"sheet": student_sheet(found), "form": MergeSearchForm(initial={"wanted": text}), "others": others}
    return render(request, "rosters/merge.html", values)


@open_to(*STAFF)
def merge_preview(request: CartableRequest, label_code: str, other_code: str) -> HttpResponse:
    """Show what reading two students as one would do; do it when confirmed."""
    one, other = student_for(label_code), student_for(other_code)
    if request.method == "POST":
        return _merge(request, (one.pk, other.pk), one.label_code)
    if one.pk == other.pk:
        return redirect("rosters:student", one.label_code)
    plan = preview_of(one, other)
    values = {
        "one": student_sheet(one),
        "plan": plan,
        "sides": [(_("Fiche qui reste"), plan.kept), (_("Fiche réunie"), plan.absorbed)],
        "form": MergeForm(initial={"merge": uuid4()}),
    }
    return render(request, "rosters/merge_preview.html", values)


def _merge(request: CartableRequest, student_ids: tuple[int, int], label_code: str) -> HttpResponse:
    form = MergeForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        merge_students(
            merge_id=form.cleaned_data["merge"],
            student_ids=student_ids,
            decided_by_id=request.signed_in.actor_id,
            decided_at=timezone.now(),
        )
        request.session.pop(_SEARCHED, None)
        messages.success(request, _("Les deux fiches n’en font plus qu’une. Les deux étiquettes mènent ici."))
    except (MergeRefused, LedgerRefusal) as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
    return redirect("rosters:student", label_code)


@open_to(*STAFF)
@require_POST
def merge_undo(request: CartableRequest, merge_id: UUID) -> HttpResponse:
    """Take a merge back."""
    merge = merge_for(merge_id)
    form = UndoMergeForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        undo_merge(
            merge_id=merge.pk,
            movement_id=form.cleaned_data["movement"],
            undone_by_id=request.signed_in.actor_id,
            undone_at=timezone.now(),
        )
        messages.success(request, _("Réunion annulée : les deux fiches sont de nouveau séparées."))
    except (MergeRefused, LedgerRefusal) as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
    return redirect("rosters:student", merge.kept.label_code)
