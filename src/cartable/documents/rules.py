"""How long each class of stored file is kept, and why. Pure: one table, read by everybody."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class FileClass(StrEnum):
    """What a stored file is, which decides how long it is kept."""

    ROSTER = "roster"
    TAKEOVER = "takeover"
    COMPLAINT = "complaint"
    STATE_HANDED = "state_handed"
    STATE = "state"
    EXPORT = "export"


@dataclass(frozen=True)
class Retention:
    """One row of the retention table: how long from the day of storing, and on what ground."""

    kept_for: timedelta
    ground: str


# RELIABILITY 3g: raw imports 30 days at most; the hash stays as the proof of what was read.
RETENTION: dict[FileClass, Retention] = {
    FileClass.ROSTER: Retention(timedelta(days=30), "To explain and repeat the reading of a list; DOMAIN 5.1."),
    FileClass.TAKEOVER: Retention(timedelta(days=30), "To explain and repeat the opening of the books."),
    # The insurer and the audit ask within the year; number, date and hash stay with the incident. DOMAIN 5.1, 5.4.
    FileClass.COMPLAINT: Retention(timedelta(days=365), "To prove a theft that was replaced."),
    # Three years of lycée, and a year to settle who answers for a damage.
    FileClass.STATE_HANDED: Retention(timedelta(days=4 * 365), "To compare a PC that comes back with how it left."),
    FileClass.STATE: Retention(timedelta(days=365), "To settle who answers for a damage; grade and parts stay."),
    # A copy of what stands in the books, for whoever asked and fetches it the same day.
    FileClass.EXPORT: Retention(timedelta(days=2), "To hand a long list to whoever asked for it."),
}


def erase_on(file_class: FileClass, stored_at: datetime) -> date:
    """Return the day on which the content of a file stored at that moment goes."""
    return (stored_at + RETENTION[file_class].kept_for).date()
