"""Delivery notes of an invented supplier: CSV and XLSX, right lines and the wrong ones of the field."""

import io
from collections.abc import Sequence
from random import Random

import xlsxwriter

from cartable.kernel.codes import DEVICE_LETTER, label_code
from cartable.simulation.demo_cast import DEVICE_MODEL

HEADER = ("Numéro de série", "Modèle", "Étiquette", "Palette", "Carton")
_PER_CARTON, _PER_PALLET = 5, 40
# Letters that move between French and US keyboards are in it: A Q W Z M.
_SERIAL_LETTERS = "0123456789ABCDFGHJKLMNPQRSTVWXYZ"

Line = tuple[str, ...]


def delivered_lines(dice: Random, *, count: int, pallet: str, first_tag: int | None = None) -> list[Line]:
    """Return so many right lines, carton by carton; with asset tags where the supplier gives them."""
    serials: set[str] = set()
    while len(serials) < count:
        serials.add("5CG6" + "".join(dice.choices(_SERIAL_LETTERS, k=6)))
    return [
        (
            serial,
            DEVICE_MODEL,
            label_code(DEVICE_LETTER, first_tag + n) if first_tag is not None else "",
            f"{pallet}{1 + n // _PER_PALLET:02d}",
            f"{pallet}{1 + n // _PER_PALLET:02d}-{1 + n % _PER_PALLET // _PER_CARTON}",
        )
        for n, serial in enumerate(sorted(serials))
    ]


def wrong_lines(right: Sequence[Line]) -> list[Line]:
    """Return lines that reception refuses: a serial twice, none at all, one spoilt by a spreadsheet, a false tag."""
    return [
        right[0],
        ("", DEVICE_MODEL, "", right[-1][3], right[-1][4]),
        ("5,67E+11", DEVICE_MODEL, "", right[-1][3], right[-1][4]),
        ("5CG6ZZZZ01", DEVICE_MODEL, "P0042118750", right[-1][3], right[-1][4]),
    ]


def as_csv(lines: Sequence[Line]) -> bytes:
    """Return a note as French spreadsheets save it: semicolons, Windows-1252."""
    return "".join(";".join(line) + "\r\n" for line in (HEADER, *lines)).encode("cp1252")


def as_xlsx(lines: Sequence[Line]) -> bytes:
    """Return a note as a workbook; every cell is text, as suppliers are asked to write serial numbers."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Livraison")
        sheet.set_column(0, 0, 18)
        for row, line in enumerate((HEADER, *lines)):
            for column, text in enumerate(line):
                sheet.write_string(row, column, text)
    return stream.getvalue()
