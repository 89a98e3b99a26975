"""A student leaves, from their own page: both heads read it, what is owed is said before, mistakes are taken back."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from cartable.desk.rules import Owes, what_a_leaver_owes
from cartable.desk.tests.pages import read, signed_in, statements
from cartable.emergency_stock.queries.levels import reserves
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.conftest import desk as desk
from cartable.emergency_stock.tests.conftest import written_desk as written_desk
from cartable.fleet.audit import audit_ledger
from cartable.organisations.models import School
from cartable.rosters.models import Departure, Student


def address(desk: Desk, rest: str = "", name: str = "alice") -> str:
    return f"/eleves/{desk.students[name].label_code}/{rest}"


def fields(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that goes to an address."""
    (form,) = re.findall(rf'<form[^>]*action="{action}".*?</form>', page, re.DOTALL)
    return dict(re.findall(r'<input type="hidden" name="(depart|de)" value="([^"]*)"', form))


def move(desk: Desk, client: Client, school: School, name: str = "alice") -> str:
    """Choose the new lycée on the student's page, and press the button: two interactions."""
    page = client.get(address(desk, name=name)).content.decode()
    given = fields(page, address(desk, "changer-de-lycee/", name))
    sent = client.post(address(desk, "changer-de-lycee/", name), {**given, "vers": school.uai}, follow=True)
    return sent.content.decode()


def leave(desk: Desk, client: Client, name: str = "alice") -> str:
    """Open the gesture of the student's page, and confirm what it says: two interactions."""
    page = client.get(address(desk, "quitter-la-region/", name)).content.decode()
    departure = re.findall(r'name="depart" value="([^"]+)"', page)[0]
    return client.post(address(desk, "quitter-la-region/", name), {"depart": departure}, follow=True).content.decode()


def test_from_the_student_s_page_to_another_lycee_both_heads_read_who_went_with_which_pc(desk: Desk) -> None:
    cast = desk.cast
    desk.hand_over("alice", desk.reserve[0])
    alice, tag = desk.students["alice"], desk.reserve[0].asset_tag
    before = reserves([cast.school.pk, cast.other_school.pk], today=timezone.localdate())
    said = move(desk, signed_in(cast.durand), cast.other_school)
    assert f"est maintenant élève de : {cast.other_school}" in said
    assert alice.display_name in said
    assert "Avec son PC" in said
    assert f"/pc/{tag}/" not in said  # The PC is the other lycée's to see.
    assert signed_in(cast.durand).get(address(desk)).status_code == 404
    assert "1 élève parti dans un autre lycée" in read(cast.durand, "/a-traiter/")
    assert "1 élève arrivé d’un autre lycée" in read(cast.zoe, "/a-traiter/")
    arrived = read(cast.zoe, "/eleves/departs/")
    assert address(desk) in arrived
    assert f"/pc/{tag}/" in arrived
    page = read(cast.zoe, address(desk))
    assert "A son PC." in page
    assert f"Parti de {cast.school} pour {cast.other_school}" in page
    after = reserves([cast.school.pk, cast.other_school.pk], today=timezone.localdate())
    assert [b.student_count - a.student_count for b, a in zip(before, after, strict=True)] == [1, -1]
    assert audit_ledger().violations == 0


def test_either_head_takes_a_mistake_back(desk: Desk) -> None:
    cast = desk.cast
    for head in (cast.durand, cast.zoe):
        move(desk, signed_in(cast.durand), cast.other_school)
        departure = Departure.objects.filter(undone_at=None).get()
        said = signed_in(head).post(f"/eleves/departs/{departure.pk}/annuler/", follow=True).content.decode()
        assert "Départ annulé" in said
        assert "Changement de lycée" in read(cast.durand, address(desk))
    assert "arrivé d’un autre lycée" not in read(cast.zoe, "/a-traiter/")


