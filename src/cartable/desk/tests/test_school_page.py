"""One page per lycée: what waits, how far each class is, how full the reserve is; and its students as a list."""

from cartable.desk.queries.schools import class_rings
from cartable.desk.tests.pages import read, statements
from cartable.distribution.tests.conftest import enrol
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.conftest import desk as desk
from cartable.emergency_stock.tests.conftest import written_desk as written_desk
from cartable.rosters.commands.enrolment import NewStudent


def test_each_class_has_its_ring(desk: Desk) -> None:
    desk.hand_over("alice", desk.reserve[0])
    rings = class_rings(desk.cast.school.pk, today=desk.cast.now.date())
    assert sum(ring.equipped for ring in rings) == 1
    assert sum(ring.students for ring in rings) == len(desk.students)
    text = read(desk.cast.durand, f"/lycees/{desk.cast.school.uai}/")
    assert "Classes équipées" in text
    assert all(ring.division in text for ring in rings)


def test_the_reserve_is_shown_against_its_target_and_what_waits_with_its_remedy(desk: Desk) -> None:
    text = read(desk.cast.durand, f"/lycees/{desk.cast.school.uai}/")
    assert "3 PC prêts pour une cible de" in text
    assert "À faire" in text


def test_a_technician_sees_no_list_of_students_there(desk: Desk) -> None:
    text = read(desk.cast.karim, f"/lycees/{desk.cast.school.uai}/")
    assert "/eleves/" not in text
    assert "/distribution/" not in text


def test_a_lycee_s_page_costs_the_same_with_three_students_and_with_sixty(desk: Desk) -> None:
    address = f"/lycees/{desk.cast.school.uai}/"
    few = statements(desk.cast.durand, address)
    enrol(desk.cast, {str(n): NewStudent(0, f"Nouveau{n}", "Camille", division=f"2DE{n % 5}") for n in range(57)})
    assert statements(desk.cast.durand, address) == few


def test_the_students_of_a_lycee_are_filtered_in_the_address_and_turned_page_by_page(desk: Desk) -> None:
    enrol(desk.cast, {str(n): NewStudent(0, f"Nouveau{n:02d}", "Camille", division="2DE9") for n in range(60)})
    address = f"/lycees/{desk.cast.school.uai}/eleves/"
    desk.hand_over("alice", desk.reserve[0])
    with_pc = read(desk.cast.durand, f"{address}?pc=avec")
    assert "Marchand Alice" in with_pc
    assert "Nouveau" not in with_pc
    first = read(desk.cast.durand, f"{address}?classe=2DE9")
    assert "Nouveau00" in first
    assert "Nouveau55" not in first
    assert "Marchand" not in first
    place = first.split("apres=")[1].split('"')[0].split("&")[0]
    second = read(desk.cast.durand, f"{address}?classe=2DE9&apres={place}")
    assert "Nouveau55" in second
    assert "Nouveau00" not in second
    back = second.split("avant=")[1].split('"')[0].split("&")[0]
    assert "Nouveau00" in read(desk.cast.durand, f"{address}?classe=2DE9&avant={back}")
