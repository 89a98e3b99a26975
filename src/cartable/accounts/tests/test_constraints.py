"""Every constraint of the accounts is attacked around the code, and refuses by its name."""

from datetime import date
from typing import Any

import pytest

from cartable.accounts.commands import open_actor
from cartable.accounts.models import ActorKind
from cartable.conftest import Cast
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    attack_what_postgresql_names,
    insert,
    refused_by,
    unattacked,
)


@pytest.fixture
def kits(cast: Cast) -> dict[str, Kit]:
    """Right rows of each table; the n-th person is nobody of the cast."""

    def person(n: int) -> Values:
        return {
            "actor_id": open_actor(ActorKind.PERSON).pk, "email": f"personne{n}@example.org", "full_name": "Personne",
            "is_active": True, "password": "!",
        }  # fmt: skip

    def appointment(n: int) -> Values:
        # Each n is another person of the cast, who holds no such role yet.
        somebody = (cast.sonia, cast.durand, cast.meyer, cast.zoe)[n]
        role = "head_of_school" if somebody is cast.meyer else "distribution_leader"
        place = cast.other_school if somebody is cast.meyer else cast.school
        if somebody is cast.zoe:
            place = cast.school
        return {
            "person_id": somebody.pk, "role": role, "region_id": cast.region.pk, "school_id": place.pk,
            "contractor_id": None, "starts_on": date(2026, 9, 1), "ends_on": None,
        }  # fmt: skip

    rows: dict[str, Any] = {
        "accounts_actor": lambda n: {"kind": "person"},
        "accounts_person": person,
        "accounts_appointment": appointment,
    }
    return {table: Kit(row, insert(table)) for table, row in rows.items()}


CONTRACTOR_EXISTS = "accounts_appointment_contractor_id_02317306_fk_organisat"
# Constraint → the table and what is wrong in a row that is right otherwise.
WRONG: dict[str, tuple[str, Values]] = {
    "actor_kind_is_known": ("accounts_actor", {"kind": "robot"}),
    "person_email_is_lower_case": ("accounts_person", {"email": "Sonia@example.org"}),
    "a_role_names_whom_it_is_held_for": ("accounts_appointment", {"school_id": None}),
    "appointment_role_is_known": ("accounts_appointment", {"role": "emperor"}),
    "appointment_ends_after_it_starts": ("accounts_appointment", {"ends_on": date(2026, 8, 31)}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_row_with_one_thing_wrong_is_refused_by(name: str, kits: dict[str, Kit]) -> None:
    table, wrong = WRONG[name]
    row, write = kits[table]
    write(row(1))
    with refused_by(name):
        write({**row(2), **wrong})


def test_a_person_holds_a_role_once_in_a_school(kits: dict[str, Kit]) -> None:
    row, write = kits["accounts_appointment"]
    write(row(1))
    with refused_by("a_person_holds_a_role_once_in_a_place"):
        write({**row(1), "starts_on": date(2026, 10, 1)})


def test_a_person_manages_the_region_once_though_no_school_is_named(kits: dict[str, Kit]) -> None:
    row, write = kits["accounts_appointment"]
    of_the_region = {**row(1), "role": "region_manager", "school_id": None}
    write(of_the_region)
    with refused_by("a_person_holds_a_role_once_in_a_place"):
        write(of_the_region)


def test_a_role_of_the_region_names_no_school(kits: dict[str, Kit]) -> None:
    row, write = kits["accounts_appointment"]
    with refused_by("a_role_names_whom_it_is_held_for"):
        write({**row(1), "role": "region_manager"})


def test_a_repairer_works_for_a_contractor_and_in_no_school(kits: dict[str, Kit], cast: Cast) -> None:
    row, write = kits["accounts_appointment"]
    repairs = {**row(1), "role": "repairer", "school_id": None}
    with refused_by("a_role_names_whom_it_is_held_for"):
        write(repairs)
    with refused_by("a_role_names_whom_it_is_held_for"):
        write({**repairs, "contractor_id": cast.repairer.pk, "school_id": cast.school.pk})
    write({**repairs, "contractor_id": cast.repairer.pk})


def test_a_repairer_works_for_a_contractor_that_exists(kits: dict[str, Kit]) -> None:
    row, write = kits["accounts_appointment"]
    with refused_by(CONTRACTOR_EXISTS):
        write({**row(1), "role": "repairer", "school_id": None, "contractor_id": -1})


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    assert attack_what_postgresql_names("accounts", kits, but={CONTRACTOR_EXISTS}) > 20


def test_no_constraint_stands_unattacked(db: None) -> None:
    assert unattacked("accounts", {*WRONG, "a_person_holds_a_role_once_in_a_place"}) == set()
