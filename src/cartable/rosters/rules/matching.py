"""Whom the lines of a list are, in the order of DOMAIN 1.5. Never on names alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from cartable.rosters.rules.people import Known, KnownStudent, ListedLine


class Match(NamedTuple):
    """Whom a line is, by what, and why a human must look where `review_code` is set."""

    student_id: int
    matched_by: str
    review_code: str


def match_lines(lines: Sequence[ListedLine], known: Known) -> list[Match | None]:
    """Match lines with known students; None for nobody known, and for what the reader set aside."""
    index = _Index(known)
    matches = [None if line.review_code else _match(line, known, index) for line in lines]
    shared = Counter(match.student_id for match in matches if match)
    return [
        match._replace(review_code=match.review_code or "student_twice")
        if match and shared[match.student_id] > 1
        else match
        for match in matches
    ]


class _Index:
    """Known students by INE, and by names and birth date; without a birth date there is no match by name."""

    def __init__(self, known: Known) -> None:
        self.by_ine: dict[bytes, list[int]] = {}
        self.by_name: dict[tuple[str, date], list[KnownStudent]] = {}
        for student in known.students.values():
            if student.ine_fingerprint:
                self.by_ine.setdefault(student.ine_fingerprint, []).append(student.student_id)
            if student.birth_on:
                self.by_name.setdefault((student.match_key, student.birth_on), []).append(student)


def _match(line: ListedLine, known: Known, index: _Index) -> Match | None:
    found, matched_by = _candidates(line, known.uai, known.by_eleve_id, index)
    if not found:
        return None
    review_code = "several_students" if len(found) > 1 else _contradiction(line, known.students[found[0]])
    return Match(found[0], matched_by, review_code)


def _candidates(line: ListedLine, uai: str, by_eleve_id: Mapping[str, int], index: _Index) -> tuple[Sequence[int], str]:
    if line.eleve_id in by_eleve_id:
        return (by_eleve_id[line.eleve_id],), "eleve_id"
    if line.ine_fingerprint and line.ine_fingerprint in index.by_ine:
        return index.by_ine[line.ine_fingerprint], "ine"
    alike = index.by_name.get((line.match_key, line.birth_on), ()) if line.birth_on else ()
    if alike:
        for wanted, matched_by in ((uai, "name_and_birth"), (line.previous_uai, "previous_school")):
            found = [student.student_id for student in alike if wanted and student.uai == wanted]
            if found:
                return found, matched_by
    return (), ""


def _contradiction(line: ListedLine, student: KnownStudent) -> str:
    """Say why a match is not to be believed without a human; "" where nothing speaks against it."""
    is_other_date = line.birth_on != student.birth_on and None not in (line.birth_on, student.birth_on)
    if is_other_date and line.match_key != student.match_key:
        return "somebody_else"
    if line.ine_fingerprint and student.ine_fingerprint and line.ine_fingerprint != student.ine_fingerprint:
        return "two_ine"
    return ""
