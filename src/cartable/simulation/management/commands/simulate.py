"""``cartable simulate day``: a whole day, headless, through the real addresses."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cartable.simulation.pages import PageFailed
from cartable.simulation.roads import StationTurnedAway
from cartable.simulation.simulated_day import SimulatedDay, Wanted, simulate_day
from cartable.simulation.web import ServerFailed

VIOLATIONS_FOUND = 1
# Room for the label and its PC: a list has 4,000 students at most (siecle_files).
MOST_STUDENTS = 4_000


class Command(BaseCommand):
    """Simulations."""

    help = "Plays a distribution day (`simulate day`) on a server and a database of its own, then audits the ledger."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the one subcommand."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
        day = verbs.add_parser(
            "day",
            help="one lycée, one day: stations start, students pass, the day closes",
            description="Plays a day as fast as the server takes it. Exit code: 0 clean, 1 violations in the ledger "
            "or a day that did not close, 2 it could not run.",
        )
        day.add_argument("--students", type=int, default=300, help="students in the list (default: 300)")
        day.add_argument("--stations-a", type=int, default=2, help="stations at workshop A (default: 2)")
        day.add_argument("--stations-b", type=int, default=4, help="stations at workshop B (default: 4)")
        day.add_argument("--seed", type=int, default=1, help="where chance starts: who is absent, what is misread")
        day.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, print, and fail where the ledger does not add up."""
        wanted = Wanted(options["students"], options["stations_a"], options["stations_b"], options["seed"])
        if not 30 <= wanted.students <= MOST_STUDENTS or wanted.stations_a < 1 or wanted.stations_b < 1:
            raise CommandError(f"30 to {MOST_STUDENTS} students, at least one station of each kind.", returncode=2)
        try:
            played = simulate_day(wanted)
        except (ServerFailed, StationTurnedAway) as failure:
            raise CommandError(str(failure), returncode=2) from failure
        except PageFailed as failure:
            raise CommandError(str(failure), returncode=VIOLATIONS_FOUND) from failure
        self.stdout.write(json.dumps(played.as_json(), ensure_ascii=False) if options["as_json"] else _text(played))
        if played.audit["violations"]:
            sys.exit(VIOLATIONS_FOUND)


def _text(played: SimulatedDay) -> str:
    refusals = ", ".join(f"{code} {count}" for code, count in played.refusals.items()) or "none"
    afterwards = ", ".join(f"{code} {count}" for code, count in played.refused_afterwards.items()) or "none"
    return f"""\
{played.pairs} students left with a PC, {played.absent} were absent, in {played.seconds} s
stations              {played.stations_a} at workshop A, {played.stations_b} at workshop B
gestures per pair     {played.gestures_per_pair} (3 without any mishap)
server, one upload    {played.server_ms_p50} ms median, {played.server_ms_p95} ms p95
software's own pace   {played.max_rate_per_hour} PC an hour
refused at a station  {refusals}
refused afterwards    {afterwards}
ledger audit          {played.audit["violations"]} violations, {played.audit["movements"]} movements"""
