"""Students and the lists that they come from."""

from cartable.rosters.models.decisions import RosterDecision, Ruling
from cartable.rosters.models.lists import (
    GuardianLine,
    Outcome,
    RosterImport,
    RosterKind,
    RosterLine,
    RosterProblem,
    RosterState,
)
from cartable.rosters.models.people import Enrolment, Guardian, Student, StudentMerge, StudentSource

__all__ = [
    "Enrolment",
    "Guardian",
    "GuardianLine",
    "Outcome",
    "RosterDecision",
    "RosterImport",
    "RosterKind",
    "RosterLine",
    "RosterProblem",
    "RosterState",
    "Ruling",
    "Student",
    "StudentMerge",
    "StudentSource",
]
