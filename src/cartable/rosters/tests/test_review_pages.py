"""The review queue: each case beside whom it may be, one gesture per answer, taken back as easily."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client

from cartable.accounts.models import Person
from cartable.conftest import Cast
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind, Reason
from cartable.rosters.models import Enrolment, RosterDecision, RosterImport, RosterLine, Student
from cartable.rosters.rules.proposals import Likeness, Proposal, proposal
from cartable.rosters.tests.test_decisions import line_in_review, set_aside
from cartable.rosters.tests.test_roster_import import listed, load, outcomes, preview

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def head(cast: Cast) -> Client:
    return client_of(cast.durand)


@pytest.fixture
def near(cast: Cast) -> RosterImport:
    load(cast, listed("1", "Marchand", "Léa"))
    return preview(cast, listed("2", "Marchant", "Léa"))


def answer(client: Client, line: RosterLine, said: str, decision: object = None, **more: str) -> str:
    got = client.post(
        f"/listes/examen/{line.pk}/", {"decision": str(decision or uuid4()), "answer": said, "retour": "import"}, **more
    )  # type: ignore[arg-type]
    assert got.status_code in {200, 302, 422}
    return got.content.decode()


def test_a_case_shows_the_listed_person_beside_whom_it_may_be(cast: Cast, head: Client, near: RosterImport) -> None:
    student = Student.objects.get()
    (device_id,) = cast.devices_allotted(1)
    cast.move(device_id, cast.school_accounts[CustodianKind.SCHOOL_ALLOTMENT], student.custodian_id, Reason.CHECK_OUT)
    page = head.get(f"/listes/import/{near.pk}/examen/").content.decode()
    tag = Device.objects.get(pk=device_id).asset_tag
    for shown in ("Léa Marchant", "Léa Marchand", "05/04/2011", "2DE7", f"/pc/{tag}/", "faute de frappe", "proposé"):
        assert shown in page


def test_the_same_person_is_ruled_by_one_form_and_the_page_comes_back(
    cast: Cast, head: Client, near: RosterImport
) -> None:
    line = line_in_review(near)
    got = head.post(
        f"/listes/examen/{line.pk}/", {"decision": str(uuid4()), "answer": f"same:{line.candidates[0]}"}, follow=True
    )
    assert got.redirect_chain == [(f"/listes/import/{near.pk}/examen/", 302)]
    assert "retenu" in got.content.decode()
    assert outcomes(near) == {"2": "change"}


def test_the_same_answer_sent_twice_is_one_ruling(cast: Cast, head: Client, near: RosterImport) -> None:
    line, decision = line_in_review(near), uuid4()
    for _again in range(2):
        assert "retenu" in answer(head, line, "other", decision, **HTMX)
    assert RosterDecision.objects.count() == 1


def test_with_htmx_the_card_alone_comes_back_with_the_way_back(cast: Cast, head: Client, near: RosterImport) -> None:
    line = line_in_review(near)
    card = answer(head, line, f"same:{line.candidates[0]}", **HTMX)
    assert "<html" not in card
    assert "hx-swap-oob" in card
    (undo,) = re.findall(r'action="(/listes/decisions/[^"]+)"', card)
    again = head.post(undo, {"ligne": line.pk, "retour": "import"}, **HTMX).content.decode()  # type: ignore[arg-type]
    assert f"same:{line.candidates[0]}" in again
    assert outcomes(near)["2"] == "review"


def test_another_answer_after_somebody_s_is_refused_in_words(cast: Cast, head: Client, near: RosterImport) -> None:
    line = line_in_review(near)
    student_id = line.candidates[0]
    answer(head, line, f"same:{student_id}", **HTMX)
    got = client_of(cast.sonia).post(
        f"/listes/examen/{line.pk}/", {"decision": str(uuid4()), "answer": f"same:{student_id}"}, **HTMX
    )  # type: ignore[arg-type]
    assert got.status_code == 422
    assert "sa décision tient" in got.content.decode() or "question a changé" in got.content.decode()
    assert RosterDecision.objects.count() == 1


@pytest.mark.parametrize("said", ["", "same", "same:x", "same:999999999999999999", "eval", "here:1", "taken"])
def test_an_answer_that_the_case_does_not_offer_changes_nothing(
    cast: Cast, head: Client, near: RosterImport, said: str
) -> None:
    got = head.post(f"/listes/examen/{line_in_review(near).pk}/", {"decision": str(uuid4()), "answer": said}, **HTMX)  # type: ignore[arg-type]
    assert got.status_code == 422
    assert RosterDecision.objects.count() == 0


def test_somebody_else_becomes_a_new_student(cast: Cast, head: Client, near: RosterImport) -> None:
    answer(head, line_in_review(near), "other")
    assert outcomes(near)["2"] == "arrival"


def test_nobody_known_of_several_is_taken_back_by_one_gesture(cast: Cast, head: Client) -> None:
    load(cast, listed("1", "Marchand", "Léa"), listed("2", "Marchandt", "Léa", division="2DE8"))
    roster_import = preview(cast, listed("3", "Marchant", "Léa"))
    line = line_in_review(roster_import)
    assert len(line.candidates) == 2
    card = answer(head, line, "other", **HTMX)
    assert outcomes(roster_import)["3"] == "arrival"
    (undo,) = re.findall(r'action="(/listes/decisions/[^"]+)"', card)
    head.post(undo)
    assert RosterDecision.objects.filter(undone_at__isnull=True).count() == 0
    assert outcomes(roster_import)["3"] == "review"


def test_of_lines_set_aside_one_is_taken_and_one_left(cast: Cast, head: Client) -> None:
    roster_import = set_aside(cast)
    first, second = RosterLine.objects.filter(roster_import=roster_import).order_by("pk")
    page = head.get(f"/listes/import/{roster_import.pk}/examen/").content.decode()
    assert "Même numéro dans la liste : Lucas Diallo, 2DE8" in page
    answer(head, first, "taken")
    answer(head, second, "dropped")
    assert set(RosterLine.objects.filter(roster_import=roster_import).values_list("outcome", flat=True)) == {
        "arrival",
        "dropped",
    }


@pytest.fixture
def from_elsewhere(cast: Cast) -> RosterImport:
    """A student of the other lycée, written almost the same in this one's list, which names that lycée."""
    load(cast, listed("1", "Marchand", "Léa", birth_on=date(2011, 4, 5)), school=cast.other_school)
    return preview(cast, listed("5", "Marchand", "Léa", birth_on=date(2011, 4, 6), previous_uai="0579902D"))


