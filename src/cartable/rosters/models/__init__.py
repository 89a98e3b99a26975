"""Students and the lists that they come from."""

from cartable.rosters.models.batches import FileImport, FileState, RosterBatch, RosterFile
from cartable.rosters.models.decisions import RosterDecision, Ruling
from cartable.rosters.models.departures import Departure
from cartable.rosters.models.lists import (
    GuardianLine,
    Outcome,
    RosterImport,
    RosterKind,
    RosterLine,
    RosterProblem,
    RosterState,
)
from cartable.rosters.models.mappings import TableMapping
from cartable.rosters.models.nomenclatures import MefLevel, SchoolClass
from cartable.rosters.models.people import Enrolment, Guardian, Student, StudentKey, StudentMerge, StudentSource
from cartable.rosters.models.takeover import KeptCheck, Takeover, TakeoverCount, TakeoverLine

__all__ = [
    "Departure",
    "Enrolment",
    "FileImport",
    "FileState",
    "Guardian",
    "GuardianLine",
    "KeptCheck",
    "MefLevel",
    "Outcome",
    "RosterBatch",
    "RosterDecision",
    "RosterFile",
    "RosterImport",
    "RosterKind",
    "RosterLine",
    "RosterProblem",
    "RosterState",
    "Ruling",
    "SchoolClass",
    "Student",
    "StudentKey",
    "StudentMerge",
    "StudentSource",
    "TableMapping",
    "Takeover",
    "TakeoverCount",
    "TakeoverLine",
]
