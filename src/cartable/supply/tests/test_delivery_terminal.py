"""Deliveries from the terminal: `cartable delivery import`."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cartable.conftest import Cast
from cartable.fleet.models import Device
from cartable.supply.models import DeliveryNote
from cartable.supply.tests.notes import note_text, plain_lines


def _terminal(tmp_path: Path, content: bytes, *options: str) -> dict[str, Any]:
    file, out = tmp_path / "bon.csv", io.StringIO()
    file.write_bytes(content)
    code = 0
    try:
        said = ("--supplier", "fournitures de l'est", "--lot", "2026-1", "--json")
        call_command("delivery", "import", str(file), *said, *options, stdout=out)
    except CommandError as error:
        code = error.returncode
    return {**json.loads(out.getvalue()), "exit_code": code}


def test_the_terminal_shows_what_would_happen_and_enters_nothing_unless_asked(cast: Cast, tmp_path: Path) -> None:
    shown = _terminal(tmp_path, note_text(*plain_lines(3), "x;HP;;;"))
    assert (shown["accepted"], len(shown["refused"]), shown["applied"], shown["exit_code"]) == (3, 1, False, 3)
    assert (Device.objects.count(), DeliveryNote.objects.count()) == (0, 0)


def test_the_terminal_receives_a_note_once(cast: Cast, tmp_path: Path) -> None:
    content = note_text(*plain_lines(3))
    first, again = (_terminal(tmp_path, content, "--apply") for _ in range(2))
    assert (first["applied"], first["already_received"], first["exit_code"]) == (True, False, 0)
    assert (again["already_received"], again["delivery"], Device.objects.count()) == (True, first["delivery"], 3)


def test_the_terminal_names_an_unknown_supplier(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Fournitures de l’Est"):
        call_command("delivery", "import", str(tmp_path / "bon.csv"), "--supplier", "Inconnu", "--lot", "1")
