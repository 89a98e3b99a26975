"""Every page of the office, in a real browser: axe-core finds nothing, nothing scrolls sideways, forms work."""

from collections.abc import Iterable, Iterator
from itertools import chain, cycle, islice
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser

from cartable.accounts.models import Person
from cartable.accounts.tests.world import NONE, World, build_world
from cartable.config.tests.rows_again import RowsAgain
from cartable.conftest import Cast, once_upon_the_cast
from cartable.desk.tests.browsing import Reader, reader
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind, Reason
from cartable.incidents.commands.declarations import declare
from cartable.incidents.rules import IncidentKind
from cartable.organisations.models import DirectoryImport
from cartable.returns.models import Reimaging
from cartable.rosters.commands.takeover_checks import record_check_failure
from cartable.rosters.models import Enrolment, Student
from cartable.rosters.tasks import check_takeover
from cartable.supply.models import Delivery, DeliveryNote
from cartable.supply.tests.notes import HEADER, plain_lines

pytest_plugins = ["cartable.ui.tests.browser"]
pytestmark = pytest.mark.browser
# Sideways scrolling is looked at in each width anyway (`browsing`): axe-core reads a page a third time in `make soak`.
PHONE = pytest.param(390, marks=pytest.mark.soak)
PHONE_FR, PHONE_EN = (pytest.param(390, one, marks=pytest.mark.soak) for one in ("fr", "en"))
PLAIN_STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SCHOOL_ROAD = ("/", "/recherche/?q=Metz", "/recherche/?q=rien-du-tout", "/pc/", "/pc/?q=introuvable", "/programme/")


written_world = once_upon_the_cast(build_world)


@pytest.fixture
def world(cast: Cast, written_world: RowsAgain[World], settings: Any) -> World:
    """Both lycées with one object of each kind, and static files under their own names."""
    settings.STORAGES = PLAIN_STORAGES
    return written_world.write(cast)


# Each page in one of the two, every other one in the other; all of them in each in `make soak`.
BY_TURNS = [
    (1366, "fr", slice(0, None, 2)),
    (320, "en", slice(1, None, 2)),
    *(pytest.param(*one, slice(None), marks=pytest.mark.soak) for one in ((1366, "fr"), (390, "fr"), (320, "en"))),
]


def by_turns(road: Iterable[str], turn: slice) -> Iterator[str]:
    """Yield some addresses of a road; what lies between them happens too."""
    return islice(iter(road), turn.start, turn.stop, turn.step)


