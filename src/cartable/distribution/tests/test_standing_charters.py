"""A signed charter stands as long as its words do, whatever else of the rules changes."""

from datetime import date, time

import pytest

from cartable.distribution.commands.days import freeze_list, plan_day
from cartable.distribution.models import CharterProof, Passage
from cartable.distribution.tests.conftest import DayScene, known
from cartable.programme.tests.test_campaign_pages import publish_again


def signed_by_bilal(scene: DayScene) -> CharterProof:
    """Let Bilal hand his charter in on the day of the scene; he takes no PC."""
    scene.a.arrival(scene.students["bilal"])
    return CharterProof.objects.get()


def charter_on_the_next_day(scene: DayScene) -> int | None:
    """Freeze another day on the rules in force; return the charter that counts for Bilal there."""
    day = plan_day(
        school=scene.cast.school, campaign=scene.cast.campaign, held_on=date(2026, 9, 25), starts_at=time(8, 30)
    )
    freeze_list(day=day, now=scene.cast.now)
    return Passage.objects.get(day=day, student__label_code=scene.students["bilal"]).charter_proof_id


def test_a_version_that_changes_prices_alone_makes_nobody_sign_again(scene: DayScene) -> None:
    proof = signed_by_bilal(scene)
    publish_again(scene.cast, theft_opens="nothing")
    publish_again(scene.cast)
    assert charter_on_the_next_day(scene) == proof.pk


@pytest.mark.parametrize("changed", [{"charter_text": "Le PC est prêté."}, {"charter_title": "Autre charte"}])
def test_another_charter_is_signed_again(scene: DayScene, changed: dict[str, str]) -> None:
    signed_by_bilal(scene)
    publish_again(scene.cast, **changed)
    assert charter_on_the_next_day(scene) is None


def test_a_charter_whose_words_come_back_stands_again(scene: DayScene) -> None:
    proof = signed_by_bilal(scene)
    publish_again(scene.cast, charter_text="Le PC est prêté.")
    publish_again(scene.cast)
    assert charter_on_the_next_day(scene) == proof.pk


def test_a_withdrawn_charter_stands_under_no_version(scene: DayScene) -> None:
    signed_by_bilal(scene)
    assert known(scene.a.undo(scene.students["bilal"])) == ("recorded", "")
    publish_again(scene.cast)
    assert charter_on_the_next_day(scene) is None
