"""Every constraint of returns is attacked around the code, and refuses by its name."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from cartable.emergency_stock.models import Loan
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    attack_what_postgresql_names,
    insert,
    refused_by,
    unattacked,
)
from cartable.returns.rules import BenchCheck
from cartable.returns.tests.conftest import Returns

CHECKS = [str(check) for check in BenchCheck]


@pytest.fixture
def kits(returns: Returns) -> dict[str, Kit]:
    """Right rows of each table, on movements that really happened."""
    cast, desk = returns.cast, returns.desk
    devices = desk.fill(9)
    reserve, bench = cast.school_accounts[K.EMERGENCY_STOCK], cast.school_accounts[K.SCHOOL_BENCH]
    arrivals = [cast.move(device.pk, reserve, bench, Reason.FAULT) for device in devices]
    others = desk.fill(9)
    loans = _loans(returns)
    by, student = cast.durand.actor_id, returns.students["dylan"]
    aside = [cast.move(device.pk, reserve, bench, Reason.FAULT) for device in others]

    def check_in(n: int) -> Values:
        return {
            "movement_id": arrivals[n], "school_id": cast.school.pk, "student_id": student.pk,
            "device_id": devices[n].pk, "grade": "B", "kit_missing": [], "damages": ["screen"], "why": "other",
            "checked_in_at": cast.now, "checked_in_by_id": by, "condition_before": "fit",
            "ended_loan_id": loans[0] if n == 1 else None, "undone_by_movement_id": None,
        }  # fmt: skip

    def reimaging(n: int) -> Values:
        later = cast.now + timedelta(hours=1)
        return {
            "arrival_id": arrivals[n], "school_id": cast.school.pk, "device_id": devices[n].pk, "wiped_at": cast.now,
            "wiped_by_id": by, "wipe_method": "overwritten", "certificate_number": f"{devices[n].asset_tag}-00{n}",
            "image_version": "2026.09", "imaged_at": later, "imaged_by_id": by, "checks": CHECKS, "checked_at": later,
            "checked_by_id": by, "finished_at": later, "movement_id": aside[n],
            "withdrawn_by_movement_id": None,
        }  # fmt: skip

    def slip(n: int) -> Values:
        return {
            "id": UUID(int=n), "school_id": cast.school.pk, "outlet": "reuse", "receiver": "Emmaüs",
            "opened_at": cast.now, "opened_by_id": by,
        }  # fmt: skip

    insert("returns_disposalslip")({**slip(1), "id": UUID(int=99)})
    standing = uuid4()
    insert("returns_reimaging")(
        {**reimaging(8), "arrival_id": aside[8], "certificate_number": str(standing)[:20], "movement_id": arrivals[8]}
    )

    def gone(n: int) -> Values:
        return {
            "movement_id": arrivals[n], "slip_id": UUID(int=99), "device_id": devices[n].pk,
            "wiped_under_id": aside[8], "is_over_ten_years_old": False, "written_off_at": cast.now,
            "written_off_by_id": by, "undone_by_movement_id": None,
        }  # fmt: skip

    rows: dict[str, Any] = {
        "returns_checkin": check_in, "returns_reimaging": reimaging, "returns_disposalslip": slip,
        "returns_writeoff": gone,
    }  # fmt: skip
    return {table: Kit(row, insert(table)) for table, row in rows.items()}


def _loans(returns: Returns) -> list[object]:
    for name in ("alice", "bilal"):
        own = returns.held[name]
        returns.desk.check_in(name, own)
        [loaner] = returns.desk.fill(1)
        returns.desk.lend(name, Device.objects.get(pk=loaner.pk), own)
    return list(Loan.objects.order_by("pk").values_list("pk", flat=True))


NOT_IMAGED: Values = {"image_version": "", "imaged_at": None, "imaged_by_id": None}
NOT_CHECKED: Values = {"checks": [], "checked_at": None, "checked_by_id": None}
ON_BENCH: Values = {"movement_id": None, "finished_at": None}
WRONG: list[tuple[str, str, Values]] = [
    ("returns_checkin", "return_grade_is_known", {"grade": "E"}),
    ("returns_checkin", "return_reason_is_known", {"why": "because"}),
    ("returns_checkin", "return_damages_are_known", {"damages": ["screen", "soul"]}),
    ("returns_checkin", "a_return_knows_the_condition_before", {"condition_before": "tired"}),
    ("returns_reimaging", "a_wipe_has_its_certificate", {"certificate_number": ""}),
    ("returns_reimaging", "wipe_method_is_known", {"wipe_method": "prayer"}),
    ("returns_reimaging", "an_image_says_which_when_and_by_whom", {"image_version": ""}),
    ("returns_reimaging", "an_image_says_which_when_and_by_whom", {"imaged_by_id": None}),
    ("returns_reimaging", "a_pc_without_disk_gets_no_image", {"wipe_method": "disk_destroyed"}),
    ("returns_reimaging", "a_pc_is_checked_with_everything_and_after_its_image", {"checks": CHECKS[1:]}),
    ("returns_reimaging", "a_pc_is_checked_with_everything_and_after_its_image", {"checks": [*CHECKS, "luck"]}),
    ("returns_reimaging", "a_pc_is_checked_with_everything_and_after_its_image", {"checked_by_id": None}),
    ("returns_reimaging", "a_pc_is_checked_with_everything_and_after_its_image", NOT_IMAGED),
    ("returns_reimaging", "a_pc_leaves_the_bench_checked", NOT_CHECKED),
    ("returns_reimaging", "a_pc_leaves_the_bench_checked", {"finished_at": None}),
    ("returns_reimaging", "only_what_left_the_bench_is_withdrawn", {"movement_id": None, "finished_at": None}),
    ("returns_disposalslip", "outlet_is_known", {"outlet": "river"}),
    ("returns_disposalslip", "a_slip_names_its_receiver", {"receiver": ""}),
]


@pytest.mark.parametrize(("table", "name", "wrong"), WRONG)
def test_a_row_with_one_thing_wrong_is_refused_by(table: str, name: str, wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits[table]
    if name == "only_what_left_the_bench_is_withdrawn":
        wrong = {**wrong, "withdrawn_by_movement_id": row(5)["movement_id"]}
    write(row(1))
    with refused_by(name):
        write({**row(2), **wrong})


@pytest.mark.parametrize("facts", [ON_BENCH, {**ON_BENCH, **NOT_CHECKED}, {**ON_BENCH, **NOT_CHECKED, **NOT_IMAGED}])
def test_every_stage_of_the_bench_may_stand(facts: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["returns_reimaging"]
    write({**row(1), **facts})


def test_a_return_that_ended_a_loan_is_not_undone(kits: dict[str, Kit]) -> None:
    row, write = kits["returns_checkin"]
    with refused_by("a_return_that_ended_a_loan_is_not_undone"):
        write({**row(1), "undone_by_movement_id": row(2)["movement_id"]})


def test_a_wipe_certificate_is_numbered_once(kits: dict[str, Kit]) -> None:
    row, write = kits["returns_reimaging"]
    write(row(1))
    with refused_by("a_wipe_certificate_is_numbered_once"):
        write({**row(2), "certificate_number": row(1)["certificate_number"]})


def test_a_pc_is_written_off_once_at_a_time(kits: dict[str, Kit]) -> None:
    row, write = kits["returns_writeoff"]
    write(row(1))
    with refused_by("a_pc_is_written_off_once_at_a_time"):
        write({**row(2), "device_id": row(1)["device_id"]})
    write({**row(2), "device_id": row(1)["device_id"], "undone_by_movement_id": row(3)["movement_id"]})


UNDONE_ONCE = (
    "returns_reimaging_withdrawn_by_movement_id_key",
    "returns_checkin_undone_by_movement_id_key",
    "returns_writeoff_undone_by_movement_id_key",
)


@pytest.mark.parametrize("name", UNDONE_ONCE)
def test_one_movement_undoes_one_thing(name: str, kits: dict[str, Kit]) -> None:
    _returns, table, column = name.removesuffix("_key").split("_", 2)
    row, write = kits[f"returns_{table}"]
    undone: Values = {column: row(5)["movement_id"]}
    undone |= {"ended_loan_id": None} if table == "checkin" else {}
    write({**row(1), **undone})
    with refused_by(name):
        write({**row(2), **undone})


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    assert attack_what_postgresql_names("returns", kits, but=UNDONE_ONCE) > 40


def test_no_constraint_stands_unattacked(db: None) -> None:
    attacked = {name for _table, name, _wrong in WRONG}
    attacked |= {
        "a_return_that_ended_a_loan_is_not_undone", "a_wipe_certificate_is_numbered_once",
        "a_pc_is_written_off_once_at_a_time",
    }  # fmt: skip
    assert unattacked("returns", attacked) == set()
