"""Every constraint of photos is attacked around the code, and refuses by its name."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from cartable.config.grants import append_only_tables
from cartable.conftest import Cast
from cartable.documents.commands import store_file
from cartable.documents.rules import FileClass
from cartable.emergency_stock.tests.conftest import build_desk
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    attack_what_postgresql_names,
    insert,
    refused_by,
    rules_of,
    unattacked,
)

TABLE = "photos_conditionphoto"


@pytest.fixture
def kits(cast: Cast) -> dict[str, Kit]:
    """Right rows: photos of hand-overs that really happened."""
    desk = build_desk(cast, reserve=1)
    device = desk.reserve[0]
    movement_id = desk.hand_over("bilal", device).movement_id

    def photo(n: int) -> Values:
        file = store_file(
            content=b"picture", file_class=FileClass.STATE_HANDED, region_id=cast.region.pk, school_id=cast.school.pk,
            stored_at=cast.now, stored_by_id=cast.sonia.actor_id,
        )  # fmt: skip
        return {
            "id": uuid4(), "school_id": cast.school.pk, "device_id": device.pk, "act": "hand_over",
            "act_id": movement_id, "movement_id": movement_id, "number": n, "file_id": file.pk, "taken_at": cast.now,
            "taken_by_id": cast.sonia.actor_id,
        }  # fmt: skip

    return {TABLE: Kit(photo, insert(TABLE))}


WRONG: dict[str, list[dict[str, Any]]] = {
    "the_photos_of_an_act_are_numbered_once": [{"number": 1}],
    "an_act_has_a_few_photos_at_most": [{"number": 0}, {"number": 9}],
    "the_act_of_a_photo_is_known": [{"act": "selfie", "movement_id": None}],
    "a_photo_of_a_movement_points_to_it": [
        {"movement_id": None},
        {"act": "check_in", "movement_id": None},
        {"act": "incident"},
        {"act_id": uuid4()},
    ],
}


@pytest.mark.parametrize(("name", "wrong"), [(name, wrong) for name, found in WRONG.items() for wrong in found])
def test_a_photo_with_one_thing_wrong_is_refused_by(name: str, wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits[TABLE]
    write(row(1))
    with refused_by(name):
        write({**row(2), **wrong})


def test_a_photo_beside_an_incident_names_no_movement(kits: dict[str, Kit]) -> None:
    row, write = kits[TABLE]
    write({**row(1), "act": "incident", "act_id": uuid4(), "movement_id": None})


def test_one_picture_is_one_photo(kits: dict[str, Kit]) -> None:
    row, write = kits[TABLE]
    first = row(1)
    write(first)
    with pytest.raises(IntegrityError, match="file_id"):
        write({**row(2), "file_id": first["file_id"]})


def test_no_photo_is_changed_or_taken_out() -> None:
    assert TABLE in append_only_tables()


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    [to_movement] = [rule.name for rule in rules_of("photos") if rule.columns == ("movement_id",)]
    assert attack_what_postgresql_names("photos", kits, but={to_movement}) > 8
    # A movement is named twice: only both together get past our own rule.
    row, write = kits[TABLE]
    nowhere = uuid4()
    with refused_by(to_movement):
        write({**row(1), "act_id": nowhere, "movement_id": nowhere})


def test_no_constraint_stands_unattacked(db: None) -> None:
    assert unattacked("photos", set(WRONG)) == set()
