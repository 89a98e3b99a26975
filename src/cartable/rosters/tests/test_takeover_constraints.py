"""Every constraint of takeovers is attacked around the code, and refuses by its name."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from cartable.conftest import Cast
from cartable.organisations.tests.attacks import Kit, Values, insert, refused_by
from cartable.rosters.models import TakeoverCount, TakeoverLine
from cartable.rosters.tests.takeover_files import line_of, take_over


def takeover_kits(cast: Cast) -> dict[str, Kit]:
    """Return right rows of the four tables of takeovers; those of counts and lines hang on a takeover that is there."""
    document = uuid4()
    insert("documents_storedfile")(
        {
            "id": document, "region_id": cast.region.pk, "school_id": None, "file_class": "takeover",
            "sha256": bytes(32), "size_bytes": 1, "stored_at": cast.now, "stored_by_id": cast.sonia.actor_id,
            "erase_on": date(2026, 10, 15), "erased_at": None, "ciphertext": b"1", "wrapped_key": b"1",
            "master_key_id": "k",
        }
    )  # fmt: skip

    def takeover(n: int) -> Values:
        return {
            "id": uuid4(), "region_id": cast.region.pk, "supplier_id": cast.supplier.pk, "repairer_id": None,
            "default_lot": "", "default_model": "", "counted_on": date(2026, 9, 1), "file_name": "parc.csv",
            "file_sha256": f"{n:064x}", "document_id": document, "line_count": 1, "has_header": True, "columns": "{}",
            "sent_at": cast.now, "sent_by_id": cast.sonia.actor_id, "queued_at": None, "failure": "",
            "applied_at": cast.now, "applied_by_id": cast.sonia.actor_id, "read_count": 1, "closed_at": None,
        }  # fmt: skip

    there: dict[str, Any] = {**takeover(900), "id": uuid4()}
    insert("rosters_takeover")(there)

    def count(n: int) -> Values:
        return {
            "takeover_id": there["id"], "lot": f"L{n}", "uai": "", "kind": "depot", "read": 3, "entered": 1,
            "queued": 1, "refused": 1,
        }  # fmt: skip

    insert("rosters_takeovercount")({**count(900), "id": 900_001})

    checked = [{**takeover(910 + n), "id": uuid4()} for n in range(4)]
    for one in checked:
        insert("rosters_takeover")(one)

    def check(n: int) -> Values:
        return {
            "takeover_id": checked[n]["id"], "basis": "{}", "asked_at": cast.now, "found_at": cast.now, "found": "{}",
            "unreadable": None, "failure": "",
        }  # fmt: skip

    devices = cast.devices_in_depot(4)

    def line(n: int) -> Values:
        return {
            "takeover_id": there["id"], "count_id": 900_001, "line": n, "code": "names_only", "is_queued": True,
            "other_line": None, "serial": "", "asset_tag": "", "model": "", "lot": "", "uai": "", "state": "",
            "condition": "", "held_since": "", "family_name": "", "given_name": "", "birth_on": None, "division": "",
            "ine_fingerprint": None, "settlement": "entered", "settled_at": cast.now,
            "settled_by_id": cast.sonia.actor_id, "remark": "", "device_id": devices[n],
        }  # fmt: skip

    return {
        "rosters_takeover": Kit(takeover, insert("rosters_takeover")),
        "rosters_keptcheck": Kit(check, insert("rosters_keptcheck")),
        "rosters_takeovercount": Kit(count, insert("rosters_takeovercount")),
        "rosters_takeoverline": Kit(line, insert("rosters_takeoverline")),
    }


# A line that waits, and one that was dropped: a right row with these changes.
OPEN: Values = {"settlement": "", "settled_at": None, "settled_by_id": None, "device_id": None}
DROPPED: Values = {"settlement": "dropped", "device_id": None, "remark": "Doublon."}
# Every rule of the four tables that has a name of ours: `test_rosters_constraints` counts them.
NAMED = {
    "a_file_is_taken_over_once", "a_taken_over_file_is_named_by_its_sha256",
    "an_applied_takeover_says_when_by_whom_and_how_much", "a_takeover_closes_after_it_is_applied",
    "a_takeover_counts_a_place_once", "a_takeover_count_adds_up", "a_takeover_counts_known_accounts",
    "a_line_of_a_takeover_waits_once", "a_waiting_line_says_a_known_code",
    "a_settled_takeover_line_says_how_when_and_by_whom", "a_settled_takeover_line_names_nobody",
    "a_closed_takeover_has_no_open_line", "a_check_is_found_unreadable_failed_or_awaited",
}  # fmt: skip


@pytest.fixture
def kits(cast: Cast) -> dict[str, Kit]:
    return takeover_kits(cast)


WRONG: list[tuple[str, str, Values]] = [
    ("a_taken_over_file_is_named_by_its_sha256", "rosters_takeover", {"file_sha256": "x"}),
    ("an_applied_takeover_says_when_by_whom_and_how_much", "rosters_takeover", {"applied_by_id": None}),
    ("an_applied_takeover_says_when_by_whom_and_how_much", "rosters_takeover", {"read_count": 0}),
    ("an_applied_takeover_says_when_by_whom_and_how_much", "rosters_takeover", {"applied_at": None}),
    ("a_check_is_found_unreadable_failed_or_awaited", "rosters_keptcheck", {"found": None}),
    ("a_check_is_found_unreadable_failed_or_awaited", "rosters_keptcheck", {"found_at": None}),
    ("a_check_is_found_unreadable_failed_or_awaited", "rosters_keptcheck", {"unreadable": "{}"}),
    ("a_check_is_found_unreadable_failed_or_awaited", "rosters_keptcheck", {"failure": "check_stopped"}),
    ("a_takeover_count_adds_up", "rosters_takeovercount", {"read": 4}),
    ("a_takeover_count_adds_up", "rosters_takeovercount", {"entered": -1, "queued": 3}),
    ("a_takeover_counts_known_accounts", "rosters_takeovercount", {"kind": "supplier"}),
    ("a_waiting_line_says_a_known_code", "rosters_takeoverline", {"code": "hearsay"}),
    ("a_settled_takeover_line_says_how_when_and_by_whom", "rosters_takeoverline", {"settlement": "dropped"}),
    ("a_settled_takeover_line_says_how_when_and_by_whom", "rosters_takeoverline", {**DROPPED, "remark": ""}),
    ("a_settled_takeover_line_says_how_when_and_by_whom", "rosters_takeoverline", {"device_id": None}),
    ("a_settled_takeover_line_says_how_when_and_by_whom", "rosters_takeoverline", {"settled_by_id": None}),
    ("a_settled_takeover_line_says_how_when_and_by_whom", "rosters_takeoverline", {**OPEN, "settlement": "mislaid"}),
]


@pytest.mark.parametrize(("name", "table", "wrong"), WRONG)
def test_a_row_with_one_thing_wrong_is_refused_by(name: str, table: str, wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits[table]
    write(row(1))
    with refused_by(name):
        write({**row(2), **wrong})


@pytest.mark.parametrize(
    ("name", "table", "columns"),
    [
        ("a_file_is_taken_over_once", "rosters_takeover", ("file_sha256",)),
        ("a_takeover_counts_a_place_once", "rosters_takeovercount", ("lot",)),
        ("a_line_of_a_takeover_waits_once", "rosters_takeoverline", ("line",)),
    ],
)
def test_a_row_that_stands_already_is_refused_by(
    name: str, table: str, columns: tuple[str, ...], kits: dict[str, Kit]
) -> None:
    row, write = kits[table]
    write(row(1))
    with refused_by(name):
        write({**row(2), **{column: row(1)[column] for column in columns}})


def test_a_takeover_that_is_not_applied_does_not_close(cast: Cast, kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_takeover"]
    with refused_by("a_takeover_closes_after_it_is_applied"):
        write({**row(1), "applied_at": None, "applied_by_id": None, "read_count": 0, "closed_at": cast.now})


@pytest.mark.parametrize(
    "person",
    [
        {"family_name": "Marchand"},
        {"given_name": "Alice"},
        {"birth_on": date(2010, 3, 5)},
        {"division": "TG3"},
        {"ine_fingerprint": bytes(32)},
    ],
)
def test_a_settled_line_keeps_nothing_of_the_person(person: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_takeoverline"]
    write({**row(1), **DROPPED})
    with refused_by("a_settled_takeover_line_names_nobody"):
        write({**row(2), **DROPPED, **person})


def test_a_takeover_does_not_close_over_an_open_line(cast: Cast, kits: dict[str, Kit]) -> None:
    row, write = kits["rosters_takeoverline"]
    write({**row(1), **OPEN})
    takeover_id: UUID = row(1)["takeover_id"]
    takeover = TakeoverLine.objects.get(takeover_id=takeover_id).takeover
    takeover.closed_at = cast.now
    with refused_by("a_closed_takeover_has_no_open_line"):
        takeover.save()


def test_a_closed_takeover_takes_no_open_line(cast: Cast) -> None:
    takeover_id, _done = take_over(cast, [line_of("5CD0000001", "dépôt")])
    count = TakeoverCount.objects.get(takeover_id=takeover_id)
    with refused_by("a_closed_takeover_has_no_open_line"):
        TakeoverLine.objects.create(
            takeover_id=takeover_id, count=count, line=9, code="names_only", is_queued=True, settlement=""
        )
