"""Read the texts of a campaign, and how far the outbox of a lycée is."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db.models import Count, Max, Q
from django.urls import reverse

from cartable.notices.models import Notice, NoticeText
from cartable.notices.rules import NoticeKind
from cartable.notices.words import HOUSE_TEXTS

_STOP_SALT = "cartable.notices.stop"


@dataclass(frozen=True)
class Sending:
    """How far a kind of notice is in a lycée."""

    waiting: int
    sent: int
    given_up: int
    last_queued_at: datetime | None


def text_of(kind: NoticeKind, *, campaign_id: int, language: str) -> tuple[str, str]:
    """Return subject and body: the campaign's own, else the house's."""
    own = NoticeText.objects.filter(campaign_id=campaign_id, kind=kind, language=language).first()
    return (own.subject, own.body) if own else HOUSE_TEXTS[kind][language]


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
