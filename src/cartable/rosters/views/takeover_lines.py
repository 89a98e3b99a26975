"""The lines of a takeover that wait for somebody: one gesture each, or dropped with a reason."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.fleet.commands import DeviceAlreadyKnown, StudentAlreadyHolds
from cartable.fleet.rules import CustodianKind
from cartable.organisations.queries import school_choices
from cartable.rosters.access import takeover_for, takeover_line_for
from cartable.rosters.commands.takeover_lines import (
    LineRuling,
    LineStillWaits,
    StudentUnnamed,
    drop_waiting_lines,
    enter_waiting_line,
)
from cartable.rosters.forms.takeover import DropTakeoverCauseForm, DropTakeoverLineForm, WaitingLineForm
from cartable.rosters.models import TakeoverLine
from cartable.rosters.queries import takeovers
from cartable.rosters.queries.takeover_people import candidates_for
from cartable.rosters.takeover_words import FIELD_NAMES, REFUSALS, cause_of, remedy_of
from cartable.rosters.views.takeovers import csv_answer


@open_to(Role.REGION_MANAGER)
def takeover_line(request: CartableRequest, takeover_id: UUID, line: int) -> HttpResponse:
    """Show a line that waits, with whom it may mean, and enter its PC once somebody says where it is."""
    found = takeover_line_for(takeover_id, line)
    said = takeovers.said_of(found)
    form = WaitingLineForm(request.POST or None, initial=said, schools=school_choices())
    if request.method == "POST" and form.is_valid():
        refusal = _enter(request, found, form)
        if not refusal:
            return _to_next(found)
        form.add_error(None, refusal)
    is_open = found.settled_at is None
    values = {
        "takeover": found.takeover,
        "line": takeovers.kept_line(found),
        "birth_on": found.birth_on,
        "form": form,
        "candidates": candidates_for(found) if is_open else (),
        "gestures": takeovers.gestures_for(found, said) if is_open else (),
        "said": said,
        "drop_form": DropTakeoverLineForm(auto_id="ecarter-%s"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "rosters/takeover_line.html", values, status=status)


def _enter(request: CartableRequest, found: TakeoverLine, form: WaitingLineForm) -> str:
    """Enter the PC; return why not, in words, or nothing."""
    said = form.cleaned_data
    ruling = LineRuling(
        serial=said["serial"],
        asset_tag=said["asset_tag"],
        model=said["model"],
        lot=said["lot"],
        kind=CustodianKind(said["kind"]),
        uai=said["uai"],
        label_code=said["label_code"],
        condition=said["condition"],
        held_since=said["held_since"].isoformat() if said["held_since"] else "",
    )
    try:
        asset_tag = enter_waiting_line(
            takeover_id=found.takeover_id,
            line=found.line,
            ruling=ruling,
            settled_at=timezone.now(),
            settled_by_id=request.signed_in.actor_id,
        )
    except LineStillWaits as refusal:
        return f"{cause_of(refusal.line_code)}. {remedy_of(refusal.line_code)}"
    except (StudentUnnamed, DeviceAlreadyKnown, StudentAlreadyHolds) as refusal:
        return str(REFUSALS[refusal.code])
    said_back = _("Ligne %(n)s : PC entré, étiquette %(tag)s.") if asset_tag else _("Ligne %(n)s : déjà écartée.")
    messages.success(request, said_back % {"n": found.line, "tag": asset_tag})
    return ""


@open_to(Role.REGION_MANAGER)
@require_POST
def takeover_line_drop(request: CartableRequest, takeover_id: UUID, line: int) -> HttpResponse:
    """Leave one line aside for good."""
    found = takeover_line_for(takeover_id, line)
    form = DropTakeoverLineForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Dites pourquoi cette ligne est écartée."))
        return redirect("rosters:takeover-line", takeover_id, line)
    _drop(request, takeover_id, form.cleaned_data["remark"], line=found.line)
    return _to_next(found)


@open_to(Role.REGION_MANAGER)
@require_POST
def takeover_lines_drop(request: CartableRequest, takeover_id: UUID) -> HttpResponse:
    """Leave all lines of one cause aside for good."""
    takeover_for(takeover_id)
    form = DropTakeoverCauseForm(request.POST)
    if form.is_valid():
        _drop(request, takeover_id, form.cleaned_data["remark"], code=form.cleaned_data["code"])
    else:
        messages.error(request, _("Dites pourquoi ces lignes sont écartées."))
    return redirect("rosters:takeover", takeover_id)


@open_to(Role.REGION_MANAGER)
def takeover_lines_csv(request: CartableRequest, takeover_id: UUID) -> HttpResponse:
    """Give the lines that wait as a CSV, without the person; cells that look like formulas become text."""
    found = takeover_for(takeover_id)
    if found.applied_at is None:
        return redirect("rosters:takeover", takeover_id)
    fields = ("serial", "asset_tag", "lot", "uai", "state")
    header = (_("Ligne"), *(str(FIELD_NAMES[name]) for name in fields), _("Pourquoi"), _("Que faire"))
    rows = [
        (line.line, *(getattr(line, name) for name in fields), line.cause, line.remedy)
        for line in takeovers.waiting_lines(found, only_open=True)
    ]
    return csv_answer([header, *rows], name=f"reprise-{str(takeover_id)[:8]}-lignes.csv")


def _drop(request: CartableRequest, takeover_id: UUID, remark: str, *, line: int | None = None, code: str = "") -> None:
    count = drop_waiting_lines(
        takeover_id=takeover_id,
        remark=remark,
        settled_at=timezone.now(),
        settled_by_id=request.signed_in.actor_id,
        line=line,
        code=code,
    )
    said = ngettext("%(count)s ligne écartée.", "%(count)s lignes écartées.", count)
    messages.success(request, said % {"count": count})


def _to_next(found: TakeoverLine) -> HttpResponse:
    """Go on with the next line that waits, or back to the takeover when there is none."""
    line = takeovers.next_open_line(found.takeover, after=found.line)
    if line is None:
        return redirect("rosters:takeover", found.takeover_id)
    return redirect("rosters:takeover-line", found.takeover_id, line)
