"""Read the texts of a campaign, and how far the outbox of a lycée is."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db.models import Count, Max, Q
from django.urls import reverse

from cartable.accounts.models import Person
from cartable.notices.models import Notice, NoticeText
from cartable.notices.models import NoticeKind as KindChoices
from cartable.notices.rules import LANGUAGES, NoticeKind
from cartable.notices.words import HOUSE_TEXTS

_STOP_SALT = "cartable.notices.stop"


@dataclass(frozen=True)
class Sending:
    """How far a kind of notice is in a lycée."""

    waiting: int
    sent: int
    given_up: int
    last_queued_at: datetime | None


def own_text(kind: NoticeKind, *, campaign_id: int, language: str) -> NoticeText | None:
    """Return the last version of what a campaign says, None where it never said anything of its own."""
    written = NoticeText.objects.filter(campaign_id=campaign_id, kind=kind, language=language)
    return written.order_by("-version").first()


def text_of(kind: NoticeKind, *, campaign_id: int, language: str) -> tuple[str, str]:
    """Return subject and body: the campaign's own, else the house's."""
    own = own_text(kind, campaign_id=campaign_id, language=language)
    return (own.subject, own.body) if own and own.body else HOUSE_TEXTS[kind][language]


@dataclass(frozen=True)
class TextLine:
    """One text of a campaign: whose words are said, since when, and by whom they were written."""

    kind: str
    kind_name: str
    language: str
    subject: str
    is_own: bool
    version: int
    written_at: datetime | None
    author: str


def texts_of(campaign_id: int) -> list[TextLine]:
    """Return every text of a campaign, kind by kind and language by language."""
    last: dict[tuple[str, str], NoticeText] = {}
    for one in NoticeText.objects.filter(campaign_id=campaign_id).order_by("version"):
        last[one.kind, one.language] = one
    authors = _author_names(one.written_by_id for one in last.values())
    return [
        _text_line(kind, language, last.get((kind, language)), authors) for kind in NoticeKind for language in LANGUAGES
    ]


def versions_of(kind: NoticeKind, *, campaign_id: int, language: str) -> list[TextLine]:
    """Return the versions of a text, the latest first."""
    written = NoticeText.objects.filter(campaign_id=campaign_id, kind=kind, language=language).order_by("-version")
    rows = list(written)
    authors = _author_names(row.written_by_id for row in rows)
    return [_text_line(kind, language, row, authors) for row in rows]


def _text_line(kind: NoticeKind, language: str, own: NoticeText | None, authors: dict[int, str]) -> TextLine:
    is_own = own is not None and own.body != ""
    return TextLine(
        kind=str(kind),
        kind_name=str(KindChoices(kind).label),
        language=language,
        subject=own.subject if own and is_own else HOUSE_TEXTS[kind][language][0],
        is_own=is_own,
        version=own.version if own else 0,
        written_at=own.written_at if own else None,
        author=authors.get(own.written_by_id, "") if own else "",
    )


def _author_names(actor_ids: Iterable[int]) -> dict[int, str]:
    return dict(Person.objects.filter(actor__in=set(actor_ids)).values_list("actor_id", "full_name"))


def sending_of(school_id: int, kind: NoticeKind) -> Sending:
    """Return how far the notices of a kind are in a lycée in scope."""
    counts = Notice.objects.filter(school_id=school_id, kind=kind).aggregate(
        waiting=Count("pk", filter=Q(sent_at=None, given_up_at=None)),
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        given_up=Count("pk", filter=Q(given_up_at__isnull=False)),
        last_queued_at=Max("queued_at"),
    )
    return Sending(**counts)


def address_fingerprint(address: str) -> bytes:
    """Return the keyed hash of an address, whatever its case."""
    return hmac.digest(settings.INE_KEY, f"mail\0{address.strip().lower()}".encode(), "sha256")


def stop_token(fingerprint: bytes, kind: str) -> str:
    """Return what lets whoever received a notice stop its kind, without signing in and without their address."""
    return signing.dumps([fingerprint.hex(), kind], salt=_STOP_SALT)


def read_stop_token(token: str) -> tuple[bytes, NoticeKind] | None:
    """Return whose kind a token stops, None for one that is not ours."""
    try:
        fingerprint, kind = signing.loads(token, salt=_STOP_SALT)
        return bytes.fromhex(fingerprint), NoticeKind(kind)
    except (signing.BadSignature, ValueError, TypeError):
        return None


def stop_url(fingerprint: bytes, kind: str) -> str:
    """Return the whole address that stops a kind."""
    return settings.CARTABLE_ADDRESS + reverse("notices:stop", args=[stop_token(fingerprint, kind)])
