"""What one bulk act may hold, and how what it leaves out is told. Pure decisions on plain values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from cartable.desk.rules import Listed


class Bulk(StrEnum):
    """What is done to many PCs, or many students, at once."""

    SEND = "send"
    ALLOT = "allot"
    BENCH = "bench"
    WRITE_OFF = "write_off"
    TAGS = "tags"
    LABELS = "labels"
    REMIND = "remind"
    LEAVE = "leave"


OF_STUDENTS = frozenset({Bulk.LABELS, Bulk.REMIND, Bulk.LEAVE})
PRINTS = frozenset({Bulk.TAGS, Bulk.LABELS})
# Set-based to the end, and one thing for whoever receives it: a load is not cut into parts, nor is a sheet or a mailing.
IN_ONE_PART = frozenset({Bulk.SEND, Bulk.ALLOT, Bulk.REMIND, *PRINTS})
# One act: a preview is still read, and a mistake still undone.
MOST_LINES = 5_000
# A sheet takes about 3 ms per label, while somebody waits.
MOST_PRINTED = 2_000
# Done while somebody waits, in one transaction; more is the worker's, in parts of so many.
LINES_AT_ONCE = 300
# Lines that a page names; the file names all of them.
LINES_SHOWN = 200


def options_mark(options: Mapping[str, Any]) -> str:
    """Return a digest of what is said once for all lines: what was looked at is what is confirmed."""
    return sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()


def listed_by(act: Bulk) -> Listed:
    """Say whether an act is about PCs or about students."""
    return Listed.STUDENTS if act in OF_STUDENTS else Listed.DEVICES


def most_lines(act: Bulk) -> int:
    """Return how many lines one act may hold."""
    return MOST_PRINTED if act in PRINTS else MOST_LINES


def part_size(act: Bulk) -> int:
    """Return how many lines one transaction settles."""
    return MOST_LINES if act in IN_ONE_PART else LINES_AT_ONCE


@dataclass(frozen=True)
class LeftOut:
    """Lines that are left out for one reason: how many, the first of them, and how many more there are."""

    code: str
    is_late: bool
    count: int
    names: tuple[str, ...]

    @property
    def unnamed(self) -> int:
        """Return how many lines are not named."""
        return self.count - len(self.names)


def left_out(counts: Mapping[tuple[str, bool], int], named: Sequence[tuple[str, bool, str]]) -> tuple[LeftOut, ...]:
    """Group what is left out by its reason: what was found while it was done first, then the commonest reason."""
    names: dict[tuple[str, bool], list[str]] = {}
    for code, is_late, name in named:
        names.setdefault((code, is_late), []).append(name)
    ordered = sorted(counts.items(), key=lambda one: (not one[0][1], -one[1], one[0][0]))
    return tuple(LeftOut(*reason, count, tuple(names.get(reason, ()))) for reason, count in ordered)
