"""The neutral records, under the name that they had when SIECLE was the only source."""

from cartable.rosters.formats.records import (
    GuardianFile,
    GuardianLink,
    Header,
    Kind,
    Person,
    Presence,
    Problem,
    Severity,
    Student,
    StudentFile,
)

__all__ = [
    "GuardianFile",
    "GuardianLink",
    "Header",
    "Kind",
    "Person",
    "Presence",
    "Problem",
    "Severity",
    "Student",
    "StudentFile",
]
