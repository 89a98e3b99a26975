"""What a day prints, as downloads."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cartable.accounts.access import open_to
from cartable.distribution import printing
from cartable.distribution.access import day_for, report_for
from cartable.distribution.forms import LabelSheetForm
from cartable.distribution.models import DayState, DistributionDay
from cartable.distribution.views.days import STAFF

ZPL_DOTS = {"zpl203": 203, "zpl300": 300}


def _file(content: bytes, name: str, content_type: str = "application/pdf") -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    disposition = "inline" if content_type == "application/pdf" else "attachment"
    response["Content-Disposition"] = f'{disposition}; filename="{name}"'
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _prepared(
    day_id: int, draw: Callable[[DistributionDay], bytes], name: str, content_type: str = "application/pdf"
) -> HttpResponse:
    """Print from a frozen list; before that, send back to the day, which says what is missing."""
    day = day_for(day_id)
    if day.state == DayState.PLANNED:
        return redirect("distribution:day", day.pk)
    extension = "pdf" if content_type == "application/pdf" else "zpl"
    return _file(draw(day), f"{name}-{day.school.uai}-{day.held_on}.{extension}", content_type)


@open_to(*STAFF)
def labels(request: HttpRequest, day_id: int) -> HttpResponse:
    """Labels on sheets of stickers, with the set-up of the printer."""
    form = LabelSheetForm(request.GET or {"sheet": "3x7", "start_position": 1})
    if not form.is_valid():
        return render(request, "distribution/labels.html", {"day": day_for(day_id), "form": form}, status=422)
    chosen = form.cleaned_data
    if chosen["sheet"] == "roll":
        return _roll(day_id, chosen["division"], chosen["code"])
    if chosen["sheet"] in ZPL_DOTS:
        return _zpl(day_id, ZPL_DOTS[chosen["sheet"]], chosen["division"], chosen["code"])
    return _prepared(
        day_id,
        lambda day: printing.student_labels_pdf(
            day, setup=form.setup(), division=chosen["division"], code=chosen["code"], now=timezone.localtime()
        ),
        "etiquettes",
    )


def _roll(day_id: int, division: str, code: str = "") -> HttpResponse:
    return _prepared(
        day_id,
        lambda day: printing.student_labels_roll(day, dpi=203, division=division, code=code, now=timezone.localtime()),
        "rouleau",
    )


def _zpl(day_id: int, dpi: int, division: str, code: str = "") -> HttpResponse:
    return _prepared(
        day_id,
        lambda day: printing.student_labels_zpl(day, dpi=dpi, division=division, code=code),
        "etiquettes",
        "application/octet-stream",
    )


@open_to(*STAFF)
def labels_roll(request: HttpRequest, day_id: int) -> HttpResponse:
    """Labels for a thermal printer, as PDF; of one class with ``classe``."""
    return _roll(day_id, request.GET.get("classe", "")[:20])


@open_to(*STAFF)
def labels_zpl(request: HttpRequest, day_id: int, dpi: int) -> HttpResponse:
    """Labels in ZPL, for 203 or 300 dots per inch; of one class with ``classe``."""
    return _zpl(day_id, 300 if dpi == 300 else 203, request.GET.get("classe", "")[:20])


@open_to(*STAFF)
def charters(request: HttpRequest, day_id: int) -> HttpResponse:
    """Charters of all expected students, or of one class."""
    division = request.GET.get("classe", "")[:20]
    return _prepared(
        day_id,
        lambda day: printing.charters_pdf(day, division=division, now=timezone.localtime()),
        "chartes",
    )


@open_to(*STAFF)
def sign_off(request: HttpRequest, day_id: int) -> HttpResponse:
    """The paper list of every class, or of one."""
    division = request.GET.get("classe", "")[:20]
    return _prepared(
        day_id, lambda day: printing.sign_off_pdf(day, division=division, now=timezone.localtime()), "emargement"
    )


@open_to(*STAFF)
def command_card(request: HttpRequest, day_id: int) -> HttpResponse:
    """The command card of a desk."""
    return _prepared(day_id, lambda day: printing.command_card_pdf(now=timezone.localtime()), "cartes")


@open_to(*STAFF)
def operator_cards(request: HttpRequest, day_id: int) -> HttpResponse:
    """The cards of operators."""
    return _prepared(day_id, lambda day: printing.operator_cards_pdf(now=timezone.localtime()), "cartes-operateurs")


@open_to(*STAFF)
def site_card(request: HttpRequest, day_id: int) -> HttpResponse:
    """The card that starts stations."""
    address = request.build_absolute_uri(reverse("distribution:station-start"))
    return _prepared(
        day_id,
        lambda day: printing.site_card_pdf(day, address=address, now=timezone.localtime()),
        "carte-du-site",
    )


@open_to(*STAFF)
def practice_sheet(request: HttpRequest, day_id: int) -> HttpResponse:
    """Labels to practise with."""
    return _prepared(day_id, lambda day: printing.practice_sheet_pdf(day, now=timezone.localtime()), "essai")


@open_to(*STAFF)
def report(request: HttpRequest, day_id: int) -> HttpResponse:
    """The sealed closing report, byte for byte as it was drawn."""
    day = day_for(day_id)
    return _file(bytes(report_for(day).pdf), f"cloture-{day.school.uai}-{day.held_on}.pdf")
