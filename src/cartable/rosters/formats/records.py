"""What a list says, whatever its format: plain frozen values, only the fields that lending a PC needs.

Names are clean (`kernel.names.cleaned`) and fit, codes and mails of a length that the tables take: nobody checks again.

Nationality, place of birth, address, profession and scholarship are in the files and never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Kind = Literal[
    "BEE_ELEVES",
    "BEE_RESPONSABLES",
    "BEE_STRUCTURES",
    "BEE_NOMENCLATURES",
    "AAF",
    "IMPORT_ELEVES",
    "SYGNE",
    "FREGATA",
    "TABLE",
]
Severity = Literal["refuse", "queue", "warn"]
Presence = Literal["present", "announced", "left"]


@dataclass(frozen=True, slots=True)
class Header:
    """Whose list this is: kind by its content, UAI, first civil year of the school year, when it was exported.

    `uai` "" and `school_year` 0: the list does not say, whoever sends it must (AAF names no year, FREGATA often
    neither, a table never); `recognition.claimed` fills them in. `exported_at` has Paris time; it and `version` ("3.0") may be missing
    in files made by hand.
    """

    kind: Kind
    uai: str
    school_year: int
    exported_at: datetime | None
    version: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to tell about the file or one record: refused, kept aside for a human, or accepted with a warning.

    With `field_name` only that field was refused and left empty. The sentence is in `messages`, by code; parameters
    hold nothing about anybody but the record itself. `line` is where the record begins; with the parameter `unit`
    "record" it is the rank of the record in a JSON list, which has no lines. `file` names one file among several.
    """

    code: str
    severity: Severity
    line: int | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    eleve_id: str | None = None
    field_name: str | None = None


@dataclass(frozen=True, slots=True)
class Student:
    """A student as his lycée's list tells. `eleve_id` is the key inside one lycée, and only there.

    Outside SIECLE the key bears the name of its source ("aaf:…"); SYGNE has none ("": see README.md).
    `usage_name` and `given_name` may be empty; `ine` is normalised and never shown; `level` is the MEFSTAT4 derived
    from `mef`; `division` None is "sans classe"; `exit_reason` is SIECLE's raw code.
    """

    eleve_id: str
    ine: str | None = field(repr=False)
    family_name: str
    usage_name: str
    given_name: str
    birth_on: date | None
    status: str
    mef: str
    level: str | None
    division: str | None
    entered_on: date | None
    left_on: date | None
    exit_reason: str
    previous_uai: str | None
    line: int | None = field(default=None, compare=False)

    @property
    def last_name(self) -> str:
        """The name that people use: the usage name when there is one, else the family name."""
        return self.usage_name or self.family_name

    def presence(self, on: date) -> Presence:
        """Tell whether the student is there that day: DATE_SORTIE reached = left, still to come = announced."""
        if self.left_on is None:
            return "present"
        return "left" if self.left_on <= on else "announced"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody responsible for a student. `person_id` is the key inside one lycée's file.

    Phones are in international form (+33…), the mobile first.
    """

    person_id: str
    family_name: str
    usage_name: str
    given_name: str
    phones: tuple[str, ...] = field(repr=False)
    mail: str | None = field(repr=False)
    line: int | None = field(default=None, compare=False)
    # Said in the list, and the first phone is a mobile one.
    accepts_sms: bool = False

    @property
    def last_name(self) -> str:
        """The name that people use: the usage name when there is one, else the family name."""
        return self.usage_name or self.family_name


@dataclass(frozen=True, slots=True)
class GuardianLink:
    """Who answers for whom: `is_legal` from NIVEAU_RESPONSABILITE 1, or RESP_LEGAL 1 or 2 in old files.

    `level` and `kinship` are the raw codes.
    """

    eleve_id: str
    person_id: str
    is_legal: bool
    level: str
    kinship: str
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class StudentFile:
    """The students of one lycée, read through.

    Every record is counted once: record_count = len(students) + len(queued) + refused_count. `queued` students wait
    for a human's ruling; what is refused leaves only its problem. `lists_everybody` False: whom it does not name may
    well be there all the same, and is not absent.
    """

    header: Header
    students: tuple[Student, ...]
    queued: tuple[Student, ...]
    problems: tuple[Problem, ...]
    record_count: int
    refused_count: int
    lists_everybody: bool = True


@dataclass(frozen=True, slots=True)
class GuardianFile:
    """The guardians of one lycée's students, read through; each link's person is among `persons`."""

    header: Header
    persons: tuple[Person, ...]
    links: tuple[GuardianLink, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class of BEE_STRUCTURES: its code as in the students' list, its label, the students planned, its MEFs."""

    code: str
    label: str
    planned_count: int | None
    mefs: tuple[str, ...]
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ClassFile:
    """The classes of one lycée; groups are not read."""

    header: Header
    classes: tuple[SchoolClass, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class MefLevel:
    """A line of study of BEE_NOMENCLATURES: CODE_MEF, its level (MEFSTAT4, None where the file has no valid one)."""

    mef: str
    level: str | None
    label: str
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class LevelFile:
    """The lines of study that one lycée's software knows, with their levels."""

    header: Header
    levels: tuple[MefLevel, ...]
    problems: tuple[Problem, ...]


ListPart = StudentFile | GuardianFile | ClassFile | LevelFile
