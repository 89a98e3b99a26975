"""The search of the bar: students by name, and no name in any address."""

from django.test import Client

from cartable.conftest import Cast
from cartable.distribution.tests.conftest import DayScene, enrol
from cartable.distribution.tests.conftest import scene as scene


def signed_in(person: object) -> Client:
    """Return the browser of somebody."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    return client


def test_a_student_is_found_by_name_with_the_pc_and_the_name_is_in_no_address(scene: DayScene) -> None:
    scene.a.arrival(scene.students["alice"])
    scene.b.pair(scene.students["alice"], scene.devices[0])
    browser = signed_in(scene.cast.durand)
    answer = browser.post("/recherche/", {"q": "marchand ali"})
    assert answer.status_code == 302
    assert answer["Location"] == "/recherche/"
    page = browser.get("/recherche/").content.decode()
    assert "Alice Marchand" in page
    assert f"/pc/{scene.devices[0]}/" in page
    assert "Bilal" not in page


def test_a_label_typed_in_the_search_finds_its_student(scene: DayScene) -> None:
    browser = signed_in(scene.cast.sonia)
    page = browser.post("/recherche/", {"q": scene.students["bilal"]}, follow=True).content.decode()
    assert "Bilal Benali" in page
    assert "Alice" not in page


def test_A06_the_head_of_another_lycee_finds_no_student(scene: DayScene) -> None:
    page = signed_in(scene.cast.zoe).post("/recherche/", {"q": "marchand"}, follow=True).content.decode()
    assert "Alice" not in page


def test_one_letter_names_nobody(cast: Cast) -> None:
    enrol(cast)
    assert "Alice" not in signed_in(cast.sonia).post("/recherche/", {"q": "a"}, follow=True).content.decode()


def test_the_page_of_a_pc_says_whose_it_is(scene: DayScene) -> None:
    scene.a.arrival(scene.students["alice"])
    scene.b.pair(scene.students["alice"], scene.devices[0])
    page = signed_in(scene.cast.meyer).get(f"/pc/{scene.devices[0]}/").content.decode()
    assert "Alice Marchand, TG3" in page
