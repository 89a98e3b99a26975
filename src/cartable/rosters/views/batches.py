"""The lists of the whole region: drop them, watch them being read, apply what is right."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.kernel.school_year import SchoolYear
from cartable.rosters.access import batch_for, file_for
from cartable.rosters.commands.batches import (
    BatchIdReused,
    SentFile,
    ask_for_applying,
    ask_for_reading,
    receive_files,
    settle_file,
)
from cartable.rosters.formats.recognition import FileRefused, sentence
from cartable.rosters.forms.lists import RegionFilesForm
from cartable.rosters.queries.batches import BatchSheet, Standing, batch_sheet, latest_batches
from cartable.rosters.words import REFUSALS, STANDINGS
from cartable.ui.charts import plan_bar


@open_to(Role.REGION_MANAGER)
def region_lists(request: CartableRequest) -> HttpResponse:
    """Take files of many lycées; show the latest batches."""
    form = RegionFilesForm(request.POST or None, request.FILES or None, initial={"batch": uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            files = _receive(request, form.cleaned_data)
        except FileRefused as refusal:
            form.add_error("sent", sentence(refusal, _))
        except BatchIdReused:
            form.add_error(None, _("Ces fichiers appartiennent à un autre envoi : rechargez la page."))
        else:
            ask_for_reading(files)
            return redirect("rosters:batch", form.cleaned_data["batch"])
    status = 422 if request.method == "POST" else 200
    return render(request, "rosters/region.html", {"form": form, "batches": latest_batches()}, status=status)


def _receive(request: CartableRequest, cleaned: dict[str, Any]) -> list[Any]:
    now = timezone.now()
    return receive_files(
        batch_id=cleaned["batch"],
        region_id=request.signed_in.region_id,
        school=None,
        first_year=SchoolYear.containing(timezone.localdate(now)).first_year,
        files=[SentFile(file.name, file.read()) for file in cleaned["sent"]],
        sent_at=now,
        sent_by_id=request.signed_in.actor_id,
    )


@open_to(Role.REGION_MANAGER)
def batch(request: CartableRequest, batch_id: UUID) -> HttpResponse:
    """Show how far a batch is and what each list would do; htmx asks for the part that changes."""
    sheet = batch_sheet(batch_for(batch_id))
    template = "rosters/batch.html#avancement" if request.headers.get("HX-Request") else "rosters/batch.html"
    return render(request, template, _values(sheet, request.GET.get("etat", "")))


def _values(sheet: BatchSheet, wanted: str) -> dict[str, Any]:
    chosen = Standing(wanted) if wanted in set(Standing) else None
    return {
        "sheet": sheet,
        "year": SchoolYear(sheet.first_year).label,
        "bar": plan_bar(sheet.read_count, sheet.file_count),
        "filters": [(s, STANDINGS[s].label, n, s == chosen) for s in Standing if (n := sheet.standings.get(s, 0))],
        "chosen": chosen,
        "rows": [
            (row, STANDINGS[row.standing], REFUSALS.get(row.apply_refusal, row.apply_refusal))
            for row in sheet.rows
            if chosen in (None, row.standing)
        ],
    }


@open_to(Role.REGION_MANAGER)
@require_POST
def batch_apply(request: CartableRequest, batch_id: UUID) -> HttpResponse:
    """Apply every lycée of a batch that needs no second person."""
    batch_for(batch_id)
    count = ask_for_applying(batch_id=batch_id, asked_by_id=request.signed_in.actor_id)
    said = ngettext("%(n)s lycée en cours d’application.", "%(n)s lycées en cours d’application.", count)
    messages.success(request, said % {"n": count})
    return redirect("rosters:batch", batch_id)


@open_to(Role.REGION_MANAGER)
@require_POST
def file_settle(request: CartableRequest, file_id: UUID) -> HttpResponse:
    """Take a refused file off the list of what waits."""
    file = file_for(file_id)
    settle_file(file_id=file_id, settled_at=timezone.now(), settled_by_id=request.signed_in.actor_id)
    messages.success(request, _("Fichier écarté."))
    return redirect("rosters:batch", file.batch_id)
