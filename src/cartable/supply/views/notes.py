"""A delivery note: sent, checked, its columns said, received now or by the worker."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.fleet.commands import DeviceAlreadyKnown
from cartable.kernel.tables import UnreadableTable
from cartable.supply import commands
from cartable.supply.access import note_of
from cartable.supply.forms import ColumnsForm, NoteForm
from cartable.supply.models import Delivery, DeliveryNote
from cartable.supply.queries.notes import check_note, column_choice, supplier_choices
from cartable.supply.words import REFUSALS, WARNINGS, unreadable_note

SHOWN_LINES = 200


@open_to(Role.REGION_MANAGER)
def note_new(request: CartableRequest) -> HttpResponse:
    """Take a delivery note; nothing of it enters the park."""
    form = NoteForm(
        request.POST or None, request.FILES or None, suppliers=supplier_choices(), today=timezone.localdate()
    )
    if request.method == "POST" and form.is_valid():
        try:
            note = _keep(request, form)
        except commands.NoteReceivedAlready as known:
            return redirect("supply:delivery", known.delivery_id)
        except UnreadableTable as refusal:
            form.add_error("file", unreadable_note(refusal.code, line=refusal.line, detail=refusal.detail))
        else:
            return redirect("supply:note", note.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "supply/note_new.html", {"form": form}, status=status)


@open_to(Role.REGION_MANAGER)
def note(request: CartableRequest, pk: int) -> HttpResponse:
    """Show what receiving the note would do, or lead to what it became."""
    found = note_of(pk)
    delivery_id = _delivery_id(found)
    if delivery_id is not None:
        return redirect("supply:delivery", delivery_id)
    if found.queued_at is not None:
        return render(request, "supply/note_queued.html", {"note": found})
    values = {"note": found, "failure": REFUSALS.get(found.failure, ""), "limit": SHOWN_LINES}
    try:
        check = check_note(found)
    except UnreadableTable as refusal:
        words = unreadable_note(refusal.code, line=refusal.line, detail=refusal.detail)
        return render(request, "supply/note_unreadable.html", {**values, "words": words})
    shown = {"check": check, "refused": check.refused[:SHOWN_LINES], "warnings": [WARNINGS[w] for w in check.warnings]}
    return render(request, "supply/note.html", {**values, **shown})


@open_to(Role.REGION_MANAGER)
def note_columns(request: CartableRequest, pk: int) -> HttpResponse:
    """Ask which column of the file is what."""
    found = note_of(pk)
    try:
        choice = column_choice(found)
    except UnreadableTable:
        return redirect("supply:note", pk)
    form = ColumnsForm(request.POST or None, choice=choice, has_header=found.has_header)
    if request.method == "POST" and form.is_valid():
        has_header = form.cleaned_data["has_header"]
        # Without header the columns are named otherwise: choose among those names on the next page.
        columns = form.chosen() if has_header == found.has_header else {}
        try:
            commands.choose_columns(note_id=pk, columns=columns, has_header=has_header)
        except commands.NoteReceivedAlready as known:
            return redirect("supply:delivery", known.delivery_id)
        return redirect("supply:note" if columns else "supply:note-columns", pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "supply/note_columns.html", {"note": found, "form": form, "choice": choice}, status=status)


@open_to(Role.REGION_MANAGER)
@require_POST
def note_receive(request: CartableRequest, pk: int) -> HttpResponse:
    """Receive the note, or hand a long one to the worker."""
    note_of(pk)
    try:
        received = commands.ask_for_reception(
            note_id=pk, asked_at=timezone.now(), asked_by_id=request.signed_in.actor_id
        )
    except UnreadableTable:
        return redirect("supply:note", pk)
    except DeviceAlreadyKnown as refusal:
        messages.error(request, str(REFUSALS[refusal.code]))
        return redirect("supply:note", pk)
    return redirect("supply:delivery", received.delivery_id) if received else redirect("supply:note", pk)


@open_to(Role.REGION_MANAGER)
def note_state(request: CartableRequest, pk: int) -> HttpResponse:
    """Answer the page that waits for the worker: still waiting (204), or where to go."""
    found = note_of(pk)
    delivery_id = _delivery_id(found)
    if delivery_id is None and found.queued_at is not None:
        return HttpResponse(status=204)
    return HttpResponseClientRedirect(reverse("supply:note", args=[pk]))


def _keep(request: CartableRequest, form: NoteForm) -> DeliveryNote:
    said, signed_in = form.cleaned_data, request.signed_in
    return commands.keep_note(
        region_id=signed_in.region_id,
        contractor_id=int(said["supplier"]),
        lot_reference=said["lot"],
        received_on=said["received_on"],
        reference=said["reference"],
        default_model=said["model"],
        file_name=said["file"].name,
        content=said["file"].read(),
        sent_at=timezone.now(),
        sent_by_id=signed_in.actor_id,
    )


def _delivery_id(found: DeliveryNote) -> int | None:
    return Delivery.objects.filter(note=found).values_list("pk", flat=True).first()