def test_of_a_student_of_another_lycee_a_head_learns_name_and_lycee_only(
    cast: Cast, head: Client, from_elsewhere: RosterImport
) -> None:
    there = Student.objects.get()
    (device_id,) = cast.devices_in_depot(1)
    cast.move(device_id, cast.region_accounts[CustodianKind.DEPOT], cast.other_accounts[CustodianKind.SCHOOL_ALLOTMENT],
              Reason.ALLOTMENT)  # fmt: skip
    cast.move(device_id, cast.other_accounts[CustodianKind.SCHOOL_ALLOTMENT], there.custodian_id, Reason.CHECK_OUT)
    tag = Device.objects.get(pk=device_id).asset_tag
    page = head.get(f"/listes/import/{from_elsewhere.pk}/examen/").content.decode()
    assert "Lycée du Warndt" in page
    assert "06/04/2011" in page
    assert "05/04/2011" not in page
    assert tag not in page
    assert there.label_code not in page
    whole = client_of(cast.sonia).get(f"/listes/import/{from_elsewhere.pk}/examen/").content.decode()
    assert "05/04/2011" in whole
    assert tag in whole


def test_a_same_birth_date_is_said_without_writing_it_twice(cast: Cast, head: Client) -> None:
    load(cast, listed("1", "Marchand", "Léa"), school=cast.other_school)
    roster_import = preview(cast, listed("5", "Marchand", "Léa"))
    page = head.get(f"/listes/import/{roster_import.pk}/examen/").content.decode()
    assert "même date" in page
    assert page.count("05/04/2011") == 1


def test_where_a_student_is_enrolled_is_ruled_here_or_there(cast: Cast, head: Client) -> None:
    load(cast, listed("1", "Marchand", "Léa", ine="070832327JA"), school=cast.other_school)
    roster_import = preview(cast, listed("5", "Marchand", "Léa", ine="070832327JA"))
    line = line_in_review(roster_import)
    page = head.get(f"/listes/import/{roster_import.pk}/examen/").content.decode()
    assert f"here:{line.candidates[0]}" in page
    answer(head, line, f"here:{line.candidates[0]}")
    assert outcomes(roster_import) == {"5": "transfer"}


def test_the_lines_of_another_lycee_look_unknown(cast: Cast, near: RosterImport) -> None:
    zoe, line = client_of(cast.zoe), line_in_review(near)
    assert zoe.get(f"/listes/import/{near.pk}/examen/").status_code == 404
    assert zoe.post(f"/listes/examen/{line.pk}/", {"decision": str(uuid4()), "answer": "other"}).status_code == 404
    assert zoe.get(f"/listes/import/{near.pk}/decisions/").status_code == 404
    assert "Marchant" not in zoe.get("/listes/examen/").content.decode()
    assert "Marchant" in client_of(cast.sonia).get("/listes/examen/").content.decode()


def test_a_ruling_is_taken_back_from_the_list_of_rulings_after_the_list_was_applied(
    cast: Cast, head: Client, near: RosterImport
) -> None:
    line = line_in_review(near)
    answer(head, line, f"same:{line.candidates[0]}")
    head.post(f"/listes/import/{near.pk}/appliquer/")
    page = head.get(f"/listes/import/{near.pk}/decisions/").content.decode()
    assert "Léa Marchant" in page
    assert "Hélène Durand" in page
    (undo,) = re.findall(r'action="(/listes/decisions/[^"]+)"', page)
    assert "Décision annulée" in head.post(undo, follow=True).content.decode()
    assert Student.objects.count() == 2
    assert "Annulée" in head.get(f"/listes/import/{near.pk}/decisions/").content.decode()
    assert audit_ledger().violations == 0


