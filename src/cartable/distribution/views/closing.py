"""Close the day: leftovers by scan, then the sealed report."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartable.accounts.access import CartableRequest, open_to
from cartable.distribution.access import day_for
from cartable.distribution.commands import closing
from cartable.distribution.forms import LeftoverForm
from cartable.distribution.models import DayState, DistributionDay
from cartable.distribution.printing import closing_report_pdf
from cartable.distribution.queries.closing import absent_students, contested_tags, leftover_tags, sent_leftovers
from cartable.distribution.queries.control_room import classes_of, to_review
from cartable.distribution.queries.court import disputes
from cartable.distribution.refusal_words import REFUSAL_WORDS
from cartable.distribution.views.days import SITE, STAFF
from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.rules import CustodianKind
from cartable.kernel.codes import InvalidLabelCode, parse_label_code
from cartable.programme.models import LeftoverPolicy
from cartable.ui.camera import may_read_labels


@open_to(*STAFF)
@may_read_labels
def closing_page(request: HttpRequest, day_id: int) -> HttpResponse:
    """Show what is left to do before the day can be closed, or that it is closed."""
    return _render(request, day_for(day_id), LeftoverForm())


def _render(request: HttpRequest, day: DistributionDay, form: LeftoverForm, status: int = 200) -> HttpResponse:
    classes = classes_of(day)
    rules = day.rules
    return render(
        request,
        "distribution/closing.html",
        {
            "day": day,
            "is_open": day.state == DayState.OPEN,
            "is_closed": day.state == DayState.CLOSED,
            "form": form,
            "expected": sum(line.expected for line in classes),
            "equipped": sum(line.equipped for line in classes),
            "absent": absent_students(day),
            "leftovers": leftover_tags(day),
            "sent": [(row, CUSTODIAN_KIND_NAMES[CustodianKind(row.destination_kind)]) for row in sent_leftovers(day)],
            "destination": LeftoverPolicy(rules.leftover_policy).label if rules else "",
            "review_count": len(to_review(day)),
            "disputes": [(line, REFUSAL_WORDS.get(line.code, line.code)) for line in disputes(day_id=day.pk)],
            "contested": contested_tags(day),
        },
        status=status,
    )


@open_to(*SITE)
@may_read_labels
def leftover(request: CartableRequest, day_id: int) -> HttpResponse:
    """Send a leftover PC away by its scan."""
    day = day_for(day_id)
    form = LeftoverForm(request.POST or None)
    if request.method != "POST":
        return redirect("distribution:closing", day.pk)
    if not form.is_valid():
        return _render(request, day, form, 422)
    code = _device_code(form.cleaned_data["code"])
    try:
        sent = closing.send_leftover(day=day, code=code, sent_by_id=request.signed_in.actor_id, now=timezone.now())
    except closing.NotALeftover:
        form.add_error("code", _("Ce PC n’est pas dans le lot restant. Vérifiez l’étiquette, ou mettez-le de côté."))
        return _render(request, day, form, 422)
    except closing.LeftoverContested:
        form.add_error("code", _("Ce PC est en litige : réglez d’abord le litige, ou laissez-le à la région."))
        return _render(request, day, form, 422)
    except closing.DayNotOpen:
        form.add_error("code", _("La journée n’est pas ouverte."))
        return _render(request, day, form, 422)
    text = _("%(code)s : %(place)s.") % {
        "code": sent.asset_tag,
        "place": CUSTODIAN_KIND_NAMES[sent.destination],
    }
    messages.success(request, text)
    return redirect("distribution:closing", day.pk)


def _device_code(text: str) -> str:
    """Return what was scanned as an asset tag, else as a serial number in capitals."""
    try:
        return str(parse_label_code(text))
    except InvalidLabelCode:
        return "".join(text.split()).upper()[:30]


@open_to(*SITE)
def close(request: CartableRequest, day_id: int) -> HttpResponse:
    """Close the day and seal its report."""
    day = day_for(day_id)
    if request.method == "POST":
        try:
            closing.close_day(
                day=day,
                closed_by_id=request.signed_in.actor_id,
                now=timezone.now(),
                leader_name=request.signed_in.full_name,
                head_name="",
                draw_report=closing_report_pdf,
            )
            messages.success(request, _("Journée clôturée. Le rapport est scellé : imprimez-le et faites-le signer."))
        except closing.LeftoversRemain as refusal:
            text = ngettext(
                "Il reste %(count)s PC à scanner avant de clôturer.",
                "Il reste %(count)s PC à scanner avant de clôturer.",
                refusal.count,
            )
            messages.error(request, text % {"count": refusal.count})
        except closing.DayNotOpen:
            messages.error(request, _("Cette journée n’est pas ouverte."))
    return redirect("distribution:closing", day.pk)
