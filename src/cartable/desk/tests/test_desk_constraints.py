"""Every constraint of exports, of bulk acts and of moves of lycées is attacked around the code, and refuses by its name."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from cartable.conftest import Cast
from cartable.distribution.tests.conftest import enrol
from cartable.kernel.uai import check_letter
from cartable.organisations.commands import open_school
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    attack_what_postgresql_names,
    insert,
    refused_by,
    rules_of,
    unattacked,
)
from cartable.rosters.models import Student


def document(cast: Cast) -> Any:
    """Store a file, raw; return its id."""
    key = uuid4()
    insert("documents_storedfile")(
        {
            "id": key, "region_id": cast.region.pk, "school_id": None, "file_class": "export", "sha256": bytes(32),
            "size_bytes": 1, "stored_at": cast.now, "stored_by_id": cast.sonia.actor_id, "erase_on": date(2026, 10, 15),
            "erased_at": None, "ciphertext": b"1", "wrapped_key": b"1", "master_key_id": "k",
        }
    )  # fmt: skip
    return key


@pytest.fixture
def kits(cast: Cast) -> dict[str, Kit]:
    """Right rows of the table."""
    documents = [document(cast) for _ in range(4)]

    def export(n: int) -> Values:
        return {
            "id": uuid4(), "region_id": cast.region.pk, "asked_by_id": cast.sonia.actor_id, "asked_at": cast.now,
            "listed": "devices", "filters": "{}", "school_ids": None, "language": "fr", "expected_count": 1,
            "written_count": 1, "finished_at": cast.now, "failure": "", "document_id": documents[n],
        }  # fmt: skip

    device_ids = cast.devices_in_depot(6)
    known = uuid4()

    def act(_n: int) -> Values:
        return {
            "id": uuid4(), "region_id": cast.region.pk, "asked_by_id": cast.sonia.actor_id, "asked_at": cast.now,
            "act": "tags", "school_id": None, "school_ids": None, "language": "fr", "list_url": "/pc/", "options": "{}",
            "line_count": 1, "done_count": 1, "confirmed_at": cast.now, "finished_at": cast.now, "failure": "",
        }  # fmt: skip

    insert("desk_bulkact")(act(0) | {"id": known})

    def line(n: int) -> Values:
        return {
            "act_id": known, "device_id": device_ids[n], "student_id": None, "reason": "", "is_late": False,
            "done_at": cast.now,
        }  # fmt: skip

    schools = [cast.school.pk, cast.other_school.pk, another_school(cast, 1), another_school(cast, 2)]
    successor = another_school(cast, 3)
    decided = {"decided_at": cast.now, "decided_by_id": cast.sonia.actor_id}
    rows: dict[str, Any] = {
        "desk_export": export,
        "desk_bulkact": act,
        "desk_bulkline": line,
        "desk_schoolclosing": lambda n: {
            "id": uuid4(), "school_id": schools[n], "successor_id": successor, "closed_on": cast.now.date(),
            "fingerprint": "0" * 64, "counts": "{}", "shipment_ids": [], **decided,
        },
        "desk_uaichange": lambda n: {
            "id": uuid4(), "school_id": cast.school.pk, "before": "0570001B", "after": "0570002C", **decided,
        },
    }  # fmt: skip
    return {table: Kit(row, insert(table)) for table, row in rows.items()}


def another_school(cast: Cast, n: int) -> int:
    """Open one more lycée; return its id."""
    digits = f"{570_000 + n:07d}"
    opened = open_school(
        region=cast.region, departement=cast.school.departement, uai=digits + check_letter(digits), name="Lycée",
        town="Metz",
    )  # fmt: skip
    return int(opened.pk)


ENDS = "an_export_ends_with_its_file_or_with_why_not"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("exported_list_is_known", {"listed": "teachers"}),
        ("export_language_is_known", {"language": "de"}),
        ("desk_export_expected_count_check", {"expected_count": -1}),
        ("desk_export_written_count_check", {"written_count": -1}),
        (ENDS, {"finished_at": None}),
        (ENDS, {"document_id": None}),
        (ENDS, {"failure": "unexpected"}),
    ],
)
def test_a_row_with_one_thing_wrong_is_refused_by(name: str, wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["desk_export"]
    write(row(0))
    with refused_by(name):
        write({**row(1), **wrong})


NOTHING_BEFORE = "a_bulk_act_does_nothing_before_it_is_confirmed"
ENDS_AFTER = "a_bulk_act_ends_after_it_was_confirmed"
A_SUBJECT, ONE_FATE = "a_bulk_line_is_a_pc_or_a_student", "a_bulk_line_is_done_or_left_out"


@pytest.mark.parametrize(
    ("table", "name", "wrong"),
    [
        ("desk_bulkact", "bulk_act_is_known", {"act": "burn"}),
        ("desk_bulkact", "bulk_act_language_is_known", {"language": "de"}),
        ("desk_bulkact", "desk_bulkact_line_count_check", {"line_count": -1}),
        ("desk_bulkact", "desk_bulkact_done_count_check", {"done_count": -1}),
        ("desk_bulkact", NOTHING_BEFORE, {"confirmed_at": None, "finished_at": None}),
        ("desk_bulkact", NOTHING_BEFORE, {"options": None}),
        ("desk_bulkact", ENDS_AFTER, {"finished_at": None, "failure": "unexpected"}),
        ("desk_bulkline", A_SUBJECT, {"device_id": None}),
        ("desk_bulkline", ONE_FATE, {"reason": "elsewhere"}),
        ("desk_bulkline", ONE_FATE, {"reason": "elsewhere", "is_late": True}),
        ("desk_bulkline", "only_what_is_left_out_is_left_out_late", {"done_at": None, "is_late": True}),
    ],
)
def test_a_bulk_row_with_one_thing_wrong_is_refused_by(
    table: str, name: str, wrong: Values, kits: dict[str, Kit]
) -> None:
    row, write = kits[table]
    write(row(1))
    with refused_by(name):
        write({**row(2), **wrong})


def test_an_act_does_not_end_before_it_was_confirmed(kits: dict[str, Kit], cast: Cast) -> None:
    row, write = kits["desk_bulkact"]
    with refused_by(ENDS_AFTER):
        write({**row(1), "finished_at": cast.now - timedelta(seconds=1)})


def test_a_pc_and_a_student_stand_in_an_act_once(kits: dict[str, Kit], cast: Cast) -> None:
    row, write = kits["desk_bulkline"]
    write(row(1))
    with refused_by("a_pc_stands_in_a_bulk_act_once"):
        write(row(1))
    code = enrol(cast)["alice"]
    student = {**row(2), "device_id": None, "student_id": Student.objects.get(label_code=code).pk}
    write(student)
    with refused_by("a_student_stands_in_a_bulk_act_once"):
        write(student)
    with refused_by(A_SUBJECT):
        write({**student, "device_id": row(3)["device_id"]})


@pytest.mark.parametrize(
    ("table", "name", "wrong"),
    [
        ("desk_schoolclosing", "a_closing_names_the_preview_it_confirmed", {"fingerprint": ""}),
        ("desk_uaichange", "a_number_changes_to_another_one", {"after": "0570001B"}),
    ],
)
def test_a_move_with_one_thing_wrong_is_refused_by(table: str, name: str, wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits[table]
    write(row(1))
    with refused_by(name):
        write({**row(2), **wrong})


def test_a_lycee_closes_into_another_one(kits: dict[str, Kit], cast: Cast) -> None:
    row, write = kits["desk_schoolclosing"]
    with refused_by("a_lycee_closes_into_another_one"):
        write({**row(1), "successor_id": cast.other_school.pk})


def test_an_export_does_not_end_before_it_was_asked_for(kits: dict[str, Kit], cast: Cast) -> None:
    row, write = kits["desk_export"]
    with refused_by(ENDS):
        write({**row(1), "finished_at": cast.now - timedelta(seconds=1)})


OF_STUDENTS = ("desk_bulkline", "f", ("student_id",))


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    # A line is of one or of the other: the student of a line of a PC would be refused for that.
    (of_students,) = (rule.name for rule in rules_of("desk") if (rule.table, rule.kind, rule.columns) == OF_STUDENTS)
    assert attack_what_postgresql_names("desk", kits, but={of_students}) > 10
    row, write = kits["desk_bulkline"]
    with refused_by(of_students):
        write({**row(5), "device_id": None, "student_id": -1})


def test_no_constraint_stands_unattacked(db: None) -> None:
    named = {
        "exported_list_is_known", "export_language_is_known", "desk_export_expected_count_check",
        "desk_export_written_count_check", ENDS, "bulk_act_is_known", "bulk_act_language_is_known",
        "desk_bulkact_line_count_check", "desk_bulkact_done_count_check", NOTHING_BEFORE, ENDS_AFTER, A_SUBJECT, ONE_FATE,
        "only_what_is_left_out_is_left_out_late", "a_pc_stands_in_a_bulk_act_once",
        "a_student_stands_in_a_bulk_act_once", "a_lycee_closes_into_another_one",
        "a_closing_names_the_preview_it_confirmed", "a_number_changes_to_another_one",
    }  # fmt: skip
    assert unattacked("desk", named) == set()
