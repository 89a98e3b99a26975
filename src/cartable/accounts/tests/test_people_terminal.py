"""A new database becomes somebody's from the terminal alone: a region, then the people who log in."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from cartable.accounts.models import Appointment, Person, Role
from cartable.conftest import Cast
from cartable.organisations.models import Region

pytestmark = pytest.mark.django_db
PASSWORD = "cinq mots que personne ne devine"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTABLE_PASSWORD", PASSWORD)


def add(*arguments: str) -> str:
    out = io.StringIO()
    call_command("people", "add", *arguments, stdout=out)
    return out.getvalue()


def test_a_region_is_opened_and_its_manager_logs_in() -> None:
    call_command("region", "open", "44", "Grand Est", stdout=io.StringIO())
    add("sonia@region.example", "--name", "Sonia Antoine", "--role", "region_manager")
    client = Client()
    answer = client.post("/connexion/", {"username": "sonia@region.example", "password": PASSWORD})
    assert answer.status_code == 302
    assert "Grand Est" in client.get("/").content.decode()


def test_a_region_is_opened_once(cast: Cast) -> None:
    with pytest.raises(CommandError, match="code"):
        call_command("region", "open", "44", "Encore", stdout=io.StringIO())
    assert Region.objects.count() == 1


def test_a_head_is_appointed_to_a_lycee(cast: Cast) -> None:
    add("head@lycee.example", "--name", "Anne Roy", "--role", "head_of_school", "--lycee", cast.school.uai.lower())
    assert Appointment.objects.get(person__email="head@lycee.example").school == cast.school


def test_a_technician_is_appointed_to_all_their_lycees_at_once(cast: Cast) -> None:
    uais = (cast.school.uai, cast.other_school.uai)
    add("cmi@region.example", "--name", "Ines Roth", "--role", "technician", "--lycee", *uais)
    assert Appointment.objects.filter(person__email="cmi@region.example").count() == 2


def test_a_repairer_is_appointed_to_their_company(cast: Cast) -> None:
    add("sav@atelier.example", "--name", "Jo Klein", "--role", "repairer", "--contractor", cast.repairer.name)
    assert Appointment.objects.get(person__email="sav@atelier.example").contractor == cast.repairer


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("not-a-mail", "--role", "region_manager"), "not-a-mail"),
        (("durand@example.org", "--role", "region_manager"), "existe déjà|already"),
        (("new@example.org", "--role", "head_of_school"), "--lycee UAI"),
        (("new@example.org", "--role", "head_of_school", "--lycee", "0080006N"), "--lycee UAI"),
        (("new@example.org", "--role", "region_manager", "--lycee", "0579901C"), "--lycee"),
        (("new@example.org", "--role", "region_manager", "--region", "99"), "--region"),
        (("new@example.org", "--role", "repairer"), "--contractor"),
        (("new@example.org", "--role", "repairer", "--contractor", "Fournitures de l’Est"), "--contractor"),
        (("new@example.org", "--role", "region_manager", "--contractor", "Ateliers de la Seille"), "--contractor"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(cast: Cast, arguments: tuple[str, ...], said: str) -> None:
    before = Person.objects.count()
    with pytest.raises(CommandError, match=said):
        add(*arguments, "--name", "Quelqu’un")
    assert Person.objects.count() == before


@pytest.mark.parametrize("weak", ["", "court", "password1234"])
def test_a_weak_password_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch, weak: str) -> None:
    monkeypatch.setenv("CARTABLE_PASSWORD", weak)
    with pytest.raises(CommandError):
        add("new@example.org", "--name", "Quelqu’un", "--role", str(Role.REGION_MANAGER))
