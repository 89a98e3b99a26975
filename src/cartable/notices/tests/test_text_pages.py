"""The region writes what a campaign says: words by name, a look before, versions with their author, the way back."""

from datetime import timedelta

import pytest
from django.test import Client

from cartable.conftest import Cast
from cartable.notices.commands import TextHasChanged, write_text
from cartable.notices.models import NoticeText
from cartable.notices.queries import text_of
from cartable.notices.rules import PLACEHOLDERS, NoticeKind, check_text
from cartable.notices.words import EXAMPLES, HOUSE_TEXTS, PLACEHOLDER_NAMES

KIND = NoticeKind.LOAN_BEGUN
PAGE = "/messages/2026/loan_begun/fr/"


@pytest.fixture
def sonia(cast: Cast) -> Client:
    """The browser of the region's manager."""
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    return client


def said(cast: Cast, language: str = "fr") -> tuple[str, str]:
    """Return what the campaign says of a loan."""
    return text_of(KIND, campaign_id=cast.campaign.pk, language=language)


def form(subject: str = "Prêt de ${pc}", body: str = "À rendre le ${date}.", version: int = 0) -> dict[str, object]:
    return {"subject": subject, "body": body, "expected_version": version}


def test_a_text_is_looked_at_published_signed_and_given_up_again(cast: Cast, sonia: Client) -> None:
    shown = sonia.post(PAGE, {**form(), "preview": "1"}).content.decode()
    assert "À rendre le 30/06/2027." in shown
    assert said(cast) == HOUSE_TEXTS[KIND]["fr"]
    sonia.post(PAGE, form())
    assert said(cast) == ("Prêt de ${pc}", "À rendre le ${date}.")
    assert said(cast, "en") == HOUSE_TEXTS[KIND]["en"]
    shown = sonia.get(PAGE).content.decode()
    assert cast.sonia.full_name in shown
    assert "version 1" in sonia.get("/messages/2026/").content.decode()
    sonia.post(f"{PAGE}maison/", {"expected_version": "1"})
    assert said(cast) == HOUSE_TEXTS[KIND]["fr"]
    assert [one.version for one in NoticeText.objects.order_by("version")] == [1, 2]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"body": "Pour ${ine}"}, "${ine}"),
        ({"subject": "${classe}"}, "${classe}"),
        ({"body": "10 $"}, "$$"),
        ({"body": " "}, ""),
    ],
)
def test_a_word_that_nobody_fills_in_is_refused_by_its_name(
    cast: Cast, sonia: Client, changes: dict[str, str], named: str
) -> None:
    answer = sonia.post(PAGE, {**form(), **changes})
    assert (answer.status_code, named in answer.content.decode()) == (422, True)
    assert not NoticeText.objects.exists()


def test_of_two_people_who_write_at_once_the_second_is_told(cast: Cast, sonia: Client) -> None:
    sonia.post(PAGE, form())
    answer = sonia.post(PAGE, form(body="Autrement."))
    assert answer.status_code == 422
    assert said(cast)[1] == "À rendre le ${date}."
    with pytest.raises(TextHasChanged):
        write_text(
            campaign=cast.campaign, kind=KIND, language="fr", subject="a", body="b", expected_version=0,
            written_at=cast.now + timedelta(days=1), written_by_id=cast.sonia.actor_id,
        )  # fmt: skip


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_house_says_every_kind_in_both_languages_with_words_that_exist(kind: NoticeKind) -> None:
    for subject, body in HOUSE_TEXTS[kind].values():
        check_text(kind, subject)
        check_text(kind, body)
    assert HOUSE_TEXTS[kind].keys() == {"fr", "en"}
    assert PLACEHOLDERS[kind] <= EXAMPLES.keys() & PLACEHOLDER_NAMES.keys()
