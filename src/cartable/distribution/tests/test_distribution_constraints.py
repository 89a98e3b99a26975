"""Every constraint of the day is attacked around the code, and refuses by its name."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from cartable.accounts.commands import open_actor
from cartable.accounts.models import ActorKind
from cartable.config.grants import append_only_tables
from cartable.conftest import Cast
from cartable.distribution.tests.conftest import enrol
from cartable.fleet.rules import CustodianKind, Reason
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
from cartable.rosters.models import Student


class Ground:
    """Right rows of each table, and the rows that they hang on: four days, students, proofs, scans and movements."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        enrol(cast)
        students = list(Student.objects.order_by("pk"))
        self.students = [student.pk for student in students]
        self.days = [800_000 + n for n in range(4)]
        self.proofs = [810_000 + n for n in range(4)]
        self.guardian, self.station = 820_000, 830_000
        self.scans = [uuid4() for _ in range(4)]
        self.devices = cast.devices_allotted(4)
        allotment = cast.school_accounts[CustodianKind.SCHOOL_ALLOTMENT]
        self.movements = [
            cast.move(device_id, allotment, student.custodian_id, Reason.CHECK_OUT)
            for device_id, student in zip(self.devices, students, strict=True)
        ]
        self._write("rosters_guardian", id=self.guardian, student_id=self.students[0], person_key="1",
                    family_name="Benali", given_name="", email="", phone="", is_legal=True, level="1", kinship="")  # fmt: skip
        for n in range(4):
            self._write(
                "distribution_distributionday", **{**self.day(n), "id": self.days[n], "held_on": date(2026, 11, 1 + n)}
            )
            self._write(
                "distribution_charterproof", **{**self.proof(n), "id": self.proofs[n], "withdrawn_at": cast.now}
            )
        self._write("distribution_station", **{**self.a_station(0), "id": self.station, "number": 100})
        for n in range(4):
            self._write("distribution_scan", **{**self.scan(n), "id": self.scans[n], "movement_id": None})
        self.dispute = 840_000
        self._write(
            "distribution_dispute", id=self.dispute, day_id=self.days[0], unknown_code="?", settlement="", reason=""
        )

    def _write(self, table: str, **values: Any) -> None:
        insert(table)(values)

    def day(self, n: int) -> Values:
        """Return a day that was closed."""
        return {
            "school_id": self.cast.school.pk, "campaign_id": self.cast.campaign.pk, "rules_id": self.cast.rules.pk,
            "held_on": date(2026, 10, 1 + n), "starts_at": "08:30", "target_per_hour": 300, "state": "closed",
            "frozen_at": self.cast.now, "opened_at": self.cast.now, "closed_at": self.cast.now,
            "closed_by_id": self.cast.durand.actor_id,
        }  # fmt: skip

    def proof(self, n: int) -> Values:
        """Return a charter on paper."""
        return {
            "student_id": self.students[n], "rules_id": self.cast.rules.pk, "medium": "paper",
            "signer_kind": "guardian", "guardian_id": self.guardian, "text_sha256": bytes(32),
            "received_at": self.cast.now, "received_by_id": self.cast.meyer.actor_id, "withdrawn_at": None,
        }  # fmt: skip

    def passage(self, n: int) -> Values:
        """Return a student who came, with charter and override."""
        return {
            "day_id": self.days[n], "student_id": self.students[n], "division": "2DE7", "is_expected": True,
            "is_gone": False, "is_added": False, "signer_kind": "guardian", "passing_at": None,
            "arrived_at": self.cast.now, "charter_proof_id": self.proofs[n], "override_reason": "Charte oubliée",
            "override_by_id": self.cast.meyer.actor_id,
        }  # fmt: skip

    def card(self, n: int) -> Values:
        """Return a site card."""
        return {
            "day_id": self.days[n], "digits_sha256": bytes([n]) * 32, "valid_from": self.cast.now,
            "valid_until": self.cast.now + timedelta(hours=10),
        }  # fmt: skip

    def a_station(self, n: int) -> Values:
        """Return a station that the leader accepted."""
        return {
            "actor_id": open_actor(ActorKind.STATION).pk, "day_id": self.days[0], "workshop": "B", "number": n + 1,
            "token_sha256": bytes([n]) * 32 if n else b"of the ground", "is_practice": False,
            "requested_at": self.cast.now, "accepted_at": self.cast.now, "accepted_by_id": self.cast.meyer.actor_id,
            "revoked_at": None, "last_seen_at": None, "last_sequence": 0, "known_through": 0, "is_paper": False,
        }  # fmt: skip

    def scan(self, n: int) -> Values:
        """Return a pair that was recorded."""
        return {
            "id": uuid4(), "station_id": self.station, "day_id": self.days[0], "sequence": n + 1, "kind": "pair",
            "student_code": "", "device_code": "", "happened_at": self.cast.now, "received_at": self.cast.now,
            "local_code": "", "raw": "", "result": "recorded", "code": "", "student_id": self.students[n],
            "device_id": self.devices[n], "movement_id": self.movements[n],
        }  # fmt: skip

    def check_out(self, n: int) -> Values:
        """Return a PC handed over with its charter."""
        return {
            "movement_id": self.movements[n], "day_id": self.days[0], "student_id": self.students[n],
            "checked_out_at": self.cast.now, "charter_proof_id": self.proofs[n], "override_reason": "",
            "override_by_id": None,
        }  # fmt: skip

    def kits(self) -> dict[str, Kit]:
        """Return the right rows of every table."""
        rows: dict[str, Any] = {
            "distribution_distributionday": self.day,
            "distribution_charterproof": self.proof,
            "distribution_passage": self.passage,
            "distribution_sitecard": self.card,
            "distribution_station": self.a_station,
            "distribution_scan": self.scan,
            "distribution_scananomaly": lambda n: {
                "scan_id": self.scans[n], "station_id": self.station, "received_at": self.cast.now, "content": "{}",
            },
            "distribution_unreadablescan": lambda n: {
                "station_id": self.station, "scan_id": None, "sequence": n + 1, "received_at": self.cast.now,
                "detail": ".sequence", "content": "{}", "content_sha256": bytes([n]) * 32,
            },
            "distribution_dayreading": lambda n: {
                "day_id": self.days[n], "expected": 2, "equipped": 1, "device_count": 3, "read_at": self.cast.now
            },
            "distribution_broughtjournal": lambda n: {
                "station_id": self.station, "brought_by_id": self.cast.meyer.actor_id, "received_at": self.cast.now,
                "sha256": bytes([n]) * 32, "event_count": 2, "new_count": 2,
            },
            "distribution_checkout": self.check_out,
            "distribution_reviewdecision": lambda n: {
                "scan_id": self.scans[n], "decided_at": self.cast.now, "decided_by_id": self.cast.meyer.actor_id,
                "remedy": "seen",
            },
            "distribution_dispute": lambda n: {
                "day_id": self.days[n], "device_id": self.devices[n], "student_id": None, "unknown_code": "",
                "opened_at": self.cast.now, "settlement": "stands", "reason": "Vu", "settled_at": self.cast.now,
                "settled_by_id": self.cast.meyer.actor_id,
            },
            "distribution_testimony": lambda n: {
                "dispute_id": self.dispute, "scan_id": None, "movement_id": self.movements[n],
            },
            "distribution_settlementmovement": lambda n: {
                "movement_id": self.movements[n], "dispute_id": self.dispute,
            },
            "distribution_closingreport": lambda n: {
                "day_id": self.days[n], "sealed_at": self.cast.now, "sealed_by_id": self.cast.durand.actor_id,
                "figures": "{}", "ledger_root": bytes(32), "ledger_position": 1, "pdf": b"%PDF-",
                "pdf_sha256": bytes(32),
            },
        }  # fmt: skip
        return {table: Kit(row, insert(table)) for table, row in rows.items()}


