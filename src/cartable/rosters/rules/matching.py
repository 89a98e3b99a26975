"""Whom the lines of a list are, in the order of DOMAIN 1.5. Never on names alone."""

from collections import Counter
from collections.abc import Sequence, Set
from datetime import date
from typing import NamedTuple

from cartable.rosters.rules.likeness import (
    has_other_given,
    has_other_ine,
    has_same_ine,
    is_alike,
    is_near,
    is_other_person,
)
from cartable.rosters.rules.people import Known, KnownStudent, ListedLine
from cartable.rosters.rules.rulings import Ruled


class Match(NamedTuple):
    """Whom a line is, by what, and why a human must look where `review_code` is set.

    In review, `student_id` is the likeliest of `candidates`, who are all whom it may be.
    """

    student_id: int
    matched_by: str
    review_code: str
    candidates: tuple[int, ...] = ()


def match_lines(lines: Sequence[ListedLine], known: Known, ruled: Sequence[Ruled]) -> list[Match | None]:
    """Match lines with known students; None for nobody known, and for what the reader set aside.

    A human's ruling goes first. What is only near (`_guessed`) waits for a human; so does every student whom two lines
    claim, unless one of them is beyond doubt. Without a birth date there is no match by name: whoever bears the names of
    a student of the lycée waits for a human, whichever of the two has no birth date.
    """
    index = _Index(known)
    matches = [
        None if line.set_aside and not ruling.is_taken else _matched(line, ruling, index)
        for line, ruling in zip(lines, ruled, strict=True)
    ]
    claimed = {match.student_id for match in matches if match and not match.review_code}
    for place, (line, ruling) in enumerate(zip(lines, ruled, strict=True)):
        if matches[place] is None and (not line.set_aside or ruling.is_taken):
            matches[place] = _guessed(line, ruling, index, claimed)
    return _with_doubles_in_review(lines, matches, index)


class _Index:
    """The known students by everything that a line may share with them."""

    def __init__(self, known: Known) -> None:
        self.uai = known.uai
        self.students = known.students
        self._by_eleve_id = known.by_eleve_id
        self._by_ine: dict[bytes, list[KnownStudent]] = {}
        self._by_name: dict[str, list[KnownStudent]] = {}
        self._by_birth: dict[tuple[str, date], list[KnownStudent]] = {}
        for student in known.students.values():
            if student.ine_fingerprint:
                self._by_ine.setdefault(student.ine_fingerprint, []).append(student)
            self._by_name.setdefault(student.match_key, []).append(student)
            if student.birth_on:
                self._by_birth.setdefault((student.uai, student.birth_on), []).append(student)

    def by_eleve_id(self, line: ListedLine) -> KnownStudent | None:
        """Return whom the lycée's own number names; nobody where everything else says that it was given anew."""
        student_id = self._by_eleve_id.get(line.eleve_id)
        if student_id is None:
            return None
        student = self.students[student_id]
        if has_other_ine(line, student) and is_other_person(line, student):
            return None
        return student if has_same_ine(line, student) or not self.names_another(line, student) else None

    def by_ine(self, line: ListedLine) -> list[KnownStudent]:
        """Return who bears the line's INE; of several, those who fit it."""
        found = self._by_ine.get(line.ine_fingerprint, []) if line.ine_fingerprint else []
        return [student for student in found if is_alike(line, student)] or found

    def by_names_and_birth(self, line: ListedLine) -> list[KnownStudent]:
        """Return who bears the line's names and birth date, anywhere in the region."""
        if line.birth_on is None:
            return []
        return [s for s in self._by_name.get(line.match_key, ()) if s.birth_on == line.birth_on]

    def names_another(self, line: ListedLine, student: KnownStudent) -> bool:
        """Say whether names and birth date are not this student's, but those of another one of this lycée."""
        return not is_alike(line, student) and any(s.uai == self.uai for s in self.by_names_and_birth(line))

    def same_names_undated(self, line: ListedLine) -> list[KnownStudent]:
        """Return students of this lycée with the line's names where a birth date is missing: nobody knows who is who."""
        return [
            s
            for s in self._by_name.get(line.match_key, ())
            if s.uai == self.uai and None in (line.birth_on, s.birth_on)
        ]

    def near(self, line: ListedLine) -> list[KnownStudent]:
        """Return students of this lycée, or of the previous one, with the line's birth date or its names."""
        schools = {self.uai, line.previous_uai} - {""}
        born = [s for school in schools if line.birth_on for s in self._by_birth.get((school, line.birth_on), ())]
        return born + [s for s in self._by_name.get(line.match_key, ()) if s.uai in schools]


