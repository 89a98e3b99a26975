"""Read the texts of a campaign, and how far the outbox of a lycée is."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import Count, Max, Q
from django.urls import reverse

from cartable.accounts.models import Person
from cartable.kernel import gsm
from cartable.notices.models import Notice, NoticeText, Stop
from cartable.notices.models import NoticeKind as KindChoices
from cartable.notices.rules import LANGUAGES, Channel, NoticeKind, filled_in, kinds_beside, masked, with_way_out
from cartable.notices.words import EXAMPLES, HOUSE_SMS, HOUSE_TEXTS

_STOP_SALT = "cartable.notices.stop"
_ANY = UUID(int=0)


@dataclass(frozen=True)
class Sending:
    """How far a kind of notice is in a lycée."""

    waiting: int
    sent: int
    given_up: int
    last_queued_at: datetime | None


def own_text(kind: NoticeKind, *, campaign_id: int | None, language: str) -> NoticeText | None:
    """Return the last version of what a campaign says, None where it never said anything of its own."""
    if campaign_id is None:
        return None
    written = NoticeText.objects.filter(campaign_id=campaign_id, kind=kind, language=language)
    return written.order_by("-version").first()


def channel_text_of(
    kind: NoticeKind, channel: Channel, *, campaign_id: int | None, language: str
) -> tuple[str, str] | None:
    """Return subject and body of what is said on a road, None where nothing is said of this kind there."""
    if channel == Channel.MAIL:
        return text_of(kind, campaign_id=campaign_id, language=language)
    sms = sms_text_of(kind, campaign_id=campaign_id, language=language)
    return ("", sms) if sms else None


def sms_text_of(kind: NoticeKind, *, campaign_id: int | None, language: str) -> str:
    """Return the short form of a kind: the campaign's own, else the house's; empty where it is said by mail alone."""
    own = own_text(kind, campaign_id=campaign_id, language=language) if kind in HOUSE_SMS else None
    return own.sms if own and own.sms else HOUSE_SMS.get(kind, {}).get(language, "")


def text_of(kind: NoticeKind, *, campaign_id: int | None, language: str) -> tuple[str, str]:
    """Return subject and body: the campaign's own, else the house's."""
    own = own_text(kind, campaign_id=campaign_id, language=language)
    return (own.subject, own.body) if own and own.body else HOUSE_TEXTS[kind][language]


@dataclass(frozen=True)
class SmsCost:
    """An SMS as it leaves, with invented words: what it says, its places, and how many messages it is paid as."""

    text: str
    places: int
    segments: int
    is_gsm: bool


def sms_cost(text: str) -> SmsCost:
    """Return what an SMS of this text costs, its way out included."""
    sent = gsm.as_gsm(with_way_out(filled_in(text, EXAMPLES), short_stop_url(_ANY)))
    return SmsCost(sent, gsm.length(sent), gsm.segments(sent), gsm.is_gsm(sent))


@dataclass(frozen=True)
class TextLine:
    """One text of a campaign: whose words are said, since when, and by whom they were written."""

    kind: str
    kind_name: str
    language: str
    subject: str
    # How many messages its SMS is sent as, with invented words; None where it is said by mail alone.
    sms_segments: int | None
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
        sms_segments=sms_cost(own.sms if own and own.sms else HOUSE_SMS[kind][language]).segments
        if kind in HOUSE_SMS
        else None,
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


def address_fingerprint(address: str, channel: Channel = Channel.MAIL) -> bytes:
    """Return the keyed hash of an address, whatever its case."""
    return hmac.digest(settings.INE_KEY, f"{channel}\0{address.strip().lower()}".encode(), "sha256")


@dataclass(frozen=True)
class Receiver:
    """One address without the address: its keyed hash, its road, and the kind whose notice led here."""

    fingerprint: bytes
    kind: NoticeKind
    channel: Channel


def stop_token(receiver: Receiver) -> str:
    """Return what lets whoever received a notice choose what they receive, without signing in and without their address."""
    return signing.dumps([receiver.fingerprint.hex(), receiver.kind, receiver.channel], salt=_STOP_SALT)


def read_stop_token(token: str) -> Receiver | None:
    """Return who received the notice that a token was sent with, None for one that is not ours."""
    try:
        # Links of before SMS name no channel, and go on working.
        fingerprint, kind, channel = [*signing.loads(token, salt=_STOP_SALT), Channel.MAIL][:3]
        return Receiver(bytes.fromhex(fingerprint), NoticeKind(kind), Channel(channel))
    except (signing.BadSignature, ValueError, TypeError):
        return None


@dataclass(frozen=True)
class Preference:
    """One kind, and whether an address is written to about it."""

    kind: NoticeKind
    is_on: bool


def preferences_of(receiver: Receiver) -> list[Preference]:
    """Return every kind that may concern an address, and whether it is on."""
    stopped = set(Stop.objects.filter(address_fingerprint=receiver.fingerprint).values_list("kind", flat=True))
    return [Preference(kind, str(kind) not in stopped) for kind in kinds_beside(receiver.kind)]


def masked_address_of(receiver: Receiver) -> str:
    """Return the address masked, empty once it is wiped everywhere. The caller has read a token: no scope is active."""
    written = Notice.objects.filter(address_fingerprint=receiver.fingerprint).exclude(address="")
    address = written.order_by("-queued_at").values_list("address", flat=True).first()
    return masked(receiver.channel, address or "")


def stop_url(receiver: Receiver) -> str:
    """Return the whole address that stops a kind, or shows every kind."""
    return settings.CARTABLE_ADDRESS + reverse("notices:stop", args=[stop_token(receiver)])


def short_stop_url(notice_id: UUID) -> str:
    """Return an address that leads there from an SMS, where each sign is paid for: a notice's id is nobody's to guess."""
    code = urlsafe_b64encode(notice_id.bytes).rstrip(b"=").decode()
    return settings.CARTABLE_ADDRESS + reverse("notices:stop-short", args=[code])


def read_short_code(code: str) -> Receiver | None:
    """Return who received the notice of a short address, None where there is none. The caller has no scope."""
    try:
        notice_id = UUID(bytes=urlsafe_b64decode(f"{code}=="))
    except ValueError:
        return None
    notice = Notice.objects.filter(pk=notice_id).only("address_fingerprint", "kind", "channel").first()
    if notice is None:
        return None
    return Receiver(bytes(notice.address_fingerprint), NoticeKind(notice.kind), Channel(notice.channel))