def signed_in(person: Person, language: str = "fr") -> Client:
    """Return the client of somebody."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/langue/", {"language": language})
    return client


def region_road(world: World) -> Iterator[str]:
    """Yield the addresses of the manager of the region."""
    own, note = world.parts["own"], DeliveryNote.objects.get(lot_reference="2026-2")
    waiting = DeliveryNote.objects.exclude(pk=note.pk).get(delivery__isnull=True)
    delivery = Delivery.objects.latest("pk").pk
    yield from SCHOOL_ROAD
    yield from ("/a-traiter/", f"/a-traiter/?lycee={own['uai']}", f"/eleves/{own['label_code']}/")
    yield from (f"/lycees/{own['uai']}/eleves/", f"/lycees/{own['uai']}/eleves/?pc=sans")
    yield from ("/lycees/", "/lycees/?q=nulle+part", f"/lycees/{own['uai']}/", f"/pc/{own['asset_tag']}/")
    other, today = world.cast.other_school.uai, timezone.localdate()
    yield from (f"/lycees/{own['uai']}/fermer/", f"/lycees/{own['uai']}/fermer/?vers={other}&le={today}")
    yield f"/lycees/{own['uai']}/changer-de-numero/"
    yield from ("/lycees/annuaire/", f"/lycees/annuaire/{DirectoryImport.objects.get().pk}/")
    yield from ("/livraisons/", "/livraisons/?etat=ouvertes", "/livraisons/nouvelle/", f"/livraisons/bon/{waiting.pk}/")
    yield from (f"/livraisons/bon/{note.pk}/", f"/livraisons/bon/{note.pk}/colonnes/", f"/livraisons/{delivery}/")
    yield from (f"/livraisons/{delivery}/lignes/32/", "/affectations/", "/affectations/nouvelle/")
    yield from ("/listes/", "/listes/region/", f"/listes/region/{world.region_parts['rosters:batch']['batch_id']}/")
    yield from (f"/listes/{own['uai']}/", f"/listes/fichier/{own['file_id']}/colonnes/")
    yield from (
        "/listes/besoins/",
        f"/listes/besoins/{own['uai']}/",
        "/distribution/listes/",
        "/distribution/listes/?etat=missing",
    )
    yield from (f"/affectations/{world.region_parts['supply:allotment']['pk']}/", "/programme/2026/")
    asked = world.region_parts["emergency_stock:top-up"]["top_up_id"]
    yield from ("/reserve/", f"/reserve/{own['uai']}/", "/reserve/reequilibrage/")
    yield from ("/messages/2026/", "/messages/2026/loan_begun/fr/", f"/courriels/stop/{world.parts[NONE]['token']}/")
    yield from ("/reserve/reassorts/", "/reserve/reassorts/tous/", f"/reserve/reassorts/{asked}/")
    yield from ("/transferts/", "/transferts/nouveau/", f"/transferts/{own['shipment_id']}/")
    yield from ("/programme/ouvrir/", "/programme/2026/regles/")
    yield from ("/programme/2026/vague/", f"/programme/2026/vague/?lycee={own['uai']}")
    taken, sent = (world.region_parts[f"rosters:takeover{part}"]["takeover_id"] for part in ("", "-columns"))
    yield from ("/incidents/", "/incidents/?etat=clos", f"/incidents/{own['incident_id']}/", "/alerte/")
    yield from ("/reprises/", "/reprises/nouvelle/", f"/reprises/{sent}/", f"/reprises/{sent}/colonnes/")
    yield from (f"/reprises/{taken}/", f"/reprises/{taken}/lignes/3/", f"/reprises/{taken}/lignes/4/")
    done, previewed = (world.region_parts[f"desk:bulk{part}"]["act_id"] for part in ("", "-confirm"))
    yield from (f"/actions/{done}/", f"/actions/{previewed}/")


def school_road(own: dict[str, Any]) -> Iterator[str]:
    """Yield the addresses of what a lycée owns."""
    yield from (f"/lycees/{own['uai']}/", f"/pc/{own['asset_tag']}/", f"/reserve/{own['uai']}/")
    yield from ("/transferts/", f"/transferts/{own['shipment_id']}/")


def day_road(world: World) -> Iterator[str]:
    """Yield the addresses of a lycée's running day that its leader works with beside the control room."""
    own = world.parts["own"]
    day = f"/journees/{own['day_id']}/"
    yield from (
        f"{day}ressaisie/",
        f"{day}journal/",
        "/litiges/",
        f"{day}litiges/",
        f"{day}litiges/{own['dispute_id']}/",
    )


def incident_road(world: World) -> Iterator[str]:
    """Yield the addresses of incidents for a head: every step, and one incident of each kind."""
    here = Device.objects.filter(custodian__school=world.cast.school, custodian_kind__startswith="s")
    held = list(here.order_by("-custodian_kind", "pk")[:3])  # A student's first, then what lies in the lycée.
    yield from ("/declarer/", f"/declarer/?code={held[0].asset_tag}", "/incidents/")
    for kind, device in zip(IncidentKind, held, strict=True):
        declared = declare(
            incident_id=uuid4(), device=device, kind=kind, happened_on=world.cast.now.date(), is_here=False,
            declared_at=world.cast.now, declared_by_id=world.cast.durand.actor_id,
        )  # fmt: skip
        yield f"/incidents/{declared.incident_id}/"
    yield from ("/alerte/", f"/alerte/?code={held[0].asset_tag}")
    yield f"/incidents/{world.parts['own']['incident_id']}/"


