"""A campaign's rules, read in plain words."""

from decimal import Decimal

from django.test import Client

from cartable.conftest import NOW, Cast
from cartable.programme.commands import choose_wave, publish_rules
from cartable.programme.models import CampaignRules, WaveKind
from cartable.programme.queries import list_campaigns, versions_in_words, waves_in_words
from cartable.programme.rules import emergency_stock_target
from cartable.ui.figures import percent


def publish_again(cast: Cast, **changes: object) -> CampaignRules:
    """Publish the next version of the cast's rules with some changes."""
    same = (
        "eligible_levels", "eligible_statuses", "kit", "fup_rate", "charter_title", "charter_text", "keep_policy",
        "theft_opens", "breakage_opens", "loss_opens", "failure_opens", "leftover_policy",
    )  # fmt: skip
    rules = {name: getattr(cast.rules, name) for name in same}
    return publish_rules(
        campaign=cast.campaign,
        published_at=NOW,
        published_by_id=cast.sonia.actor_id,
        prices={"PC portable": Decimal("350.00")},
        **{**rules, **changes},
    )


def test_each_rule_is_said_in_words_and_the_first_version_changes_nothing(cast: Cast) -> None:
    (version,) = versions_in_words(cast.campaign)
    said = {rule.name: rule.text for rule in version.rules}
    assert said["Qui reçoit un PC"].startswith("2nde GT, 1re GT, Tle GT")
    assert said["Réserve de chaque lycée (FUP)"] == f"{percent(0.04, 1)} des élèves"
    assert said["Un vol ouvre"] == "Un PC de la réserve (FUP)"
    assert said["Prix négociés"] == "PC portable : 350,00 €"
    assert not any(rule.is_new for rule in version.rules)
    assert version.charter_paragraphs == ("Le PC est prêté pour la durée du cycle.", "L’élève en prend soin.")


def test_a_new_version_shows_what_it_changed_and_the_old_one_stays(cast: Cast) -> None:
    publish_again(cast, breakage_opens="rebuy", keep_policy="on_request")
    new, old = versions_in_words(cast.campaign)
    assert [rule.name for rule in new.rules if rule.is_new] == ["Une casse ouvre", "Fin des études"]
    assert (new.is_current, old.is_current) == (True, False)
    assert {rule.name: rule.text for rule in old.rules}["Une casse ouvre"] == "Rien"


def test_the_list_counts_versions_and_lycees_once_each(cast: Cast) -> None:
    publish_again(cast)
    publish_again(cast)
    (row,) = list_campaigns()
    assert (row.school_year, row.version_count, row.school_count) == ("2026-2027", 3, 2)


def test_a_wave_says_whom_a_lycee_equips(cast: Cast) -> None:
    choose_wave(campaign=cast.campaign, school=cast.school, kind=WaveKind.LEVELS, levels=["2211"])
    choose_wave(campaign=cast.campaign, school=cast.other_school, kind=WaveKind.DIVISIONS, divisions=["2DE7", "2DE8"])
    said = {wave.school.split(",")[0]: wave.whom for wave in waves_in_words(cast.campaign)}
    assert said == {"Lycée des Trois-Rivières": "2nde GT", "Lycée du Warndt": "2DE7, 2DE8"}


def test_a_head_reads_the_wave_of_her_own_lycee_only(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.durand, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get("/programme/2026/").content.decode()
    assert "Trois-Rivières" in text
    assert "Warndt" not in text


def test_the_reserve_of_a_lycee_is_rounded_up() -> None:
    assert [emergency_stock_target(student_count=n, fup_rate=0.04) for n in (0, 1, 25, 26, 1000)] == [0, 1, 1, 2, 40]
