"""Which versions of the stations' protocol are spoken (``docs/protocol.md``). Pure."""

from datetime import date

PROTOCOL = 2
# A version is understood for 30 days after the next one came; the present one has no end.
ACCEPTED_UNTIL = {1: date(2026, 12, 26)}

LARGEST_BODY = 1_000_000
# Its events are a text inside JSON, so that each quote takes two bytes.
LARGEST_JOURNAL = 5_000_000
MOST_SCANS = 500
MOST_SCANS_OF_A_JOURNAL = 5_000
MOST_MISSING_RANGES = 20


def is_accepted(version: int, *, today: date) -> bool:
    """Say whether a version is still understood."""
    return version == PROTOCOL or today <= ACCEPTED_UNTIL.get(version, date.min)