@pytest.fixture
def ground(cast: Cast) -> Ground:
    return Ground(cast)


@pytest.fixture
def kits(ground: Ground) -> dict[str, Kit]:
    return ground.kits()


# Constraint → the table and what is wrong in a row that is right otherwise.
WRONG: dict[str, tuple[str, Values]] = {
    "a_day_says_when_it_was_frozen_opened_and_closed": ("distribution_distributionday", {"closed_at": None}),
    "distribution_distributionday_target_per_hour_check": ("distribution_distributionday", {"target_per_hour": -1}),
    "charter_medium_is_known": ("distribution_charterproof", {"medium": "hearsay"}),
    "charter_signer_is_known": ("distribution_charterproof", {"signer_kind": "friend"}),
    "an_arrival_brings_its_charter": (
        "distribution_passage", {"charter_proof_id": None, "override_reason": "", "override_by_id": None},
    ),
    "an_override_has_a_reason_and_an_author": ("distribution_passage", {"override_by_id": None}),
    "a_site_card_ends_after_it_starts": ("distribution_sitecard", {"valid_until": "2026-09-01 08:00+02"}),
    "station_workshop_is_known": ("distribution_station", {"workshop": "C"}),
    "distribution_station_number_check": ("distribution_station", {"number": -1}),
    "a_station_is_accepted_by_somebody": ("distribution_station", {"accepted_by_id": None}),
    "scan_kind_is_known": ("distribution_scan", {"kind": "guess"}),
    "scan_result_is_known": ("distribution_scan", {"result": "lost", "code": "lost", "movement_id": None}),
    "a_scan_that_is_not_recorded_says_why": ("distribution_scan", {"result": "refused", "movement_id": None}),
    "unreadable_content_is_short": ("distribution_unreadablescan", {"content": "?" * 4_097}),
    "a_reading_of_a_day_adds_up": ("distribution_dayreading", {"equipped": 3}),
    "a_brought_journal_holds_what_is_new_in_it": ("distribution_broughtjournal", {"new_count": 3}),
    "a_brought_journal_has_its_digest": ("distribution_broughtjournal", {"sha256": b""}),
    "a_dispute_has_one_subject": ("distribution_dispute", {"unknown_code": "P0000100008"}),
    "a_settled_dispute_says_how_why_when_and_by_whom": ("distribution_dispute", {"reason": ""}),
    "a_testimony_is_a_scan_or_a_movement": ("distribution_testimony", {"movement_id": None}),
    "a_check_out_has_a_charter_or_an_override": ("distribution_checkout", {"charter_proof_id": None}),
}  # fmt: skip
# Constraint → the table and the columns that a second row repeats.
TWICE: dict[str, tuple[str, tuple[str, ...]]] = {
    "a_school_has_one_day_per_date": ("distribution_distributionday", ("held_on",)),
    "a_student_signs_a_charter_once": ("distribution_charterproof", ("student_id",)),
    "a_student_passes_once_a_day": ("distribution_passage", ("day_id", "student_id")),
    "an_unreadable_event_is_kept_once": ("distribution_unreadablescan", ("station_id", "content_sha256")),
    "a_movement_testifies_once_in_a_dispute": ("distribution_testimony", ("movement_id",)),
    "a_station_number_is_given_once_a_day": ("distribution_station", ("number",)),
}

