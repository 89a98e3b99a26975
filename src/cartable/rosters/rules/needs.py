"""How many PCs a lycée needs for a school year. Pure arithmetic on plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

from cartable.kernel.levels import FINAL_LEVELS
from cartable.programme.rules import emergency_stock_target


@dataclass(frozen=True)
class OnSite:
    """What a lycée has already: PCs in its reserve, returns on its bench that can go out again, PCs allotted to it."""

    reserve: int = 0
    reusable: int = 0
    allotted: int = 0


@dataclass(frozen=True)
class Need:
    """What a lycée needs, and what of it is to be ordered."""

    to_equip: int
    reserve_target: int
    top_up: int
    to_order: int


def need(*, to_equip: int, student_count: int, fup_rate: float, on_site: OnSite) -> Need:
    """Return entrants plus the reserve's top-up, less what is there to be used: never below zero.

    A reserve above its target is no return: its surplus stays the reserve's.
    """
    target = emergency_stock_target(student_count=student_count, fup_rate=fup_rate)
    top_up = max(0, target - on_site.reserve)
    return Need(to_equip, target, top_up, max(0, to_equip + top_up - on_site.reusable - on_site.allotted))


def expected_back(leavers: Mapping[str, int], *, keeps_unless_refused: bool) -> int:
    """Count the PCs that leavers bring back, by their last level: whoever finished keeps theirs where the rules give it."""
    return sum(count for level, count in leavers.items() if not (keeps_unless_refused and has_finished(level)))


def has_finished(level: str) -> bool:
    """Say whether the level was the last of its course."""
    return level in FINAL_LEVELS
