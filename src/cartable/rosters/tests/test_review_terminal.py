"""``cartable roster review``: what waits, one answer, and taking it back, as on the page; codes and no names."""

import io
import json
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from cartable.conftest import Cast
from cartable.rosters.models import RosterDecision, RosterImport, RosterLine, Student
from cartable.rosters.tests.test_decisions import line_in_review, set_aside
from cartable.rosters.tests.test_roster_import import apply, listed, load, outcomes, preview

pytestmark = pytest.mark.django_db


def review(*arguments: object) -> str:
    out = io.StringIO()
    call_command("roster", "review", *map(str, arguments), stdout=out)
    return out.getvalue()


def asked(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(review("--json", *arguments))
    return found


@pytest.fixture
def near(cast: Cast) -> RosterImport:
    load(cast, listed("1", "Marchand", "Léa"))
    return preview(cast, listed("2", "Marchant", "Léa"))


def label() -> str:
    return Student.objects.get(family_name="Marchand").label_code


def test_what_waits_is_listed_with_the_answers_that_the_page_offers(cast: Cast, near: RosterImport) -> None:
    text = review()
    line = line_in_review(near)
    assert text.startswith(str(line.pk))
    assert "faute de frappe" in text
    assert f"same:{label()}" in text
    assert "proposé" in text
    assert "other" in text
    assert "1 cas à examiner" in text


def test_names_are_shown_only_where_somebody_asks_for_them(cast: Cast, near: RosterImport) -> None:
    for text in (review(), review("--json")):
        assert "Marcha" not in text
        assert "2011-04-05" not in text
    for text in (review("--names"), review("--json", "--names")):
        assert "Léa Marchant" in text
        assert "Léa Marchand" in text
        assert "2011-04-05" in text


def test_as_json_each_case_has_its_number_its_reason_and_its_answers(cast: Cast, near: RosterImport) -> None:
    found = asked()
    (case,) = found["cases"]
    assert (found["waiting"], case["case"], case["code"]) == (1, line_in_review(near).pk, "near_name")
    assert [(one["answer"], one["proposed"]) for one in case["answers"]] == [
        (f"same:{label()}", True), ("other", False),
    ]  # fmt: skip


def test_one_lycee_s_cases_are_listed_alone(cast: Cast, near: RosterImport) -> None:
    assert asked("--lycee", cast.school.uai.lower())["waiting"] == 1
    assert asked("--lycee", cast.other_school.uai) == {"waiting": 0, "cases": []}


def test_an_answer_is_taken_as_on_the_page(cast: Cast, near: RosterImport) -> None:
    line = line_in_review(near)
    done = asked("decide", line.pk, f"same:{label()}")
    assert (done["ruling"], done["applied"], done["outcome"]) == ("same", False, "change")
    assert outcomes(near) == {"2": "change"}
    assert str(RosterDecision.objects.get().pk) == done["decision"]
    assert asked()["waiting"] == 0


def test_once_the_list_is_applied_an_answer_holds_at_once(cast: Cast, near: RosterImport) -> None:
    apply(cast, near)
    assert "appliqué" in review("decide", line_in_review(near).pk, "other")
    assert Student.objects.filter(family_name="Marchant").exists()


def test_a_line_set_aside_is_taken_or_left(cast: Cast) -> None:
    first, second = RosterLine.objects.filter(roster_import=set_aside(cast)).order_by("pk")
    assert "retenu" in review("decide", first.pk, "taken")
    assert "retenu" in review("decide", second.pk, "dropped")
    assert asked()["waiting"] == 0


def test_where_somebody_is_enrolled_is_said_by_here_and_elsewhere(cast: Cast) -> None:
    load(cast, listed("1", "Marchand", "Léa", ine="070832327JA"), school=cast.other_school)
    roster_import = preview(cast, listed("5", "Marchand", "Léa", ine="070832327JA"))
    (case,) = asked()["cases"]
    assert [one["answer"] for one in case["answers"]] == [f"here:{label()}", f"elsewhere:{label()}"]
    review("decide", case["case"], f"elsewhere:{label()}".upper())
    assert outcomes(roster_import) == {"5": "dropped"}


def test_a_decision_is_found_again_and_taken_back(cast: Cast, near: RosterImport) -> None:
    done = asked("decide", line_in_review(near).pk, "other")
    (shown,) = asked("--lycee", cast.school.uai, "decided")["decisions"]
    assert (shown["decision"], shown["ruling"], shown["undone"]) == (done["decision"], "other", False)
    assert "annulée" in review("undo", done["decision"])
    assert outcomes(near)["2"] == "review"
    assert "annulée" in review("--lycee", cast.school.uai, "decided")
    assert "Marcha" not in review("--lycee", cast.school.uai, "decided")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--lycee", "0000000X"], "Le lycée 0000000X n’est pas dans l’annuaire"),
        (["--region", "999"], "Nommez une région"),
        (["decide", "123456789", "other"], "Aucun cas ne porte ce numéro"),
        (["undo", str(uuid4())], "Cette décision n’existe plus"),
        (["decided"], "--lycee"),
        (["decide", "12a", "other"], "the number of a case"),
        (["decide", "9" * 30, "other"], "the number of a case"),
        (["decide", "12", "same:Marchand"], "one of same:LABEL"),
        (["decide", "12", "same"], "one of same:LABEL"),
        (["decide", "12", "taken:E0000000012"], "one of same:LABEL"),
        (["undo", "12"], "the id of a decision"),
        (["decide"], "CASE, ANSWER"),
    ],
)
def test_what_cannot_be_is_answered_in_words_and_changes_nothing(
    cast: Cast, near: RosterImport, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        review(*arguments)
    assert RosterDecision.objects.count() == 0


@pytest.mark.parametrize("answer", ["taken", "here:{label}", "same:E0000000012"])
def test_an_answer_that_the_case_does_not_offer_is_refused_with_those_that_it_does(
    cast: Cast, near: RosterImport, answer: str
) -> None:
    with pytest.raises(CommandError, match=rf"Réponses : same:{label()}, other\."):
        review("decide", line_in_review(near).pk, answer.format(label=label()))
    assert RosterDecision.objects.count() == 0


def test_a_case_that_somebody_answered_meanwhile_is_told(cast: Cast, near: RosterImport) -> None:
    line = line_in_review(near)
    review("decide", line.pk, "other")
    with pytest.raises(CommandError, match="n’attend plus de décision"):
        review("decide", line.pk, f"same:{label()}")
    assert RosterDecision.objects.count() == 1


def test_of_a_list_that_was_given_up_nothing_is_taken(cast: Cast, near: RosterImport) -> None:
    line = line_in_review(near)
    RosterImport.objects.filter(pk=near.pk).update(state="abandoned")
    with pytest.raises(CommandError, match="déjà appliquée ou abandonnée"):
        review("decide", line.pk, "other")


def test_bad_arguments_end_the_program_with_another_code_than_a_refusal() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cartable.config.command_line", "roster", "review", "decide", "x", "other"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "the number of a case" in ended.stderr
    assert "Traceback" not in ended.stderr