# Cannot refuse first: no state that is not known says when the day was frozen, opened and closed.
BEHIND_ANOTHER = {"day_state_is_known"}
# Attacked by tests of their own, below.
BY_ITSELF = {"a_subject_has_one_open_dispute", "a_settled_dispute_is_never_rewritten"}


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


NEVER = {"frozen_at": None, "opened_at": None, "closed_at": None}


@pytest.mark.parametrize(
    "half",
    [
        {"state": "planned"},
        {"state": "postponed"},
        {**NEVER, "state": "postponed"},
        {**NEVER, "state": "frozen"},
        {**NEVER, "state": "frozen", "frozen_at": "2026-10-01 08:00+02", "rules_id": None},
        {**NEVER, "state": "open", "frozen_at": "2026-10-01 08:00+02"},
        {"state": "open"},
        {"closed_by_id": None},
        {"rules_id": None},
    ],
)
def test_a_day_never_says_half_of_what_was_done(half: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["distribution_distributionday"]
    with refused_by("a_day_says_when_it_was_frozen_opened_and_closed"):
        write({**row(1), **half})


@pytest.mark.parametrize(
    "half",
    [
        {"charter_proof_id": None, "override_reason": "Charte oubliée"},
        {"override_reason": "Charte oubliée"},
        {"override_reason": "Charte oubliée", "override_by_id": 0},
        {"charter_proof_id": None, "override_by_id": 0},
    ],
    ids=["reason without author", "charter and reason", "charter and override", "author without reason"],
)
def test_no_pc_leaves_on_half_a_right(half: Values, ground: Ground, kits: dict[str, Kit]) -> None:
    row, write = kits["distribution_checkout"]
    if "override_by_id" in half:
        half = {**half, "override_by_id": ground.cast.meyer.actor_id}
    with refused_by("a_check_out_has_a_charter_or_an_override"):
        write({**row(1), **half})


def test_a_right_to_a_pc_is_not_taken_away_afterwards(ground: Ground, kits: dict[str, Kit]) -> None:
    row, write = kits["distribution_checkout"]
    write(row(1))
    with refused_by("a_check_out_has_a_charter_or_an_override"), connection.cursor() as cursor:
        cursor.execute("UPDATE distribution_checkout SET charter_proof_id = NULL")
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE confrelid = 'distribution_charterproof'::regclass"
                       " AND conrelid = 'distribution_checkout'::regclass")  # fmt: skip
        ((name,),) = cursor.fetchall()
    with refused_by(name), connection.cursor() as cursor:
        cursor.execute("DELETE FROM distribution_charterproof WHERE id = %s", [ground.proofs[1]])