def test_a_head_takes_a_transfer_back_and_the_other_lycee_has_its_student_again(cast: Cast, head: Client) -> None:
    load(cast, listed("1", "Marchand", "Léa"), school=cast.other_school)
    roster_import = preview(cast, listed("5", "Marchand", "Léa"))
    line = line_in_review(roster_import)
    answer(head, line, f"same:{line.candidates[0]}")
    if outcomes(roster_import)["5"] == "review":
        answer(head, line_in_review(roster_import), f"here:{line.candidates[0]}")
    assert outcomes(roster_import) == {"5": "transfer"}
    applied = head.post(f"/listes/import/{roster_import.pk}/appliquer/", follow=True).content.decode()
    assert "Liste appliquée" in applied, applied
    student = Student.objects.get()
    assert student.custodian.school_id == cast.school.pk
    decision = RosterDecision.objects.get(ruling="same")
    head.post(f"/listes/decisions/{decision.pk}/annuler/")
    student = Student.objects.get(pk=student.pk)
    assert student.custodian.school_id == cast.other_school.pk
    assert Enrolment.objects.get(student=student).ends_on is None
    assert audit_ledger().violations == 0


def test_too_late_is_said_in_words(cast: Cast, head: Client, near: RosterImport) -> None:
    line = line_in_review(near)
    answer(head, line, f"same:{line.candidates[0]}")
    head.post(f"/listes/import/{near.pk}/appliquer/")
    RosterDecision.objects.update(replaced=None)
    page = head.get(f"/listes/import/{near.pk}/decisions/").content.decode()
    assert "depuis plus de 30 jours" in page
    decision = RosterDecision.objects.get()
    got = head.post(f"/listes/decisions/{decision.pk}/annuler/", follow=True).content.decode()
    assert "ce qui précédait est effacé" in got


def test_the_queue_asks_the_same_number_of_questions_of_the_database_however_long(
    cast: Cast, head: Client, django_assert_max_num_queries: object
) -> None:
    load(
        cast, *(listed(str(n), f"Marchand{'abcdefghij'[n]}x", "Léa", birth_on=date(2011, 4, n + 1)) for n in range(10))
    )
    roster_import = preview(
        cast,
        *(listed(f"1{n}", f"Marchand{'abcdefghij'[n]}y", "Léa", birth_on=date(2011, 4, n + 1)) for n in range(10)),
    )
    assert roster_import.counts["review"] == 10
    with django_assert_max_num_queries(22):  # type: ignore[operator]
        head.get(f"/listes/import/{roster_import.pk}/examen/")


def test_the_night_task_wipes_what_rulings_replaced(cast: Cast, head: Client, near: RosterImport) -> None:
    from cartable.rosters.tasks import forget_old_lines

    line = line_in_review(near)
    answer(head, line, f"same:{line.candidates[0]}")
    head.post(f"/listes/import/{near.pk}/appliquer/")
    assert RosterDecision.objects.get().replaced is not None
    RosterDecision.objects.update(applied_at=cast.now.replace(year=2020))
    forget_old_lines(0)
    assert RosterDecision.objects.get().replaced is None


WHOLE, BORN_OTHERWISE, NAMED_OTHERWISE = (True, True), (True, False), (False, True)


@pytest.mark.parametrize(
    ("code", "likenesses", "expected"),
    [
        ("near_name", [NAMED_OTHERWISE], Proposal("same", 1)),
        ("known_elsewhere", [WHOLE], Proposal("same", 1)),
        ("several_students", [NAMED_OTHERWISE, WHOLE], Proposal("same", 2)),
        ("several_students", [WHOLE, WHOLE], None),
        ("two_ine", [WHOLE], Proposal("same", 1)),
        ("two_ine", [BORN_OTHERWISE], Proposal("other")),
        ("another_given_name", [NAMED_OTHERWISE], Proposal("other")),
        ("somebody_else", [(False, False)], Proposal("other")),
        ("keys_disagree", [(False, False), WHOLE], Proposal("same", 2)),
        ("student_twice", [NAMED_OTHERWISE], Proposal("other")),
        ("enrolled_elsewhere", [WHOLE], Proposal("here", 1)),
        ("eleve_id_repeated", [], None),
    ],
)
def test_what_is_proposed_follows_from_how_alike_they_are(
    code: str, likenesses: list[tuple[bool, bool]], expected: Proposal | None
) -> None:
    candidates = [Likeness(n, *one) for n, one in enumerate(likenesses, start=1)]
    assert proposal(code, candidates) == expected
