"""An SMS leaves by whatever HTTP gateway the region's settings describe; one in trouble loses nothing and slows nobody."""

import json
import re
from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from django.test import Client
from django_scopes import scope

from cartable.conftest import Cast
from cartable.notices import sms
from cartable.notices.commands import Letter, queue_letters, send_due, stop_kinds, write_text
from cartable.notices.models import Notice
from cartable.notices.queries import address_fingerprint, sms_cost
from cartable.notices.rules import PAUSES, Channel, NoticeKind, UnfitText
from cartable.notices.tests.conftest import Answer, Gateway, MailServer
from cartable.notices.words import HOUSE_SMS

KIND = NoticeKind.LOAN_BEGUN
ONE, OTHER = "+33639980001", "+33639980002"
WORDS = {
    "lycee": "Lycée des Trois-Rivières",
    "eleve": 'Chloé "Zoë" Lefèvre',
    "pc": "P 0042 1187 59",
    "date": "30/06/2027",
}


def queue(cast: Cast, *numbers: str, channel: Channel = Channel.SMS) -> int:
    """Queue one message to each number, in this order."""
    letters = [
        Letter(uuid4(), cast.region.pk, cast.school.pk, cast.campaign.pk, number, WORDS, channel) for number in numbers
    ]
    return sum(
        queue_letters(kind=KIND, language="fr", letters=[letter], queued_at=cast.now + timedelta(microseconds=n - 99))
        for n, letter in enumerate(letters)
    )


def send(cast: Cast, after: timedelta = timedelta()) -> int:
    return send_due(Channel.SMS, now=cast.now + after)


def state(number: str) -> tuple[str, int, bool, bool]:
    """Return refusal, attempts, sent or not, given up or not."""
    one = Notice.objects.get(address=number)
    return one.refusal, one.attempts, one.sent_at is not None, one.given_up_at is not None


def test_an_sms_arrives_in_the_providers_own_form_in_one_message(cast: Cast, settings: Any, gateway: Gateway) -> None:
    settings.CARTABLE_SMS_HEADERS = "Authorization: Bearer abc\nX-Account: 7"
    settings.CARTABLE_SMS_BODY = (
        '{"messages": [{"to": "${number}", "body": "${text}"}], "from": "${sender}", "ref": "${id}"}'
    )
    queue(cast, ONE)
    assert send(cast) == 0
    [(headers, body)] = gateway.arrived
    assert (headers["Authorization"], headers["X-Account"], headers["Content-Type"]) == (
        "Bearer abc", "7", "application/json",
    )  # fmt: skip
    sent = json.loads(body)
    assert sent["messages"][0]["to"] == ONE
    assert sent["messages"][0]["body"].startswith(
        'Lycée des Trois-Rivières : PC P 0042 1187 59 prêté à Chloé "Zoe" Lefèvre'.replace("ê", "e")
    )
    assert sent["ref"] == str(Notice.objects.get().pk)
    assert state(ONE) == ("", 1, True, False)


def test_a_gateway_that_takes_forms_gets_a_form(cast: Cast, settings: Any, gateway: Gateway) -> None:
    settings.CARTABLE_SMS_BODY = "dest=${digits}&msg=${text}&key=s%26t"
    queue(cast, ONE)
    send(cast)
    sent = parse_qs(gateway.arrived[0][1])
    assert (sent["dest"], sent["key"]) == ([ONE.removeprefix("+")], ["s&t"])
    assert '"Zoe"' in sent["msg"][0]


@pytest.mark.parametrize("status", [400, 410, 422])
def test_a_number_refused_for_good_is_given_up_and_the_others_arrive(cast: Cast, gateway: Gateway, status: int) -> None:
    gateway.answers[ONE] = Answer(status, body=f"unknown number {ONE}")
    queue(cast, ONE, OTHER)
    send(cast)
    assert state(ONE) == (f"http {status}", 0, False, True)
    assert state(OTHER)[2]


def test_what_is_no_number_is_given_up_without_asking(cast: Cast, gateway: Gateway) -> None:
    queue(cast, "0612")
    send(cast)
    assert (state("0612"), gateway.arrived) == (("no number", 0, False, True), [])


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [(Answer(500), ""), (Answer(409), ""), (Answer(200, body='{"error": "spam"}'), '"queued"')],
)
def test_a_refusal_for_now_is_tried_again_later(
    cast: Cast, settings: Any, gateway: Gateway, answer: Answer, accepted: str
) -> None:
    settings.CARTABLE_SMS_ACCEPTED = accepted
    gateway.answers[ONE] = answer
    queue(cast, ONE, OTHER)
    send(cast)
    assert state(ONE) == (f"http {answer.status}", 1, False, False)
    assert Notice.objects.get(address=ONE).due_at == cast.now + PAUSES[0]
    assert state(OTHER)[2]