@pytest.mark.parametrize("result", ["refused", "conflict"])
def test_a_scan_that_is_not_recorded_moves_nothing(result: str, kits: dict[str, Kit]) -> None:
    row, write = kits["distribution_scan"]
    with refused_by("a_scan_that_is_not_recorded_says_why"):
        write({**row(1), "result": result, "code": "already_held"})


def test_an_override_is_written_by_somebody_who_exists(kits: dict[str, Kit]) -> None:
    row, write = kits["distribution_checkout"]
    with refused_by(_foreign_key("distribution_checkout", "override_by_id")):
        write({**row(1), "charter_proof_id": None, "override_reason": "Charte oubliée", "override_by_id": -1})


def _foreign_key(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]"
            " WHERE contype = 'f' AND conrelid = %s::text::regclass AND attname = %s",
            [table, column],
        )
        ((name,),) = cursor.fetchall()
        return str(name)


def test_a_withdrawn_charter_leaves_room_for_a_new_one(kits: dict[str, Kit]) -> None:
    row, write = kits["distribution_charterproof"]
    write({**row(1), "withdrawn_at": "2026-09-15 10:00+02"})
    write(row(1))


OPEN = {"settlement": "", "reason": "", "settled_at": None, "settled_by_id": None}


@pytest.mark.parametrize(
    "half",
    [{"settlement": ""}, {"settlement": "coin tossed"}, {"reason": ""}, {"settled_at": None}, {"settled_by_id": None}],
)
def test_I12_a_dispute_never_says_half_of_how_it_ended(half: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["distribution_dispute"]
    with refused_by("a_settled_dispute_says_how_why_when_and_by_whom"):
        write({**row(1), **half})


@pytest.mark.parametrize("subject", ["device_id", "student_id", "unknown_code"])
def test_a_subject_has_one_open_dispute_and_any_number_of_settled_ones(
    subject: str, ground: Ground, kits: dict[str, Kit]
) -> None:
    row, write = kits["distribution_dispute"]
    about: Values = {"device_id": None, "student_id": None, "unknown_code": ""}
    about[subject] = {"device_id": ground.devices[2], "student_id": ground.students[2], "unknown_code": "E1"}[subject]
    for _ in range(2):
        write({**row(1), **about})
    write({**row(1), **about, **OPEN})
    with refused_by("a_subject_has_one_open_dispute"):
        write({**row(1), **about, **OPEN})


@pytest.mark.parametrize(
    "statement",
    ["UPDATE distribution_dispute SET reason = 'Autre' WHERE settled_at IS NOT NULL",
     "UPDATE distribution_dispute SET unknown_code = 'E2' WHERE settled_at IS NULL",
     "UPDATE distribution_dispute SET opened_at = now() - interval '1 year' WHERE settled_at IS NULL",
     "DELETE FROM distribution_dispute"],
)  # fmt: skip
def test_a_dispute_is_settled_once_and_never_disappears(statement: str, kits: dict[str, Kit]) -> None:
    row, write = kits["distribution_dispute"]
    write(row(1))
    with refused_by("a_settled_dispute_is_never_rewritten"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_dispute_is_about_a_student_who_exists(kits: dict[str, Kit]) -> None:
    row, write = kits["distribution_dispute"]
    with refused_by(_foreign_key("distribution_dispute", "student_id")):
        write({**row(1), "device_id": None, "student_id": -1})


def test_a_scan_testifies_once_and_only_a_scan_that_is_kept(ground: Ground, kits: dict[str, Kit]) -> None:
    row, write = kits["distribution_testimony"]
    write({**row(1), "movement_id": None, "scan_id": ground.scans[1]})
    with refused_by("distribution_testimony_scan_id_key"):
        write({**row(2), "movement_id": None, "scan_id": ground.scans[1]})
    with refused_by(_foreign_key("distribution_testimony", "scan_id")):
        write({**row(2), "movement_id": None, "scan_id": uuid4()})


@pytest.mark.parametrize("table", ["distribution_testimony", "distribution_settlementmovement"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET dispute_id = dispute_id", "DELETE FROM {}"])
def test_what_was_claimed_and_what_a_ruling_moved_is_never_rewritten(table: str, statement: str, cast: Cast) -> None:
    assert table in append_only_tables()
    with refused_for_want_of_rights(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.parametrize("table", ["distribution_scan", "distribution_closingreport"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET day_id = day_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_a_station_saw_and_what_was_sealed_is_never_rewritten(table: str, statement: str, cast: Cast) -> None:
    assert table in append_only_tables()
    with refused_for_want_of_rights(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.parametrize("statement", ["UPDATE {} SET brought_by_id = brought_by_id", "DELETE FROM {}"])
def test_who_brought_a_journal_is_never_rewritten(statement: str, cast: Cast) -> None:
    assert "distribution_broughtjournal" in append_only_tables()
    with refused_for_want_of_rights(), connection.cursor() as cursor:
        cursor.execute(statement.format("distribution_broughtjournal"))


def test_the_runtime_role_empties_no_table(cast: Cast) -> None:
    for table in tables_of("distribution"):
        with refused_for_want_of_rights(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    own = {
        _foreign_key("distribution_checkout", "override_by_id"),
        _foreign_key("distribution_dispute", "student_id"),
        _foreign_key("distribution_testimony", "scan_id"),
        "distribution_testimony_scan_id_key",
    }
    assert attack_what_postgresql_names("distribution", kits, but=own) > 100


def test_no_constraint_stands_unattacked(db: None) -> None:
    assert unattacked("distribution", {*WRONG, *TWICE, *BEHIND_ANOTHER, *BY_ITSELF}) == set()
