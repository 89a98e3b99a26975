"""Write invented students as SIECLE's personalised extraction gives them: `;`, Windows-1252, dd/mm/yyyy.

Columns: 1.9 of the field research. Whoever extracts chooses them; these are the ones that lending a PC needs.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from cartable.simulation.invented_students import InventedStudent

FILE_NAME = "exportCSVExtraction.csv"
HEADER = (
    "Nom de famille", "Nom d'usage", "Prénom 1", "Prénom 2", "Prénom 3", "Date de naissance", "Sexe", "N° interne", "INE",
    "Division", "Code MEF", "Statut", "Date d'entrée", "Date de sortie",
)  # fmt: skip


def write_extraction(directory: Path, students: Iterable[InventedStudent]) -> Path:
    """Write the file of one lycée; « N° interne » holds the ELEVE_ID, the only number unique in the lycée."""
    path = directory / FILE_NAME
    with path.open("w", encoding="cp1252", newline="") as stream:
        rows = csv.writer(stream, delimiter=";")
        rows.writerow(HEADER)
        rows.writerows(map(_row, students))
    return path


def _row(student: InventedStudent) -> tuple[str, ...]:
    return (
        _written(student.family_name), _written(student.usage_name), _written(student.given_name), "", "",
        f"{student.birth_on:%d/%m/%Y}", "M" if student.sex == 1 else "F", student.eleve_id, student.ine,
        student.divisions[0] if student.divisions else "", student.mef, student.status,
        f"{student.entered_on:%d/%m/%Y}", f"{student.left_on:%d/%m/%Y}" if student.left_on else "",
    )  # fmt: skip


def _written(name: str) -> str:
    # Windows-1252 has no combining accents, and not every letter of every name.
    return unicodedata.normalize("NFC", name).encode("cp1252", "replace").decode("cp1252")
