"""Who comes to a distribution day, and what goes wrong with them: dealt by a seed, in the shares of the field."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Mishap(StrEnum):
    """What happens around one student; the ways out stand in design/SCANNING 2.5."""

    NONE = "none"
    ABSENT = "absent"
    # At workshop A.
    MISREAD_AT_A = "misread_at_a"
    NO_CHARTER = "no_charter"
    LOST_CHARTER = "lost_charter"
    STRAIGHT_TO_B = "straight_to_b"
    # At workshop B.
    MISREAD_STUDENT = "misread_student"
    MISREAD_DEVICE = "misread_device"
    DEVICE_FIRST = "device_first"
    OTHER_LABEL = "other_label"
    STUTTER = "stutter"
    WRONG_DEVICE = "wrong_device"
    FAULTY_DEVICE = "faulty_device"
    FOREIGN_DEVICE = "foreign_device"
    TWICE = "twice"
    CALL = "call"


# Shares of the students. Absent 4 %, charter missing 3 %, a read in two hundred goes wrong (three per student): field
# values. The others are guesses of the same size; each happens at least once where there are students enough.
SHARES: dict[Mishap, float] = {
    Mishap.ABSENT: 0.04,
    Mishap.NO_CHARTER: 0.02,
    Mishap.LOST_CHARTER: 0.004,
    Mishap.STRAIGHT_TO_B: 0.006,
    Mishap.MISREAD_AT_A: 0.005,
    Mishap.MISREAD_STUDENT: 0.005,
    Mishap.MISREAD_DEVICE: 0.005,
    Mishap.DEVICE_FIRST: 0.01,
    Mishap.OTHER_LABEL: 0.004,
    Mishap.STUTTER: 0.01,
    Mishap.WRONG_DEVICE: 0.005,
    Mishap.FAULTY_DEVICE: 0.005,
    Mishap.FOREIGN_DEVICE: 0.004,
    Mishap.TWICE: 0.002,
    Mishap.CALL: 0.004,
}


@dataclass
class Visitor:
    """One student of the list, with what goes wrong; it goes wrong once."""

    code: str
    mishap: Mishap = Mishap.NONE

    def meets(self, mishap: Mishap) -> bool:
        """Say whether this goes wrong now; the next time it does not."""
        if self.mishap != mishap:
            return False
        self.mishap = Mishap.NONE
        return True


def deal(codes: Sequence[str], dice: Random) -> list[Visitor]:
    """Return the students in the order given, each with at most one mishap."""
    visitors = [Visitor(code) for code in codes]
    untouched = list(visitors)
    dice.shuffle(untouched)
    for mishap, share in SHARES.items():
        for _ in range(max(1, round(share * len(codes)))):
            if len(untouched) <= len(codes) // 2:
                return visitors
            untouched.pop().mishap = mishap
    return visitors


def misread(code: str, dice: Random) -> str:
    """Return a code of which one digit was read wrong: its check digits refuse it."""
    place = dice.randrange(1, len(code))
    wrong = str((int(code[place]) + dice.randrange(1, 10)) % 10)
    return code[:place] + wrong + code[place + 1 :]
