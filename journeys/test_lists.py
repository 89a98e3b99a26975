"""A lycée's list from the file to the wrong decision taken back, as whoever manages the region lives it."""

import subprocess
import sys
from datetime import timedelta
from os import environ
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page

from cartable.kernel.school_year import SchoolYear
from cartable.rosters.tests.siecle_documents import eleve, encoded, placed, students_text
from cartable.simulation.demo_cast import FINISHED
from journeys.conftest import NewComputer
from journeys.world import REGION, World

pytestmark = pytest.mark.browser
# design/JOBS.md: load the list, read the differences, accept: 4 clicks and the file; settle a conflict: 3.
LOADING_BUDGET, CONFLICT_BUDGET = 4, 3
_COUNT_CLICKS = """
window.addEventListener("click", (event) => {
  if (event.isTrusted) sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks") ?? 0) + 1);
}, true);
"""
_LISTED = """
SELECT enrolment.eleve_id, student.family_name, student.given_name, student.birth_on, enrolment.mef, enrolment.status,
    enrolment.division
FROM rosters_enrolment enrolment JOIN rosters_student student ON student.id = enrolment.student_id
JOIN organisations_school school ON school.id = enrolment.school_id
WHERE school.uai = %s AND enrolment.first_year = %s AND enrolment.ends_on IS NULL AND enrolment.is_home
  AND student.birth_on IS NOT NULL ORDER BY student.id
"""


def list_of(world: World, directory: Path) -> tuple[Path, str, str]:
    """Write the list of a lycée with one surname mistyped under a new number, and one class changed.

    Return the file, the surname as it was and as the list writes it.
    """
    year = SchoolYear.containing(timezone.localdate()).first_year
    rows = world.rows(_LISTED, FINISHED.uai, year)
    mistyped = next(row for row in rows if len(row[1]) > 4 and sum(row[3] == other[3] for other in rows) == 1)
    wrong = mistyped[1] + "t"
    records, places = [], []
    for number, name, given, born, mef, status, division in rows:
        is_mistyped = number == mistyped[0]
        number, name = ("99000001", wrong) if is_mistyped else (number, name)
        records.append(
            eleve(
                number, ID_NATIONAL=None, NOM_DE_FAMILLE=name, PRENOM=given, DATE_NAISS=f"{born:%d/%m/%Y}", CODE_MEF=mef,
                CODE_STATUT=status, DATE_ENTREE=f"01/09/{year}",
            )
        )  # fmt: skip
        places.append(placed(number, division if number != rows[-1][0] else f"{division}bis"))
    day = timezone.localdate() - timedelta(days=1)
    header = (
        f"  <PARAMETRES><UAJ>{FINISHED.uai}</UAJ><ANNEE_SCOLAIRE>{year}</ANNEE_SCOLAIRE>"
        f"<DATE_EXPORT>{day:%d/%m/%Y}</DATE_EXPORT><HORODATAGE>{day:%d/%m/%Y} 09:11:46</HORODATAGE></PARAMETRES>\n"
    )
    text = students_text(*records, structures="".join(places), header=header)
    path = directory / "ElevesSansAdresses.xml"
    path.write_bytes(encoded(text))
    return path, mistyped[1], wrong


def let_the_worker_work(world: World) -> None:
    """Run the worker until nothing waits."""
    subprocess.run(
        [sys.executable, "-m", "cartable.config.command_line", "procrastinate", "worker", "--one-shot", "-q", "imports"],
        env={**environ, **world.scratch.environment}, check=True, capture_output=True, timeout=120,
    )  # fmt: skip


def faults(page: Page) -> list[str]:
    """Return what axe-core finds on a page, and whether it scrolls sideways."""
    found = Axe().run(page).response["violations"]
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]] + (
        [f"scrolls sideways by {wider} px"] if wider > 0 else []
    )


def clicks(page: Page) -> int:
    """Return how often somebody clicked since the last time."""
    counted: int = page.evaluate(
        "() => { const n = Number(sessionStorage.getItem('clicks') ?? 0); sessionStorage.removeItem('clicks'); return n; }"
    )
    return counted


def named(world: World, name: str) -> int:
    """Count the students of a surname."""
    return int(world.rows("SELECT count(*) FROM rosters_student WHERE family_name = %s", name)[0][0])


def test_a_list_is_dropped_read_settled_applied_and_a_wrong_decision_taken_back(
    world: World, new_computer: NewComputer, tmp_path: Path
) -> None:
    path, was, wrong = list_of(world, tmp_path)
    before = named(world, was)
    context = new_computer()
    context.add_init_script(_COUNT_CLICKS)
    page = world.sign_in(context, REGION, "/listes/region/")
    clicks(page)
    assert faults(page) == []

    # Drop the file, read the difference.
    page.set_input_files("[name=sent]", path)
    page.get_by_role("button", name="Lire les fichiers").click()
    page.wait_for_url("**/listes/region/*/")
    let_the_worker_work(world)
    page.get_by_role("link", name="Voir la différence").click(timeout=20_000)
    page.get_by_text("1 cas à examiner").wait_for()
    assert page.get_by_role("link", name="Classe · 1").is_visible()
    assert faults(page) == []
    loading = clicks(page)

    # Settle the case, by keys alone.
    page.get_by_role("link", name="Examiner les cas").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=wrong).wait_for()
    assert faults(page) == []
    page.get_by_role("button", name="C’est la même personne").focus()
    page.keyboard.press("Enter")
    page.get_by_text("La prochaine liste ne demandera plus").wait_for()
    page.get_by_text("0 cas").wait_for()
    assert faults(page) == []
    page.keyboard.press("Tab")  # The way back is the next thing that the keys reach.
    assert page.evaluate("document.activeElement.innerText").startswith("Annuler cette décision")
    page.get_by_role("link", name="Retour à la différence").click()
    assert clicks(page) <= CONFLICT_BUDGET

    # Accept.
    page.get_by_role("button", name="Appliquer la liste").click()
    page.get_by_text("Liste appliquée").wait_for()
    assert loading + clicks(page) <= LOADING_BUDGET
    assert (named(world, was), named(world, wrong)) == (before - 1, 1)

    # It was somebody else: take it back.
    page.get_by_role("link", name="Décisions prises").click()
    page.get_by_role("heading", name="Décisions prises").wait_for()
    assert faults(page) == []
    page.get_by_role("button", name="Annuler cette décision").click()
    page.get_by_text("Décision annulée").wait_for()
    assert clicks(page) <= CONFLICT_BUDGET
    assert (named(world, was), named(world, wrong)) == (before, 1)
    assert world.audit()["violations"] == 0
