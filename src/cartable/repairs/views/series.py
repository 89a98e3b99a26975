"""Four acts in series: send, receive at the repairer's, send back, receive in the lycée. One scan each, and one gesture.

What was scanned stands in the form: nothing is written before the last gesture, and no script is needed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cartable.accounts.access import CartableRequest, open_to
from cartable.repairs.commands import batches
from cartable.repairs.commands.refusals import RepairRefused
from cartable.repairs.forms import STROKE, SeriesForm
from cartable.repairs.models import BatchDifference
from cartable.repairs.queries import scans
from cartable.repairs.queries.expected import Expected, expected_back, expected_out, ready_to_go, waiting_for_parcel
from cartable.repairs.queries.scans import Scanned
from cartable.repairs.queries.tickets import differences
from cartable.repairs.views.audience import DESK, REPAIRER
from cartable.repairs.words import VERDICTS, refusal_in_words

TEMPLATE = "repairs/series.html"


@dataclass(frozen=True)
class Series:
    """One act: what its page says, how scans are judged, what else is expected, and what is done at the end."""

    route: str
    done_route: str
    title: Any
    sub: Any
    verb: Any
    expected_title: Any
    judge: Callable[..., list[Scanned]]
    expected: Callable[[], list[Expected]]
    act: Callable[[CartableRequest, UUID, Sequence[Scanned]], int]
    # A receipt keeps what does not fit: it may consist of nothing else.
    is_receipt: bool


def _page(request: CartableRequest, series: Series) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, series, SeriesForm(initial={"act": uuid4()}), [], uuid4())
    form = SeriesForm(request.POST)
    if not form.is_valid():
        return _shown(request, series, form, [], uuid4(), status=422)
    act_id, texts = form.cleaned_data["act"], form.texts()
    scanned = series.judge(texts, region_id=request.signed_in.region_id)
    if request.POST.get("do") == "act":
        try:
            if not series.is_receipt and not any(one.counts for one in scanned):
                raise RepairRefused("nothing_to_send")
            count = series.act(request, act_id, scanned)
        except RepairRefused as refusal:
            messages.error(request, refusal_in_words(refusal.code))
        else:
            messages.success(
                request, ngettext("%(count)s PC : c’est fait.", "%(count)s PC : c’est fait.", count) % {"count": count}
            )
            return redirect(series.done_route)
    fresh = SeriesForm(initial={"act": act_id, "scans": STROKE.join(texts)})
    return _shown(request, series, fresh, scanned, act_id)


def _shown(
    request: CartableRequest,
    series: Series,
    form: SeriesForm,
    scanned: list[Scanned],
    act_id: UUID,
    *,
    status: int = 200,
) -> HttpResponse:
    seen = {one.device.pk for one in scanned if one.device}
    rows = [(one, *VERDICTS[one.verdict]) for one in reversed(scanned)]
    kept = BatchDifference.at_contractor if request.signed_in.contractor_ids else BatchDifference.objects
    values = {
        "series": series,
        "form": form,
        "rows": rows,
        "good_count": sum(one.counts for one in scanned),
        "is_alarm": bool(scanned) and scanned[-1].verdict == scans.Verdict.HOT,
        "last": rows[0] if rows else None,
        "expected": [one for one in series.expected() if one.device_id not in seen],
        "differences": differences(kept.all(), limit=10) if series.is_receipt else [],
    }
    return render(request, TEMPLATE, values, status=status)


def _send_out(request: CartableRequest, act_id: UUID, scanned: Sequence[Scanned]) -> int:
    return batches.send_out(
        act_id=act_id, scanned=scanned, sent_at=timezone.now(), sent_by_id=request.signed_in.actor_id
    )


def _receive(request: CartableRequest, act_id: UUID, scanned: Sequence[Scanned]) -> int:
    assert request.signed_in.contractor_ids  # The page is open to repairers only.
    return batches.receive(
        receipt_id=act_id,
        region_id=request.signed_in.region_id,
        repairer_id=request.signed_in.contractor_ids[0],
        scanned=scanned,
        received_at=timezone.now(),
        received_by_id=request.signed_in.actor_id,
    )


def _send_back(request: CartableRequest, act_id: UUID, scanned: Sequence[Scanned]) -> int:
    return batches.send_back(
        act_id=act_id, scanned=scanned, sent_at=timezone.now(), sent_by_id=request.signed_in.actor_id
    )


def _take_back(request: CartableRequest, act_id: UUID, scanned: Sequence[Scanned]) -> int:
    assert request.signed_in.school_ids  # The page is open to people of lycées only.
    named = next((one.ticket.school_id for one in scanned if one.ticket), request.signed_in.school_ids[0])
    return batches.take_back(
        receipt_id=act_id,
        region_id=request.signed_in.region_id,
        school_id=named,
        scanned=scanned,
        back_at=timezone.now(),
        back_by_id=request.signed_in.actor_id,
    )


_SEND = Series(
    "repairs:send", "repairs:tickets", _("Envoyer au réparateur"),
    _("Scannez chaque PC de l’envoi, puis envoyez."), _("Envoyer ces PC"), _("À l’atelier, à envoyer"),
    scans.to_send, ready_to_go, _send_out, False,
)  # fmt: skip
_TAKE_BACK = Series(
    "repairs:take-back", "repairs:tickets", _("Recevoir du réparateur"),
    _("Scannez chaque PC du colis, puis recevez."), _("Recevoir ces PC"), _("Attendus, pas encore scannés"),
    scans.to_take_back, waiting_for_parcel, _take_back, True,
)  # fmt: skip
_RECEIVE = Series(
    "repairs:workshop-receive", "repairs:workshop", _("Recevoir un envoi"),
    _("Scannez chaque PC du colis, puis recevez."), _("Recevoir ces PC"), _("Attendus, pas encore scannés"),
    scans.to_receive, expected_out, _receive, True,
)  # fmt: skip
_SEND_BACK = Series(
    "repairs:workshop-send-back", "repairs:workshop", _("Renvoyer aux lycées"),
    _("Scannez chaque PC réparé : un envoi par lycée."), _("Renvoyer ces PC"), _("Terminés, à renvoyer"),
    scans.to_send_back, expected_back, _send_back, False,
)  # fmt: skip


@open_to(*DESK)
def send(request: CartableRequest) -> HttpResponse:
    """Send PCs of the bench to their repairer."""
    return _page(request, _SEND)


@open_to(*DESK)
def take_back(request: CartableRequest) -> HttpResponse:
    """Receive what the repairer sent back."""
    return _page(request, _TAKE_BACK)


@open_to(*REPAIRER)
def receive(request: CartableRequest) -> HttpResponse:
    """Receive what lycées sent."""
    return _page(request, _RECEIVE)


@open_to(*REPAIRER)
def send_back(request: CartableRequest) -> HttpResponse:
    """Send repaired PCs back, a batch to each lycée."""
    return _page(request, _SEND_BACK)
