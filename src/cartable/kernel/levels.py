"""Levels of study by MEFSTAT4, the four characters that SIECLE, EduConnect and GAR share.

Sources: the MEF tables of aplypro (2025-2026), the AAF test list of entcore, the nomenclatures of DossierSCO.
A file of students holds only CODE_MEF (11 characters, 10 in other systems); without the nomenclature file the
level is derived from its dispositif (characters 1–3) and year (character 10).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from cartable.kernel.names import folded


class LevelLabel(NamedTuple):
    """Short name of a level, to stand on a label or in a table."""

    french: str
    english: str


LEVEL_LABELS: dict[str, LevelLabel] = {
    "2211": LevelLabel("2nde GT", "Year 1 general"),
    "2212": LevelLabel("1re GT", "Year 2 general"),
    "2213": LevelLabel("Tle GT", "Year 3 general"),
    "2311": LevelLabel("CAP 1 an", "CAP 1-year"),
    "2321": LevelLabel("1re CAP", "CAP year 1"),
    "2322": LevelLabel("2e CAP", "CAP year 2"),
    "2331": LevelLabel("1re CAP 3 ans", "CAP 3-year, year 1"),
    "2332": LevelLabel("2e CAP 3 ans", "CAP 3-year, year 2"),
    "2333": LevelLabel("3e CAP 3 ans", "CAP 3-year, year 3"),
    "2381": LevelLabel("2nde pro", "Year 1 vocational"),
    "2382": LevelLabel("1re pro", "Year 2 vocational"),
    "2383": LevelLabel("Tle pro", "Year 3 vocational"),
    "23B1": LevelLabel("BMA 1 an", "BMA 1-year"),
    "23C1": LevelLabel("1re BMA", "BMA year 1"),
    "23C2": LevelLabel("2e BMA", "BMA year 2"),
    "23I0": LevelLabel("CAPa apprentissage", "CAPa apprentice"),
    "23J0": LevelLabel("CS 23J0", "Specialisation 23J0"),
    "23K0": LevelLabel("CS 23K0", "Specialisation 23K0"),
    # BTS (322x) is read in a nomenclature of 2019; CPGE (311x) is common knowledge, found in no source. Neither counts.
    "3111": LevelLabel("CPGE 1", "Preparatory year 1"),
    "3112": LevelLabel("CPGE 2", "Preparatory year 2"),
    "3221": LevelLabel("BTS 1", "BTS year 1"),
    "3222": LevelLabel("BTS 2", "BTS year 2"),
}

# First year of a course that ends with the lycée: the students who come without a PC.
ENTRY_LEVELS = frozenset({"2211", "2311", "2321", "2331", "2381"})

# Last year of a course: who is listed in none the year after has finished. One-year courses begin and end here.
FINAL_LEVELS = frozenset({"2213", "2311", "2322", "2333", "2383", "23B1", "23C2", "3112", "3222"})

# Where the dispositif alone gives the level.
_BY_DISPOSITIF = {
    "200": "2211", "201": "2212", "202": "2213",  # general
    "211": "2212", "212": "2213", "231": "2212",  # technological, and the bridge from CAP
    "221": "2212", "222": "2213",  # brevet de technicien
    "240": "2311",
}  # fmt: skip
# Where the year counts: first three characters of the MEFSTAT4, number of years. 271 and 276 are agricultural.
_BY_YEAR = {
    "241": ("232", 2), "271": ("232", 2), "242": ("233", 3), "247": ("238", 3), "276": ("238", 3),
    "300": ("311", 2), "301": ("311", 2), "311": ("322", 2),
}  # fmt: skip


def level_of_mef(code_mef: str) -> str | None:
    """Return the MEFSTAT4 of a CODE_MEF of 10 or 11 characters, None where the rule does not know it."""
    code = code_mef.strip().upper()
    if len(code) not in (10, 11):
        return None
    if (whole := _BY_DISPOSITIF.get(code[:3])) is not None:
        return whole
    stem, years = _BY_YEAR.get(code[:3], ("", 0))
    return stem + code[9] if code[9] in "123"[:years] else None


def is_secondary(mefstat4: str) -> bool:
    """Tell whether the level belongs to secondary studies of a lycée (22xx and 23xx), which a region equips."""
    return mefstat4[:2] in ("22", "23")


def is_post_bac(mefstat4: str) -> bool:
    """Tell whether the level lies beyond the baccalauréat (3xxx: CPGE, BTS)."""
    return mefstat4[:1] == "3"


def level_label(mefstat4: str, language: Literal["fr", "en"] = "fr") -> str:
    """Return the short name of a level; the code itself where no name is known."""
    label = LEVEL_LABELS.get(mefstat4)
    if label is None:
        return mefstat4
    return label.english if language == "en" else label.french


def level_of_label(text: str) -> str | None:
    """Return the MEFSTAT4 whose French or English short name the text folds to, None for an unknown name."""
    return _BY_LABEL.get(folded(text))


_BY_LABEL = {folded(name): code for code, label in LEVEL_LABELS.items() for name in label}
