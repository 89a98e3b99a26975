"""The school year of a French lycée: from 1 September to 31 August."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class SchoolYear:
    """A school year, known by its first civil year as in SIECLE's ANNEE_SCOLAIRE (2026 for 2026-2027)."""

    first_year: int

    @classmethod
    def containing(cls, day: date) -> SchoolYear:
        """Return the school year in which the day falls."""
        return cls(day.year if day.month >= 9 else day.year - 1)

    @property
    def label(self) -> str:
        """The year as people write it: "2026-2027"."""
        return f"{self.first_year}-{self.first_year + 1}"

    @property
    def starts_on(self) -> date:
        """1 September of the first civil year."""
        return date(self.first_year, 9, 1)

    @property
    def ends_on(self) -> date:
        """31 August of the second civil year, included."""
        return date(self.first_year + 1, 8, 31)

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    def __str__(self) -> str:
        return self.label
