"""Queue what is to be said, send what is due, stop what somebody does not want."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from cartable.notices.channels import Message, Road, TryLater, Undeliverable, road
from cartable.notices.models import Notice, NoticeText, Stop
from cartable.notices.queries import address_fingerprint, own_text, stop_url, text_of
from cartable.notices.rules import KEPT_FOR, SENT_PER_ROUND, Channel, NoticeKind, check_text, filled_in, pause_after
from cartable.programme.models import Campaign

# Named here, done in `tasks`.
SEND_TASK = "notices.send_due"
ROUND_LASTS = timedelta(minutes=1)
PAUSE_OF_A_CLOSED_ROAD = timedelta(minutes=5)


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
    campaign_id: int
    address: str
    words: Mapping[str, str]


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
    expected_version: int,
    written_at: datetime,
    written_by_id: int,
) -> int:
    """Publish the next version of what a campaign says, and return its number; the same words make none.

    Raises rules.UnfitText where a word is none of this kind's, TextHasChanged where ``expected_version`` is not the last.
    """
    for text in (subject, body):
        check_text(kind, text)
    Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)  # Writers queue here.
    known = own_text(kind, campaign_id=campaign.pk, language=language)
    version = known.version if known else 0
    if (subject, body) == ((known.subject, known.body) if known else ("", "")):
        return version
    if version != expected_version:
        raise TextHasChanged
    NoticeText.objects.create(
        campaign=campaign, kind=kind, language=language, version=version + 1, subject=subject, body=body,
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

    One act writes to one address once, whoever repeats it; whoever stopped this kind is left out. Return the count.
    """
    texts = {
        campaign_id: text_of(kind, campaign_id=campaign_id, language=language)
        for campaign_id in {one.campaign_id for one in letters}
    }
    chosen = {(one.act_id, address_fingerprint(one.address)): one for one in letters if one.address.strip()}
    stopped = Stop.objects.filter(kind=kind, address_fingerprint__in=list({print_ for _act, print_ in chosen}))
    unwanted = {bytes(one) for one in stopped.values_list("address_fingerprint", flat=True)}
    notices = [
        Notice(
            id=uuid5(act_id, fingerprint.hex()),
            region_id=one.region_id,
            school_id=one.school_id,
            kind=kind,
            channel=Channel.MAIL,
            address=one.address.strip(),
            address_fingerprint=fingerprint,
            subject=filled_in(texts[one.campaign_id][0], one.words)[:160],
            body=filled_in(texts[one.campaign_id][1], one.words),
            queued_at=queued_at,
            due_at=queued_at,
        )
        for (act_id, fingerprint), one in chosen.items()
        if fingerprint not in unwanted
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    if notices:
        ask_for_sending()
    return len(notices)


def ask_for_sending(*, after: timedelta | None = None) -> None:
    """Ask the worker for a round; one that waits already is enough."""
    try:
        with transaction.atomic():
            app.configure_task(
                SEND_TASK, queueing_lock=SEND_TASK, schedule_in={"seconds": after.total_seconds()} if after else None
            ).defer()
    except AlreadyEnqueued:
        pass


def send_due(*, now: datetime) -> int:
    """Send one round of what is due over one connection; what is refused waits longer each time. Return how many remain due.

    Each notice is settled in a transaction of its own, right after it was sent: a worker that is killed sends at most
    one of them twice.
    """
    due = Notice.objects.filter(sent_at=None, given_up_at=None, due_at__lte=now).order_by("due_at")
    try:
        with road(Channel.MAIL) as mail:
            for pk in list(due.values_list("pk", flat=True)[:SENT_PER_ROUND]):
                _send_one(pk, mail, now)
    except TryLater as closed:
        _put_off(due, now, str(closed))
    return due.count()


def _send_one(pk: UUID, mail: Road, now: datetime) -> None:
    with transaction.atomic():
        waiting = Notice.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            pk=pk, sent_at=None, given_up_at=None
        )
        notice = waiting.first()
        if notice is None:
            return
        fingerprint = bytes(notice.address_fingerprint)
        message = Message(notice.address, notice.subject, notice.body, stop_url(fingerprint, notice.kind))
        try:
            mail.send(message)
        except Undeliverable as refused:
            _give_up(notice, now, str(refused))
        except TryLater as refused:
            _wait(notice, now, str(refused))
        else:
            notice.sent_at, notice.attempts, notice.refusal = now, notice.attempts + 1, ""
        notice.save(update_fields=["sent_at", "given_up_at", "due_at", "attempts", "refusal"])


def _wait(notice: Notice, now: datetime, code: str) -> None:
    notice.attempts += 1
    pause = pause_after(notice.attempts)
    if pause is None:
        _give_up(notice, now, code)
    else:
        notice.due_at, notice.refusal = now + pause, code[:40]


def _give_up(notice: Notice, now: datetime, code: str) -> None:
    notice.given_up_at, notice.refusal = now, code[:40]


def _put_off(due: "QuerySet[Notice]", now: datetime, code: str) -> None:
    """Let everything wait: the road itself is closed, and nobody's attempts are counted."""
    due.order_by().update(due_at=now + PAUSE_OF_A_CLOSED_ROAD, refusal=code[:40])


def stop_kind(*, fingerprint: bytes, kind: NoticeKind, stopped_at: datetime) -> None:
    """Write to this address about this no more; what waits for it is given up."""
    Stop.objects.get_or_create(address_fingerprint=fingerprint, kind=kind, defaults={"stopped_at": stopped_at})
    Notice.objects.filter(address_fingerprint=fingerprint, kind=kind, sent_at=None, given_up_at=None).update(
        given_up_at=stopped_at, refusal="stopped"
    )


def forget_words(*, now: datetime) -> int:
    """Wipe addresses and words of what was sent or given up 30 days ago; return the count."""
    old = (
        Notice.objects.filter(queued_at__lte=now - KEPT_FOR).exclude(sent_at=None, given_up_at=None).exclude(address="")
    )
    return old.update(address="", subject="", body="")