def read_all(reading: Reader, addresses: Iterator[str] | tuple[str, ...]) -> dict[str, list[str]]:
    """Open each address; return those with faults."""
    faults = {}
    for address in addresses:
        reading.open(address)
        assert reading.page.query_selector("[name=password]") is None, "not signed in"
        if found := reading.faults():
            faults[address] = found
    return faults


@pytest.mark.parametrize(("width", "language", "turn"), BY_TURNS)
def test_every_page_of_the_region_is_readable_by_everybody(
    chromium: Browser, world: World, width: int, language: str, turn: slice
) -> None:
    reading = reader(chromium, signed_in(world.cast.sonia, language), width=width)
    assert read_all(reading, by_turns(region_road(world), turn)) == {}


@pytest.mark.parametrize("width", [1366, 320])
def test_a_long_fleet_that_is_checked_failed_and_found_is_readable_by_everybody(
    chromium: Browser, world: World, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cartable.rosters.commands.takeover.LINES_ENTERED_AT_ONCE", 0)
    sent = world.region_parts["rosters:takeover-columns"]["takeover_id"]
    reading = reader(chromium, signed_in(world.cast.sonia), width=width)
    said = []
    for step in ("asked", "failed", "asked again", "found"):
        if step == "failed":
            record_check_failure(takeover_id=sent, code="check_stopped")
        if step == "found":
            check_takeover(region_id=world.cast.region.pk, takeover_id=str(sent))
        if step == "asked again":
            reading.page.click("text=Vérifier à nouveau")
        else:
            reading.open(f"/reprises/{sent}/")
        said.append(reading.page.inner_text("main"))
        assert reading.faults() == [], step
    assert ["Vérification en cours" in text for text in said] == [True, False, True, False]
    assert "La vérification s’est arrêtée" in said[1]
    assert "Reprendre 1 PC" in said[3]


@pytest.mark.parametrize(("width", "language", "turn"), BY_TURNS)
def test_every_page_of_a_lycee_is_readable_by_everybody(
    chromium: Browser, world: World, width: int, language: str, turn: slice
) -> None:
    own = world.parts["own"]
    reading = reader(chromium, signed_in(world.cast.durand, language), width=width)
    road = (
        *SCHOOL_ROAD,
        *school_road(own),
        "/a-traiter/",
        f"/lycees/{own['uai']}/eleves/",
        f"/eleves/{own['label_code']}/",
    )
    assert read_all(reading, by_turns(chain(road, incident_road(world)), turn)) == {}


@pytest.mark.parametrize("width", [1366, PHONE, 320])
def test_the_pages_of_a_technician_and_of_a_repairer_are_readable_by_everybody(
    chromium: Browser, world: World, width: int
) -> None:
    own = world.parts["own"]
    reading = reader(chromium, signed_in(world.cast.karim), width=width)
    road = ("/", "/a-traiter/", "/recherche/?q=rien", f"/lycees/{own['uai']}/", f"/pc/{own['asset_tag']}/")
    road += ("/scanner/", f"/reserve/{own['uai']}/compter/")
    assert read_all(reading, road) == {}
    assert read_all(reader(chromium, signed_in(world.cast.lina), width=width), ("/", "/a-traiter/")) == {}


def test_a_stolen_pc_raises_its_alarm_readably(chromium: Browser, world: World) -> None:
    device = Device.objects.get(asset_tag=world.parts["own"]["asset_tag"])
    claim = world.cast.region_accounts[CustodianKind.CLAIM]
    world.cast.move(device.pk, device.custodian_id, claim, Reason.CLAIM)
    for person in (world.cast.sonia, world.cast.zoe):
        reading = reader(chromium, signed_in(person), width=320)
        reading.open(f"/recherche/?q={device.asset_tag}")
        assert "PC déclaré volé ou perdu" in reading.page.inner_text("[role=alert]")
        assert reading.faults() == []


@pytest.mark.parametrize(("width", "language"), [(1366, "fr"), PHONE_FR, PHONE_EN, (320, "en")])
def test_every_page_of_a_running_day_is_readable_by_everybody(
    chromium: Browser, world: World, width: int, language: str
) -> None:
    reading = reader(chromium, signed_in(world.cast.meyer, language), width=width)
    assert read_all(reading, tuple(day_road(world))) == {}


def bench_road(world: World) -> Iterator[str]:
    """Yield the addresses of the bench and of the return desk."""
    own = world.parts["own"]
    uai, cast = own["uai"], world.cast
    series = "geste=all&methode=overwritten&image=2026.09&vers=reserve&" + "&".join(
        f"controles={check}" for check in ("starts", "screen", "keyboard", "battery", "network", "charger")
    )
    tag = Reimaging.objects.get(pk=own["arrival_id"]).device.asset_tag
    division = Enrolment.objects.filter(school=cast.school).exclude(division="").earliest("pk").division
    yield from ("/restituer/", f"/restituer/?code={own['label_code']}", f"/restituer/partis/{uai}/")
    held = Device.objects.filter(custodian__school=cast.school, custodian_kind="student").earliest("pk").asset_tag
    yield from (f"/restituer/?code={held}", f"/restituer/classes/{uai}/")
    yield from (f"/restituer/classes/{uai}/serie/?classe={division}",)
    yield f"/restituer/classes/{uai}/serie/?classe={division}&etat=B&complet=on&motif=other"
    yield from (f"/atelier/{uai}/", f"/atelier/{uai}/?pc={tag}", f"/atelier/{uai}/?pc={held}", f"/atelier/{uai}/serie/")
    yield from (f"/atelier/{uai}/serie/?{series}", f"/atelier/{uai}/sorties/", f"/atelier/sorties/{own['slip_id']}/")
    yield from ("/atelier/etiquette/", f"/atelier/etiquette/?pc={tag}")


@pytest.mark.parametrize(("width", "language"), [(1366, "fr"), PHONE_EN, (320, "fr")])
def test_the_bench_and_the_return_desk_are_readable_by_everybody(
    chromium: Browser, world: World, width: int, language: str
) -> None:
    reading = reader(chromium, signed_in(world.cast.karim, language), width=width)
    refused = "the server responded with a status of 422"
    faults = read_all(reading, tuple(bench_road(world)))
    assert {page: found for page, found in faults.items() if [one for one in found if refused not in one]} == {}


@pytest.mark.parametrize("width", [1366, 320])
def test_the_pages_before_log_in_are_readable_by_everybody(chromium: Browser, world: World, width: int) -> None:
    reading = reader(chromium, Client(), width=width)
    reading.open("/connexion/")
    assert reading.faults() == []
    reading.page.fill("[name=username]", "durand@example.org")
    reading.page.fill("[name=password]", "faux faux faux")
    reading.page.click("text=Se connecter")
    assert reading.faults() == []
    for _ in range(8):
        Client().post("/connexion/", {"username": "durand@example.org", "password": "faux faux faux"})
    reading.page.fill("[name=password]", "faux faux faux")
    reading.page.click("text=Se connecter")
    assert "Trop d’essais" in reading.page.inner_text("h1")
    # A refusal is an error for the browser's console, and nothing else.
    assert [fault for fault in reading.faults() if "429" not in fault] == []


def test_a_delivery_is_received_from_the_page_to_the_depot(chromium: Browser, world: World) -> None:
    before = Device.objects.count()
    reading = reader(chromium, signed_in(world.cast.sonia), width=1366)
    page = reading.page
    reading.open("/livraisons/nouvelle/")
    content = "\n".join([HEADER, *plain_lines(12, first=900), "1,23E+9;HP;;;"]).encode()
    page.set_input_files("[name=file]", {"name": "bon.csv", "mimeType": "text/csv", "buffer": content})
    page.fill("[name=lot]", "2026-9")
    page.fill("[name=received_on]", "2026-08-20")
    page.click("text=Vérifier le bon")
    assert "format Texte" in page.inner_text("main")
    assert (Device.objects.count(), reading.faults()) == (before, [])
    page.click("text=Recevoir 12 PC")
    assert Device.objects.count() == before + 12
    page.click("a:has-text('Régler')")
    page.fill("[name=serial]", "5CD7777777")
    page.click("text=Entrer ce PC au dépôt")
    assert "Close" in page.inner_text("main")
    assert (Device.objects.count(), reading.faults()) == (before + 13, [])


def test_pcs_go_to_a_lycee_once_they_were_looked_at(chromium: Browser, world: World) -> None:
    reading = reader(chromium, signed_in(world.cast.sonia), width=390)
    page = reading.page
    reading.open("/affectations/nouvelle/")
    page.select_option("[name=lycee]", "0579902D")
    page.check("input[value=PAL001]")
    page.click("text=Vérifier le choix")
    assert "10 PC" in page.inner_text("h1")
    assert reading.faults() == []
    page.click("text=Affecter ces PC")
    assert "10 PC affectés" in page.inner_text("h1")
    assert reading.faults() == []


def test_a_choice_made_in_two_ways_is_explained_and_kept(chromium: Browser, world: World) -> None:
    reading = reader(chromium, signed_in(world.cast.sonia), width=320)
    page = reading.page
    reading.open("/affectations/nouvelle/")
    page.select_option("[name=lycee]", "0579902D")
    page.fill("[name=nombre]", "3")
    page.check("input[value=PAL001]")
    page.click("text=Vérifier le choix")
    assert "un seul des quatre" in page.inner_text("#resume")
    assert page.is_checked("input[value=PAL001]")
    assert [fault for fault in reading.faults() if "422" not in fault] == []


def test_the_directory_is_applied_from_its_page(chromium: Browser, world: World) -> None:
    reading = reader(chromium, signed_in(world.cast.sonia), width=1366)
    reading.open(f"/lycees/annuaire/{DirectoryImport.objects.get().pk}/")
    reading.page.click("text=Appliquer ces différences")
    assert "Annuaire appliqué" in reading.page.inner_text("h1")
    assert reading.faults() == []


def _in_two_interactions(reading: Reader, typed: str, shown: str) -> None:
    """Ctrl K, then the text with Enter: the keyboard alone, and the page that answers."""
    reading.page.keyboard.press("Control+k")
    reading.page.keyboard.type(typed)
    reading.page.keyboard.press("Enter")
    reading.page.locator("main").get_by_text(shown).first.wait_for()


@pytest.mark.parametrize("who", ["sonia", "durand"])
def test_job_find_a_pc_student_or_lycee_by_any_code_or_name_from_any_page(
    chromium: Browser, world: World, who: str
) -> None:
    own, device = world.parts["own"], Device.objects.get(asset_tag=world.parts["own"]["asset_tag"])
    student = Student.objects.get(label_code=own["label_code"])
    reading = reader(chromium, signed_in(getattr(world.cast, who)), width=1366)
    starts = cycle(("/", "/a-traiter/", "/pc/", "/recherche/?q=rien"))
    for typed, shown in (
        (device.asset_tag, device.serial_number),
        (device.serial_number.lower(), device.serial_number),
        (device.serial_number[:-1].lower(), device.serial_number),
        (student.label_code, student.display_name),
        (student.family_name[:4].lower(), student.display_name),
        (own["uai"].lower(), world.cast.school.name),
    ):
        reading.open(next(starts))
        _in_two_interactions(reading, typed, shown)


def test_a_technician_finds_whose_a_pc_is_by_its_code(chromium: Browser, world: World) -> None:
    device = Device.objects.filter(custodian_kind="student", custodian__school=world.cast.school).earliest("pk")
    holder = Student.objects.get(custodian_id=device.custodian_id)
    reading = reader(chromium, signed_in(world.cast.karim), width=390)
    reading.open("/")
    _in_two_interactions(reading, device.asset_tag, holder.display_name)


@pytest.mark.parametrize("language", ["fr", pytest.param("en", marks=pytest.mark.soak)])
def test_rows_of_a_name_with_markup_stay_text(chromium: Browser, world: World, language: str) -> None:
    type(world.cast.school).objects.filter(pk=world.cast.school.pk).update(
        name="<img src=x onerror=alert(1)>\"'{{7*7}}"
    )
    reading = reader(chromium, signed_in(world.cast.sonia, language), width=1366)
    for address in (
        "/",
        "/lycees/",
        "/lycees/0579901C/",
        "/pc/",
        "/affectations/",
        "/affectations/nouvelle/?lycee=0579901C",
    ):
        reading.open(address)
        assert reading.page.query_selector("main img") is None
        assert reading.faults() == []


def test_the_columns_of_a_table_are_chosen_with_the_keyboard(chromium: Browser, world: World) -> None:
    own = world.parts["own"]
    reading = reader(chromium, signed_in(world.cast.durand), width=1366)
    reading.open(f"/listes/fichier/{own['file_id']}/colonnes/")
    page = reading.page
    for field, header in (("family_name", "A"), ("given_name", "B")):
        page.locator(f"[name={field}]").focus()
        page.keyboard.type(header)
        assert page.input_value(f"[name={field}]") == header
    page.locator("[name=previous_uai]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Ce que la liste change").wait_for()
    assert reading.faults() == []


def test_lines_are_ticked_and_an_act_is_done_with_the_keyboard(chromium: Browser, world: World) -> None:
    reading = reader(chromium, signed_in(world.cast.sonia), width=1366)
    page = reading.page
    reading.open("/pc/")
    page.locator("[data-lot-tout]").focus()
    page.keyboard.press("Space")
    ticked = page.locator("input[name=ligne]:checked").count()
    assert (ticked > 2, page.inner_text("[data-lot-compte]")) == (True, str(ticked))
    page.locator("input[name=ligne]").last.focus()
    page.keyboard.press("Space")
    assert page.inner_text("[data-lot-compte]") == str(ticked - 1)
    # The line that has the focus stands above the bar.
    line, bar = page.locator("input[name=ligne]").last.bounding_box(), page.locator(".lot").bounding_box()
    assert line is not None
    assert bar is not None
    assert line["y"] + line["height"] <= bar["y"]
    page.locator("[name=geste]").focus()
    page.keyboard.type("Imprimer")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Aperçu : rien n’est encore fait").wait_for()
    page.locator("main form .bouton--principal").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ouvrir les étiquettes (PDF)").wait_for()
    assert reading.faults() == []


@pytest.mark.parametrize(("width", "language"), [(1366, "fr"), (320, "en")])
def test_the_next_version_of_the_rules_is_published_with_the_keyboard(
    chromium: Browser, world: World, width: int, language: str
) -> None:
    reading = reader(chromium, signed_in(world.cast.sonia, language), width=width)
    page = reading.page
    reading.open("/programme/2026/regles/")
    page.locator("[name=prices]").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("PC : 350\nClavier : -40")
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    page.locator("#resume").wait_for()
    assert "Clavier" in page.inner_text("#resume")
    assert [fault for fault in reading.faults() if "422" not in fault] == []
    page.locator("[name=prices]").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("PC : 350")
    page.fill("[name=charter_text]", "Le PC est prêté pour la durée du cycle.")
    page.locator("[name=price_file]").focus()
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)
    page.locator("del").first.wait_for()
    assert reading.faults() == []
    page.locator(".formulaire .bouton--principal").focus()
    page.keyboard.press("Enter")
    page.get_by_text("elle est en vigueur" if language == "fr" else "it is in force").wait_for()
    assert reading.faults() == []
