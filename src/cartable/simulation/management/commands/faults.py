"""``cartable faults``: distribution days under faults, replayable from a seed (`run`), and real processes killed (`kill`)."""

import json
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cartable.simulation.faults.campaign import CampaignResult, Wanted, run_campaign
from cartable.simulation.faults.kills import KILLED, VICTIMS, KillResult, run_kills
from cartable.simulation.faults.plans import FAULTS

VIOLATIONS_FOUND, COULD_NOT_RUN = 1, 2


class Command(BaseCommand):
    """The fault campaign."""

    help = "Plays distribution days under faults in scratch databases: networks, clocks, crashes, kills, a database set back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the subcommands."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="{run,kill}")
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
        run.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            help="how many days are played beside each other; the ledger hash does not depend on it (default: %(default)s, the cores)",
        )
        run.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

        kill = verbs.add_parser(
            "kill",
            help="kill -9 of web, worker and PostgreSQL while stations upload: real processes, on a cluster of their own",
            description="Starts PostgreSQL, web server and worker of its own; in each round kills each of them once while "
            "stations scan. Exit code: 0 no violation, 1 violations, 2 it could not run.",
        )
        kill.add_argument("--rounds", type=int, default=20, help="how often each is killed (default: 20)")
        kill.add_argument("--seed", type=int, default=1, help="where chance starts (default: 1)")
        kill.add_argument(
            "--only", choices=sorted(VICTIMS), default="", help="kill nothing else; or deploy, which kills nobody"
        )
        kill.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen verb."""
        quiet = options["as_json"]
        if options["verb"] == "kill":
            if options["rounds"] < 1:
                raise CommandError("--rounds starts at 1.", returncode=COULD_NOT_RUN)
            victims = (options["only"],) if options["only"] else KILLED
            self._say(run_kills(options["rounds"], seed=options["seed"], victims=victims, quiet=quiet), as_json=quiet)
            return
        if min(options["days"], options["first_day"], options["processes"]) < 1:
            raise CommandError("--days, --first-day and --processes start at 1.", returncode=COULD_NOT_RUN)
        wanted = Wanted(options["days"], options["seed"], options["first_day"], options["only"])
        result = run_campaign(wanted, processes=options["processes"], quiet=quiet)
        self._say(result, as_json=quiet)

    def _say(self, result: CampaignResult | KillResult, *, as_json: bool) -> None:
        self.stdout.write(json.dumps(result.as_json(), ensure_ascii=False) if as_json else result.as_text())
        if result.violations:
            sys.exit(VIOLATIONS_FOUND)
