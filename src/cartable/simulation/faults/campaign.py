"""Day after day from one seed: play, look, audit, hash; a new scratch database now and then, so that day 1,000 costs as day 1."""

import hashlib
import logging
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from tqdm import tqdm

from cartable.config.scratch import Scratch, migrated_database, pointed_at, scratch_database
from cartable.fleet.audit import audit_ledger
from cartable.simulation.faults.day import Day, PlayedDay
from cartable.simulation.faults.ground import Ground, open_ground
from cartable.simulation.faults.plans import deal
from cartable.simulation.faults.players import IsOver, never, play_in_processes
from cartable.simulation.faults.server import Database

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
class PlayedBatch:
    """Days that followed each other in one database, and what the audit of its ledger found."""

    first: int
    days: list[PlayedDay] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    is_interrupted: bool = False


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

    def add_batch(self, batch: PlayedBatch) -> None:
        """Add days that follow those that were added before."""
        for number, played in enumerate(batch.days, batch.first):
            self._add(number, played)
        self.audits += not batch.is_interrupted
        last = batch.first + len(batch.days) - 1
        self.violations += [f"days {batch.first}-{last}, audit {broken}" for broken in batch.broken]

    def _add(self, number: int, played: PlayedDay) -> None:
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


def run_campaign(
    wanted: Wanted, *, processes: int = 1, quiet: bool = False, template: Scratch | None = None
) -> CampaignResult:
    """Play the days in scratch databases, in so many processes; Ctrl-C ends after what was played so far.

    Whatever the number of processes, days are added up in their order: the ledger hash is the same.
    ``template``: an empty, migrated database to copy; without it, one is made.
    """
    result, began = CampaignResult(wanted.seed, wanted.first), time.perf_counter()
    batches = _batches(wanted, processes)
    with ExitStack() as stack:
        empty = template or stack.enter_context(migrated_database())
        bar = stack.enter_context(tqdm(total=wanted.days, unit="day", disable=quiet))
        for batch in _played(batches, wanted, empty, processes=min(processes, len(batches))):
            result.add_batch(batch)
            bar.update(len(batch.days))
            bar.set_postfix(violations=len(result.violations))
    if result.days < wanted.days:
        result.violations.append(f"interrupted after {result.days} days: nothing is said about the others")
    result.seconds = round(time.perf_counter() - began, 1)
    return result


def _batches(wanted: Wanted, processes: int) -> list[range]:
    """Cut the days into batches, each with a database of its own; enough of them that every process has one."""
    numbers = range(wanted.first, wanted.first + wanted.days)
    size = min(DAYS_PER_DATABASE, -(-wanted.days // processes))
    return [numbers[place : place + size] for place in range(0, wanted.days, size)]


def _played(batches: Sequence[range], wanted: Wanted, empty: Scratch, *, processes: int) -> Iterator[PlayedBatch]:
    """Play the batches and give them in their order; end where one was interrupted."""
    if processes > 1:
        played = play_in_processes(batches, partial(play_batch, wanted=wanted, empty=empty), empty, processes)
    else:
        played = (play_batch(numbers, never, wanted=wanted, empty=empty) for numbers in batches)
    for batch in played:
        yield batch
        if batch.is_interrupted:
            return


def play_batch(numbers: range, is_over: IsOver, *, wanted: Wanted, empty: Scratch) -> PlayedBatch:
    """Play some days in a scratch database of their own, and audit its ledger."""
    batch = PlayedBatch(numbers[0])
    with ExitStack() as stack:
        stack.enter_context(_silent_failures())
        scratch = stack.enter_context(scratch_database(empty))
        stack.enter_context(pointed_at(scratch))
        database = Database(scratch)
        stack.enter_context(database.kept())
        try:
            ground = open_ground()
            for number in numbers:
                if is_over():
                    raise KeyboardInterrupt
                batch.days.append(play_day(number, wanted, ground, database))
            batch.broken = [f"{found.invariant}: {found.name}: {found.subjects}" for found in audit_ledger().broken]
        except KeyboardInterrupt:
            batch.is_interrupted = True
    return batch


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
    loggers = [logging.getLogger(name) for name in ("django.request", "cartable.distribution.api.door")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
