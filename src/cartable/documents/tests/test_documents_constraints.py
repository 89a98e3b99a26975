"""Every constraint of the stored files is attacked around the code, and refuses by its name."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from cartable.conftest import Cast
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    attack_what_postgresql_names,
    insert,
    refused_by,
    refused_for_want_of_rights,
    unattacked,
)

TABLE = "documents_storedfile"


@pytest.fixture
def kits(cast: Cast) -> dict[str, Kit]:
    """A right row: a file that is kept."""

    def file(n: int) -> Values:
        return {
            "id": uuid4(), "region_id": cast.region.pk, "school_id": cast.school.pk, "file_class": "roster",
            "sha256": bytes(32), "size_bytes": 1, "stored_at": cast.now, "stored_by_id": cast.sonia.actor_id,
            "erase_on": "2026-10-15", "erased_at": None, "ciphertext": b"sealed", "wrapped_key": b"key",
            "master_key_id": "1",
        }  # fmt: skip

    return {TABLE: Kit(file, insert(TABLE))}


GONE: dict[str, Any] = {"ciphertext": None, "wrapped_key": None}
WRONG: dict[str, Values] = {
    "an_erased_file_has_no_content_and_a_kept_one_has": {"erased_at": "2026-10-15 08:00+02"},
    "file_class_is_known": {"file_class": "selfie"},
    "a_stored_file_has_a_size": {"size_bytes": -1},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_row_with_one_thing_wrong_is_refused_by(name: str, kits: dict[str, Kit]) -> None:
    row, write = kits[TABLE]
    write(row(1))
    with refused_by(name):
        write({**row(2), **WRONG[name]})


@pytest.mark.parametrize(
    "half",
    [
        GONE,
        {"ciphertext": None},
        {"wrapped_key": None},
        {"erased_at": "2026-10-15 08:00+02", "ciphertext": None},
        {"erased_at": "2026-10-15 08:00+02", "wrapped_key": None},
    ],
)
def test_a_file_is_never_half_erased(half: Values, kits: dict[str, Kit]) -> None:
    row, write = kits[TABLE]
    with refused_by("an_erased_file_has_no_content_and_a_kept_one_has"):
        write({**row(1), **half})


def test_that_an_erased_file_was_stored_stays(kits: dict[str, Kit]) -> None:
    row, write = kits[TABLE]
    write({**row(1), **GONE, "erased_at": "2026-10-15 08:00+02"})


def test_the_runtime_role_empties_no_table(cast: Cast) -> None:
    with refused_for_want_of_rights(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLE} CASCADE")


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    assert attack_what_postgresql_names("documents", kits) > 10


def test_no_constraint_stands_unattacked(db: None) -> None:
    assert unattacked("documents", set(WRONG)) == set()
