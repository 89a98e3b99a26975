"""A long fleet is checked by the worker: the page waits, reads what was found, and has a way on where nothing was."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from cartable.conftest import Cast
from cartable.documents.commands import erase_file
from cartable.fleet.models import Device
from cartable.rosters import tasks
from cartable.rosters.commands.takeover_files import choose_takeover_columns
from cartable.rosters.models import KeptCheck, Takeover
from cartable.rosters.tests.takeover_files import fleet_text, line_of, opened, send

pytestmark = pytest.mark.django_db
LINES = (
    line_of("5CD0000001", "dépôt"),
    line_of("5CD0000002", "dépôt"),
    line_of("5CD0000003", "élève", family="Zwingelstein"),
)


@pytest.fixture(autouse=True)
def long_from_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cartable.rosters.commands.takeover.LINES_ENTERED_AT_ONCE", 1)


@pytest.fixture
def sonia(cast: Cast) -> Client:
    """The browser of the region's manager."""
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def worker_checks(takeover: Takeover) -> None:
    """Do what the worker does when its turn comes."""
    tasks.check_takeover(region_id=takeover.region_id, takeover_id=str(takeover.pk))


def test_a_long_file_is_checked_by_the_worker_and_the_page_reads_what_was_found(cast: Cast, sonia: Client) -> None:
    kept = send(cast, fleet_text(*LINES))
    page = f"/reprises/{kept.pk}/"
    assert "Vérification en cours" in text_of(sonia, page)
    assert sonia.get(f"{page}etat/").status_code == 204
    worker_checks(kept)
    assert sonia.get(f"{page}etat/")["HX-Redirect"] == page
    shown = text_of(sonia, page)
    assert "Reprendre 2 PC" in shown
    assert "Un nom sans date de naissance ni INE" in shown
    assert Device.objects.count() == 0


def test_what_was_found_is_read_and_not_found_again(cast: Cast, sonia: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = send(cast, fleet_text(*LINES))
    page = f"/reprises/{kept.pk}/"
    sonia.get(page)
    worker_checks(kept)
    monkeypatch.setattr("cartable.rosters.queries.takeovers.read_table", _not_in_a_request)
    assert "Reprendre 2 PC" in text_of(sonia, page)
    assert "Fichier;Tout le fichier;3;2;1;0" in text_of(sonia, f"{page}comptes.csv")


def test_the_counts_of_a_file_that_is_being_checked_lead_to_its_page(cast: Cast, sonia: Client) -> None:
    kept = send(cast, fleet_text(*LINES))
    sonia.get(f"/reprises/{kept.pk}/")
    assert sonia.get(f"/reprises/{kept.pk}/comptes.csv")["Location"] == f"/reprises/{kept.pk}/"


def test_other_columns_are_checked_anew(cast: Cast, sonia: Client) -> None:
    kept = send(cast, fleet_text(*LINES))
    page = f"/reprises/{kept.pk}/"
    sonia.get(page)
    worker_checks(kept)
    choose_takeover_columns(takeover=kept, columns={"serial": "N° de série"}, has_header=True)
    assert "Vérification en cours" in text_of(sonia, page)
    worker_checks(kept)
    assert "Reprendre 0 PC" in text_of(sonia, page)


def test_columns_said_while_the_worker_reads_are_not_answered_with_the_old_ones(cast: Cast, sonia: Client) -> None:
    kept = send(cast, fleet_text(*LINES))
    sonia.get(f"/reprises/{kept.pk}/")
    KeptCheck.objects.update(basis={"columns": "said since"})
    worker_checks(kept)
    assert KeptCheck.objects.get().found is None


def test_the_next_day_checks_anew(cast: Cast, sonia: Client) -> None:
    kept = send(cast, fleet_text(*LINES))
    page = f"/reprises/{kept.pk}/"
    sonia.get(page)
    worker_checks(kept)
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        sonia.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
        assert "Vérification en cours" in text_of(sonia, page)


def test_a_check_that_fails_says_so_and_is_asked_again(
    cast: Cast, sonia: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = send(cast, fleet_text(*LINES))
    page = f"/reprises/{kept.pk}/"
    sonia.get(page)
    with monkeypatch.context() as broken:
        broken.setattr("cartable.rosters.commands.takeover_checks.found_in", _not_in_a_request)
        with pytest.raises(RuntimeError):
            worker_checks(kept)
    assert sonia.get(f"{page}etat/")["HX-Redirect"] == page
    shown = text_of(sonia, page)
    assert "La vérification s’est arrêtée" in shown
    assert "Vérifier à nouveau" in shown
    assert sonia.post(f"{page}verifier/")["Location"] == page
    assert "Vérification en cours" in text_of(sonia, page)
    worker_checks(kept)
    assert "Reprendre 2 PC" in text_of(sonia, page)


def test_a_worker_that_was_killed_leaves_a_message_and_a_way_on(cast: Cast, sonia: Client) -> None:
    kept = send(cast, fleet_text(*LINES))
    page = f"/reprises/{kept.pk}/"
    sonia.get(page)
    KeptCheck.objects.update(asked_at=timezone.now() - timedelta(minutes=11))
    assert sonia.get(f"{page}etat/")["HX-Redirect"] == page
    assert "Toujours pas de réponse" in text_of(sonia, page)
    sonia.post(f"{page}verifier/")
    assert "Vérification en cours" in text_of(sonia, page)


def test_a_file_that_cannot_be_read_says_where(cast: Cast, sonia: Client) -> None:
    kept = send(cast, fleet_text(*LINES, '5CD0000004;HP;"L1'))
    page = f"/reprises/{kept.pk}/"
    sonia.get(page)
    worker_checks(kept)
    shown = text_of(sonia, page)
    assert "ne peut pas être lu" in shown
    assert "5" in shown[shown.index("ne peut pas être lu") :]


def test_a_file_that_is_gone_says_so(cast: Cast, sonia: Client) -> None:
    kept = send(cast, fleet_text(*LINES))
    page = f"/reprises/{kept.pk}/"
    sonia.get(page)
    erase_file(document_id=kept.document_id, erased_at=cast.now)
    worker_checks(kept)
    assert "a été effacé" in text_of(sonia, page)


def test_what_was_found_names_people_until_the_books_are_opened_or_the_night(cast: Cast, sonia: Client) -> None:
    one, other = send(cast, fleet_text(*LINES)), send(cast, fleet_text(*LINES, line_of("5CD0000009", "dépôt")))
    for kept in (one, other):
        sonia.get(f"/reprises/{kept.pk}/")
        worker_checks(kept)
    opened(cast, one.pk)
    assert KeptCheck.objects.get().takeover_id == other.pk
    tasks.forget_old_lines(timestamp=0)
    assert KeptCheck.objects.count() == 1
    KeptCheck.objects.update(asked_at=timezone.now() - timedelta(days=1))
    tasks.forget_old_lines(timestamp=0)
    assert not KeptCheck.objects.exists()


def _not_in_a_request(*_args: Any, **_named: Any) -> None:
    raise RuntimeError
