"""How much a line and a known student look alike: the questions that matching asks of two people."""

from datetime import date

from cartable.kernel.names import folded
from cartable.rosters.rules.people import KnownStudent, ListedLine


def has_same_ine(line: ListedLine, student: KnownStudent) -> bool:
    """Say whether both have an INE and it is the same."""
    return line.ine_fingerprint is not None and line.ine_fingerprint == student.ine_fingerprint


def has_other_ine(line: ListedLine, student: KnownStudent) -> bool:
    """Say whether both have an INE and they differ: two people, or a number given anew."""
    return bool(line.ine_fingerprint and student.ine_fingerprint and line.ine_fingerprint != student.ine_fingerprint)


def has_other_birth(line: ListedLine, student: KnownStudent) -> bool:
    """Say whether the birth dates differ; one that is not known does not differ."""
    return line.birth_on != student.birth_on and None not in (line.birth_on, student.birth_on)


def is_other_person(line: ListedLine, student: KnownStudent) -> bool:
    """Say that both names and birth date differ."""
    return has_other_birth(line, student) and line.match_key != student.match_key


def is_alike(line: ListedLine, student: KnownStudent) -> bool:
    """Say that the names are the same and the birth dates do not differ."""
    return line.match_key == student.match_key and not has_other_birth(line, student)


def has_other_given(line: ListedLine, student: KnownStudent, *, mistakes: int) -> bool:
    """Say whether both have a first name and they differ by more than so many mistakes (0 or 1): a twin, perhaps.

    One may have more of it than the other ("JEAN", "JEAN PIERRE").
    """
    one, other = _given(line.match_key), _given(student.match_key)
    if not one or not other or f"{one} ".startswith(f"{other} ") or f"{other} ".startswith(f"{one} "):
        return False
    return not (mistakes and is_one_mistake(one, other))


def is_near(line: ListedLine, student: KnownStudent) -> bool:
    """Say whether one mistake, or one changed surname, would explain the difference."""
    if line.birth_on is None or student.birth_on is None:
        return False
    if line.match_key == student.match_key:
        return is_near_date(line.birth_on, student.birth_on)
    if line.birth_on != student.birth_on or not _given(line.match_key):
        return False
    # A surname may have changed entirely; a first name only by a mistake, and then the surname has not changed too.
    mistakes = 1 if _surnames(line) & _surnames(student) else 0
    return not has_other_given(line, student, mistakes=mistakes)


def _surnames(person: ListedLine | KnownStudent) -> set[str]:
    return {person.match_key.partition("|")[0], folded(person.usage_name)} - {""}


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
