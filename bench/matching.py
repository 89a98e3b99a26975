"""Whom the lists of a new year are: every line's outcome beside the truth, through the product's own road.

Last year's lists of an invented region are loaded, their second export previewed (it must change nothing), then this year's
previewed. A pair is a person whom both years list with the same INE, or the same names and birth date; the limit is all
pairs. Found is matched, or in review with the right student named. Whoever is neither is missed, by cause.
"""

import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone
from django_scopes import scopes_disabled
from tqdm import tqdm

from bench.figures import percentile
from bench.scratch import scratch_database
from cartable.accounts.commands import system_actor
from cartable.organisations.commands import open_academy, open_departement, open_region, open_school
from cartable.organisations.models import School
from cartable.rosters.commands.files import apply_import, preview_content
from cartable.rosters.models import Enrolment, Outcome, RosterImport, RosterLine
from cartable.simulation.region_lists import RELOADED, ListFiles, TrueLine, list_count, write_lists
from cartable.simulation.two_years import Region

STUDENTS_PER_SCHOOL = 563  # 200,000 students in 355 lycées.
YEAR = 2026
# What makes somebody hard to recognise, as `two_years` names it.
_CAUSES = (
    "transfer_named", "transfer_unnamed", "new_eleve_id", "no_ine", "ine_arrived", "ine_lost", "two_ine", "typing_error",
    "surname_changed", "twin",
)  # fmt: skip


def run(size: int = 20_000) -> dict[str, Any]:
    """Match the lists of ``size`` students over two years; return the share of pairs found, and what was not."""
    region = Region(max(4, round(size / STUDENTS_PER_SCHOOL)), size, seed=1, first_year=YEAR)
    with tempfile.TemporaryDirectory() as directory, scratch_database(), scopes_disabled():
        _open_schools(region)
        tally = _Tally()
        lists = write_lists(Path(directory), region, "siecle", guardians=False)
        for files in tqdm(lists, total=list_count(region), desc="matching"):
            tally.take(files)
            for path in files.paths:
                path.unlink()
    return tally.result(size)


def _open_schools(region: Region) -> None:
    opened = open_region(code="44", name="Région d’essai")
    academy = open_academy(region=opened, code="12", name="Académie d’essai")
    departement = open_departement(region=opened, academy=academy, code="57", name="Moselle")
    for number in range(region.lycee_count):
        open_school(region=opened, departement=departement, uai=region.uai(number), name=f"Lycée {number}", town="Metz")


