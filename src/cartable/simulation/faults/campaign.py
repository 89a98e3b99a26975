"""Day after day from one seed: play, look, audit, hash; a new scratch database now and then, so that day 1,000 costs as day 1."""

import hashlib
import logging
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tqdm import tqdm

from cartable.fleet.audit import audit_ledger
from cartable.simulation.faults.day import Day, PlayedDay
from cartable.simulation.faults.ground import Ground, open_ground
from cartable.simulation.faults.plans import deal
from cartable.simulation.faults.server import Database
from cartable.simulation.scratch import Scratch, migrate, pointed_at, scratch_database

# Audited then, and laid aside: the cost of a day does not grow.
DAYS_PER_DATABASE = 20


@dataclass(frozen=True)
class Wanted:
    """Which days: ``count`` of ``seed`` from number ``first`` on; ``only``: each has that fault for sure."""

    days: int
    seed: int = 1
    first: int = 1
    only: str = ""
    smallest: int = 40
    largest: int = 150


@dataclass
class CampaignResult:
    """What was played and found. ``ledger_hash`` is that of all days in their order."""

    seed: int
    first_day: int
    days: int = 0
    events: int = 0
    audits: int = 0
    seconds: float = 0.0
    ledger_hash: str = hashlib.sha256(b"").hexdigest()
    violations: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)

    def add(self, number: int, played: PlayedDay) -> None:
        """Add a day."""
        self.days += 1
        self.events += played.events
        self.met += played.met
        self.violations += [f"day {number}: {violation}" for violation in played.violations]
        self.ledger_hash = hashlib.sha256(
            bytes.fromhex(self.ledger_hash) + bytes.fromhex(played.ledger_hash)
        ).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return plain values for ``--json``."""
        return {**vars(self), "violations": self.violations, "met": dict(sorted(self.met.items()))}

    def as_text(self) -> str:
        """Return lines for a terminal."""
        lines = [f"{what:<52}{count:>9}" for what, count in sorted(self.met.items())]
        lines += [f"✗ {violation}" for violation in self.violations]
        lines.append(
            f"{self.days} days of seed {self.seed} from day {self.first_day}, {self.events} events, {self.audits} audits,"
            f" {len(self.violations)} violations in {self.seconds:.0f} s\nledger hash {self.ledger_hash}"
        )
        return "\n".join(lines)


def run_campaign(wanted: Wanted, *, quiet: bool = False) -> CampaignResult:
    """Play the days in scratch databases; Ctrl-C ends after what was played so far."""
    result, began = CampaignResult(wanted.seed, wanted.first), time.perf_counter()
    numbers = range(wanted.first, wanted.first + wanted.days)
    with scratch_database() as empty, _silent_failures(), tqdm(total=wanted.days, unit="day", disable=quiet) as bar:
        with pointed_at(empty):
            migrate()
        try:
            for first in numbers[::DAYS_PER_DATABASE]:
                _play(numbers[first - wanted.first :][:DAYS_PER_DATABASE], wanted, empty, result, bar)
        except KeyboardInterrupt:
            result.violations.append(f"interrupted after {result.days} days: nothing is said about the others")
    result.seconds = round(time.perf_counter() - began, 1)
    return result


def _play(numbers: range, wanted: Wanted, empty: Scratch, result: CampaignResult, bar: "tqdm[Any]") -> None:
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_database(empty))
        stack.enter_context(pointed_at(scratch))
        database = Database(scratch)
        stack.enter_context(database.kept())
        ground = open_ground()
        for number in numbers:
            result.add(number, play_day(number, wanted, ground, database))
            bar.update()
            bar.set_postfix(violations=len(result.violations))
        audit = audit_ledger()
        result.audits += 1
        result.violations += [
            f"days {numbers[0]}-{numbers[-1]}, audit {found.invariant}: {found.name}: {found.subjects}"
            for found in audit.broken
        ]


def play_day(number: int, wanted: Wanted, ground: Ground, database: Database) -> PlayedDay:
    """Play the day with this number: it depends on the seed and its number only, never on the days before."""
    seed = f"{wanted.seed}/{number}"
    # The server spreads stations that it turns away: by the same chances each time.
    random.seed(seed)
    plan = deal(Random(f"{seed}/plan"), only=wanted.only, smallest=wanted.smallest, largest=wanted.largest)
    return Day(seed, number, plan, ground, database).play()


@contextmanager
def _silent_failures() -> Iterator[None]:
    """Keep the server's error log out of the terminal: the campaign makes the errors itself."""
    logger = logging.getLogger("django.request")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
