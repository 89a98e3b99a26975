"""Guardians told apart: legal or contact, per child; what one parent left is nothing that the other one is shown."""

from datetime import date, time

import pytest
from django.test import Client

from cartable.conftest import Cast
from cartable.distribution.commands.days import freeze_list, plan_day
from cartable.rosters.commands.enrolment import NewStudent, enrol_students
from cartable.rosters.commands.guardians import apply_guardians, preview_guardians
from cartable.rosters.formats.records import GuardianFile, GuardianLink, Header, Person
from cartable.rosters.models import Guardian, RosterImport, StudentSource

ANNE = Person("7", "Marchand", "", "Anne", ("+33600000007",), "anne@example.org")
PAUL = Person("8", "Durieux", "", "Paul", ("+33600000008",), "paul@example.org")
SECRETS = ("+33600000007", "+33600000008", "0600000007", "0600000008", "anne@example.org", "paul@example.org")


@pytest.fixture
def siblings(cast: Cast) -> dict[str, int]:
    """Léa and Tom, in two classes of one lycée: Anne answers for both, Paul for Léa only."""
    ids = enrol_students(
        region_id=cast.region.pk, first_year=2026, source=StudentSource.LIST, entered_at=cast.now,
        recorded_by_id=cast.sonia.actor_id,
        students=[
            NewStudent(
                cast.school.pk, "Marchand", "Léa", birth_on=date(2011, 4, 5), eleve_id="1", division="2DE7", level="2211"
            ),
            NewStudent(
                cast.school.pk, "Marchand", "Tom", birth_on=date(2009, 8, 1), eleve_id="2", division="TG1", level="2213"
            ),
        ],
    )  # fmt: skip
    load(cast, ("1", ANNE, True), ("1", PAUL, True), ("2", ANNE, True))
    return dict(zip(("Léa", "Tom"), ids, strict=True))


def load(cast: Cast, *links: tuple[str, Person, bool]) -> RosterImport:
    persons = tuple({person.person_id: person for _eleve_id, person, _is_legal in links}.values())
    kept = tuple(
        GuardianLink(eleve_id, person.person_id, is_legal, "1" if is_legal else "3", "10")
        for eleve_id, person, is_legal in links
    )
    file = GuardianFile(Header("BEE_RESPONSABLES", cast.school.uai, 2026, None, "2.1"), persons, kept, ())
    previewed = preview_guardians(
        school=cast.school, first_year=2026, listed=file, sha256=b"\0" * 32, now=cast.now,
        read_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    return apply_guardians(roster_import=previewed, applied_by_id=cast.sonia.actor_id, now=cast.now)


def guardians_of(student_id: int) -> dict[str, bool]:
    return dict(Guardian.objects.filter(student_id=student_id).values_list("person_key", "is_legal"))


def test_siblings_in_two_classes_share_the_person_and_not_the_other_parent(siblings: dict[str, int]) -> None:
    assert guardians_of(siblings["Léa"]) == {"7": True, "8": True}
    assert guardians_of(siblings["Tom"]) == {"7": True}


def test_who_loses_legal_responsibility_becomes_a_contact_for_that_child_only(
    cast: Cast, siblings: dict[str, int]
) -> None:
    before = Guardian.objects.get(student_id=siblings["Léa"], person_key="7").pk
    load(cast, ("1", ANNE, False), ("1", PAUL, True), ("2", ANNE, True))
    assert guardians_of(siblings["Léa"]) == {"7": False, "8": True}
    assert guardians_of(siblings["Tom"]) == {"7": True}
    changed = Guardian.objects.get(student_id=siblings["Léa"], person_key="7")
    assert (changed.pk, changed.level) == (before, "3")


def test_a_phone_that_changes_for_a_sibling_changes_for_each_child_that_the_file_names(
    cast: Cast, siblings: dict[str, int]
) -> None:
    moved = Person("7", "Marchand", "", "Anne", ("+33611111111",), "anne@example.org")
    load(cast, ("1", moved, True), ("1", PAUL, True), ("2", moved, True))
    phones = Guardian.objects.filter(person_key="7").values_list("phone", flat=True)
    assert set(phones) == {"+33611111111"}


def test_no_page_of_students_lists_or_days_shows_how_to_reach_a_guardian(cast: Cast, siblings: dict[str, int]) -> None:
    """There is no page for families yet: nobody, of either parent, is shown what the other one left."""
    day = plan_day(school=cast.school, campaign=cast.campaign, held_on=date(2026, 9, 25), starts_at=time(8, 30))
    freeze_list(day=day, now=cast.now)
    guardian_list = RosterImport.objects.get()
    durand = Client()
    durand.force_login(cast.durand, backend="django.contrib.auth.backends.ModelBackend")
    addresses = [
        "/", f"/listes/{cast.school.uai}/", f"/listes/import/{guardian_list.pk}/", "/listes/besoins/", "/listes/besoins.csv",
        f"/listes/besoins/{cast.school.uai}/", "/distribution/listes/", f"/journees/{day.pk}/",
        f"/journees/{day.pk}/eleves/", f"/journees/{day.pk}/pilotage/", f"/journees/{day.pk}/cloture/",
    ]  # fmt: skip
    for address in addresses:
        answer = durand.get(address)
        assert answer.status_code == 200, address
        text = (b"".join(answer) if answer.streaming else answer.content).decode()
        assert not [secret for secret in SECRETS if secret in text], address