def _matched(line: ListedLine, ruling: Ruled, index: _Index) -> Match | None:
    """Match by a ruling, by a key, or by names and birth date where the lycée agrees."""
    if ruling.same is not None:
        return Match(ruling.same, "ruling", "")
    own = index.by_eleve_id(line)
    if own and own.student_id in ruling.others:
        own = None
    bearers = [student for student in index.by_ine(line) if student.student_id not in ruling.others]
    if own and bearers and own not in bearers:
        # The number names one, the INE another. Only the number may be overruled: it was given anew, the INE never is.
        both = (own.student_id, *(student.student_id for student in bearers))
        if is_other_person(line, bearers[0]):
            return Match(own.student_id, "eleve_id", "one_ine_two_people", both)
        if not is_other_person(line, own):
            return Match(own.student_id, "eleve_id", "keys_disagree", both)
        own = None
    if own:
        if index.names_another(line, own):
            others = tuple(s.student_id for s in index.by_names_and_birth(line) if s.student_id not in ruling.others)
            return Match(own.student_id, "eleve_id", "keys_disagree", (own.student_id, *others))
        return _match([own], "eleve_id", _doubt_of_number(line, own))
    if bearers:
        return _match(bearers, "ine", _doubt_of_ine(line, bearers[0]))
    alike = [student for student in index.by_names_and_birth(line) if student.student_id not in ruling.others]
    for wanted, matched_by in ((index.uai, "name_and_birth"), (line.previous_uai, "previous_school")):
        found = [student for student in alike if wanted and student.uai == wanted]
        if found:
            return _match(found, matched_by, "two_ine" if has_other_ine(line, found[0]) else "")
    return None


def _match(found: Sequence[KnownStudent], matched_by: str, doubt: str) -> Match:
    review_code = "several_students" if found[1:] else doubt
    candidates = tuple(student.student_id for student in found) if review_code else ()
    return Match(found[0].student_id, matched_by, review_code, candidates)


def _guessed(line: ListedLine, ruling: Ruled, index: _Index, claimed: Set[int]) -> Match | None:
    """Find who this may be although no key says so. Two different INE are two people: nobody is asked about them."""
    for code, matched_by, candidates in (
        # Typed on the spot without birth date, or listed without: whoever stands in this lycée is proposed first.
        ("same_name_no_birth_date", "name_alone", index.same_names_undated(line)),
        ("known_elsewhere", "name_elsewhere", index.by_names_and_birth(line)),
        ("near_name", "near_name", [student for student in index.near(line) if is_near(line, student)]),
    ):
        found = sorted({s.student_id for s in candidates if not has_other_ine(line, s)} - claimed - ruling.others)
        if found:
            return Match(found[0], matched_by, "several_students" if found[1:] else code, tuple(found))
    return None


def _with_doubles_in_review(
    lines: Sequence[ListedLine], matches: Sequence[Match | None], index: _Index
) -> list[Match | None]:
    """Send to review whoever claims the same student as another line, but for the one line beyond doubt."""
    claims = Counter(match.student_id for match in matches if match)
    if all(count == 1 for count in claims.values()):
        return list(matches)
    certain = Counter(
        match.student_id
        for line, match in zip(lines, matches, strict=True)
        if match and _is_certain(line, match, index.students[match.student_id])
    )
    result: list[Match | None] = []
    for line, match in zip(lines, matches, strict=True):
        if match and claims[match.student_id] > 1 and not match.review_code:
            student = index.students[match.student_id]
            if certain[match.student_id] != 1 or not _is_certain(line, match, student):
                match = match._replace(review_code="student_twice", candidates=(match.student_id,))
        result.append(match)
    return result


def _is_certain(line: ListedLine, match: Match, student: KnownStudent) -> bool:
    is_by_number = match.matched_by == "eleve_id" and not match.review_code and is_alike(line, student)
    return match.matched_by == "ruling" or is_by_number


def _doubt_of_number(line: ListedLine, student: KnownStudent) -> str:
    """Say why the lycée's own number is not to be believed; "" where nothing speaks against it."""
    if is_other_person(line, student):
        return "somebody_else"
    if has_other_ine(line, student):
        return "two_ine"
    if not has_same_ine(line, student) and has_other_given(line, student, mistakes=1):
        return "another_given_name"
    return ""


def _doubt_of_ine(line: ListedLine, student: KnownStudent) -> str:
    """Say why an INE is not to be believed: that of somebody else, or of a twin."""
    if is_other_person(line, student):
        return "one_ine_two_people"
    return "another_given_name" if has_other_given(line, student, mistakes=0) else ""
