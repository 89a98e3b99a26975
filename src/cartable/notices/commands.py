"""Queue what is to be said, send what is due, stop what somebody does not want."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from cartable.notices.channels import Message, Road, RoadClosed, TryLater, Undeliverable, is_open, road
from cartable.notices.models import Notice, NoticeText, Stop
from cartable.notices.queries import (
    Receiver,
    address_fingerprint,
    channel_text_of,
    own_text,
    short_stop_url,
    stop_url,
)
from cartable.notices.rules import KEPT_FOR, SENT_PER_ROUND, Channel, NoticeKind, check_text, filled_in, pause_after
from cartable.programme.models import Campaign

# Named here, done in `tasks`: a road that is slow or dead keeps no other one waiting.
SEND_TASK = "notices.send_due"
SEND_SMS_TASK = "notices.send_due_sms"
ROUND_LASTS = timedelta(minutes=1)


@dataclass(frozen=True)
class Recipient:
    """One address, and the words that its text fills in."""

    address: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Letter:
    """What one act has to say to one address, in the words of a campaign."""

    act_id: UUID
    region_id: int
    school_id: int | None
    campaign_id: int | None
    address: str
    words: Mapping[str, str]
    channel: Channel = Channel.MAIL


class TextHasChanged(Exception):
    """Somebody else wrote this text meanwhile."""

    code = "text_has_changed"


@transaction.atomic
def write_text(
    *,
    campaign: Campaign,
    kind: NoticeKind,
    language: str,
    subject: str,
    body: str,
    sms: str = "",
    expected_version: int,
    written_at: datetime,
    written_by_id: int,
) -> int:
    """Publish the next version of what a campaign says, and return its number; the same words make none.

    Raises rules.UnfitText where a word is none of this kind's, TextHasChanged where ``expected_version`` is not the last.
    """
    for text in (subject, body, sms):
        check_text(kind, text)
    Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)  # Writers queue here.
    known = own_text(kind, campaign_id=campaign.pk, language=language)
    version = known.version if known else 0
    if (subject, body, sms) == ((known.subject, known.body, known.sms) if known else ("", "", "")):
        return version
    if version != expected_version:
        raise TextHasChanged
    NoticeText.objects.create(
        campaign=campaign, kind=kind, language=language, version=version + 1, subject=subject, body=body, sms=sms,
        written_at=written_at, written_by_id=written_by_id,
    )  # fmt: skip
    return version + 1


def return_to_house_text(
    *,
    campaign: Campaign,
    kind: NoticeKind,
    language: str,
    expected_version: int,
    written_at: datetime,
    written_by_id: int,
) -> None:
    """Say the house's own words again from now on. Raises TextHasChanged."""
    write_text(
        campaign=campaign, kind=kind, language=language, subject="", body="", expected_version=expected_version,
        written_at=written_at, written_by_id=written_by_id,
    )  # fmt: skip


def queue_notices(
    *,
    act_id: UUID,
    region_id: int,
    school_id: int | None,
    campaign_id: int,
    kind: NoticeKind,
    language: str,
    recipients: Sequence[Recipient],
    queued_at: datetime,
) -> int:
    """Write the notices of one act in the caller's transaction; see `queue_letters`. Return the count.

    Of two recipients with one address the last one counts.
    """
    letters = [Letter(act_id, region_id, school_id, campaign_id, one.address, one.words) for one in recipients]
    return queue_letters(kind=kind, language=language, letters=letters, queued_at=queued_at)


@transaction.atomic
def queue_letters(*, kind: NoticeKind, language: str, letters: Sequence[Letter], queued_at: datetime) -> int:
    """Write the notices of many acts in the caller's transaction, one statement for all; the worker sends them later.

    One act writes to one address once, whoever repeats it; whoever stopped this kind is left out, and so is an SMS where
    the region has no provider. Return the count.
    """
    said = {
        (campaign_id, channel): channel_text_of(kind, channel, campaign_id=campaign_id, language=language)
        for campaign_id, channel in {(one.campaign_id, one.channel) for one in letters if is_open(one.channel)}
    }
    chosen = {
        (one.act_id, address_fingerprint(one.address, one.channel)): one
        for one in letters
        if one.address.strip() and said.get((one.campaign_id, one.channel))
    }
    stopped = Stop.objects.filter(kind=kind, address_fingerprint__in=list({print_ for _act, print_ in chosen}))
    unwanted = {bytes(one) for one in stopped.values_list("address_fingerprint", flat=True)}
    notices = []
    for (act_id, fingerprint), one in chosen.items():
        if fingerprint in unwanted:
            continue
        subject, body = said[one.campaign_id, one.channel] or ("", "")
        notices.append(
            Notice(
                id=uuid5(act_id, fingerprint.hex()),
                region_id=one.region_id,
                school_id=one.school_id,
                kind=kind,
                channel=one.channel,
                address=one.address.strip(),
                address_fingerprint=fingerprint,
                subject=filled_in(subject, one.words)[:160],
                body=filled_in(body, one.words),
                queued_at=queued_at,
                due_at=queued_at,
            )
        )
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    for channel in {Channel(one.channel) for one in notices}:
        ask_for_sending(channel)
    return len(notices)


