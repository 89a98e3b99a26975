"""Log in and out: who may, how often, and what the browser keeps."""

from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from cartable.accounts import commands
from cartable.accounts.models import Appointment, Role
from cartable.conftest import PASSWORD, Cast

LOG_IN = "/connexion/"


def log_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> int:
    """Send the log-in form; return the status."""
    return client.post(LOG_IN, {"username": email, "password": password}, **more).status_code


def test_somebody_with_a_role_logs_in_and_lands_on_the_start_page(cast: Cast) -> None:
    client = Client()
    answer = client.post(LOG_IN, {"username": " Durand@Example.org ", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "Trois-Rivières" in client.get("/").content.decode()


def test_the_page_that_was_asked_for_comes_after_log_in_but_never_a_foreign_one(cast: Cast) -> None:
    form = {"username": "durand@example.org", "password": PASSWORD}
    assert Client().post(LOG_IN, {**form, "next": "/pc/"})["Location"] == "/pc/"
    for foreign in ("https://mechant.example/", "//mechant.example", "javascript:alert(1)"):
        assert Client().post(LOG_IN, {**form, "next": foreign})["Location"] == "/"


def test_A19_a_session_given_before_log_in_is_changed(cast: Cast) -> None:
    client = Client()
    client.post(reverse("set_language"), {"language": "en"})
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    before = session.session_key
    assert log_in(client, "durand@example.org") == 302
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before


def test_A23_after_log_out_nothing_is_readable_and_the_session_is_gone(cast: Cast) -> None:
    client = Client()
    log_in(client, "durand@example.org")
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.post("/deconnexion/").status_code == 302
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = key
    assert stolen.get("/").status_code == 302


def test_log_out_needs_a_form_so_that_no_image_can_do_it(cast: Cast) -> None:
    client = Client()
    log_in(client, "durand@example.org")
    assert client.get("/deconnexion/").status_code == 405
    assert client.get("/").status_code == 200


def test_one_message_for_all_that_is_wrong(cast: Cast) -> None:
    pages = [
        Client().post(LOG_IN, {"username": email, "password": "faux faux faux"}).content.decode()
        for email in ("durand@example.org", "personne@example.org")
    ]
    assert all("Adresse ou mot de passe inconnu" in page for page in pages)


def test_A31_guessing_is_throttled_for_the_account_and_address_not_for_the_lycee(cast: Cast) -> None:
    lycee = {"REMOTE_ADDR": "192.0.2.10"}
    guesses = [log_in(Client(), "durand@example.org", "faux faux faux", **lycee) for _ in range(12)]
    assert guesses[-1] == 429
    assert guesses.index(429) == settings.AXES_FAILURE_LIMIT - 1
    assert log_in(Client(), "durand@example.org", PASSWORD, **lycee) == 429, (
        "the right password is not let in meanwhile"
    )
    assert log_in(Client(), "meyer@example.org", PASSWORD, **lycee) == 302, "colleagues behind the same address work on"
    assert log_in(Client(), "durand@example.org", PASSWORD, REMOTE_ADDR="192.0.2.77") == 302, "nobody can lock her out"


def test_A31_another_spelling_of_the_address_is_the_same_account(cast: Cast) -> None:
    for spelling in ("durand@example.org", "DURAND@example.org", " Durand@Example.ORG ") * 4:
        last = log_in(Client(), spelling, "faux faux faux")
    assert last == 429


def test_A31_a_header_that_anybody_can_write_does_not_change_the_address(cast: Cast) -> None:
    guesses = [
        log_in(Client(), "durand@example.org", "faux faux faux", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}")
        for n in range(12)
    ]
    assert guesses[-1] == 429


def test_the_page_of_too_many_attempts_says_how_long(cast: Cast) -> None:
    for _ in range(9):
        answer = Client().post(LOG_IN, {"username": "durand@example.org", "password": "faux faux faux"})
    assert "15 minutes" in answer.content.decode()


@pytest.mark.parametrize("email", ["durand@example.org"])
def test_a_closed_account_and_one_without_role_are_refused_in_words(cast: Cast, email: str) -> None:
    Appointment.objects.filter(person=cast.durand).update(ends_on=date(2026, 8, 31))
    answer = Client().post(LOG_IN, {"username": email, "password": PASSWORD})
    assert (answer.status_code, "aucun rôle" in answer.content.decode()) == (200, True)
    cast.durand.is_active = False
    cast.durand.save()
    assert log_in(Client(), email) == 200


def test_A15_a_role_that_ends_closes_every_page_with_the_next_request(cast: Cast) -> None:
    client = Client()
    log_in(client, "durand@example.org")
    Appointment.objects.filter(person=cast.durand).update(ends_on=date(2026, 8, 31))
    assert client.get("/").status_code == 404
    assert client.get("/pc/").status_code == 404


def test_A15_a_closed_account_is_out_with_the_next_request(cast: Cast) -> None:
    client = Client()
    log_in(client, "durand@example.org")
    cast.durand.is_active = False
    cast.durand.save()
    assert client.get("/").status_code == 302


def test_A09_what_a_form_adds_by_itself_changes_nobody_s_role(cast: Cast) -> None:
    client = Client()
    sent = {"username": "durand@example.org", "password": PASSWORD, "role": "region_manager", "is_staff": "1"}
    client.post(LOG_IN, sent)
    assert client.get("/livraisons/").status_code == 404


def test_somebody_in_two_lycees_sees_both_and_no_third(cast: Cast) -> None:
    commands.appoint(
        person=cast.durand, role=Role.HEAD_OF_SCHOOL, region_id=cast.region.pk, school=cast.other_school,
        starts_on=date(2026, 8, 1),
    )  # fmt: skip
    client = Client()
    log_in(client, "durand@example.org")
    page = client.get("/").content.decode()
    assert "Trois-Rivières" in page
    assert "Warndt" in page


def test_the_language_can_be_chosen_before_log_in(db: None) -> None:
    client = Client()
    assert client.post(reverse("set_language"), {"language": "en", "next": LOG_IN})["Location"] == LOG_IN
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