PORTAL = "<!DOCTYPE html><title>Connexion requise</title>"


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (Answer(429, {"Retry-After": "1200"}), 20),
        (Answer(429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), 1),
        (Answer(503, {"Retry-After": "soon"}), 5),
        (Answer(503, {"Retry-After": "9999999"}), 360),
        (Answer(502, {"Content-Type": "text/html"}, PORTAL), 5),
        (Answer(200, {"Content-Type": "text/html; charset=utf-8"}, PORTAL), 5),
        (Answer(200, {}, f"\n {PORTAL}"), 5),
        (Answer(400, {"Content-Type": "text/html"}, PORTAL), 5),
        (Answer(302, {"Location": "/portal"}), 5),
        (Answer(401), 5),
        (Answer(404), 5),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else str(value),
)
def test_a_gateway_in_trouble_is_asked_once_and_everything_waits(
    cast: Cast, gateway: Gateway, answer: Answer, pause: int
) -> None:
    gateway.usual = answer
    queue(cast, ONE, OTHER)
    assert send(cast) == 0
    assert len(gateway.arrived) == 1
    assert {state(number)[1:] for number in (ONE, OTHER)} == {(0, False, False)}
    assert Notice.objects.get(address=OTHER).due_at == cast.now + timedelta(minutes=pause)
    gateway.usual = Answer()
    assert send(cast, timedelta(minutes=pause + 1)) == 0
    assert [state(number)[2] for number in (ONE, OTHER)] == [True, True]


def test_a_dead_or_slow_gateway_costs_one_short_wait_and_no_mail(
    cast: Cast, settings: Any, gateway: Gateway, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sms, "TIMEOUT_SECONDS", 0.2)
    gateway.answers[ONE] = Answer(after_seconds=1)
    queue(cast, ONE, OTHER)
    queue(cast, "parent@example.org", channel=Channel.MAIL)
    begun = monotonic()
    assert send(cast) == 0
    assert monotonic() - begun < 0.9
    assert (state(ONE), state(OTHER)) == (("TimeoutError", 0, False, False),) * 2
    send_due(Channel.MAIL, now=cast.now)
    assert len(mail_server.arrived) == 1
    # The one that nobody answered comes last: should it be the trouble, the others leave all the same.
    send(cast, timedelta(minutes=5))
    assert [state(number)[2] for number in (ONE, OTHER)] == [False, True]
    settings.CARTABLE_SMS_URL = "http://127.0.0.1:1/send"
    send(cast, timedelta(minutes=6))
    assert state(ONE) == ("ConnectionRefusedError", 0, False, False)


def test_a_round_sends_as_many_as_the_provider_takes_in_a_minute(cast: Cast, settings: Any, gateway: Gateway) -> None:
    settings.CARTABLE_SMS_PER_MINUTE = 2
    queue(cast, ONE, OTHER, "+33639980003")
    assert send(cast) == 1
    assert len(gateway.arrived) == 2


def test_without_a_provider_nothing_is_written_for_it(cast: Cast, settings: Any) -> None:
    settings.CARTABLE_SMS_ROAD = ""
    assert queue(cast, ONE) == 0


def test_the_link_in_an_sms_leads_to_what_this_number_receives_and_stops_it(cast: Cast, gateway: Gateway) -> None:
    queue(cast, ONE)
    send(cast)
    found = re.search(r"Stop: https?://[^/]+(/s/[\w-]{22}/)", json.loads(gateway.arrived[0][1])["text"])
    assert found is not None
    with scope(_enabled=True):  # As the product answers: nobody is signed in.
        answer = Client().get(found[1], follow=True)
        assert "•• 01" in answer.content.decode()
        assert Client().get("/s/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
        Client().post(answer.redirect_chain[-1][0], {"stop": str(KIND)})
    assert queue(cast, ONE) == 0
    assert queue(cast, OTHER) == 1


def test_a_number_is_another_address_than_the_mail_of_the_same_text(cast: Cast, gateway: Gateway) -> None:
    stop_kinds(fingerprint=address_fingerprint(ONE, Channel.MAIL), kinds=[KIND], stopped_at=cast.now)
    assert queue(cast, ONE) == 1


def test_a_campaign_says_its_own_short_form_and_the_house_its_own_again(cast: Cast, gateway: Gateway) -> None:
    def write(text: str, version: int) -> None:
        write_text(
            campaign=cast.campaign, kind=KIND, language="fr", subject="Prêt", body="À rendre.", sms=text,
            expected_version=version, written_at=cast.now, written_by_id=cast.sonia.actor_id,
        )  # fmt: skip

    with pytest.raises(UnfitText):
        write("Pour ${ine}", 0)
    write("Prêt de ${pc}", 0)
    queue(cast, ONE)
    write("", 1)
    queue(cast, OTHER)
    said = dict(Notice.objects.values_list("address", "body"))
    assert said[ONE] == "Prêt de P 0042 1187 59"
    assert said[OTHER].startswith("Lycée des Trois-Rivières : PC")


def test_what_the_house_says_by_sms_is_one_message(settings: Any) -> None:
    settings.CARTABLE_ADDRESS = "https://cartable.region.example"
    costs = [sms_cost(text) for texts in HOUSE_SMS.values() for text in texts.values()]
    assert [cost for cost in costs if (cost.segments, cost.is_gsm) != (1, True)] == []


def test_the_page_of_a_text_shows_its_sms_and_what_it_costs(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    form = {"subject": "Prêt", "body": "À rendre.", "expected_version": 0, "preview": "1"}
    long = client.post("/messages/2026/loan_begun/fr/", {**form, "sms": "Rendez ${pc} " * 10}).content.decode()
    assert "2 SMS facturés" in long
    other_alphabet = client.post("/messages/2026/loan_begun/fr/", {**form, "sms": "Здравствуйте"}).content.decode()
    assert "70 par SMS" in other_alphabet
    refused = client.post("/messages/2026/loan_begun/fr/", {**form, "sms": "${ine}"})
    assert (refused.status_code, "${ine}" in refused.content.decode()) == (422, True)
    assert 'name="sms"' not in client.get("/messages/2026/charter_reminder/fr/").content.decode()
