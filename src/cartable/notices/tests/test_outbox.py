"""What is to be said waits in the outbox and leaves by a real mail server; a dead one slows nobody and loses nothing."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client

from cartable.conftest import Cast
from cartable.notices import commands
from cartable.notices.commands import Recipient, forget_words, queue_notices, send_due, stop_kinds, write_text
from cartable.notices.models import Notice, Stop
from cartable.notices.queries import address_fingerprint, sending_of
from cartable.notices.rules import PAUSES, NoticeKind, UnfitText
from cartable.notices.tests.conftest import MailServer

WORDS = {"lycee": "Lycée des Trois-Rivières", "eleve": "Bilal", "classe": "2DE7", "charte": "Charte de prêt"}
KIND = NoticeKind.CHARTER_REMINDER


def queue(cast: Cast, *addresses: str, act: UUID | None = None, language: str = "fr", **words: str) -> int:
    """Queue a reminder to each address."""
    return queue_notices(
        act_id=act or uuid4(),
        region_id=cast.region.pk,
        school_id=cast.school.pk,
        campaign_id=cast.campaign.pk,
        kind=KIND,
        language=language,
        recipients=[Recipient(address, {**WORDS, **words}) for address in addresses],
        queued_at=cast.now,
    )


def test_a_notice_arrives_with_its_words_and_the_way_out(cast: Cast, mail_server: MailServer) -> None:
    queue(cast, "parent@example.org")
    assert send_due(now=cast.now) == 0
    [(address, mail)] = mail_server.arrived
    assert address == "parent@example.org"
    assert mail["Subject"] == "Charte de l’ordinateur portable à signer"
    assert "Bilal (2DE7)" in mail.get_content()  # type: ignore[attr-defined]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "parent" not in mail["List-Unsubscribe"]


def test_english_is_said_in_english(cast: Cast, mail_server: MailServer) -> None:
    queue(cast, "parent@example.org", language="en")
    send_due(now=cast.now)
    assert mail_server.arrived[0][1]["Subject"] == "Laptop charter to be signed"


def write(cast: Cast, subject: str, body: str) -> None:
    """Publish the first French text of the campaign."""
    write_text(
        campaign=cast.campaign, kind=KIND, language="fr", subject=subject, body=body, expected_version=0,
        written_at=cast.now, written_by_id=cast.sonia.actor_id,
    )  # fmt: skip


def test_a_campaign_says_it_in_its_own_words(cast: Cast, mail_server: MailServer) -> None:
    write(cast, "${lycee} : charte", "${eleve}")
    queue(cast, "parent@example.org")
    send_due(now=cast.now)
    assert mail_server.arrived[0][1]["Subject"] == "Lycée des Trois-Rivières : charte"


@pytest.mark.parametrize(("text", "word"), [("${ine}", "ine"), ("Prix : 5 $", "$"), ("${lycee", "$")])
def test_a_text_with_a_word_that_nobody_fills_in_is_refused(cast: Cast, text: str, word: str) -> None:
    with pytest.raises(UnfitText) as refusal:
        write(cast, "Charte", text)
    assert refusal.value.word == word


def test_a_line_break_in_a_name_grows_no_header(cast: Cast, mail_server: MailServer) -> None:
    write(cast, "${eleve}", "${eleve}")
    queue(cast, "parent@example.org", eleve="Bilal\r\nBcc: everybody@example.org")
    send_due(now=cast.now)
    assert mail_server.arrived[0][1]["Bcc"] is None


def test_the_same_act_twice_writes_to_nobody_twice(cast: Cast, mail_server: MailServer) -> None:
    act = uuid4()
    for _ in range(2):
        queue(cast, "parent@example.org", "PARENT@example.org", act=act)
    send_due(now=cast.now)
    assert len(mail_server.arrived) == 1


def test_what_is_rolled_back_is_never_sent(cast: Cast, mail_server: MailServer) -> None:
    with transaction.atomic():
        queue(cast, "parent@example.org")
        transaction.set_rollback(True)
    send_due(now=cast.now)
    assert mail_server.arrived == []


def test_a_dead_server_loses_nothing_and_everything_leaves_when_it_is_back(
    cast: Cast, settings: Any, mail_server: MailServer
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    queue(cast, "one@example.org", "two@example.org")
    assert send_due(now=cast.now) == 0  # Put off: nothing is due any more.
    assert set(Notice.objects.values_list("attempts", flat=True)) == {0}
    settings.EMAIL_PORT = port
    send_due(now=cast.now + timedelta(minutes=6))
    assert len(mail_server.arrived) == 2


def test_an_address_that_does_not_exist_is_given_up_and_the_others_arrive(cast: Cast, mail_server: MailServer) -> None:
    mail_server.refused["nobody@example.org"] = "550 no such user nobody@example.org"
    queue(cast, "nobody@example.org", "parent@example.org")
    send_due(now=cast.now)
    given_up = Notice.objects.get(given_up_at__isnull=False)
    assert (given_up.refusal, len(mail_server.arrived)) == ("smtp 550", 1)
    assert sending_of(cast.school.pk, KIND).given_up == 1


def test_a_refusal_for_now_waits_longer_each_time_and_ends(cast: Cast, mail_server: MailServer) -> None:
    mail_server.refused["busy@example.org"] = "451 try again"
    queue(cast, "busy@example.org")
    now = cast.now
    for pause in PAUSES:
        send_due(now=now)
        assert Notice.objects.get().due_at == now + pause
        now += pause
    send_due(now=now)
    assert Notice.objects.get().given_up_at == now


def test_a_round_is_throttled_and_goes_over_one_connection(
    cast: Cast, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "SENT_PER_ROUND", 3)
    queue(cast, *(f"parent{n}@example.org" for n in range(5)))
    assert send_due(now=cast.now) == 2
    assert (len(mail_server.arrived), mail_server.sessions) == (3, 1)


def test_who_stopped_is_written_to_no_more(cast: Cast, mail_server: MailServer) -> None:
    queue(cast, "parent@example.org")
    stop_kinds(fingerprint=address_fingerprint("Parent@example.org"), kinds=[KIND], stopped_at=cast.now)
    assert queue(cast, "parent@example.org") == 0
    send_due(now=cast.now)
    assert mail_server.arrived == []


def test_the_link_in_the_mail_stops_in_one_gesture_without_signing_in(cast: Cast, mail_server: MailServer) -> None:
    queue(cast, "parent@example.org")
    send_due(now=cast.now)
    address = mail_server.arrived[0][1]["List-Unsubscribe"].strip(" <>")
    path = re.sub(r"^https?://[^/]+", "", address)
    page = Client().get(path)
    assert (page.status_code, Stop.objects.count()) == (200, 0)
    assert "parent@" not in page.content.decode()
    assert Client(enforce_csrf_checks=True).post(path).status_code == 200
    assert Stop.objects.count() == 1
    assert Client().get("/courriels/stop/forged/").status_code == 404


def test_addresses_and_words_are_gone_after_thirty_days(cast: Cast, mail_server: MailServer) -> None:
    queue(cast, "parent@example.org")
    assert forget_words(now=cast.now + timedelta(days=31)) == 0  # It waits still.
    send_due(now=cast.now)
    assert forget_words(now=cast.now + timedelta(days=31)) == 1
    kept = Notice.objects.get()
    assert (kept.address, kept.body, kept.sent_at) == ("", "", cast.now)
