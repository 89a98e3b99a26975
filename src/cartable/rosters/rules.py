"""How students are named for matching, and when a list is too different to be believed. Pure decisions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cartable.kernel.names import folded

# RELIABILITY P33: more than one student in five gone is a wrong or cut file until a second person says otherwise.
LARGEST_SHARE_GONE = 0.2


def search_name(family_name: str, usage_name: str, given_name: str) -> str:
    """Return all names of a student as search finds them: folded, family name first."""
    return " ".join(filter(None, map(folded, (family_name, usage_name, given_name))))


def match_key(family_name: str, given_name: str) -> str:
    """Return birth name and first name as matching compares them; the usage name may change from year to year."""
    return f"{folded(family_name)}|{folded(given_name)}"


def needs_second_person(*, gone: int, enrolled: int) -> bool:
    """Say whether so many students would be gone that a second person must confirm."""
    return gone > enrolled * LARGEST_SHARE_GONE and gone > 5


@dataclass(frozen=True)
class ListedLine:
    """What matching reads of a line."""

    line_id: int
    eleve_id: str
    match_key: str
    birth_on: date | None
    ine_fingerprint: bytes | None
    previous_uai: str


@dataclass(frozen=True)
class KnownStudent:
    """What matching reads of a known student; ``uai`` is the lycée that the account counts for."""

    student_id: int
    match_key: str
    birth_on: date | None
    ine_fingerprint: bytes | None
    uai: str


@dataclass(frozen=True)
class Match:
    """Whom a line is, by what, and why a human must look where ``review_code`` is set."""

    line_id: int
    student_id: int
    matched_by: str
    review_code: str


def match_lines(
    lines: Iterable[ListedLine], *, uai: str, by_eleve_id: Mapping[str, int], known: Sequence[KnownStudent]
) -> list[Match]:
    """Match lines with known students in the order of DOMAIN 1.5; a line that is nobody known is left out.

    ``by_eleve_id`` is the lycée's own key. Never on names alone: without a birth date there is no match by name.
    """
    students = {student.student_id: student for student in known}
    by_ine: dict[bytes, list[int]] = {}
    by_name: dict[tuple[str, date], list[KnownStudent]] = {}
    for student in known:
        if student.ine_fingerprint:
            by_ine.setdefault(student.ine_fingerprint, []).append(student.student_id)
        if student.birth_on:
            by_name.setdefault((student.match_key, student.birth_on), []).append(student)
    matches = []
    for line in lines:
        found, matched_by = _candidates(line, uai, by_eleve_id, by_ine, by_name)
        if found:
            review_code = "several_students" if len(found) > 1 else _contradiction(line, students[found[0]])
            matches.append(Match(line.line_id, found[0], matched_by, review_code))
    shared = Counter(match.student_id for match in matches)
    return [
        match
        if shared[match.student_id] == 1 or match.review_code
        else Match(match.line_id, match.student_id, match.matched_by, "student_twice")
        for match in matches
    ]


def _candidates(
    line: ListedLine,
    uai: str,
    by_eleve_id: Mapping[str, int],
    by_ine: Mapping[bytes, list[int]],
    by_name: Mapping[tuple[str, date], list[KnownStudent]],
) -> tuple[list[int], str]:
    if line.eleve_id in by_eleve_id:
        return [by_eleve_id[line.eleve_id]], "eleve_id"
    if line.ine_fingerprint and line.ine_fingerprint in by_ine:
        return by_ine[line.ine_fingerprint], "ine"
    alike = by_name.get((line.match_key, line.birth_on), []) if line.birth_on else []
    for wanted, matched_by in ((uai, "name_and_birth"), (line.previous_uai, "previous_school")):
        found = [student.student_id for student in alike if wanted and student.uai == wanted]
        if found:
            return found, matched_by
    return [], ""


def _contradiction(line: ListedLine, student: KnownStudent) -> str:
    """Say why a match is not to be believed without a human; "" where nothing speaks against it."""
    is_other_date = None not in (line.birth_on, student.birth_on) and line.birth_on != student.birth_on
    if is_other_date and line.match_key != student.match_key:
        return "somebody_else"
    if line.ine_fingerprint and student.ine_fingerprint and line.ine_fingerprint != student.ine_fingerprint:
        return "two_ine"
    return ""


@dataclass(frozen=True)
class MergeSide:
    """One of two students who are one person: where they come from, and their latest home enrolment."""

    student_id: int
    is_listed: bool
    starts_on: date | None
    ends_on: date | None


def survivor(one: MergeSide, other: MergeSide) -> int:
    """Return the id of the student that stays when two are read as one.

    The one who is enrolled now rather than gone, the later enrolment, the one from a list rather than typed on the
    spot, the older record: what the lycée's list will name next stays.
    """

    def rank(side: MergeSide) -> tuple[bool, date, bool, int]:
        is_enrolled = side.starts_on is not None and side.ends_on is None
        return (is_enrolled, side.starts_on or date.min, side.is_listed, -side.student_id)

    return max(one, other, key=rank).student_id
