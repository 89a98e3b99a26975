"""What a list says of a student, and what is known: the plain values that matching and judging compare."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple


class ListedLine(NamedTuple):
    """A student of a list, whatever its format: names cleaned and folded, the INE as its fingerprint.

    `set_aside` says why the reader of the file set the line aside; "" where it did not. `marks` say what the whole list
    tells of the line (`differences.list_marks`).
    """

    line: int | None
    eleve_id: str
    family_name: str
    usage_name: str
    given_name: str
    folded_name: str
    match_key: str
    birth_on: date | None
    ine_fingerprint: bytes | None
    division: str
    level: str
    mef: str
    status: str
    starts_on: date
    ends_on: date | None
    exit_reason: str
    previous_uai: str
    set_aside: str = ""
    marks: tuple[str, ...] = ()


class KnownStudent(NamedTuple):
    """A student as kept; `uai` is the lycée that the account counts for.

    `ine_rank` is 0 for whom the INE names, more for others whom a human ruled to bear it too.
    """

    student_id: int
    family_name: str
    usage_name: str
    given_name: str
    match_key: str
    birth_on: date | None
    ine_fingerprint: bytes | None
    uai: str
    ine_rank: int = 0


class KnownEnrolment(NamedTuple):
    """An enrolment of the school year in question; `is_here` in the lycée whose list is read.

    `is_said_gone` where its end is what somebody said of a student who leaves (`commands.departures`).
    """

    student_id: int
    is_here: bool
    is_home: bool
    eleve_id: str
    division: str
    level: str
    mef: str
    status: str
    starts_on: date
    ends_on: date | None
    is_said_gone: bool = False


class FormerEnrolment(NamedTuple):
    """The latest enrolment of an earlier school year in the lycée whose list is read."""

    student_id: int
    first_year: int
    level: str
    ends_on: date | None


@dataclass(frozen=True)
class Known:
    """What is known of the people in a list. `by_eleve_id` is the lycée's own key, its latest use first.

    `former` holds only students who have no enrolment in this lycée this year.
    """

    uai: str
    by_eleve_id: Mapping[str, int]
    students: Mapping[int, KnownStudent]
    enrolments: Mapping[int, list[KnownEnrolment]]
    former: Mapping[int, FormerEnrolment] = field(default_factory=dict)


def is_of_another_source(key: str) -> bool:
    """Say whether a key is not SIECLE's own number: other sources name themselves in it ("aaf:…", "fregata:…")."""
    return ":" in key


def keeps_number(known: str, listed: str) -> bool:
    """Say whether an enrolment keeps the number that it bears: SIECLE's goes before all others, any before none."""
    return known != "" and (listed == "" or (is_of_another_source(listed) and not is_of_another_source(known)))
