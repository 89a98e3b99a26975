"""How students are named for matching, and when a list is too different to be believed. Pure decisions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
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
    """What matching reads of a line; ``usage_key`` is the folded usage name, where there is one."""

    line_id: int
    eleve_id: str
    match_key: str
    birth_on: date | None
    ine_fingerprint: bytes | None
    previous_uai: str
    usage_key: str = ""


@dataclass(frozen=True)
class KnownStudent:
    """What matching reads of a known student; ``uai`` is the lycée that the account counts for."""

    student_id: int
    match_key: str
    birth_on: date | None
    ine_fingerprint: bytes | None
    uai: str
    usage_key: str = ""


@dataclass(frozen=True)
class Match:
    """Whom a line is, by what, and why a human must look where ``review_code`` is set.

    In review, ``student_id`` is the likeliest of those whom it may be.
    """

    line_id: int
    student_id: int
    matched_by: str
    review_code: str


def match_lines(
    lines: Iterable[ListedLine], *, uai: str, by_eleve_id: Mapping[str, int], known: Sequence[KnownStudent]
) -> list[Match]:
    """Match lines with known students in the order of DOMAIN 1.5; a line that is nobody known is left out.

    ``by_eleve_id`` is the lycée's own key. Never on names alone: without a birth date there is no match by name. What
    is only near (`_guessed`) waits for a human; so does every student whom two lines claim, unless one is beyond doubt.
    """
    lines, index = list(lines), _Index(uai, by_eleve_id, known)
    matches = {line.line_id: match for line in lines if (match := _matched(line, index))}
    claimed = {match.student_id for match in matches.values() if not match.review_code}
    for line in lines:
        if line.line_id not in matches and (guess := _guessed(line, index, claimed)):
            matches[line.line_id] = guess
    return _with_doubles_in_review(lines, matches, index)


class _Index:
    """The known students by everything that a line may share with them."""

    def __init__(self, uai: str, by_eleve_id: Mapping[str, int], known: Sequence[KnownStudent]) -> None:
        self.uai = uai
        self.students = {student.student_id: student for student in known}
        self._by_eleve_id = by_eleve_id
        self._by_ine: dict[bytes, list[KnownStudent]] = {}
        self._by_name: dict[str, list[KnownStudent]] = {}
        self._by_birth: dict[tuple[str, date], list[KnownStudent]] = {}
        for student in known:
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
        if _has_other_ine(line, student) and _is_other_person(line, student):
            return None
        return student if _has_same_ine(line, student) or not self.names_another(line, student) else None

    def by_ine(self, line: ListedLine) -> list[KnownStudent]:
        """Return who bears the line's INE; of several, those who fit it."""
        found = self._by_ine.get(line.ine_fingerprint, []) if line.ine_fingerprint else []
        return [student for student in found if _is_alike(line, student)] or found

    def by_names_and_birth(self, line: ListedLine) -> list[KnownStudent]:
        """Return who bears the line's names and birth date, anywhere in the region."""
        if line.birth_on is None:
            return []
        return [s for s in self._by_name.get(line.match_key, ()) if s.birth_on == line.birth_on]

    def names_another(self, line: ListedLine, student: KnownStudent) -> bool:
        """Say whether names and birth date are not this student's, but those of another one of this lycée."""
        return not _is_alike(line, student) and any(s.uai == self.uai for s in self.by_names_and_birth(line))

    def near(self, line: ListedLine) -> list[KnownStudent]:
        """Return students of this lycée, or of the previous one, with the line's birth date or its names."""
        schools = {self.uai, line.previous_uai} - {""}
        born = [s for school in schools if line.birth_on for s in self._by_birth.get((school, line.birth_on), ())]
        return born + [s for s in self._by_name.get(line.match_key, ()) if s.uai in schools]


def _matched(line: ListedLine, index: _Index) -> Match | None:
    """Match by a key, or by names and birth date where the lycée agrees."""
    own, bearers = index.by_eleve_id(line), index.by_ine(line)
    if own and bearers and own not in bearers:
        # The number names one, the INE another. Only the number may be overruled: it was given anew, the INE never is.
        if _is_other_person(line, bearers[0]):
            return Match(line.line_id, own.student_id, "eleve_id", "one_ine_two_people")
        if not _is_other_person(line, own):
            return Match(line.line_id, own.student_id, "eleve_id", "keys_disagree")
        own = None
    if own:
        doubt = "keys_disagree" if index.names_another(line, own) else _doubt_of_number(line, own)
        return Match(line.line_id, own.student_id, "eleve_id", doubt)
    if bearers:
        doubt = "several_students" if bearers[1:] else _doubt_of_ine(line, bearers[0])
        return Match(line.line_id, bearers[0].student_id, "ine", doubt)
    alike = index.by_names_and_birth(line)
    for wanted, matched_by in ((index.uai, "name_and_birth"), (line.previous_uai, "previous_school")):
        found = [student for student in alike if wanted and student.uai == wanted]
        if found:
            two_ine = "two_ine" if _has_other_ine(line, found[0]) else ""
            return Match(line.line_id, found[0].student_id, matched_by, "several_students" if found[1:] else two_ine)
    return None


