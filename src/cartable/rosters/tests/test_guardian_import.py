"""A file of guardians previewed and applied: who is new, who has changed, who is gone."""

from dataclasses import replace
from datetime import date

import pytest

from cartable.conftest import Cast
from cartable.rosters.commands.enrolment import NewStudent, enrol_students
from cartable.rosters.commands.guardians import apply_guardians, preview_guardians
from cartable.rosters.formats.records import GuardianFile, GuardianLink, Header, Person
from cartable.rosters.models import Guardian, RosterImport, StudentSource


@pytest.fixture
def lea(cast: Cast) -> int:
    (student_id,) = enrol_students(
        region_id=cast.school.region_id, first_year=2026,
        students=[NewStudent(cast.school.pk, "Marchand", "Léa", birth_on=date(2011, 4, 5), eleve_id="1")],
        source=StudentSource.LIST, entered_at=cast.now, recorded_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    return student_id


def person(person_id: str, given_name: str, phone: str = "+33612345678") -> Person:
    return Person(person_id, "Marchand", "", given_name, (phone,), None)


def load(cast: Cast, *persons: Person, eleve_id: str = "1") -> RosterImport:
    links = tuple(GuardianLink(eleve_id, one.person_id, True, "1", "10") for one in persons)
    file = GuardianFile(Header("BEE_RESPONSABLES", cast.school.uai, 2026, None, "2.1"), persons, links, ())
    previewed = preview_guardians(
        school=cast.school, first_year=2026, listed=file, sha256=b"\0" * 32, now=cast.now,
        read_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    return apply_guardians(roster_import=previewed, applied_by_id=cast.sonia.actor_id, now=cast.now)


def test_a_changed_phone_follows_the_list_and_the_others_are_left_alone(cast: Cast, lea: int) -> None:
    load(cast, person("7", "Anne"), person("8", "Paul"))
    before = dict(Guardian.objects.values_list("person_key", "pk"))
    again = load(cast, person("7", "Anne", "+33699000000"), person("8", "Paul"))
    assert again.counts["new_guardians"] == 0
    assert dict(Guardian.objects.values_list("person_key", "pk")) == before
    assert Guardian.objects.get(person_key="7").phone == "+33699000000"
    assert Guardian.objects.get(person_key="8").phone == "+33612345678"


def test_who_accepts_sms_is_kept_and_follows_the_list(cast: Cast, lea: int) -> None:
    load(cast, replace(person("7", "Anne"), accepts_sms=True))
    assert Guardian.objects.get().accepts_sms
    load(cast, person("7", "Anne"))
    assert not Guardian.objects.get().accepts_sms


def test_who_no_longer_answers_for_a_student_is_gone(cast: Cast, lea: int) -> None:
    load(cast, person("7", "Anne"), person("8", "Paul"))
    load(cast, person("8", "Paul"), person("9", "Ines"))
    assert set(Guardian.objects.values_list("person_key", flat=True)) == {"8", "9"}


def test_guardians_of_nobody_known_are_counted_and_not_kept(cast: Cast, lea: int) -> None:
    assert load(cast, person("7", "Anne"), eleve_id="404").counts["unknown_students"] == 1
    assert not Guardian.objects.exists()
