"""The court: disputes of a day and of the region, one dispute with all its claims, and its ruling."""

from typing import Any, TypedDict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartable.accounts.access import CartableRequest, SignedIn, open_to
from cartable.accounts.models import Role
from cartable.distribution.access import day_for, device_named, dispute_for, neighbour_named, passage_for, passage_named
from cartable.distribution.commands import court
from cartable.distribution.court_rules.hearing import Option, Settlement, Why, may_settle
from cartable.distribution.court_rules.options import options
from cartable.distribution.court_rules.proposals import propose
from cartable.distribution.court_words import (
    BECAUSE_WORDS,
    SETTLEMENT_WORDS,
    WHY_WORDS,
    option_effect,
    option_title,
)
from cartable.distribution.forms import ExchangeForm, SettlementForm
from cartable.distribution.models import DayState, DistributionDay
from cartable.distribution.queries.court import DisputeLine, Docket, SettledPage, disputes, docket_of, settled_disputes
from cartable.distribution.refusal_words import REFUSAL_WORDS
from cartable.distribution.views.days import SITE, STAFF
from cartable.fleet.models import REASON_NAMES
from cartable.ui.paging import page_place

SCAN_WORDS = {
    "arrival": gettext_lazy("Passage à l’atelier A"),
    "pair": gettext_lazy("Remise"),
    "undo": gettext_lazy("Annulation"),
    "no_charter": gettext_lazy("Sans charte"),
    "device_faulty": gettext_lazy("PC en défaut"),
}


class _Place(TypedDict):
    after: int | None
    before: int | None


@open_to(*STAFF)
def region_disputes(request: CartableRequest) -> HttpResponse:
    """List the disputes of all the schools that the person may see: open ones, then those that are settled."""
    scope = {"region_id": request.signed_in.region_id, "school_ids": request.signed_in.school_ids}
    waiting, settled = disputes(**scope), settled_disputes(**scope, **_place(request))  # type: ignore[arg-type]
    return _list(request, None, waiting, settled)


@open_to(*STAFF)
def day_disputes(request: CartableRequest, day_id: int) -> HttpResponse:
    """List the disputes of a day; those that are settled stay below."""
    day = day_for(day_id)
    return _list(request, day, disputes(day_id=day.pk), settled_disputes(day_id=day.pk, **_place(request)))


def _place(request: HttpRequest) -> _Place:
    # More digits than an id has are no place either.
    after, before = (int(text) if text.isdigit() and len(text) < 19 else None for text in page_place(request))
    return {"after": after, "before": before}


def _list(
    request: HttpRequest, day: DistributionDay | None, waiting: list[DisputeLine], settled: SettledPage
) -> HttpResponse:
    return render(
        request,
        "distribution/disputes.html",
        {
            "day": day,
            "waiting": [(line, REFUSAL_WORDS.get(line.code, line.code)) for line in waiting],
            "settled": [
                (line, REFUSAL_WORDS.get(line.code, line.code), SETTLEMENT_WORDS.get(line.settlement, line.settlement))
                for line in settled.rows
            ],
            "page": settled,
        },
    )


@open_to(*STAFF)
def dispute_page(request: CartableRequest, day_id: int, dispute_id: int) -> HttpResponse:
    """Show a dispute, all its claims side by side, and settle it with one gesture."""
    day = day_for(day_id)
    dispute = dispute_for(day, dispute_id)
    if request.method == "POST":
        return _settle(request, day, dispute_id)
    return _render(request, day, docket_of(dispute), SettlementForm())


def _settle(request: CartableRequest, day: DistributionDay, dispute_id: int) -> HttpResponse:
    dispute = dispute_for(day, dispute_id)
    form = SettlementForm(request.POST)
    if not _may(request.signed_in, day):
        messages.error(request, _("La journée est passée : la région règle ce litige."))
        return redirect("distribution:dispute", day.pk, dispute.pk)
    if not form.is_valid():
        return _render(request, day, docket_of(dispute), form, 422)
    settlement, testimony_id, device_id = form.ruling()
    named: dict[str, int | None] = {"testimony_id": testimony_id, "device_id": device_id}
    if settlement == Settlement.IDENTIFIED:
        code = form.cleaned_data["code"]
        passage, device = passage_named(day, code), device_named(code)
        if passage is None and device is None:
            form.add_error("code", _("Ni élève de la journée, ni PC de ce lycée."))
            return _render(request, day, docket_of(dispute), form, 422)
        named = {"student_id": passage.student_id if passage else None, "device_id": device.pk if device else None}
    why = WHY_WORDS.get(form.cleaned_data["why"], SETTLEMENT_WORDS[settlement])
    try:
        court.settle(
            dispute=dispute,
            settlement=settlement,
            reason=form.cleaned_data["reason"] or str(why),
            seen=form.cleaned_data["seen"],
            settled_by_id=request.signed_in.actor_id,
            now=timezone.now(),
            **named,
        )
    except court.SettledAlready:
        messages.info(request, _("Quelqu’un d’autre vient de régler ce litige : voici sa décision."))
    except (court.ThingsHaveMoved, court.NoSuchSettlement):
        messages.error(request, _("Les choses ont changé depuis l’affichage : relisez, puis décidez."))
    except court.NotPossible as refusal:
        messages.error(request, str(BECAUSE_WORDS[refusal.because]))
    else:
        messages.success(request, _("Litige réglé."))
        return redirect("distribution:disputes", day.pk)
    return redirect("distribution:dispute", day.pk, dispute.pk)


