"""The texts of a campaign, for the region; and the page behind the link at the foot of a notice, for whoever received it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_scopes import scopes_disabled

from cartable.accounts.access import CartableRequest, open_to, open_to_everybody
from cartable.accounts.models import Role
from cartable.notices import queries
from cartable.notices.access import text_named
from cartable.notices.commands import TextHasChanged, resume_kind, return_to_house_text, stop_kinds, write_text
from cartable.notices.forms import TextForm
from cartable.notices.models import NoticeKind
from cartable.notices.queries import Receiver, read_short_code, read_stop_token, stop_token
from cartable.notices.rules import PLACEHOLDERS, Channel, filled_in, kinds_beside
from cartable.notices.words import ABOUT, EXAMPLES, HOUSE_SMS, LANGUAGE_NAMES, PLACEHOLDER_NAMES, REFUSALS
from cartable.programme.access import campaign_of
from cartable.programme.queries import list_campaigns


@open_to(Role.REGION_MANAGER)
def text_campaigns(request: CartableRequest) -> HttpResponse:
    """Lead to the texts of the latest campaign; say where there is none."""
    campaigns = list_campaigns()
    if campaigns:
        return redirect("notices:texts", campaigns[0].first_year)
    return render(request, "notices/texts.html", {"campaigns": campaigns})


@open_to(Role.REGION_MANAGER)
def texts(request: CartableRequest, first_year: int) -> HttpResponse:
    """Show what a campaign tells people: each kind in each language, and whose words they are."""
    found = campaign_of(first_year)
    lines = [(line, LANGUAGE_NAMES[line.language]) for line in queries.texts_of(found.pk)]
    values = {"campaign": found, "campaigns": list_campaigns(), "lines": lines}
    return render(request, "notices/texts.html", values)


@open_to(Role.REGION_MANAGER)
def text(request: CartableRequest, first_year: int, kind: str, language: str) -> HttpResponse:
    """Write one text; look at it with invented words before it is published."""
    found = campaign_of(first_year)
    about, language = text_named(kind, language)
    subject, body = queries.text_of(about, campaign_id=found.pk, language=language)
    sms = queries.sms_text_of(about, campaign_id=found.pk, language=language)
    versions = queries.versions_of(about, campaign_id=found.pk, language=language)
    version = versions[0].version if versions else 0
    is_sent = request.method == "POST"
    initial = {"subject": subject, "body": body, "sms": sms, "expected_version": version}
    form = TextForm(request.POST if is_sent else None, initial=initial, kind=about, language=language)
    status = 200
    if is_sent and form.is_valid():
        subject, body = form.cleaned_data["subject"], form.cleaned_data["body"]
        sms = form.cleaned_data.get("sms") or HOUSE_SMS.get(about, {}).get(language, "")
        if "preview" not in request.POST:
            try:
                write_text(
                    campaign=found, kind=about, language=language, written_at=timezone.now(),
                    written_by_id=request.signed_in.actor_id, **form.cleaned_data,
                )  # fmt: skip
            except TextHasChanged as refusal:
                form.add_error(None, str(REFUSALS[refusal.code]))
            else:
                messages.success(request, _("Texte publié : les prochains messages le disent."))
                return redirect("notices:text", first_year, kind, language)
    if is_sent and not form.is_valid():
        status = 422
    values = {
        "campaign": found,
        "kind": kind,
        "kind_name": NoticeKind(about).label,
        "language": language,
        "language_name": LANGUAGE_NAMES[language],
        "form": form,
        "versions": versions,
        "version": version,
        "is_own": bool(versions) and versions[0].is_own,
        "words": [(f"${{{word}}}", PLACEHOLDER_NAMES[word]) for word in sorted(PLACEHOLDERS[about])],
        "sms_preview": queries.sms_cost(sms) if sms and status != 422 else None,
        "preview": None if status == 422 else (filled_in(subject, EXAMPLES), filled_in(body, EXAMPLES)),
    }
    return render(request, "notices/text.html", values, status=status)


@open_to(Role.REGION_MANAGER)
@require_POST
def text_of_house(request: CartableRequest, first_year: int, kind: str, language: str) -> HttpResponse:
    """Go back to the house's own words."""
    found = campaign_of(first_year)
    about, language = text_named(kind, language)
    written = request.POST.get("expected_version", "")
    try:
        return_to_house_text(
            campaign=found, kind=about, language=language, written_at=timezone.now(),
            written_by_id=request.signed_in.actor_id,
            expected_version=int(written) if written.isascii() and written.isdecimal() else 0,
        )  # fmt: skip
    except TextHasChanged as refusal:
        messages.warning(request, str(REFUSALS[refusal.code]))
    else:
        messages.success(request, _("Le texte de la maison est dit de nouveau."))
    return redirect("notices:text", first_year, kind, language)


@csrf_exempt  # RFC 8058: the mail programme sends the form itself; the token is the right.
@open_to_everybody
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Show what an address receives; stop or take up a kind. A mail programme's own button stops the link's kind at once.

    Nobody is signed in, and the token names one address in whatever region: hence without scope.
    """
    receiver = read_stop_token(token)
    if receiver is None:
        raise Http404
    with scopes_disabled():
        said = _change(request, receiver) if request.method == "POST" else ""
        preferences = queries.preferences_of(receiver)
        address = queries.masked_address_of(receiver)
    values = {
        "said": said,
        "address": address,
        "is_sms": receiver.channel == Channel.SMS,
        "lines": [(one, NoticeKind(one.kind).label, ABOUT[one.kind], one.kind == receiver.kind) for one in preferences],
        "any_is_on": any(one.is_on for one in preferences),
    }
    return render(request, "notices/preferences.html", values)


def _change(request: HttpRequest, receiver: Receiver) -> str:
    """Do what a button of the page asks for, or stop the kind of the link; return what was done, in words."""
    fingerprint, now = receiver.fingerprint, timezone.now()
    kinds = {str(kind): kind for kind in kinds_beside(receiver.kind)}
    if "stop_all" in request.POST:
        stop_kinds(fingerprint=fingerprint, kinds=list(kinds.values()), stopped_at=now)
        return _("Vous ne recevrez plus aucun de ces messages.")
    asked = next((verb for verb in ("resume", "stop") if verb in request.POST), None)
    kind = kinds.get(request.POST[asked]) if asked else receiver.kind
    if kind is None:
        return ""
    if asked == "resume":
        resume_kind(fingerprint=fingerprint, kind=kind)
        return _("Vous recevez de nouveau : %(kind)s.") % {"kind": NoticeKind(kind).label}
    stop_kinds(fingerprint=fingerprint, kinds=[kind], stopped_at=now)
    return _("Vous ne recevrez plus : %(kind)s.") % {"kind": NoticeKind(kind).label}


@open_to_everybody
def stop_short(request: HttpRequest, code: str) -> HttpResponse:
    """Lead from the short address of an SMS to the page of what one receives."""
    with scopes_disabled():  # As there: nobody is signed in, and the address names one notice in whatever region.
        receiver = read_short_code(code)
    if receiver is None:
        raise Http404
    return redirect("notices:stop", stop_token(receiver))
