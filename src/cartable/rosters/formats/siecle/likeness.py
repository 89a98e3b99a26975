"""Students of one file who look like one another: the same record twice, the same person twice, twins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TypeVar

from cartable.kernel.names import folded
from cartable.rosters.formats.records import Problem, Severity, Student

# Léa and Léo reach 0.67, Lina and Nina 0.75, Emma and Louis 0.
_CLOSE = 0.6

Key = TypeVar("Key", bound=Hashable)


def set_doubles_aside(students: Iterable[Student]) -> tuple[list[Student], list[Student], list[Problem]]:
    """Return those who can be taken as they are, those who wait for a ruling, and what to tell about both.

    An ELEVE_ID used twice queues every record that bears it. The same names and birth date under another ELEVE_ID
    queue the later records. An INE shared by two people is taken from both. Twins with close given names stay.
    """
    aside: set[int] = set()
    problems = list(_repeated_ids(students := list(students), aside))
    problems += _persons_twice(students, aside)
    shared = _shared_ines(students, aside, problems)
    accepted = [
        replace(student, ine=None) if student.ine in shared else student
        for place, student in enumerate(students)
        if place not in aside
    ]
    return accepted, [students[place] for place in sorted(aside)], problems


def _grouped(pairs: Iterable[tuple[Key, int]]) -> Iterator[tuple[Key, list[int]]]:
    """Yield the keys that several places share, with the places in order."""
    groups: dict[Key, list[int]] = defaultdict(list)
    for key, place in pairs:
        groups[key].append(place)
    return ((key, places) for key, places in groups.items() if len(places) > 1)


def _repeated_ids(students: list[Student], aside: set[int]) -> Iterator[Problem]:
    # Without a key ("") nobody is anybody else's double.
    pairs = ((student.eleve_id, place) for place, student in enumerate(students) if student.eleve_id)
    for _, places in _grouped(pairs):
        aside.update(places)
        yield _about(students, places[1], places[0], "eleve_id_repeated", "queue")


def _persons_twice(students: list[Student], aside: set[int]) -> Iterator[Problem]:
    """Queue the later records of one person, and warn of twins whose given names are close."""
    for _, born_together in _grouped(
        (student.birth_on, place)
        for place, student in enumerate(students)
        if student.birth_on is not None and place not in aside
    ):
        for _, siblings in _grouped((folded(students[place].family_name), place) for place in born_together):
            yield from _same_name(students, siblings, aside)


def _same_name(students: list[Student], siblings: list[int], aside: set[int]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for place in siblings:
        given = folded(students[place].given_name)
        if given in seen:
            aside.add(place)
            yield _about(students, place, seen[given], "person_twice", "queue")
            continue
        close = next((other for name, other in seen.items() if _is_close(name, given)), None)
        if close is not None:
            yield _about(students, place, close, "twins", "warn")
        seen[given] = place


def _is_close(first: str, second: str) -> bool:
    return SequenceMatcher(None, first, second).ratio() >= _CLOSE


def _shared_ines(students: list[Student], aside: set[int], problems: list[Problem]) -> set[str | None]:
    shared: set[str | None] = set()
    pairs = ((student.ine, place) for place, student in enumerate(students) if student.ine and place not in aside)
    for ine, places in _grouped(pairs):
        shared.add(ine)
        problems.append(_about(students, places[1], places[0], "ine_shared", "warn"))
    return shared


def _about(students: list[Student], place: int, other: int, code: str, severity: Severity) -> Problem:
    student = students[place]
    return Problem(code, severity, student.line, {"other_line": students[other].line}, student.eleve_id or None)
