"""The texts of a campaign, for the region; and the page behind the link at the foot of a notice, for whoever received it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to, open_to_everybody
from cartable.accounts.models import Role
from cartable.notices import queries
from cartable.notices.access import text_named
from cartable.notices.commands import TextHasChanged, return_to_house_text, stop_kind, write_text
from cartable.notices.forms import TextForm
from cartable.notices.models import NoticeKind
from cartable.notices.queries import read_stop_token
from cartable.notices.rules import PLACEHOLDERS, filled_in
from cartable.notices.words import EXAMPLES, LANGUAGE_NAMES, PLACEHOLDER_NAMES, REFUSALS
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
    versions = queries.versions_of(about, campaign_id=found.pk, language=language)
    version = versions[0].version if versions else 0
    is_sent = request.method == "POST"
    initial = {"subject": subject, "body": body, "expected_version": version}
    form = TextForm(request.POST if is_sent else None, initial=initial, kind=about)
    status = 200
    if is_sent and form.is_valid():
        subject, body = form.cleaned_data["subject"], form.cleaned_data["body"]
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
    """Ask, then stop; a mail programme's own button stops at once."""
    read = read_stop_token(token)
    if read is None:
        raise Http404
    fingerprint, kind = read
    is_done = request.method == "POST"
    if is_done:
        stop_kind(fingerprint=fingerprint, kind=kind, stopped_at=timezone.now())
    values = {"is_done": is_done, "kind": NoticeKind(kind).label}
    return render(request, "notices/stop.html", values)
