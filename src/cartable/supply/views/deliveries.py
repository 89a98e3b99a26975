"""Deliveries, and the refused lines that somebody must settle."""

import csv
import io

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.kernel.tables import inert
from cartable.supply import commands
from cartable.supply.access import delivery_of, refused_line_of
from cartable.supply.forms import CorrectionForm, DropCauseForm, DropForm
from cartable.supply.queries import deliveries, notes
from cartable.supply.rules import FIELDS
from cartable.supply.words import CAUSES, FIELD_NAMES, REMEDIES

SHOWN_LINES = 300


@open_to(Role.REGION_MANAGER)
def delivery_list(request: CartableRequest) -> HttpResponse:
    """Show the deliveries, the latest first, and the notes that wait."""
    only_open = request.GET.get("etat") == "ouvertes"
    page = deliveries.list_deliveries(
        only_open=only_open, after=_number(request.GET.get("apres")), before=_number(request.GET.get("avant"))
    )
    values = {"page": page, "only_open": only_open, "waiting": notes.waiting_notes()}
    return render(request, "supply/delivery_list.html", values)


@open_to(Role.REGION_MANAGER)
def delivery(request: CartableRequest, pk: int) -> HttpResponse:
    """Show one delivery: what entered the park, what waits to be settled."""
    delivery_of(pk)
    row = deliveries.delivery_row(pk)
    values = {
        "row": row,
        "lines": deliveries.refused_lines(pk, limit=SHOWN_LINES),
        "causes": deliveries.open_causes(pk),
        "form": DropForm(auto_id="lot-%s"),
        "limit": SHOWN_LINES,
    }
    return render(request, "supply/delivery.html", values)


@open_to(Role.REGION_MANAGER)
def refused_line(request: CartableRequest, pk: int, line: int) -> HttpResponse:
    """Show a refused line, and enter its PC once corrected."""
    found = refused_line_of(pk, line)
    shown = deliveries.shown_line(found)
    form = CorrectionForm(request.POST or None, initial={field: getattr(found, field) for field in FIELDS})
    if request.method == "POST" and form.is_valid() and found.settled_at is None:
        try:
            asset_tag = commands.enter_refused_line(
                line_id=found.pk,
                settled_at=timezone.now(),
                settled_by_id=request.signed_in.actor_id,
                **{field: form.cleaned_data[field] for field in FIELDS},
            )
        except commands.LineStillRefused as refusal:
            form.add_error(None, f"{CAUSES[refusal.line_code]}. {REMEDIES[refusal.line_code]}")
        else:
            messages.success(request, _("PC entré au dépôt : %(tag)s.") % {"tag": asset_tag})
            return redirect("supply:delivery", pk)
    values = {"delivery_id": pk, "line": shown, "form": form, "drop_form": DropForm(auto_id="ecarter-%s")}
    return render(request, "supply/refused_line.html", values, status=422 if form.errors else 200)


@open_to(Role.REGION_MANAGER)
@require_POST
def refused_line_drop(request: CartableRequest, pk: int, line: int) -> HttpResponse:
    """Leave one refused line aside for good."""
    found = refused_line_of(pk, line)
    form = DropForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Dites pourquoi cette ligne est écartée."))
        return redirect("supply:refused-line", pk, line)
    _drop(request, pk, form, line=found.line)
    return redirect("supply:delivery", pk)


@open_to(Role.REGION_MANAGER)
@require_POST
def refused_lines_drop(request: CartableRequest, pk: int) -> HttpResponse:
    """Leave all refused lines of one cause aside for good."""
    delivery_of(pk)
    form = DropCauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Dites pourquoi ces lignes sont écartées."))
        return redirect("supply:delivery", pk)
    _drop(request, pk, form, code=form.cleaned_data["code"])
    return redirect("supply:delivery", pk)


@open_to(Role.REGION_MANAGER)
def refused_lines_csv(request: CartableRequest, pk: int) -> HttpResponse:
    """Give the open refused lines as a CSV for the supplier; cells that look like formulas become text."""
    delivery_of(pk)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow([_("Ligne"), *(str(FIELD_NAMES[field]) for field in FIELDS), _("Pourquoi"), _("Que faire")])
    for line in deliveries.refused_lines(pk, only_open=True):
        writer.writerow([line.line, *(inert(getattr(line, field)) for field in FIELDS), line.cause, line.remedy])
    # The mark tells spreadsheets that this is UTF-8.
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="livraison-{pk}-lignes-refusees.csv"'
    return response


def _drop(request: CartableRequest, pk: int, form: DropForm, *, line: int | None = None, code: str = "") -> None:
    count = commands.drop_lines(
        delivery_id=pk,
        remark=form.cleaned_data["remark"],
        settled_at=timezone.now(),
        settled_by_id=request.signed_in.actor_id,
        line=line,
        code=code,
    )
    messages.success(
        request, ngettext("%(count)s ligne écartée.", "%(count)s lignes écartées.", count) % {"count": count}
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
