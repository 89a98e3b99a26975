"""Acts on many lines of a list: prepared from its bar, looked at, confirmed, told line by line."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.desk.access import bulk_act_of
from cartable.desk.audience import FLEET, SCHOOL, SITE, TECHNICIAN
from cartable.desk.bulk import OFFERS, Offer, offered, reason_words, refusal_words
from cartable.desk.bulk_forms import EVERYTHING, BulkForm, ConfirmForm
from cartable.desk.bulk_rules import LINES_SHOWN, OF_STUDENTS, PRINTS, Bulk, most_lines, options_mark
from cartable.desk.commands.bulk import PreviewChanged, confirm_act, prepare_act, say_options
from cartable.desk.commands.bulk_acts import BulkRefused
from cartable.desk.forms import StudentFilterForm
from cartable.desk.models import BulkAct
from cartable.desk.queries.bulk import (
    bulk_page,
    done_asset_tags,
    done_student_ids,
    holders_among,
    result_lines,
)
from cartable.desk.queries.school_year import divisions_of, student_ids
from cartable.desk.rules import Listed
from cartable.distribution.printing import labels_of_students_pdf
from cartable.fleet.forms import DeviceFilterForm
from cartable.fleet.queries.lists import device_ids, kind_choices, lot_choices, tagged_device_ids
from cartable.kernel.exports import delimited
from cartable.organisations.access import school_of
from cartable.organisations.models import School
from cartable.organisations.queries import school_choices
from cartable.returns.printing import tags_pdf
from cartable.ui.charts import plan_bar
from cartable.ui.figures import thin

# Lines that are ticked stand on one page of a list.
MOST_TICKED = 200
_LONGEST_ADDRESS = 500
# Given the codes that were ticked, or None for all that the filter shows, and how many at most.
Find = Callable[[list[str] | None, int], list[int]]


@open_to(*sorted(SCHOOL | TECHNICIAN))
@require_POST
def devices(request: CartableRequest) -> HttpResponse:
    """Prepare an act on PCs of the list: those ticked, or all that its filter in the address shows."""
    form = DeviceFilterForm(request.GET, schools=school_choices(), kinds=kind_choices(), lots=lot_choices())
    wanted = form.wanted()

    def find(codes: list[str] | None, most: int) -> list[int]:
        return device_ids(wanted, most=most) if codes is None else tagged_device_ids(codes)

    return _prepare(request, Listed.DEVICES, reverse("fleet:devices"), find)


@open_to(*sorted(SITE))
@require_POST
def students(request: CartableRequest, uai: str) -> HttpResponse:
    """Prepare an act on students of a lycée, as for PCs."""
    school, today = school_of(uai), timezone.localdate()
    wanted = StudentFilterForm(request.GET, divisions=divisions_of(school.pk, today=today)).wanted(school.uai)

    def find(codes: list[str] | None, most: int) -> list[int]:
        return student_ids(wanted, today=today, most=most, label_codes=codes)

    return _prepare(request, Listed.STUDENTS, reverse("desk:school-students", args=[uai]), find, school=school)


@open_to(*sorted(FLEET))
def act(request: CartableRequest, act_id: UUID) -> HttpResponse:
    """Show what an act would do and leave out, then what it did; take what is said once for all its lines."""
    found, offer = _own(request, act_id)
    if request.method == "POST" and offer.form is not None and found.confirmed_at is None:
        sent = offer.form(request.signed_in, request.POST, None)
        if not sent.is_valid():
            return _shown(request, found, offer, sent, status=422)
        say_options(act_id=found.pk, options=sent.cleaned_data, now=timezone.now())
        return redirect("desk:bulk", found.pk)
    form = offer.form(request.signed_in, None, found.options) if offer.form else None
    return _shown(request, found, offer, form)


@open_to(*sorted(FLEET))
@require_POST
def confirm(request: CartableRequest, act_id: UUID) -> HttpResponse:
    """Do what was looked at; sent twice it is done once."""
    found, _offer = _own(request, act_id)
    form = ConfirmForm(request.POST)
    try:
        if not form.is_valid():
            raise PreviewChanged
        seen = form.cleaned_data
        confirm_act(
            act_id=found.pk, expected_count=seen["count"], expected_options=seen["said"], now=timezone.now()
        )  # fmt: skip
    except PreviewChanged:
        messages.error(request, _("L’aperçu a changé entre-temps. Relisez-le, puis confirmez."))
    except BulkRefused as refusal:
        messages.error(request, _("Rien n’a été fait. %(why)s") % {"why": refusal_words(refusal.code)})
    return redirect("desk:bulk", found.pk)


@open_to(*sorted(FLEET))
def lines_csv(request: CartableRequest, act_id: UUID) -> StreamingHttpResponse:
    """Give every line of an act as a file: done, left out and why."""
    found, offer = _own(request, act_id)
    of_students = offer.act in OF_STUDENTS
    header = [_("Étiquette"), *([_("Élève")] if of_students else []), _("Résultat"), _("Raison")]
    words = {True: _("Fait"), False: _("À faire")}
    rows = (
        [
            line.code,
            *([line.name] if of_students else []),
            _("Laissé de côté") if line.reason else words[line.is_done],
            reason_words(offer.act, line.reason) if line.reason else "",
        ]
        for line in list(result_lines(found))
    )
    answer = StreamingHttpResponse(delimited(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="action-{str(found.pk)[:8]}.csv"'
    return answer


@open_to(*sorted(FLEET))
def labels(request: CartableRequest, act_id: UUID) -> HttpResponse:
    """Print the labels of an act that is done."""
    found, offer = _own(request, act_id)
    if offer.act not in PRINTS or found.finished_at is None:
        raise Http404
    now = timezone.localtime()
    if offer.act == Bulk.TAGS:
        content = tags_pdf(done_asset_tags(found), region=request.signed_in.region_name, printed_at=now)
    else:
        assert found.school_id is not None  # An act on students is about one lycée.
        content = labels_of_students_pdf(done_student_ids(found), school_id=found.school_id, now=now)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="etiquettes-{str(found.pk)[:8]}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _own(request: CartableRequest, act_id: UUID) -> tuple[BulkAct, Offer]:
    found = bulk_act_of(act_id, request.signed_in)
    offer = OFFERS[Bulk(found.act)]
    if not offer.roles & request.signed_in.roles:
        raise Http404
    return found, offer


def _prepare(
    request: CartableRequest, listed: Listed, address: str, find: Find, *, school: School | None = None
) -> HttpResponse:
    signed_in = request.signed_in
    back = _list_url(request, address)
    form = BulkForm(request.POST, acts=offered(listed, signed_in.roles))
    if not form.is_valid():
        messages.error(request, _("Choisissez quoi faire des lignes cochées."))
        return redirect(back)
    chosen = Bulk(form.cleaned_data["geste"])
    most, is_everything = most_lines(chosen), form.cleaned_data["portee"] == EVERYTHING
    ids = find(None if is_everything else _ticked(request), most + 1)
    if len(ids) > most:
        words = _(
            "Ce filtre montre plus de %(most)s lignes, et une action groupée en prend %(most)s au plus. Précisez-le."
        )
        messages.error(request, words % {"most": thin(most)})
        return redirect(back)
    if not ids:
        messages.error(request, _("Cochez au moins une ligne, ou choisissez tout ce que montre le filtre."))
        return redirect(back)
    act_id = prepare_act(
        form_id=form.cleaned_data["action"],
        act=chosen,
        ids=ids,
        region_id=signed_in.region_id,
        school_id=school.pk if school else None,
        school_ids=signed_in.school_ids,
        language=(translation.get_language() or "fr")[:2],
        list_url=back,
        options={} if OFFERS[chosen].form is None else None,
        asked_at=timezone.now(),
        asked_by_id=signed_in.actor_id,
    )
    return redirect("desk:bulk", act_id)


def _ticked(request: CartableRequest) -> list[str]:
    """Return the codes that were ticked; what can be no code is none."""
    return [code for code in request.POST.getlist("ligne")[:MOST_TICKED] if code.isascii() and code.isalnum()]


def _list_url(request: CartableRequest, address: str) -> str:
    query = request.GET.copy()
    for name in ("apres", "avant", "coche"):
        query.pop(name, None)
    url = f"{address}?{query.urlencode()}" if query else address
    return url if len(url) <= _LONGEST_ADDRESS else address


def _shown(
    request: CartableRequest, found: BulkAct, offer: Offer, form: forms.Form | None, *, status: int = 200
) -> HttpResponse:
    page = bulk_page(found)
    late = sum(one.count for one in page.left_out if one.is_late)
    goes_on = offer.goes_on if found.done_count else None
    values: dict[str, Any] = {
        "act": found,
        "offer": offer,
        "name": found.get_act_display(),
        "of_students": offer.act in OF_STUDENTS,
        "page": page,
        "reasons": [(one, reason_words(offer.act, one.code)) for one in page.left_out],
        "lines_shown": LINES_SHOWN,
        "is_previewed": found.options is not None,
        "form": form,
        "said": _said(offer.form(request.signed_in, found.options, None)) if offer.form and found.options else [],
        "confirm_form": ConfirmForm(initial={"count": page.waiting, "said": options_mark(found.options or {})}),
        "holders": holders_among(found) if offer.act == Bulk.LEAVE and found.confirmed_at is None else 0,
        "prints": offer.act in PRINTS and page.done > 0,
        "failure": refusal_words(found.failure) if found.failure else "",
        "bar": plan_bar(page.done + late, page.waiting + page.done + late),
        "settled": page.done + late,
        "whole": page.waiting + page.done + late,
        "goes_on_url": reverse(goes_on[0]) if goes_on else "",
        "goes_on_words": goes_on[1] if goes_on else "",
    }
    template = "desk/bulk.html#avancement" if request.headers.get("HX-Request") else "desk/bulk.html"
    return render(request, template, values, status=status)


def _said(form: forms.Form) -> list[tuple[str, str]]:
    """Return what was said once for all lines, in words."""
    said = []
    for field in form:
        value, choices = field.value(), dict(getattr(field.field, "choices", ()))
        texts = value if isinstance(value, list) else [value]
        shown = ", ".join(str(choices.get(text, text)) for text in texts if text not in ("", None))
        if shown:
            said.append((str(field.label), shown))
    return said
