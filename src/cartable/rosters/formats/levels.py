"""Levels of students by a nomenclature of lines of study (MEF), which knows what the code alone does not tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from cartable.rosters.formats.records import StudentFile

# Characters 1-4 of the MEFSTAT11.
_LEVEL = re.compile(r"[0-9][0-9A-Z]{3}")
# Some systems leave out the last of the eleven characters of a MEF.
_SHORT_MEF = 10


def level_of_mefstat(text: str) -> str | None:
    """Return the level that a MEFSTAT of 4 to 11 characters begins with, None where it has none."""
    level = text.strip().upper()[:4]
    return level if _LEVEL.fullmatch(level) and len(text.strip()) <= 11 else None


def with_levels(listed: StudentFile, levels: Mapping[str, str]) -> StudentFile:
    """Return the students with the levels that the nomenclature gives to their MEF, and without its warnings."""
    known = {mef[:_SHORT_MEF]: level for mef, level in levels.items()} | dict(levels)

    def level_of(mef: str) -> str | None:
        return known.get(mef) or known.get(mef[:_SHORT_MEF])

    return replace(
        listed,
        students=tuple(replace(student, level=level_of(student.mef) or student.level) for student in listed.students),
        queued=tuple(replace(student, level=level_of(student.mef) or student.level) for student in listed.queued),
        problems=tuple(
            problem
            for problem in listed.problems
            if problem.code != "level_unknown" or level_of(str(problem.parameters["mef"])) is None
        ),
    )
