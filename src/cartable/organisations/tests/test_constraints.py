"""Every constraint of the organisations is attacked around the code, and refuses by its name."""

from typing import Any

import pytest
from django.db import connection

from cartable.conftest import Cast
from cartable.organisations.models import Academy, Departement
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
    """Right rows of each table, in the region of the cast."""
    region, academy = cast.region.pk, Academy.objects.get().pk
    departement = Departement.objects.get().pk

    def school(n: int) -> Values:
        number = 570_000 + n
        letter = "ABCDEFGHJKLMNPRSTUVWXYZ"[number % 23]
        return {
            "region_id": region, "departement_id": departement, "uai": f"{number:07d}{letter}", "name": "Lycée",
            "town": "Metz", "postal_code": "57000", "sector": "public", "ministry": "education",
            "closed_on": cast.now.date(),
        }  # fmt: skip

    rows: dict[str, Any] = {
        "organisations_region": lambda n: {"code": f"{60 + n}", "name": "Région"},
        "organisations_academy": lambda n: {"region_id": region, "code": f"{50 + n}", "name": "Académie"},
        "organisations_departement": lambda n: {
            "region_id": region, "academy_id": academy, "code": f"{60 + n}", "name": "Département"
        },
        "organisations_school": school,
        "organisations_formeruai": lambda n: {
            "school_id": cast.school.pk, "uai": school(100 + n)["uai"], "ended_on": cast.now.date(),
        },
        "organisations_contractor": lambda n: {"region_id": region, "name": f"Société {n}", "trades": ["supplier"]},
        "organisations_directoryimport": lambda n: {
            "region_id": region, "file_name": f"annuaire {n}.csv", "file_sha256": "00", "sent_at": cast.now,
            "reading": "{}",
        },
    }  # fmt: skip
    return {table: Kit(row, insert(table)) for table, row in rows.items()}


# Constraint → the table and what is wrong in a row that is right otherwise.
WRONG: dict[str, tuple[str, Values]] = {
    "region_code_is_two_or_three_digits": ("organisations_region", {"code": "4A"}),
    "uai_has_seven_digits_and_a_letter": ("organisations_school", {"uai": "057000"}),
    "uai_check_letter_is_right": ("organisations_school", {"uai": "0570001A"}),
    "school_sector_is_known": ("organisations_school", {"sector": "military"}),
    "school_ministry_is_known": ("organisations_school", {"ministry": "defence"}),
    "a_lycee_is_not_its_own_successor": (
        "organisations_school",
        {"id": 990_001, "successor_id": 990_001},
    ),
    "former_uai_has_seven_digits_and_a_letter": ("organisations_formeruai", {"uai": "057000"}),
    "an_applied_directory_says_what_it_changed": ("organisations_directoryimport", {"new_count": 3}),
    "contractor_trades_are_known": ("organisations_contractor", {"trades": ["baker"]}),
}
# These need two rows: each has a test of its own.
APART = {"only_a_closed_lycee_has_a_successor", "a_former_uai_is_current_nowhere"}
# Constraint → the table and the columns that a second row repeats.
TWICE: dict[str, tuple[str, tuple[str, ...]]] = {
    "academy_code_is_unique_in_its_region": ("organisations_academy", ("code",)),
    "departement_code_is_unique_in_its_region": ("organisations_departement", ("code",)),
    "contractor_name_is_unique_in_its_region": ("organisations_contractor", ("name",)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_row_with_one_thing_wrong_is_refused_by(name: str, kits: dict[str, Kit]) -> None:
    table, wrong = WRONG[name]
    row, write = kits[table]
    write(row(1))
    with refused_by(name):
        write({**row(2), **wrong})


@pytest.mark.parametrize("name", TWICE)
def test_a_row_that_stands_already_is_refused_by(name: str, kits: dict[str, Kit]) -> None:
    table, columns = TWICE[name]
    row, write = kits[table]
    write(row(1))
    with refused_by(name):
        write({**row(2), **{column: row(1)[column] for column in columns}})


def test_only_a_closed_lycee_has_a_successor(kits: dict[str, Kit], cast: Cast) -> None:
    row, write = kits["organisations_school"]
    with refused_by("only_a_closed_lycee_has_a_successor"):
        write({**row(1), "successor_id": cast.school.pk, "closed_on": None})
    write({**row(1), "successor_id": cast.school.pk})


def test_a_number_is_never_current_of_one_lycee_and_former_of_another(kits: dict[str, Kit], cast: Cast) -> None:
    former, school = kits["organisations_formeruai"], kits["organisations_school"]
    for current in (cast.school.uai, cast.other_school.uai):
        with refused_by("a_former_uai_is_current_nowhere"):
            former.insert({**former.row(1), "uai": current})
    former.insert(former.row(1))
    with refused_by("a_former_uai_is_current_nowhere"):
        school.insert({**school.row(1), "uai": former.row(1)["uai"]})
    with refused_by("a_former_uai_is_current_nowhere"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organisations_school SET uai = %s WHERE id = %s", [former.row(1)["uai"], cast.other_school.pk]
        )


def test_a_contractor_without_trade_is_refused(kits: dict[str, Kit]) -> None:
    row, write = kits["organisations_contractor"]
    with refused_by("contractor_trades_are_known"):
        write({**row(1), "trades": []})


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    assert attack_what_postgresql_names("organisations", kits) > 30


def test_no_constraint_stands_unattacked(db: None) -> None:
    assert unattacked("organisations", {*WRONG, *TWICE, *APART}) == set()
