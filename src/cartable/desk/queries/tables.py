"""Read a list as the table that leaves: which rows, under which header, under which name. One place for every form of file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from cartable.desk.queries.school_year import StudentFilter, StudentRow, each_student, student_count
from cartable.desk.rules import Listed
from cartable.fleet.queries.lists import DeviceFilter, device_count
from cartable.fleet.tables import device_table


@dataclass(frozen=True)
class Table:
    """A list as it leaves; the rows are read while they are written."""

    name: str
    header: list[str]
    rows: Iterator[list[str]]


def table_of(listed: Listed, filters: Mapping[str, Any], *, today: date) -> Table:
    """Return the table of a list in scope, by the fields of its filter."""
    if listed == Listed.DEVICES:
        header, rows = device_table(DeviceFilter(**filters))
        return Table(file_name(listed, filters), header, rows)
    wanted = StudentFilter(**filters)
    student_header = [
        "UAI", _("Lycée"), _("Classe"), _("Niveau"), _("Nom"), _("Nom d’usage"), _("Prénom"), _("Étiquette"), _("PC"),
        _("Numéro de série"),
    ]  # fmt: skip
    return Table(file_name(listed, filters), student_header, map(_cells, each_student(wanted, today=today)))


def file_name(listed: Listed, filters: Mapping[str, Any]) -> str:
    """Return what the file is called, without its ending."""
    if listed == Listed.DEVICES:
        return "pc"
    return f"eleves-{filters['uai']}" if filters["uai"] else "eleves"


def row_count(listed: Listed, filters: Mapping[str, Any], *, today: date, most: int) -> int:
    """Return how many rows the table has, up to ``most``."""
    if listed == Listed.DEVICES:
        return device_count(DeviceFilter(**filters), most=most)
    return student_count(StudentFilter(**filters), today=today, most=most)


def _cells(row: StudentRow) -> list[str]:
    return [
        row.uai, row.school, row.division, row.level, row.family_name, row.usage_name, row.given_name, row.label_code,
        row.asset_tag, row.serial_number,
    ]  # fmt: skip
