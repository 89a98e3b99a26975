"""The bench in a technician's hand: a scan and one thumb; in series one scan each after choosing once."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.access import scanned_device
from cartable.fleet.models import CONDITION_NAMES, Device
from cartable.fleet.queries.codes import hot_device
from cartable.fleet.rules import CustodianKind
from cartable.fleet.words import CONDITION_TONES
from cartable.organisations.models import School, Sector
from cartable.organisations.queries import SchoolFilter, list_schools
from cartable.returns.access import reimaging_for, school_for
from cartable.returns.commands.bench import BenchRefused, withdraw, work_on
from cartable.returns.forms import ACTS, TO_DEPOT, TO_RESERVE, BenchForm, BenchGestureForm, BenchScanForm, UndoForm
from cartable.returns.models import WipeMethod as MethodName
from cartable.returns.printing import certificate_pdf
from cartable.returns.queries.bench import (
    BenchFacts,
    bench_counts,
    bench_facts,
    bench_lines,
    last_image_version,
    last_reimagings,
)
from cartable.returns.rules import BenchAct, BenchCheck, BenchStage, Gesture, WipeMethod, place_obstacle
from cartable.returns.views.answers import pdf
from cartable.returns.views.audience import BENCH, DESK, SEES_BENCH
from cartable.returns.words import STAGE_NAMES, STAGE_TONES, refusal_words
from cartable.ui.camera import may_read_labels
from cartable.ui.paging import page_place

Said = dict[str, Any]


@open_to(*SEES_BENCH)
def benches(request: CartableRequest) -> HttpResponse:
    """Show the benches in scope; somebody of one lycée sees theirs at once."""
    place = page_place(request)
    page = list_schools(SchoolFilter(), after=place.after, before=place.before)
    if page.count == 1:
        return redirect("returns:bench", page.rows[0].uai)
    counts = bench_counts([row.school_id for row in page.rows])
    rows = [
        (row, sum(count.count for count in counts[row.school_id]), sum(count.unfit for count in counts[row.school_id]))
        for row in page.rows
    ]
    return render(request, "returns/benches.html", {"page": page, "rows": rows})


@open_to(*SEES_BENCH)
@may_read_labels
def bench(request: CartableRequest, uai: str) -> HttpResponse:
    """Show what waits on a bench, and a PC that was scanned."""
    school = school_for(uai)
    values = _queue(request, school)
    if not request.GET.get("pc", "").strip():
        return render(request, "returns/bench.html", {**values, "form": BenchScanForm()})
    form = BenchScanForm(request.GET)
    if not form.is_valid():
        return render(request, "returns/bench.html", {**values, "form": form}, status=422)
    device = scanned_device(form.cleaned_data["pc"])
    if device is None:
        code = _why_unknown(request, form.cleaned_data["pc"])
        return _refused(request, "returns/bench.html", {**values, "form": BenchScanForm()}, code)
    facts = bench_facts(device)
    if found := place_obstacle(facts.pc):
        shown = {"dispute_url": facts.dispute_url, "form": BenchScanForm()}
        return _refused(request, "returns/bench.html", {**values, **shown}, found)
    if facts.device.custodian.school_id != school.pk:
        return _refused(request, "returns/bench.html", {**values, "form": BenchScanForm()}, "elsewhere")
    return render(request, "returns/bench.html", {**values, "form": BenchScanForm(), **_of_pc(facts, school)})


def _queue(request: CartableRequest, school: School) -> Said:
    asked = request.GET.get("etape", "")
    stage = BenchStage(asked) if asked in list(BenchStage) else None
    counts = {count.stage: count for count in bench_counts([school.pk])[school.pk]}
    lines = bench_lines(school.pk, today=timezone.localdate(), stage=stage)
    return {
        "school": school,
        "stage": stage,
        "stages": [(one, STAGE_NAMES[one], counts[one].count if one in counts else 0) for one in BenchStage],
        "count": sum(count.count for count in counts.values()),
        "lines": [
            (line, STAGE_NAMES[line.stage], STAGE_TONES[line.stage], CONDITION_NAMES[line.condition],
             CONDITION_TONES[line.condition])
            for line in lines
        ],
        "done": last_reimagings(school.pk),
        "undo_id": uuid4(),
        "may_work": bool(set(BENCH) & request.signed_in.roles),
        "may_repair": bool(set(DESK) & request.signed_in.roles),
        "is_private": school.sector == Sector.PRIVATE,
    }  # fmt: skip


def _of_pc(facts: BenchFacts, school: School) -> Said:
    device = facts.device
    is_fit = device.condition in ("fit", "being_reimaged") and facts.pc.has_disk
    return {
        "device": device,
        "facts": facts,
        "pc_stage": STAGE_NAMES[facts.pc.stage],
        "pc_condition": CONDITION_NAMES[facts.pc.condition],
        "is_fit": is_fit,
        "refusal": "" if is_fit else refusal_words("not_fit" if facts.pc.has_disk else "no_disk"),
        "next_acts": [(act, name) for act, name in ACTS[1:] if list(BenchAct).index(act) == _rank(facts.pc.stage)],
        "gesture_form": BenchGestureForm(
            initial={"movement": uuid4(), "pc": device.asset_tag, "vers": TO_RESERVE, **_usual(school)}
        ),
    }


def _rank(stage: BenchStage) -> int:
    return list(BenchStage).index(stage)


def _usual(school: School) -> Said:
    """Return what is most likely said: the image of the last time, every check done."""
    return {
        "methode": MethodName.SECURE_ERASE,
        "image": last_image_version(school.pk),
        "controles": [str(check) for check in BenchCheck],
    }


def _why_unknown(request: CartableRequest, text: str) -> str:
    return "in_claim" if hot_device(text, region_id=request.signed_in.region_id) else "unknown_device"


def _refused(request: CartableRequest, template: str, values: Said, code: str) -> HttpResponse:
    shown = {"refusal": refusal_words(code), "is_alarm": code == "in_claim"}
    return render(request, template, {**values, **shown}, status=422)


def _gesture(said: Said) -> Gesture:
    return Gesture(
        act=BenchAct(said["geste"]),
        wipe_method=WipeMethod(said["methode"]),
        image_version=said["image"].strip(),
        checks=[BenchCheck(check) for check in said["controles"]],
        to_depot=said["vers"] == TO_DEPOT,
    )


def _work(request: CartableRequest, school: School, device: Device, movement_id: UUID, said: Said) -> str:
    """Make the gesture; return the code of its refusal, empty where it is done."""
    if device.custodian_kind == CustodianKind.SCHOOL_BENCH and device.custodian.school_id != school.pk:
        return "elsewhere"
    try:
        done = work_on(
            movement_id=movement_id,
            device=device,
            gesture=_gesture(said),
            at=timezone.now(),
            by_id=request.signed_in.actor_id,
        )
    except BenchRefused as refusal:
        return refusal.code
    if done.has_left:
        place = _("dépôt de la région") if said["vers"] == TO_DEPOT else _("réserve du lycée")
        messages.success(request, _("%(code)s : prêt, %(place)s.") % {"code": done.asset_tag, "place": place})
    else:
        words = {"code": done.asset_tag, "act": str(dict(ACTS)[BenchAct(said["geste"])]).lower()}
        messages.success(request, _("%(code)s : %(act)s.") % words)
    return ""


@open_to(*BENCH)
@require_POST
def work(request: CartableRequest, uai: str) -> HttpResponse:
    """Make a gesture on the PC that was scanned."""
    school = school_for(uai)
    form = BenchGestureForm(request.POST)
    device = scanned_device(request.POST.get("pc", "")[:40])
    if not form.is_valid() or device is None:
        messages.error(request, refusal_words("unknown_device"))
        return redirect("returns:bench", school.uai)
    if code := _work(request, school, device, form.cleaned_data["movement"], form.cleaned_data):
        messages.error(request, refusal_words(code))
        return redirect(reverse("returns:bench", args=[school.uai], query={"pc": device.asset_tag}))
    return redirect("returns:bench", school.uai)


@open_to(*BENCH)
@may_read_labels
def bench_series(request: CartableRequest, uai: str) -> HttpResponse:
    """Choose once what is done, then scan one PC after another; what was chosen stands in the address."""
    school = school_for(uai)
    chosen = BenchForm(request.GET)
    values: Said = {"school": school}
    if "geste" not in request.GET or not chosen.is_valid():
        asked = BenchForm(initial={"geste": BenchAct.ALL, "vers": TO_RESERVE, **_usual(school)})
        return render(request, "returns/bench_series.html", {**values, "choose": asked})
    said = chosen.cleaned_data
    values |= {
        "chosen_words": _in_words(said),
        "change_url": reverse("returns:bench-series", args=[school.uai]),
        "count": _so_far(request),
        "form": BenchScanForm(),
        "movement_id": uuid4(),
    }
    if request.method != "POST":
        return render(request, "returns/bench_series.html", values)
    scan = BenchScanForm(request.POST)
    if not scan.is_valid():
        return render(request, "returns/bench_series.html", {**values, "form": scan}, status=422)
    device = scanned_device(scan.cleaned_data["pc"])
    if device is None:
        return _refused(request, "returns/bench_series.html", values, _why_unknown(request, scan.cleaned_data["pc"]))
    if code := _work(request, school, device, _movement(request), said):
        shown = {"not_fit_tag": device.asset_tag if code in ("not_fit", "no_disk") else ""}
        return _refused(request, "returns/bench_series.html", {**values, **shown}, code)
    query = request.GET.copy()
    query["compte"] = str(values["count"] + 1)
    return redirect(f"{reverse('returns:bench-series', args=[school.uai])}?{urlencode(query, doseq=True)}")


def _movement(request: CartableRequest) -> UUID:
    try:
        return UUID(request.POST.get("movement", ""))
    except ValueError:
        return uuid4()


def _so_far(request: CartableRequest) -> int:
    text = request.GET.get("compte", "0")[:6]
    return int(text) if text.isascii() and text.isdecimal() else 0


def _in_words(said: Said) -> str:
    parts = [str(dict(ACTS)[BenchAct(said["geste"])]), str(MethodName(said["methode"]).label), said["image"]]
    return ", ".join(part for part in parts if part)


@open_to(*BENCH)
@require_POST
def undo(request: CartableRequest, arrival_id: UUID) -> HttpResponse:
    """Bring a PC back onto the bench that was shelved by mistake."""
    done = reimaging_for(arrival_id)
    form = UndoForm(request.POST)
    if form.is_valid():
        try:
            withdraw(
                done=done,
                movement_id=form.cleaned_data["movement"],
                withdrawn_at=timezone.now(),
                withdrawn_by_id=request.signed_in.actor_id,
            )
        except BenchRefused as refusal:
            messages.error(request, refusal_words(refusal.code))
        else:
            messages.success(request, _("Annulé : le PC est de nouveau à l’atelier, à effacer."))
    return redirect("returns:bench", done.school.uai)


@open_to(*SEES_BENCH)
def certificate(request: CartableRequest, arrival_id: UUID) -> HttpResponse:
    """Print the certificate of a wipe."""
    done = reimaging_for(arrival_id)
    if done.withdrawn_by_movement_id is not None:
        raise Http404
    return pdf(certificate_pdf(done), f"effacement-{done.certificate_number}")
