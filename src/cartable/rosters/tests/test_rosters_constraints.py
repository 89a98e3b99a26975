"""Every constraint of the lists is attacked around the code, and refuses by its name."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from cartable.conftest import Cast
from cartable.kernel.codes import STUDENT_LETTER, label_code
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    attack_what_postgresql_names,
    insert,
    refused_by,
    refused_for_want_of_rights,
    tables_of,
    unattacked,
)

# Students who are there before each attack: the rows of enrolments and guardians hang on them.
STUDENTS = [900_000 + n for n in range(4)]


@pytest.fixture
def kits(cast: Cast) -> dict[str, Kit]:
    """Right rows of each table, in the lycée of the cast."""

    def student(n: int) -> Values:
        return {
            "region_id": cast.region.pk, "custodian_id": cast.student_account(),
            "label_code": label_code(STUDENT_LETTER, 910_000 + n), "family_name": "Marchand", "usage_name": "",
            "given_name": "Alice", "folded_name": "marchand alice", "match_key": "marchand|alice", "birth_on": None,
            "ine_fingerprint": None, "source": "list",
        }  # fmt: skip

    for number, pk in enumerate(STUDENTS):
        insert("rosters_student")({**student(0), "id": pk, "label_code": label_code(STUDENT_LETTER, 900_000 + number)})

    def roster_import(n: int) -> Values:
        return {
            "id": uuid4(), "school_id": cast.school.pk, "first_year": 2026, "kind": "students", "sha256": bytes(32),
            "exported_at": None, "read_at": cast.now, "read_by_id": cast.durand.actor_id, "state": "applied",
            "applied_at": cast.now, "applied_by_id": cast.durand.actor_id, "counts": "{}",
        }  # fmt: skip

    read = roster_import(0)
    insert("rosters_rosterimport")(read)

    def line(n: int) -> Values:
        return {
            "roster_import_id": read["id"], "line": n, "outcome": "arrival", "review_code": "",
            "student_id": STUDENTS[n], "matched_by": "", "eleve_id": f"{n}", "family_name": "Marchand",
            "usage_name": "", "given_name": "Alice", "folded_name": "", "match_key": "", "division": "2DE7",
            "level": "2211", "mef": "", "status": "ST", "exit_reason": "", "previous_uai": "",
        }  # fmt: skip

    rows: dict[str, Any] = {
        "rosters_student": student,
        "rosters_enrolment": lambda n: {
            "student_id": STUDENTS[n], "school_id": cast.school.pk, "first_year": 2026, "eleve_id": f"{7000 + n}",
            "division": "2DE7", "level": "2211", "mef": "", "status": "ST", "starts_on": date(2026, 9, 1),
            "ends_on": None, "exit_reason": "", "is_home": True,
        },
        "rosters_guardian": lambda n: {
            "student_id": STUDENTS[n], "person_key": f"{n}", "family_name": "Marchand", "given_name": "", "email": "",
            "phone": "", "is_legal": True, "level": "1", "kinship": "",
        },
        "rosters_rosterimport": roster_import,
        "rosters_rosterproblem": lambda n: {
            "roster_import_id": read["id"], "line": n, "severity": "warning", "code": "ine_missing", "eleve_id": "",
            "details": "{}",
        },
        "rosters_rosterline": line,
        "rosters_guardianline": lambda n: {
            "roster_import_id": read["id"], "eleve_id": "7001", "person_key": f"{n}", "family_name": "Marchand",
            "given_name": "", "email": "", "phone": "", "is_legal": True, "level": "1", "kinship": "",
        },
    }  # fmt: skip
    return {table: Kit(row, insert(table)) for table, row in rows.items()}


# Constraint → the table and what is wrong in a row that is right otherwise.
WRONG: dict[str, tuple[str, Values]] = {
    "student_label_is_a_label_code": ("rosters_student", {"label_code": label_code("P", 7)}),
    "student_source_is_known": ("rosters_student", {"source": "hearsay"}),
    "a_student_has_a_family_name": ("rosters_student", {"family_name": ""}),
    "an_enrolment_ends_after_it_starts": ("rosters_enrolment", {"ends_on": date(2026, 8, 31)}),
    "an_applied_import_says_when_and_by_whom": ("rosters_rosterimport", {"applied_by_id": None}),
    "a_settled_problem_says_when_and_by_whom": (
        "rosters_rosterproblem", {"settled_at": datetime(2026, 9, 15, tzinfo=UTC), "settled_by_id": None},
    ),
    "roster_kind_is_known": ("rosters_rosterimport", {"kind": "teachers"}),
    "roster_state_is_known": (
        "rosters_rosterimport", {"state": "lost", "applied_at": None, "applied_by_id": None},
    ),
}  # fmt: skip
# Constraint → the table and the columns that a second row repeats.
TWICE: dict[str, tuple[str, tuple[str, ...]]] = {
    "an_eleve_id_is_one_student_of_a_school_and_year": ("rosters_enrolment", ("eleve_id",)),
    "a_guardian_is_listed_once_per_student": ("rosters_guardian", ("student_id", "person_key")),
}
ALONE = {"a_student_is_enrolled_once_a_year_in_a_school", "a_student_has_one_home_school_at_a_time"}


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


@pytest.mark.parametrize(
    "label",
    ["", "e0042118700", "E004211870", "E004211870 ", " E004211870", "E٠٠٤٢١١٨٧٥٩", "E00421187\n0", "E004211870\n"],
)
def test_a_label_that_no_reader_would_take_is_refused(label: str, kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_student"]
    with refused_by("student_label_is_a_label_code"):
        write({**row(1), "label_code": label})


@pytest.mark.parametrize(
    "half",
    [
        {"applied_at": None},
        {"applied_by_id": None},
        {"state": "previewed"},
        {"state": "abandoned", "applied_at": None},
        {"state": "previewed", "applied_by_id": None},
    ],
)
def test_an_import_is_never_half_applied(half: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_rosterimport"]
    with refused_by("an_applied_import_says_when_and_by_whom"):
        write({**row(1), **half})


def test_a_student_is_enrolled_once_a_year_in_a_school(kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_enrolment"]
    write(row(1))
    with refused_by("a_student_is_enrolled_once_a_year_in_a_school"):
        write({**row(1), "eleve_id": "7009", "is_home": False})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"starts_on": date(2026, 10, 1)}),
        ({"ends_on": date(2026, 10, 2)}, {"starts_on": date(2026, 10, 1)}),
        ({"ends_on": date(2027, 9, 1)}, {"starts_on": date(2026, 10, 1), "ends_on": date(2026, 10, 2)}),
        ({"starts_on": date(2026, 10, 1)}, {"ends_on": date(2026, 10, 2)}),
    ],
    ids=["both open", "the last day", "one inside the other", "the earlier one second"],
)
def test_a_student_has_one_home_school_at_a_time(
    first: Values, second: Values, cast: Cast, kits: dict[str, Kit]
) -> None:
    row, write = kits["rosters_enrolment"]
    write({**row(1), **first})
    with refused_by("a_student_has_one_home_school_at_a_time"):
        write({**row(1), "school_id": cast.other_school.pk, **second})


def test_a_student_may_change_school_and_be_listed_in_two(cast: Cast, kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_enrolment"]
    write({**row(1), "ends_on": date(2026, 10, 1)})
    write({**row(1), "school_id": cast.other_school.pk, "starts_on": date(2026, 10, 1)})
    write({**row(2), "eleve_id": ""})
    write({**row(2), "eleve_id": "", "school_id": cast.other_school.pk, "is_home": False})
    write({**row(3), "eleve_id": ""})


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    assert attack_what_postgresql_names("rosters", kits) > 80


def test_the_runtime_role_empties_no_table(cast: Cast) -> None:
    for table in tables_of("rosters"):
        with refused_for_want_of_rights(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")


def test_no_constraint_stands_unattacked(db: None) -> None:
    assert unattacked("rosters", {*WRONG, *TWICE, *ALONE}) == set()
