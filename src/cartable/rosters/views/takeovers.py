"""The fleet of another tool: sent, checked, its columns said, its books opened now or by the worker; counts to export."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.documents.queries import FileErased
from cartable.fleet.commands import DeviceAlreadyKnown, StudentAlreadyHolds
from cartable.kernel.tables import UnreadableTable, inert
from cartable.rosters.access import takeover_for
from cartable.rosters.commands.takeover import ask_for_opening, is_long
from cartable.rosters.commands.takeover_checks import ask_for_check
from cartable.rosters.commands.takeover_files import TakeoverApplied, choose_takeover_columns, keep_takeover
from cartable.rosters.forms.takeover import DropTakeoverCauseForm, TakeoverColumnsForm, TakeoverForm
from cartable.rosters.models import KeptCheck, Takeover
from cartable.rosters.queries import takeover_checks, takeovers
from cartable.rosters.queries.takeover_checks import GIVEN_UP_AFTER, SHOWN_LINES, TakeoverCheck
from cartable.rosters.queries.takeovers import Reconciliation
from cartable.rosters.takeover_words import REFUSALS, unreadable_takeover
from cartable.supply.words import WARNINGS


@open_to(Role.REGION_MANAGER)
def takeover_list(request: CartableRequest) -> HttpResponse:
    """Show the takeovers, the latest first."""
    return render(request, "rosters/takeover_list.html", {"rows": takeovers.latest_takeovers()})


@open_to(Role.REGION_MANAGER)
def takeover_new(request: CartableRequest) -> HttpResponse:
    """Take the file of another tool; nothing of it enters the books."""
    form = TakeoverForm(
        request.POST or None,
        request.FILES or None,
        suppliers=takeovers.contractor_choices("supplier"),
        repairers=takeovers.contractor_choices("repairer"),
        today=timezone.localdate(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            kept = _keep(request, form.cleaned_data)
        except UnreadableTable as refusal:
            form.add_error("file", unreadable_takeover(refusal.code, line=refusal.line, detail=refusal.detail))
        else:
            return redirect("rosters:takeover", kept.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "rosters/takeover_new.html", {"form": form}, status=status)


@open_to(Role.REGION_MANAGER)
def takeover(request: CartableRequest, takeover_id: UUID) -> HttpResponse:
    """Show what opening the books would do, or what became of each line."""
    found = takeover_for(takeover_id)
    if found.applied_at is not None:
        return render(request, "rosters/takeover_applied.html", _applied(found))
    if found.queued_at is not None:
        return render(request, "rosters/takeover_queued.html", {"takeover": found})
    if is_long(found):
        return _checked_by_worker(request, found)
    try:
        check = takeover_checks.check_takeover(found, takeovers.content_of_takeover(found), today=timezone.localdate())
    except UnreadableTable as refusal:
        return _unreadable(request, found, unreadable_takeover(refusal.code, line=refusal.line, detail=refusal.detail))
    except FileErased as refusal:
        return _unreadable(request, found, str(REFUSALS[refusal.code]), is_gone=True)
    return _check_page(request, found, check)


def _checked_by_worker(request: CartableRequest, found: Takeover) -> HttpResponse:
    """Show what the worker found in a long file, or that it is at it; nothing is read here."""
    kept = ask_for_check(takeover_id=found.pk, asked_at=timezone.now(), today=timezone.localdate())
    if kept.found is not None:
        return _check_page(request, found, takeover_checks.check_in_words(takeover_checks.found_of(kept.found)), kept)
    if kept.unreadable is not None:
        return _unreadable(request, found, unreadable_takeover(**kept.unreadable))
    if kept.failure == FileErased.code:
        return _unreadable(request, found, str(REFUSALS[kept.failure]), is_gone=True)
    code = kept.failure or ("check_silent" if _is_overdue(kept) else "")
    values = {"takeover": found, "kept": kept, "failure": REFUSALS[code] if code else ""}
    return render(request, "rosters/takeover_checking.html", values)


def _is_overdue(kept: KeptCheck) -> bool:
    return timezone.now() - kept.asked_at > GIVEN_UP_AFTER


def _check_page(
    request: CartableRequest, found: Takeover, check: TakeoverCheck, kept: KeptCheck | None = None
) -> HttpResponse:
    values = {
        "takeover": found,
        "failure": REFUSALS.get(found.failure, ""),
        "limit": SHOWN_LINES,
        "kept": kept,
        "check": check,
        "counts": check.reconciliation,
        "lines": check.waiting[:SHOWN_LINES],
        "warnings": [WARNINGS[w] for w in check.warnings],
    }
    return render(request, "rosters/takeover_check.html", values)


def _unreadable(request: CartableRequest, found: Takeover, words: str, *, is_gone: bool = False) -> HttpResponse:
    values = {"takeover": found, "words": words, "is_gone": is_gone}
    return render(request, "rosters/takeover_unreadable.html", values)


@open_to(Role.REGION_MANAGER)
@require_POST
def takeover_check(request: CartableRequest, takeover_id: UUID) -> HttpResponse:
    """Check a long file anew: the worker stopped, or the lists and the park have changed."""
    found = takeover_for(takeover_id)
    if found.applied_at is None and is_long(found):
        ask_for_check(takeover_id=takeover_id, asked_at=timezone.now(), today=timezone.localdate(), is_anew=True)
    return redirect("rosters:takeover", takeover_id)


@open_to(Role.REGION_MANAGER)
def takeover_columns(request: CartableRequest, takeover_id: UUID) -> HttpResponse:
    """Ask which column of the file is what."""
    found = takeover_for(takeover_id)
    try:
        choice = takeovers.column_choice(found, takeovers.content_of_takeover(found))
    except (UnreadableTable, FileErased):
        return redirect("rosters:takeover", takeover_id)
    form = TakeoverColumnsForm(request.POST or None, choice=choice, has_header=found.has_header)
    if request.method == "POST" and form.is_valid():
        has_header = form.cleaned_data["has_header"]
        # Without header the columns are named otherwise: choose among those names on the next page.
        columns = form.chosen() if has_header == found.has_header else {}
        try:
            choose_takeover_columns(takeover=found, columns=columns, has_header=has_header)
        except TakeoverApplied as refusal:
            messages.error(request, str(REFUSALS[refusal.code]))
            return redirect("rosters:takeover", takeover_id)
        return redirect("rosters:takeover" if columns else "rosters:takeover-columns", takeover_id)
    status = 422 if request.method == "POST" else 200
    values = {"takeover": found, "form": form, "choice": choice}
    return render(request, "rosters/takeover_columns.html", values, status=status)


@open_to(Role.REGION_MANAGER)
@require_POST
def takeover_open(request: CartableRequest, takeover_id: UUID) -> HttpResponse:
    """Open the books, or hand a long file to the worker."""
    takeover_for(takeover_id)
    try:
        ask_for_opening(takeover_id=takeover_id, asked_at=timezone.now(), asked_by_id=request.signed_in.actor_id)
    except (DeviceAlreadyKnown, StudentAlreadyHolds, FileErased) as refusal:
        messages.error(request, str(REFUSALS[refusal.code]))
    except UnreadableTable:
        pass  # The page says why.
    return redirect("rosters:takeover", takeover_id)


@open_to(Role.REGION_MANAGER)
def takeover_state(request: CartableRequest, takeover_id: UUID) -> HttpResponse:
    """Answer the page that waits for the worker: still waiting (204), or where to go."""
    found = takeover_for(takeover_id)
    if found.applied_at is None:
        kept = None if found.queued_at else takeover_checks.current_check(found, today=timezone.localdate())
        is_checking = kept is not None and not (kept.found_at or kept.failure or _is_overdue(kept))
        if found.queued_at is not None or is_checking:
            return HttpResponse(status=204)
    return HttpResponseClientRedirect(reverse("rosters:takeover", args=[takeover_id]))


@open_to(Role.REGION_MANAGER)
def takeover_counts_csv(request: CartableRequest, takeover_id: UUID) -> HttpResponse:
    """Give the reconciliation as a CSV, before and after; cells that look like formulas become text."""
    found = takeover_for(takeover_id)
    try:
        counts = _counts(found)
    except (UnreadableTable, FileErased):
        counts = None
    if counts is None:  # The page says why, or that the file is being checked.
        return redirect("rosters:takeover", takeover_id)
    return csv_answer(_count_rows(counts), name=f"reprise-{str(takeover_id)[:8]}-comptes.csv")


def _counts(found: Takeover) -> Reconciliation | None:
    if found.applied_at is not None:
        return takeovers.reconciliation_of(found)
    today = timezone.localdate()
    if is_long(found):
        kept = takeover_checks.current_check(found, today=today)
        if kept is None or kept.found is None:
            return None
        return takeover_checks.check_in_words(takeover_checks.found_of(kept.found)).reconciliation
    return takeover_checks.check_takeover(found, takeovers.content_of_takeover(found), today=today).reconciliation


def csv_answer(rows: Iterable[Sequence[object]], *, name: str) -> HttpResponse:
    """Return rows as a CSV that spreadsheets open as UTF-8 and that runs nothing in them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    writer.writerows([inert(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _count_rows(counts: Reconciliation) -> Iterable[Sequence[object]]:
    yield (
        _("Par"), _("Nom"), _("Lignes lues"), _("PC entrés d’emblée"), _("En attente d’un détenteur"),
        _("Refusées"), _("Entrés ensuite"), _("Écartées"), _("Restent à régler"),
    )  # fmt: skip
    groups = (
        (_("Fichier"), (counts.whole,)),
        (_("Lot"), counts.by_lot),
        (_("Lycée"), counts.by_school),
        (_("Détenteur"), counts.by_account),
    )
    for group, rows in groups:
        for row in rows:
            yield (
                group, row.name, row.read, row.entered, row.queued, row.refused, row.added, row.dropped, row.open_count,
            )  # fmt: skip


def _applied(found: Takeover) -> dict[str, Any]:
    return {
        "takeover": found,
        "counts": takeovers.reconciliation_of(found),
        "lines": takeovers.waiting_lines(found, limit=SHOWN_LINES),
        "causes": takeovers.open_causes(found),
        "next_line": takeovers.next_open_line(found, after=0),
        "form": DropTakeoverCauseForm(auto_id="lot-%s"),
        "limit": SHOWN_LINES,
    }


def _keep(request: CartableRequest, said: dict[str, Any]) -> Takeover:
    return keep_takeover(
        region_id=request.signed_in.region_id,
        supplier_id=int(said["supplier"]),
        repairer_id=int(said["repairer"]) if said["repairer"] else None,
        default_lot=said["lot"],
        default_model=said["model"],
        counted_on=said["counted_on"],
        file_name=said["file"].name,
        content=said["file"].read(),
        sent_at=timezone.now(),
        sent_by_id=request.signed_in.actor_id,
    )
