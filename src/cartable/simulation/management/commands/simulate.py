"""``cartable simulate day``, a whole day through the real addresses; ``cartable simulate lists``, the files of a region."""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from cartable.kernel.school_year import SchoolYear
from cartable.simulation.pages import PageFailed
from cartable.simulation.region_lists import FORMATS, RELOADED, TRUTH_NAME, case_counts, list_count, write_lists
from cartable.simulation.roads import StationTurnedAway
from cartable.simulation.simulated_day import SimulatedDay, Wanted, simulate_day
from cartable.simulation.two_years import Region
from cartable.simulation.web import ServerFailed

VIOLATIONS_FOUND = 1
# Room for the label and its PC: a list has 4,000 students at most (siecle_files).
MOST_STUDENTS = 4_000


class Command(BaseCommand):
    """Simulations."""

    help = "Plays a distribution day and audits the ledger afterwards (day); writes the lists of an invented region (lists)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the subcommands."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="{day,lists}")
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
        lists = verbs.add_parser(
            "lists",
            help="the lists of an invented region over two school years, with the truth beside them",
            description="Writes the lists of every lycée for last year, for last year exported again, and for this year, and "
            f"{TRUTH_NAME}: whom each line truly is. Exit code: 0 written, 2 it could not.",
        )
        lists.add_argument(
            "--out", type=Path, required=True, metavar="DIR", help="where to write; made where it is not"
        )
        lists.add_argument("--lycees", type=int, default=10, help="lycées in the region (default: 10)")
        lists.add_argument("--students", type=int, default=5_000, help="students in one year (default: 5,000)")
        lists.add_argument("--seed", type=int, default=1, help="where chance starts: same seed, same files")
        lists.add_argument(
            "--year", type=int, help="first civil year of the second school year (default: the present one)"
        )
        lists.add_argument("--format", choices=FORMATS, default="siecle", dest="form", help="default: siecle")
        lists.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what the subcommand says."""
        (self._write_lists if options["verb"] == "lists" else self._play_day)(options)

    def _write_lists(self, options: dict[str, Any]) -> None:
        year = options["year"] or SchoolYear.containing(timezone.localdate()).first_year
        try:
            region = Region(options["lycees"], options["students"], options["seed"], year)
            options["out"].mkdir(parents=True, exist_ok=True)
            lists = write_lists(options["out"], region, options["form"])
            files, lines, cases = 0, Counter[str](), Counter[str]()
            for written in tqdm(lists, total=list_count(region), desc="writing lists", disable=options["as_json"]):
                files += len(written.paths)
                lines[written.label] += len(written.lines)
                if not written.label.endswith(RELOADED):
                    cases += case_counts(written.lines)
        except (ValueError, OSError) as error:
            raise CommandError(str(error), returncode=2) from error
        report = {
            "directory": str(options["out"]), "format": options["form"], "files": files,
            "truth": str(options["out"] / TRUTH_NAME), "students": dict(lines), "cases": dict(sorted(cases.items())),
        }  # fmt: skip
        self.stdout.write(json.dumps(report, ensure_ascii=False) if options["as_json"] else _lists_text(report))

    def _play_day(self, options: dict[str, Any]) -> None:
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


def _lists_text(report: dict[str, Any]) -> str:
    students = ", ".join(f"{label} {count}" for label, count in report["students"].items())
    cases = "".join(f"\n  {case:<22}{count}" for case, count in report["cases"].items())
    return f"{report['files']} files in {report['directory']}, truth in {report['truth']}\nstudents  {students}{cases}"
