"""Behind the link of a notice everybody chooses what they receive, kind by kind, without account and without a name."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django_scopes import scope

from cartable.conftest import Cast
from cartable.notices.commands import Recipient, queue_notices, stop_kinds
from cartable.notices.models import Notice, Stop
from cartable.notices.models import NoticeKind as KindChoices
from cartable.notices.queries import Receiver, address_fingerprint, stop_url
from cartable.notices.rules import Audience, Channel, NoticeKind, audience_of, kinds_beside, masked
from cartable.notices.words import ABOUT

KIND = NoticeKind.CHARTER_REMINDER
PARENT = Receiver(address_fingerprint("parent@example.org"), KIND, Channel.MAIL)


@pytest.fixture
def link(cast: Cast) -> str:
    """The link at the foot of a reminder that waits to be sent."""
    words = {"lycee": "Lycée", "eleve": "Bilal Benali", "classe": "2DE7", "charte": "Charte"}
    queue_notices(
        act_id=uuid4(), region_id=cast.region.pk, school_id=cast.school.pk, campaign_id=cast.campaign.pk, kind=KIND,
        language="fr", recipients=[Recipient("parent@example.org", words)], queued_at=cast.now,
    )  # fmt: skip
    return re.sub(r"^https?://[^/]+", "", stop_url(PARENT))


def asked(link: str, **form: str) -> str:
    """Ask for the page as the product answers it: nobody signed in, no scope active; return it."""
    client = Client(enforce_csrf_checks=True)
    with scope(_enabled=True):
        answer = client.post(link, form) if form else client.get(link)
    assert answer.status_code == 200
    return answer.content.decode()


def stopped() -> set[str]:
    return set(Stop.objects.values_list("kind", flat=True))


def test_every_kind_for_families_is_shown_with_what_it_is_about_and_nobody_s_name(link: str) -> None:
    page = asked(link)
    for kind in kinds_beside(KIND):
        assert f'name="stop" value="{kind}"' in page
        assert str(ABOUT[kind]) in page
    assert "p•••@e•••.org" in page
    assert not any(name in page for name in ("parent@", "Bilal", "2DE7"))
    assert stopped() == set()


def test_one_gesture_stops_a_kind_and_one_takes_it_up_again(link: str) -> None:
    page = asked(link, stop="loan_overdue")
    assert stopped() == {"loan_overdue"}
    assert 'name="resume" value="loan_overdue"' in page
    assert Notice.objects.filter(given_up_at=None).count() == 1  # What is about something else still leaves.
    asked(link, resume="loan_overdue")
    assert stopped() == set()


def test_everything_stops_in_one_gesture_and_what_waits_is_given_up(link: str) -> None:
    page = asked(link, stop_all="1")
    assert stopped() == {str(kind) for kind in kinds_beside(KIND)}
    assert Notice.objects.get().refusal == "stopped"
    assert "stop_all" not in page


def test_the_button_of_a_mail_programme_stops_the_kind_of_its_mail_alone(link: str) -> None:
    asked(link, **{"List-Unsubscribe": "One-Click"})
    assert stopped() == {str(KIND)}


@pytest.mark.parametrize("form", [{"stop": "gossip"}, {"resume": "gossip"}])
def test_a_kind_that_is_none_changes_nothing(link: str, form: dict[str, str]) -> None:
    stop_kinds(fingerprint=PARENT.fingerprint, kinds=[NoticeKind.LOAN_BEGUN], stopped_at=Notice.objects.get().queued_at)
    asked(link, **form)
    assert stopped() == {"loan_begun"}


def test_every_kind_says_what_it_is_about_and_has_an_audience() -> None:
    assert ABOUT.keys() == set(NoticeKind) == {NoticeKind(value) for value in KindChoices.values}
    assert {audience_of(kind) for kind in NoticeKind} <= set(Audience)


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        (Channel.MAIL, "parent@example.org", "p•••@e•••.org"),
        (Channel.MAIL, "a@b", "a•••@•••b"),
        (Channel.MAIL, "", ""),
        (Channel.SMS, "+33612345678", "•• 78"),
        (Channel.SMS, "", ""),
    ],
)
def test_an_address_is_shown_masked(channel: Channel, address: str, shown: str) -> None:
    assert masked(channel, address) == shown
