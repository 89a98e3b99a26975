"""Every constraint of the lists is attacked around the code, and refuses by its name."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from cartable.conftest import Cast
from cartable.fleet.rules import CustodianKind, Reason
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
from cartable.rosters.tests.test_takeover_constraints import NAMED, takeover_kits

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
            "ine_fingerprint": None, "source": "list", "merged_into_id": None,
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
            "details": "{}", "settled_at": cast.now, "settled_by_id": cast.durand.actor_id,
        },
        "rosters_rosterline": line,
        "rosters_guardianline": lambda n: {
            "roster_import_id": read["id"], "eleve_id": "7001", "person_key": f"{n}", "family_name": "Marchand",
            "given_name": "", "email": "", "phone": "", "is_legal": True, "level": "1", "kinship": "",
        },
        "rosters_studentkey": lambda n: {
            "school_id": cast.school.pk, "key": f"aaf:{n}", "student_id": STUDENTS[n],
        },
        "rosters_tablemapping": lambda n: {
            "school_id": (cast.school.pk if n < 2 else cast.other_school.pk),
            "columns": '{"family_name": "Nom", "given_name": "Prénom"}', "changed_at": cast.now,
            "changed_by_id": cast.durand.actor_id,
        },
    }  # fmt: skip
    ours = {
        table: Kit(row, insert(table)) for table, row in {**rows, **_sent(cast, read), **_ruled(cast, read)}.items()
    }
    return ours | takeover_kits(cast)


def _sent(cast: Cast, read: Values) -> dict[str, Any]:
    """Return right rows of what was sent: batches, files, what they held, and the nomenclatures in them."""
    author = {"sent_by_id": cast.sonia.actor_id, "sent_at": cast.now}
    batch = {"id": uuid4(), "region_id": cast.region.pk, "school_id": cast.school.pk, "first_year": 2026, **author}
    insert("rosters_rosterbatch")(batch)
    documents = [uuid4() for _ in range(8)]
    for pk in documents:
        insert("documents_storedfile")(
            {
                "id": pk, "region_id": cast.region.pk, "file_class": "roster", "sha256": bytes(32), "size_bytes": 1,
                "stored_at": cast.now, "stored_by_id": cast.sonia.actor_id, "erase_on": "2026-10-15",
                "ciphertext": b"sealed", "wrapped_key": b"key", "master_key_id": "1",
            }
        )  # fmt: skip

    def file(n: int) -> Values:
        return {
            "id": uuid4(), "batch_id": batch["id"], "name": "liste.zip", "document_id": documents[n],
            "school_id": cast.school.pk, "state": "read", "read_at": cast.now, "refusal_code": "",
            "refusal_line": None, "refusal_details": "{}", "settled_at": cast.now,
            "settled_by_id": cast.sonia.actor_id,
        }  # fmt: skip

    files = [file(n) for n in range(4, 8)]
    for row in files:
        insert("rosters_rosterfile")(row)
    return {
        "rosters_rosterbatch": lambda n: {**batch, "id": uuid4()},
        "rosters_rosterfile": file,
        "rosters_fileimport": lambda n: {
            "file_id": files[n]["id"], "roster_import_id": read["id"], "refusal_code": "",
        },
        "rosters_schoolclass": lambda n: {
            "school_id": cast.school.pk, "first_year": 2026, "code": f"2DE{n}", "label": "", "planned_count": 35,
        },
        "rosters_meflevel": lambda n: {
            "region_id": cast.region.pk, "mef": f"2001001511{n}", "level": "2211", "label": "",
        },
    }  # fmt: skip


def _ruled(cast: Cast, read: Values) -> dict[str, Any]:
    """Return right rows of what humans ruled, and undid."""
    author = {"decided_by_id": cast.durand.actor_id, "decided_at": cast.now}
    undone = {"undone_by_id": cast.durand.actor_id, "undone_at": cast.now}
    depot, allotment = cast.region_accounts[CustodianKind.DEPOT], cast.school_accounts[CustodianKind.SCHOOL_ALLOTMENT]
    moved = [cast.move(device, depot, allotment, Reason.ALLOTMENT) for device in cast.devices_in_depot(4)]
    return {
        "rosters_studentmerge": lambda n: {
            "id": uuid4(), "kept_id": STUDENTS[0], "absorbed_id": STUDENTS[n], "movement_id": moved[n],
            "before": "{}", **author, **undone,
        },
        "rosters_departure": lambda n: {
            "id": uuid4(), "student_id": STUDENTS[n], "from_school_id": cast.school.pk,
            "to_school_id": cast.other_school.pk, "left_on": date(2026, 9, 15), "declared_at": cast.now,
            "declared_by_id": cast.durand.actor_id, "before": "{}", **undone,
        },
        "rosters_rosterdecision": lambda n: {
            "id": uuid4(), "school_id": cast.school.pk, "first_year": 2026, "person_key": f"{n:064x}",
            "ruling": "same", "student_id": STUDENTS[n], "roster_import_id": read["id"], "applied_at": None,
            "replaced": None, **author, **undone,
        },
    }  # fmt: skip


# Constraint → the table and what is wrong in a row that is right otherwise.
WRONG: dict[str, tuple[str, Values]] = {
    "student_label_is_a_label_code": ("rosters_student", {"label_code": label_code("P", 7)}),
    "who_is_read_through_nobody_has_an_ine_rank": ("rosters_student", {"ine_rank": None}),
    "student_source_is_known": ("rosters_student", {"source": "hearsay"}),
    "a_student_has_a_family_name": ("rosters_student", {"family_name": ""}),
    "an_enrolment_ends_after_it_starts": ("rosters_enrolment", {"ends_on": date(2026, 8, 31)}),
    "an_applied_import_says_when_and_by_whom": ("rosters_rosterimport", {"applied_by_id": None}),
    "a_student_is_not_merged_into_itself": ("rosters_student", {"id": 920_000, "merged_into_id": 920_000, "ine_rank": None}),
    "a_refused_file_says_why_and_no_other_does": ("rosters_rosterfile", {"refusal_code": "not_a_list"}),
    "a_file_that_was_looked_at_says_when": ("rosters_rosterfile", {"read_at": None}),
    "roster_file_state_is_known": ("rosters_rosterfile", {"state": "lost"}),
    "a_settled_file_says_when_and_by_whom": ("rosters_rosterfile", {"settled_by_id": None}),
    "a_merge_joins_two_students": ("rosters_studentmerge", {"absorbed_id": STUDENTS[0]}),
    "an_undone_merge_says_when_and_by_whom": ("rosters_studentmerge", {"undone_by_id": None}),
    "an_undone_departure_says_when_and_by_whom": ("rosters_departure", {"undone_by_id": None}),
    "ruling_is_known": ("rosters_rosterdecision", {"ruling": "perhaps"}),
    "a_ruling_about_somebody_names_them": ("rosters_rosterdecision", {"ruling": "dropped"}),
    "an_undone_ruling_says_when_and_by_whom": ("rosters_rosterdecision", {"undone_by_id": None}),
    "a_key_names_its_source": ("rosters_studentkey", {"key": "4711"}),
    "a_level_is_a_mefstat": ("rosters_meflevel", {"level": "2de"}),
    "rosters_schoolclass_planned_count_check": ("rosters_schoolclass", {"planned_count": -1}),
    "a_table_mapping_names_the_columns_of_both_names": (
        "rosters_tablemapping", {"columns": '{"family_name": "Nom", "division": "Classe"}'},
    ),
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
    "a_document_is_in_a_batch_once": ("rosters_rosterfile", ("document_id",)),
    "a_file_holds_an_import_once": ("rosters_fileimport", ("file_id",)),
    "a_class_is_named_once_a_year": ("rosters_schoolclass", ("code",)),
    "a_key_is_one_student_of_a_school": ("rosters_studentkey", ("key",)),
    "a_mef_has_one_level": ("rosters_meflevel", ("mef",)),
    "a_lycee_has_one_table_mapping": ("rosters_tablemapping", ("school_id",)),
    "a_guardian_is_listed_once_per_student": ("rosters_guardian", ("student_id", "person_key")),
}
ALONE = {
    "a_student_is_enrolled_once_a_year_in_a_school", "a_student_has_one_home_school_at_a_time",
    "an_ine_names_one_student", "a_departure_leads_somewhere_else",
    "a_student_is_absorbed_once_at_a_time", "a_listed_person_is_one_student", "a_ruling_stands_once",
}  # fmt: skip
STANDS = {"undone_at": None, "undone_by_id": None}


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


def test_an_ine_names_one_student_and_a_second_only_under_another_rank(kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_student"]
    write({**row(1), "ine_fingerprint": b"\1" * 32})
    write({**row(2), "ine_fingerprint": b"\1" * 32, "ine_rank": 1})
    write({**row(3), "ine_fingerprint": b"\1" * 32, "ine_rank": None, "merged_into_id": STUDENTS[0]})
    with refused_by("an_ine_names_one_student"):
        write({**row(0), "ine_fingerprint": b"\1" * 32, "ine_rank": 0})


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


def test_a_departure_leads_to_another_lycee_or_out_of_the_region(cast: Cast, kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_departure"]
    write({**row(1), "to_school_id": None})
    with refused_by("a_departure_leads_somewhere_else"):
        write({**row(2), "to_school_id": cast.school.pk})


def test_a_closed_lycee_enrols_nobody_beyond_its_last_day(kits: dict[str, Kit], cast: Cast) -> None:
    row, write = kits["rosters_enrolment"]
    write(row(0))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE organisations_school SET closed_on = '2026-09-15' WHERE id = %s", [cast.school.pk])
    for ends_on in (None, date(2026, 9, 16)):
        with refused_by("a_closed_lycee_enrols_nobody"):
            write({**row(1), "ends_on": ends_on})
    write({**row(1), "ends_on": date(2026, 9, 15)})
    with refused_by("a_closed_lycee_enrols_nobody"), connection.cursor() as cursor:
        cursor.execute("UPDATE rosters_enrolment SET ends_on = NULL")


def test_a_student_is_absorbed_once_at_a_time_and_again_once_that_is_undone(kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_studentmerge"]
    write(row(1))
    write({**row(1), **STANDS, "movement_id": None})
    with refused_by("a_student_is_absorbed_once_at_a_time"):
        write({**row(1), **STANDS, "movement_id": None, "kept_id": STUDENTS[2]})


@pytest.mark.parametrize(
    "wrong", [{"ruling": "dropped"}, {"ruling": "taken"}, {"student_id": None}, {"ruling": "here", "student_id": None}]
)
def test_a_ruling_names_whom_it_is_about_and_nobody_else(wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_rosterdecision"]
    with refused_by("a_ruling_about_somebody_names_them"):
        write({**row(1), **wrong})


def test_a_listed_person_is_one_student_at_a_time(kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_rosterdecision"]
    write(row(1))
    write({**row(1), **STANDS})
    with refused_by("a_listed_person_is_one_student"):
        write({**row(1), **STANDS, "student_id": STUDENTS[2]})


@pytest.mark.parametrize("ruling", [{"ruling": "other"}, {"ruling": "dropped", "student_id": None}])
def test_a_ruling_stands_once_whether_it_names_somebody_or_not(ruling: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_rosterdecision"]
    write({**row(1), **ruling})
    write({**row(1), **ruling, **STANDS})
    with refused_by("a_ruling_stands_once"):
        write({**row(1), **ruling, **STANDS})


@pytest.mark.parametrize(
    "wrong", [{"state": "refused"}, {"state": "waiting", "read_at": None, "refusal_code": "not_a_list"}]
)
def test_a_file_is_refused_for_a_reason_or_not_at_all(wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_rosterfile"]
    with refused_by("a_refused_file_says_why_and_no_other_does"):
        write({**row(1), **wrong})


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    assert attack_what_postgresql_names("rosters", kits) > 80


def test_the_runtime_role_empties_no_table(cast: Cast) -> None:
    for table in tables_of("rosters"):
        with refused_for_want_of_rights(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")


def test_no_constraint_stands_unattacked(db: None) -> None:
    assert unattacked("rosters", {*WRONG, *TWICE, *ALONE, *NAMED, "a_closed_lycee_enrols_nobody"}) == set()
