"""``cartable faults run``: distribution days under faults, replayable from a seed."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cartable.simulation.faults.campaign import CampaignResult, Wanted, run_campaign
from cartable.simulation.faults.plans import FAULTS

VIOLATIONS_FOUND, COULD_NOT_RUN = 1, 2


class Command(BaseCommand):
    """The fault campaign."""

    help = "Plays distribution days under faults in scratch databases: networks, clocks, crashes, kills, a database set back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the subcommands."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="{run}")
        run = verbs.add_parser(
            "run",
            help="simulated days on a virtual clock, with the real server code and a real database",
            description="Plays days from a seed; the same seed gives the same ledger hash. "
            "Exit code: 0 no violation, 1 violations, 2 it could not run.",
        )
        run.add_argument("--days", type=int, default=20, help="how many days (default: 20)")
        run.add_argument("--seed", type=int, default=1, help="where chance starts (default: 1)")
        run.add_argument("--first-day", type=int, default=1, help="number of the first day; replays one day alone")
        run.add_argument("--only", choices=sorted(FAULTS), default="", help="each day has this fault for sure")
        run.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen verb."""
        if options["days"] < 1 or options["first_day"] < 1:
            raise CommandError("--days and --first-day start at 1.", returncode=COULD_NOT_RUN)
        wanted = Wanted(options["days"], options["seed"], options["first_day"], options["only"])
        self._say(run_campaign(wanted, quiet=options["as_json"]), as_json=options["as_json"])

    def _say(self, result: CampaignResult, *, as_json: bool) -> None:
        self.stdout.write(json.dumps(result.as_json(), ensure_ascii=False) if as_json else result.as_text())
        if result.violations:
            sys.exit(VIOLATIONS_FOUND)
