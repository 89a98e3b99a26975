"""A student's page, and two records that turn out to be one person: compared, read as one, taken apart again."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from cartable.accounts.models import Person
from cartable.conftest import Cast
from cartable.fleet.audit import audit_ledger
from cartable.rosters.models import Enrolment, Student, StudentMerge, StudentSource
from cartable.rosters.tests.test_merging import enrolled, equip

pytestmark = pytest.mark.django_db
Pair = tuple[Student, Student]


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def head(cast: Cast) -> Client:
    return client_of(cast.durand)


@pytest.fixture
def pair(cast: Cast) -> Pair:
    """The student of the list, and the same person typed in on the day."""
    return enrolled(cast, "Haddad", eleve_id="77"), enrolled(cast, "Hadad", source=StudentSource.WALK_UP)


def page_of(client: Client, student: Student, rest: str = "") -> str:
    return client.get(f"/eleves/{student.label_code}/{rest}", follow=True).content.decode()


def confirm(client: Client, one: Student, other: Student) -> str:
    page = page_of(client, one, f"reunir/{other.label_code}/")
    merge_id = re.findall(r'name="merge" value="([^"]+)"', page)[0]
    path = f"/eleves/{one.label_code}/reunir/{other.label_code}/"
    return client.post(path, {"merge": merge_id}, follow=True).content.decode()


def test_a_student_s_page_says_who_where_and_which_pc(cast: Cast, head: Client, pair: Pair) -> None:
    equip(cast, pair[0])
    page = page_of(head, pair[0])
    for shown in ("Bilal Haddad", "Lycée des Trois-Rivières", "2026-2027", "/pc/P", pair[0].label_code[-2:]):
        assert shown in page


def test_another_lycee_s_student_looks_unknown(cast: Cast, pair: Pair) -> None:
    zoe = client_of(cast.zoe)
    for rest in ("", "reunir/", f"reunir/{pair[1].label_code}/"):
        assert zoe.get(f"/eleves/{pair[0].label_code}/{rest}").status_code == 404


def test_the_other_record_is_found_without_a_name_in_the_address(cast: Cast, head: Client, pair: Pair) -> None:
    path = f"/eleves/{pair[0].label_code}/reunir/"
    got = head.post(path, {"wanted": "hadad"})
    assert (got.status_code, got["Location"]) == (302, path)
    assert f"{path}{pair[1].label_code}/" in head.get(path).content.decode()


def test_two_records_are_compared_then_read_as_one_and_both_labels_lead_there(
    cast: Cast, head: Client, pair: Pair
) -> None:
    listed, walk_up = pair
    equip(cast, walk_up)
    page = page_of(head, walk_up, f"reunir/{listed.label_code}/")
    assert page.index("Bilal Haddad</b>") < page.index("Bilal Hadad</b>")  # Who stays comes first.
    assert "compte pour la fiche qui reste" in page
    assert "Les deux étiquettes mènent ici" in confirm(head, walk_up, listed)
    assert "Bilal Haddad" in page_of(head, walk_up)
    assert audit_ledger().violations == 0


def test_a_merge_is_taken_back_from_the_student_s_page(cast: Cast, head: Client, pair: Pair) -> None:
    confirm(head, *pair)
    page = page_of(head, pair[0])
    (path,) = re.findall(r'action="(/eleves/reunions/[^"]+)"', page)
    assert "de nouveau séparées" in head.post(path, {"movement": uuid4()}, follow=True).content.decode()
    assert "Bilal Hadad" in page_of(head, pair[1])
    assert "Annulée" in page_of(head, pair[0])


def test_two_records_with_a_pc_each_are_not_offered_to_be_read_as_one(cast: Cast, head: Client, pair: Pair) -> None:
    for student in pair:
        equip(cast, student)
    page = page_of(head, pair[0], f"reunir/{pair[1].label_code}/")
    assert "faites-en rendre un" in page
    assert 'name="merge"' not in page
    head.post(f"/eleves/{pair[0].label_code}/reunir/{pair[1].label_code}/", {"merge": uuid4()})
    assert not StudentMerge.objects.exists()


def test_a_head_s_merge_leaves_no_home_enrolment_in_another_lycee_behind(cast: Cast, head: Client, pair: Pair) -> None:
    from datetime import date

    before = Enrolment.objects.create(
        student=pair[1], school=cast.other_school, first_year=2025, starts_on=date(2025, 9, 1), ends_on=date(2026, 7, 1)
    )
    confirm(head, *pair)
    before.refresh_from_db()
    assert not before.is_home
    assert audit_ledger().violations == 0