def _guessed(line: ListedLine, index: _Index, claimed: Set[int]) -> Match | None:
    """Find who this may be although no key says so. Two different INE are two people: nobody is asked about them."""
    for code, matched_by, candidates in (
        ("known_elsewhere", "name_elsewhere", index.by_names_and_birth(line)),
        ("near_name", "near_name", [s for s in index.near(line) if _is_near(line, s)]),
    ):
        found = sorted({s.student_id for s in candidates if not _has_other_ine(line, s)} - claimed)
        if found:
            return Match(line.line_id, found[0], matched_by, "several_students" if found[1:] else code)
    return None


def _with_doubles_in_review(lines: Sequence[ListedLine], matches: Mapping[int, Match], index: _Index) -> list[Match]:
    """Send to review whoever claims the same student as another line, but for the one line beyond doubt."""
    claims = Counter(match.student_id for match in matches.values())
    certain = Counter(
        match.student_id
        for line in lines
        if (match := matches.get(line.line_id)) and _is_certain(line, match, index.students[match.student_id])
    )
    result = []
    for line in lines:
        match = matches.get(line.line_id)
        if match is None:
            continue
        if claims[match.student_id] > 1 and not match.review_code:
            student = index.students[match.student_id]
            if certain[match.student_id] != 1 or not _is_certain(line, match, student):
                match = replace(match, review_code="student_twice")
        result.append(match)
    return result


def _is_certain(line: ListedLine, match: Match, student: KnownStudent) -> bool:
    return match.matched_by == "eleve_id" and not match.review_code and _is_alike(line, student)


def _doubt_of_number(line: ListedLine, student: KnownStudent) -> str:
    """Say why the lycée's own number is not to be believed; "" where nothing speaks against it."""
    if _is_other_person(line, student):
        return "somebody_else"
    if _has_other_ine(line, student):
        return "two_ine"
    if not _has_same_ine(line, student) and _has_other_given(line, student, mistakes=1):
        return "another_given_name"
    return ""


def _doubt_of_ine(line: ListedLine, student: KnownStudent) -> str:
    """Say why an INE is not to be believed: that of somebody else, or of a twin."""
    if _is_other_person(line, student):
        return "one_ine_two_people"
    return "another_given_name" if _has_other_given(line, student, mistakes=0) else ""


def _has_same_ine(line: ListedLine, student: KnownStudent) -> bool:
    return line.ine_fingerprint is not None and line.ine_fingerprint == student.ine_fingerprint


def _has_other_ine(line: ListedLine, student: KnownStudent) -> bool:
    return bool(line.ine_fingerprint and student.ine_fingerprint and line.ine_fingerprint != student.ine_fingerprint)


def _is_other_person(line: ListedLine, student: KnownStudent) -> bool:
    """Say that both names and birth date differ; a birth date that is not known does not differ."""
    return _has_other_birth(line, student) and line.match_key != student.match_key


def _has_other_birth(line: ListedLine, student: KnownStudent) -> bool:
    return None not in (line.birth_on, student.birth_on) and line.birth_on != student.birth_on


def _is_alike(line: ListedLine, student: KnownStudent) -> bool:
    return line.match_key == student.match_key and not _has_other_birth(line, student)


def _has_other_given(line: ListedLine, student: KnownStudent, *, mistakes: int) -> bool:
    """Say whether both have a first name and they differ by more than so many mistakes (0 or 1): a twin, perhaps.

    One may have more of it than the other ("JEAN", "JEAN PIERRE").
    """
    one, other = _given(line.match_key), _given(student.match_key)
    if not one or not other or f"{one} ".startswith(f"{other} ") or f"{other} ".startswith(f"{one} "):
        return False
    return not (mistakes and is_one_mistake(one, other))


def _is_near(line: ListedLine, student: KnownStudent) -> bool:
    """Say whether one mistake, or one changed surname, would explain the difference."""
    if line.birth_on is None or student.birth_on is None:
        return False
    if line.match_key == student.match_key:
        return is_near_date(line.birth_on, student.birth_on)
    if line.birth_on != student.birth_on or not _given(line.match_key):
        return False
    # A surname may have changed entirely; a first name only by a mistake, and then the surname has not changed too.
    mistakes = 1 if _surnames(line) & _surnames(student) else 0
    return not _has_other_given(line, student, mistakes=mistakes)


def _surnames(person: ListedLine | KnownStudent) -> set[str]:
    return {person.match_key.partition("|")[0], person.usage_key} - {""}


def _given(match_key: str) -> str:
    return match_key.partition("|")[2]


def is_one_mistake(first: str, second: str) -> bool:
    """Say whether one letter is wrong, missing, too many, or two neighbours have changed places."""
    if abs(len(first) - len(second)) > 1 or first == second:
        return False
    start = next(
        (n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    one, other = first[start:], second[start:]
    return (
        one[1:] == other[1:]
        or one[1:] == other
        or one == other[1:]
        or (one[:2] == other[1::-1] and one[2:] == other[2:])
    )


def is_near_date(first: date, second: date) -> bool:
    """Say whether two dates differ by one digit, or by day and month in each other's place."""
    if first == second:
        return False
    if (first.day, first.month, first.year) == (second.month, second.day, second.year):
        return True
    return sum(a != b for a, b in zip(f"{first:%Y%m%d}", f"{second:%Y%m%d}", strict=True)) == 1
