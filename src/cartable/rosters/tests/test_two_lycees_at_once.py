"""Two lycées that enter the same newcomers at the same moment: one record each, and the other lycée's list asks a human."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django_scopes import scopes_disabled

from cartable.conftest import NOW, Cast
from cartable.fleet.audit import audit_ledger
from cartable.rosters.commands.imports import apply_students
from cartable.rosters.models import Enrolment, RosterImport, RosterLine, Student
from cartable.rosters.tests.test_roster_import import TODAY, listed, preview

pytestmark = pytest.mark.django_db(transaction=True)
INES = ("070832327JA", "060375611AC", "060446577EA")


def newcomers(*order: int) -> list[object]:
    return [listed(f"{n}", f"Nom{n}", ine=INES[n]) for n in order]


def applied_together(cast: Cast, *imports: RosterImport) -> list[BaseException]:
    """Apply each import on a connection of its own, all from the same moment on."""
    barrier, failures = Barrier(len(imports)), list[BaseException]()

    def run(roster_import: RosterImport) -> None:
        try:
            with scopes_disabled():
                barrier.wait(timeout=20)
                apply_students(roster_import=roster_import, applied_by_id=cast.sonia.actor_id, now=NOW, today=TODAY)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[one]) for one in imports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return failures


@pytest.mark.parametrize("other_order", [(0, 1, 2), (2, 1, 0)], ids=["same order", "crossed"])
@pytest.mark.parametrize("round_number", range(4))
def test_the_same_newcomers_get_one_record_whoever_is_first(
    committed_cast: Cast, other_order: tuple[int, ...], round_number: int
) -> None:
    cast = committed_cast
    with scopes_disabled():
        one = preview(cast, *newcomers(0, 1, 2))  # type: ignore[arg-type]
        other = preview(cast, *newcomers(*other_order), school=cast.other_school)  # type: ignore[arg-type]
    assert applied_together(cast, one, other) == []
    with scopes_disabled():
        assert Student.objects.count() == len(INES)
        assert Enrolment.objects.count() == len(INES)
        lines = RosterLine.objects.filter(roster_import__in=[one, other])
        assert sorted(lines.values_list("outcome", "review_code")) == [
            *[("arrival", "")] * len(INES), *[("review", "enrolled_elsewhere")] * len(INES),
        ]  # fmt: skip
        for roster_import in (one, other):
            roster_import.refresh_from_db()
            assert roster_import.state == "applied"
        assert audit_ledger().violations == 0


def test_of_the_same_surname_changed_in_one_list_the_loser_is_still_matched_by_the_ine(committed_cast: Cast) -> None:
    cast = committed_cast
    with scopes_disabled():
        one = preview(cast, listed("1", "Marchand", ine=INES[0]))
        other = preview(cast, listed("9", "Marchant", ine=INES[0]), school=cast.other_school)
    assert applied_together(cast, one, other) == []
    with scopes_disabled():
        assert Student.objects.count() == 1
        assert RosterLine.objects.filter(outcome="review").count() == 1
