"""The audit finds nothing on a clean ledger, and finds each kind of corruption that an owner could plant."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cartable.conftest import Cast
from cartable.fleet.audit import Check, audit_ledger, installed_checks
from cartable.fleet.commands import take_daily_root


def test_nothing_is_found_on_an_empty_ledger(cast: Cast) -> None:
    assert audit_ledger().broken == []


def test_each_invariant_that_applies_has_its_check() -> None:
    asked = {check.invariant for check in installed_checks()}
    assert asked >= {
        "I01", "I02", "I03", "I04", "I05", "I06", "I07", "I08", "I09", "I13", "I17", "I18", "I19", "I21"
    }  # fmt: skip


def test_the_command_says_clean_with_exit_code_0(cast: Cast) -> None:
    cast.devices_allotted(2)
    take_daily_root(taken_at=cast.now)
    out = StringIO()
    call_command("ledger", "audit", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["violations"], said["devices"], said["movements"]) == (0, 2, 4)
    assert all(finding["sentence"] for finding in said["findings"])


def _is_found(monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    monkeypatch.setattr(
        "cartable.fleet.audit.installed_checks", lambda: [Check("I99", "planted", "Une règle inventée.", query)]
    )


def test_the_command_names_violations_with_exit_code_1(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _is_found(monkeypatch, "SELECT 'device ' || n FROM generate_series(1, 30) AS n")
    out = StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("ledger", "audit", stdout=out)
    assert stop.value.code == 1
    assert "30 ✗" in out.getvalue()
    assert "device 12" in out.getvalue()
    assert "(+10)" in out.getvalue()


def test_the_command_that_could_not_run_ends_with_exit_code_2(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _is_found(monkeypatch, "SELECT 'no such table' FROM fleet_nowhere")
    with pytest.raises(CommandError) as failure:
        call_command("ledger", "audit")
    assert failure.value.returncode == 2


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_audit_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _is_found(monkeypatch, "SELECT 'root ' || nextval('fleet_movement_position')")
    with pytest.raises(CommandError, match="read-only"):
        call_command("ledger", "audit")