def test_outside_the_region_what_is_owed_is_said_before_and_waits_after(desk: Desk) -> None:
    cast = desk.cast
    desk.hand_over("alice", desk.reserve[0])
    asked = read(cast.durand, address(desk, "quitter-la-region/"))
    assert "Fin des études : le PC est donné à l’élève. S’il le refuse, il le rend." in asked
    assert f"/pc/{desk.reserve[0].asset_tag}/" in asked
    said = leave(desk, signed_in(cast.durand))
    assert "A quitté le lycée et doit rendre son PC." in said
    assert "Cet élève a déjà quitté le lycée." in said  # The gesture is greyed, with its reason.
    assert "1 élève parti a encore un PC" in read(cast.durand, "/a-traiter/")
    (undo,) = re.findall(r'action="(/eleves/departs/[^"]+)"', said)
    signed_in(cast.durand).post(undo)
    assert "A son PC." in read(cast.durand, address(desk))


def test_a_pc_on_loan_is_owed_whatever_the_campaign_says(desk: Desk) -> None:
    desk.hand_over("alice", desk.reserve[0])
    desk.check_in("alice", desk.reserve[0])
    desk.lend("alice", desk.reserve[1], desk.reserve[0])
    asked = read(desk.cast.durand, address(desk, "quitter-la-region/"))
    assert "Le PC est un prêt de la réserve" in asked
    assert f"à la place de {desk.reserve[0].asset_tag}" in asked


def test_what_a_leaver_owes_follows_loan_course_and_campaign() -> None:
    facts = {"holds": True, "is_loan": False, "has_finished": False, "is_given_unless_refused": True}
    assert what_a_leaver_owes(**facts) == Owes.OWN_PC
    assert what_a_leaver_owes(**{**facts, "has_finished": True}) == Owes.MAY_REFUSE
    assert what_a_leaver_owes(**{**facts, "has_finished": True, "is_given_unless_refused": False}) == Owes.ASKS_TO_KEEP
    assert what_a_leaver_owes(**{**facts, "has_finished": True, "is_loan": True}) == Owes.LOANER
    assert what_a_leaver_owes(**{**facts, "holds": False}) == Owes.NOTHING


@pytest.mark.parametrize("vers", ["", "0579999J", "' OR 1=1", "own"])
def test_a_lycee_that_is_none_moves_nobody_and_says_so(desk: Desk, vers: str) -> None:
    client, cast = signed_in(desk.cast.durand), desk.cast
    given = {"depart": uuid4(), "de": cast.school.uai, "vers": cast.school.uai if vers == "own" else vers}
    said = client.post(address(desk, "changer-de-lycee/"), given, follow=True).content.decode()
    assert "Choisissez" in said
    assert not Departure.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"depart": "x", "de": "0579901C"}, {"depart": str(uuid4()), "de": "\0"}])
def test_a_form_that_the_page_never_gave_moves_nobody(desk: Desk, sent: dict[str, str]) -> None:
    client = signed_in(desk.cast.durand)
    sent = {**sent, "vers": desk.cast.other_school.uai}
    assert client.post(address(desk, "changer-de-lycee/"), sent).status_code == 302
    assert client.post(address(desk, "quitter-la-region/"), {"depart": "x"}).status_code == 404
    assert Student.objects.get(pk=desk.students["alice"].pk).custodian.school_id == desk.cast.school.pk


def test_whoever_leads_a_distribution_sends_nobody_away(desk: Desk) -> None:
    text = read(desk.cast.meyer, address(desk))
    assert "Quitte la région" not in text
    assert "changer-de-lycee" not in text


def test_the_list_of_departures_costs_the_same_for_one_and_for_three(desk: Desk) -> None:
    client = signed_in(desk.cast.durand)
    for name in desk.students:
        move(desk, client, desk.cast.other_school, name)
        if name == "alice":
            few = statements(desk.cast.durand, "/eleves/departs/"), statements(desk.cast.durand, "/a-traiter/")
    assert (statements(desk.cast.durand, "/eleves/departs/"), statements(desk.cast.durand, "/a-traiter/")) == few
