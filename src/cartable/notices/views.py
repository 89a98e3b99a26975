"""The page behind the link at the foot of a notice: stop this kind, without signing in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from cartable.accounts.access import open_to_everybody
from cartable.notices.commands import stop_kind
from cartable.notices.models import NoticeKind
from cartable.notices.queries import read_stop_token


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