def _may(signed_in: SignedIn, day: DistributionDay) -> bool:
    return may_settle(
        rules_region=Role.REGION_MANAGER in signed_in.roles,
        rules_site=bool(signed_in.roles & set(SITE)),
        is_day_open=day.state == DayState.OPEN,
        is_the_day=day.held_on == timezone.localdate(),
    )


def _render(
    request: CartableRequest, day: DistributionDay, docket: Docket, form: SettlementForm, status: int = 200
) -> HttpResponse:
    proposal = propose(docket.hearing)
    others = [option for option in options(docket.hearing) if option != proposal.option]
    newest = next((line for line in reversed(docket.lines) if line.is_contested), None)
    is_unknown = bool(docket.dispute.unknown_code) and proposal.why == Why.NAME_THE_CODE
    return render(
        request,
        "distribution/dispute.html",
        {
            "day": day,
            "dispute": docket.dispute,
            "title": REFUSAL_WORDS.get(newest.code, newest.code) if newest else _("Litige"),
            "subject_tag": docket.tags.get(docket.dispute.device_id or 0, ""),
            "claims": [_claim(line, docket) for line in docket.lines],
            "proposed": _choice(proposal.option, docket),
            "why": WHY_WORDS[proposal.why],
            "why_code": proposal.why,
            "is_unknown": is_unknown,
            "others": [_choice(option, docket) for option in others if option.impossible is None],
            "closed_ways": [_choice(option, docket) for option in others if option.impossible is not None],
            "form": form,
            "seen": docket.seen,
            "can_settle": docket.dispute.settled_at is None and _may(request.signed_in, day),
            "settlement": SETTLEMENT_WORDS.get(docket.dispute.settlement, ""),
        },
        status=status,
    )


def _choice(option: Option, docket: Docket) -> dict[str, Any]:
    return {
        "value": f"{option.settlement}:{option.testimony_id or ''}:{option.device_id or ''}",
        "title": option_title(option, docket),
        "effect": option_effect(option, docket),
        "because": BECAUSE_WORDS[option.impossible] if option.impossible else "",
        "is_grave": option.settlement == Settlement.MISSING,
    }


def _claim(line: Any, docket: Docket) -> dict[str, Any]:
    person = docket.people.get(line.student_id)
    tag = docket.tags.get(line.device_id, "")
    return {
        "line": line,
        "person": person,
        "tag": tag,
        "said": SCAN_WORDS.get(line.kind, line.kind) if line.is_contested else REASON_NAMES.get(line.kind, line.kind),
        "refusal": REFUSAL_WORDS.get(line.code, line.code),
        "has_skew": abs(line.skew_seconds) >= 60,
        "skew_minutes": round(abs(line.skew_seconds) / 60),
    }


@open_to(*SITE)
def exchange(request: CartableRequest, day_id: int, passage_id: int) -> HttpResponse:
    """Exchange the PCs of two students who left with each other's, in one screen."""
    day = day_for(day_id)
    passage = passage_for(day, passage_id)
    form = ExchangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        neighbour = neighbour_named(day, form.cleaned_data["code"])
        if neighbour is None:
            form.add_error("code", _("Ni élève de la journée, ni PC qu’un élève de la journée détient."))
        else:
            try:
                court.exchange(
                    passage=passage, neighbour=neighbour, settled_by_id=request.signed_in.actor_id, now=timezone.now()
                )
            except court.NotPossible as refusal:
                form.add_error("code", str(BECAUSE_WORDS[refusal.because]))
            except court.ThingsHaveMoved:
                form.add_error("code", _("Les choses ont changé depuis l’affichage : relisez, puis décidez."))
            else:
                messages.success(request, _("PC échangés : les deux remises sont corrigées et refaites."))
                return redirect("distribution:student-list", day.pk)
    return render(
        request,
        "distribution/exchange.html",
        {"day": day, "form": form, "student_name": passage.student.display_name, "division": passage.division},
        status=422 if request.method == "POST" else 200,
    )
