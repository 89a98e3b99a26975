"""A lycée whose list comes from one software today and from another tomorrow: the same students, with all their keys."""

import pytest

from cartable.conftest import Cast
from cartable.rosters.models import Enrolment, Student, StudentKey
from cartable.rosters.tests.test_roster_import import listed, load, outcomes, preview

pytestmark = pytest.mark.django_db
INE = "070832327JA"


def numbers() -> list[str]:
    return list(Enrolment.objects.order_by("pk").values_list("eleve_id", flat=True))


def test_a_list_of_another_source_leaves_siecles_number_where_it_is(cast: Cast) -> None:
    load(cast, listed("7", ine=INE))
    load(cast, listed("aaf:4711", ine=INE, division="2DE8"))
    assert numbers() == ["7"]
    assert Enrolment.objects.get().division == "2DE8"
    assert Student.objects.count() == 1


def test_the_same_student_from_another_source_is_no_change(cast: Cast) -> None:
    load(cast, listed("7", ine=INE))
    assert outcomes(preview(cast, listed("aaf:4711", ine=INE))) == {"aaf:4711": "same"}


def test_siecles_number_takes_the_place_of_another_sources_key_which_stays_known(cast: Cast) -> None:
    load(cast, listed("aaf:4711", ine=INE))
    load(cast, listed("7", ine=INE))
    assert numbers() == ["7"]
    assert StudentKey.objects.get().key == "aaf:4711"
    again = preview(cast, listed("aaf:4711", ine=None))
    assert outcomes(again) == {"aaf:4711": "same"}


def test_a_list_without_keys_takes_no_number_away(cast: Cast) -> None:
    load(cast, listed("7", ine=INE))
    load(cast, listed("", ine=INE, division="2DE8"))
    assert numbers() == ["7"]


def test_two_students_without_key_do_not_collide(cast: Cast) -> None:
    load(cast, listed("", ine=INE), listed("", "Diallo", "Lucas", ine="060375611AC"))
    assert Student.objects.count() == 2


def test_guardians_of_another_source_find_the_student_that_bears_siecles_number(cast: Cast) -> None:
    from cartable.rosters.commands.guardians import apply_guardians, preview_guardians
    from cartable.rosters.formats.records import GuardianFile, GuardianLink, Header, Person
    from cartable.rosters.models import Guardian

    load(cast, listed("7", ine=INE))
    load(cast, listed("aaf:4711", ine=INE, division="2DE8"))
    file = GuardianFile(
        Header("AAF", cast.school.uai, 2026, None, ""),
        (Person("p1", "Marchand", "", "Anne", (), None),),
        (GuardianLink("aaf:4711", "p1", True, "1", "2"),),
        (),
    )
    roster_import = preview_guardians(
        school=cast.school, first_year=2026, listed=file, sha256=b"\1" * 32, now=cast.now,
        read_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    apply_guardians(roster_import=roster_import, applied_by_id=cast.sonia.actor_id, now=cast.now)
    assert Guardian.objects.get().student == Student.objects.get()