@dataclass
class _Tally:
    """What was asked of the product, and what became of it."""

    students: dict[int, int] = field(default_factory=dict)  # Person to student, as the first year was loaded.
    persons: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    lines: int = 0
    pairs: int = 0
    matched: int = 0
    in_review: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    missed_pairs: Counter[str] = field(default_factory=Counter)
    missed_others: Counter[str] = field(default_factory=Counter)
    matched_by: Counter[str] = field(default_factory=Counter)
    reviews: dict[str, Counter[str]] = field(default_factory=dict)
    first_load_reviews: Counter[str] = field(default_factory=Counter)
    reload_changes: Counter[str] = field(default_factory=Counter)

    def take(self, files: ListFiles) -> None:
        """Load a list of the first year, preview one of the others."""
        started = time.perf_counter()
        roster_import = _previewed(files)
        self.seconds.append(time.perf_counter() - started)
        if files.label == str(YEAR):
            self._judge(files.lines, roster_import)
        elif files.label.endswith(RELOADED):
            changed = RosterLine.objects.filter(roster_import=roster_import).exclude(
                outcome__in=(Outcome.SAME, Outcome.REVIEW)
            )
            self.reload_changes.update(changed.values_list("outcome", flat=True))
        else:
            self._load(files.lines, roster_import)

    def _load(self, lines: Iterable[TrueLine], roster_import: RosterImport) -> None:
        apply_import(
            roster_import=roster_import,
            applied_by_id=system_actor().pk,
            now=timezone.now(),
            today=date(YEAR - 1, 9, 14),
        )
        reviews = RosterLine.objects.filter(roster_import=roster_import, outcome=Outcome.REVIEW)
        self.first_load_reviews.update(reviews.values_list("review_code", flat=True))
        enrolled = Enrolment.objects.filter(school_id=roster_import.school_id, first_year=YEAR - 1)
        students = dict(enrolled.values_list("eleve_id", "student_id"))
        for line in lines:
            if student_id := students.get(line.eleve_id):
                if student_id in self.persons:
                    self.wrong["first load"] += 1
                self.students[line.person] = student_id
                self.persons[student_id] = line.person

    def _judge(self, lines: Iterable[TrueLine], roster_import: RosterImport) -> None:
        rows = RosterLine.objects.filter(roster_import=roster_import).exclude(outcome=Outcome.ABSENT)
        fields = ("eleve_id", "outcome", "student_id", "matched_by", "review_code")
        judged = {row[0]: row[1:] for row in rows.values_list(*fields)}
        for line in lines:
            self.lines += 1
            outcome, student_id, matched_by, review_code = judged[line.eleve_id]
            truly = self.students.get(line.person)
            is_pair = truly is not None and (line.shares_ine or line.shares_names_and_birth)
            self.pairs += is_pair
            if outcome == Outcome.REVIEW:
                self.in_review += is_pair and student_id == truly
                verdict = "nobody known" if truly is None else "right" if student_id == truly else "other named"
                self.reviews.setdefault(review_code, Counter())[verdict] += 1
            elif student_id is not None:
                self.matched_by[matched_by] += 1
                self.matched += is_pair and student_id == truly
                if student_id != truly:
                    self.wrong[f"{matched_by}: {line.cases or 'nothing special'}"] += 1
            elif truly is not None:
                cause = " + ".join(case for case in line.cases.split() if case in _CAUSES) or "nothing special"
                (self.missed_pairs if is_pair else self.missed_others)[cause] += 1

    def result(self, size: int) -> dict[str, Any]:
        """Return the figures: standard keys first."""
        found, reviewed = self.matched + self.in_review, sum(count.total() for count in self.reviews.values())
        return {
            "name": "matching",
            "size": size,
            "figure": round(100 * found / self.pairs, 3),
            "unit": "% of pairs found",
            "limit": 100.0,
            "ratio": round(found / self.pairs, 5),
            "p95_ms": round(percentile(self.seconds, 95) * 1000, 1),
            "p99_ms": round(percentile(self.seconds, 99) * 1000, 1),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
            "seconds": round(sum(self.seconds), 1),
            "lines": {
                "this year": self.lines,
                "pairs": self.pairs,
                "pairs matched": f"{self.matched} ({100 * self.matched / self.pairs:.3f} %)",
                "pairs in review": self.in_review,
                "wrong automatic merges": self.wrong.total(),
                "in review": f"{reviewed} ({100 * reviewed / self.lines:.2f} %)",
                "missed, of the pairs": self.missed_pairs.total(),
                "missed, others": self.missed_others.total(),
                "changed by the second export": self.reload_changes.total(),
                "in review at the first load": self.first_load_reviews.total(),
            },
            "wrong_merges": dict(self.wrong),
            "review_share": round(reviewed / self.lines, 5),
            "matched_by": dict(self.matched_by),
            "review": {code: dict(count) for code, count in sorted(self.reviews.items())},
            "missed_pairs": dict(self.missed_pairs),
            "missed_others": dict(self.missed_others),
            "first_load_review": dict(self.first_load_reviews),
            "reload_changes": dict(self.reload_changes),
        }


def _previewed(files: ListFiles) -> RosterImport:
    (path,) = files.paths
    year = int(files.label.removesuffix(RELOADED))
    (roster_import,) = preview_content(
        content=path.read_bytes(),
        first_year=year,
        read_by_id=system_actor().pk,
        now=timezone.now(),
        today=date(year, 9, 28 if files.label.endswith(RELOADED) else 14),
        school=School.objects.select_related("region").get(uai=files.uai),
    )
    return roster_import