def ask_for_sending(channel: Channel, *, after: timedelta | None = None) -> None:
    """Ask the worker for a round on one road; one that waits already is enough."""
    wait = {"seconds": after.total_seconds()} if after else None
    if channel == Channel.SMS:
        job = app.configure_task(SEND_SMS_TASK, queueing_lock=SEND_SMS_TASK, schedule_in=wait)
    else:
        job = app.configure_task(SEND_TASK, queueing_lock=SEND_TASK, schedule_in=wait)
    try:
        with transaction.atomic():
            job.defer()
    except AlreadyEnqueued:
        pass


def send_due(channel: Channel = Channel.MAIL, *, now: datetime) -> int:
    """Send one round of what is due on one road; what is refused waits longer each time. Return how many remain due.

    Each notice is settled in a transaction of its own, right after it was sent: a worker that is killed sends at most
    one of them twice. A round ends when the next one may begin, however slow the road is.
    """
    due = Notice.objects.filter(channel=channel, sent_at=None, given_up_at=None, due_at__lte=now).order_by("due_at")
    most = settings.CARTABLE_SMS_PER_MINUTE if channel == Channel.SMS else SENT_PER_ROUND
    ends_at = monotonic() + ROUND_LASTS.total_seconds()
    try:
        with road(channel) as opened:
            for pk in list(due.values_list("pk", flat=True)[:most]):
                _send_one(pk, opened, now)
                if monotonic() > ends_at:
                    break
    except RoadClosed as closed:
        _put_off(due, now, closed)
    return due.count()


def _send_one(pk: UUID, opened: Road, now: datetime) -> None:
    closed: RoadClosed | None = None
    with transaction.atomic():
        waiting = Notice.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            pk=pk, sent_at=None, given_up_at=None
        )
        notice = waiting.first()
        if notice is None:
            return
        try:
            opened.send(_message(notice))
        except Undeliverable as refused:
            _give_up(notice, now, str(refused))
        except RoadClosed as refusal:
            # Behind the others, should it be this message that closes the road.
            closed = refusal
            notice.due_at, notice.refusal = now + closed.pause + ROUND_LASTS, str(closed)[:40]
        except TryLater as refused:
            _wait(notice, now, str(refused))
        else:
            notice.sent_at, notice.attempts, notice.refusal = now, notice.attempts + 1, ""
        notice.save(update_fields=["sent_at", "given_up_at", "due_at", "attempts", "refusal"])
    if closed is not None:
        raise closed


def _message(notice: Notice) -> Message:
    to = Receiver(bytes(notice.address_fingerprint), NoticeKind(notice.kind), Channel(notice.channel))
    way_out = short_stop_url(notice.pk) if to.channel == Channel.SMS else stop_url(to)
    return Message(str(notice.pk), notice.address, notice.subject, notice.body, way_out)


def _wait(notice: Notice, now: datetime, code: str) -> None:
    notice.attempts += 1
    pause = pause_after(notice.attempts)
    if pause is None:
        _give_up(notice, now, code)
    else:
        notice.due_at, notice.refusal = now + pause, code[:40]


def _give_up(notice: Notice, now: datetime, code: str) -> None:
    notice.given_up_at, notice.refusal = now, code[:40]


def _put_off(due: "QuerySet[Notice]", now: datetime, closed: RoadClosed) -> None:
    """Let everything wait: the road itself is closed, and nobody's attempts are counted."""
    due.order_by().update(due_at=now + closed.pause, refusal=str(closed)[:40])


@transaction.atomic
def stop_kinds(*, fingerprint: bytes, kinds: Collection[NoticeKind], stopped_at: datetime) -> None:
    """Write to this address about these no more; what waits for it is given up."""
    stops = [Stop(address_fingerprint=fingerprint, kind=kind, stopped_at=stopped_at) for kind in kinds]
    Stop.objects.bulk_create(stops, ignore_conflicts=True)
    Notice.objects.filter(address_fingerprint=fingerprint, kind__in=kinds, sent_at=None, given_up_at=None).update(
        given_up_at=stopped_at, refusal="stopped"
    )


def resume_kind(*, fingerprint: bytes, kind: NoticeKind) -> None:
    """Write to this address about this again, from now on: what was given up meanwhile stays unsaid."""
    Stop.objects.filter(address_fingerprint=fingerprint, kind=kind).delete()


def forget_words(*, now: datetime) -> int:
    """Wipe addresses and words of what was sent or given up 30 days ago; return the count."""
    old = (
        Notice.objects.filter(queued_at__lte=now - KEPT_FOR).exclude(sent_at=None, given_up_at=None).exclude(address="")
    )
    return old.update(address="", subject="", body="")
