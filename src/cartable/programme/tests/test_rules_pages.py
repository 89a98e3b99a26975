"""The next version of the rules, written, compared and published from the pages."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cartable.conftest import NOW, Cast
from cartable.programme.commands import CampaignAlreadyOpen, RulesHaveChanged, open_campaign, publish_rules
from cartable.programme.forms import RulesForm
from cartable.programme.models import Campaign, CampaignRules
from cartable.programme.prices import PriceUnfit
from cartable.programme.queries import prices_of, rules_difference, version_in_force
from cartable.programme.rules import Fate, charter_changes, price_changes
from cartable.programme.words import PRICE_PROBLEMS

WRITE, PUBLISH = "/programme/2026/regles/", "/programme/2026/regles/publier/"


@pytest.fixture
def sonia(cast: Cast) -> Client:
    """The manager of the region, signed in."""
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    return client


def written(**changes: Any) -> dict[str, Any]:
    """What the form sends for the cast's rules, with some changes."""
    return {
        "expected_version": "1", "eligible_levels": ["2211", "2212", "2213", "2321", "2381"], "eligible_statuses": ["ST"],
        "kit": "PC portable\r\nclé USB 128 Go\r\npochette", "fup_percent": "4", "leftover_policy": "emergency_stock",
        "charter_title": "Charte de prêt", "charter_override_allowed": "on",
        "charter_text": "Le PC est prêté pour la durée du cycle.\r\n\r\nL’élève en prend soin.",
        "theft_opens": "replacement", "loss_opens": "nothing", "breakage_opens": "nothing", "failure_opens": "loan",
        "keep_policy": "unless_refused", "prices": "PC portable : 350,00", **changes,
    }  # fmt: skip


def carried(answer: Any) -> dict[str, Any]:
    """What the page of the differences would publish."""
    form = answer.context["carried"]
    return {name: form.initial[name] for name in form.fields if name != "price_file"}


def test_the_page_proposes_the_version_in_force(sonia: Client) -> None:
    text = sonia.get(WRITE).content.decode()
    assert "PC portable : 350,00" in text
    assert "En vigueur : version 1" in text
    assert "Une journée déjà figée garde les règles de sa version" in text


def test_the_version_in_force_written_again_changes_nothing_and_cannot_be_published(sonia: Client) -> None:
    answer = sonia.post(WRITE, written())
    assert answer.status_code == 200
    assert answer.context["difference"].is_empty
    assert "Publier la version" not in answer.content.decode()


def test_a_version_is_published_after_its_differences_were_seen(sonia: Client, cast: Cast) -> None:
    answer = sonia.post(WRITE, written(breakage_opens="rebuy", fup_percent="4,5", prices="PC portable : 1 360,50 €"))
    assert version_in_force(cast.campaign) == 1
    assert [rule.name for rule in answer.context["difference"].changed] == [
        "Réserve de chaque lycée (FUP)", "Une casse ouvre",
    ]  # fmt: skip
    sent = sonia.post(PUBLISH, carried(answer))
    assert (sent.status_code, sent["Location"]) == (302, "/programme/2026/")
    rules = CampaignRules.objects.get(version=2)
    assert (rules.breakage_opens, rules.fup_rate, prices_of(rules)) == (
        "rebuy", Decimal("0.045"), {"PC portable": Decimal("1360.50")},
    )  # fmt: skip
    assert CampaignRules.objects.get(version=1).breakage_opens == "nothing"


def test_T25_prices_of_a_file_replace_the_typed_ones(sonia: Client) -> None:
    file = SimpleUploadedFile("prix.csv", "Article;Prix TTC\nÉcran;90,00\nChargeur;25,5 €\n".encode())
    answer = sonia.post(WRITE, written(price_file=file))
    assert carried(answer)["prices"] == "Écran : 90,00\nChargeur : 25,50"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prices": "PC : 350\nClavier : -40"}, "Ligne 2, « Clavier » : le prix est négatif. Écrivez"),
        ({"prices": "PC : 1.234"}, "Ligne 1, « PC » : un prix a deux décimales au plus."),
        ({"prices": "PC 350"}, "Ligne 1, « PC 350 » : ce n’est pas un prix."),
        ({"prices": "PC : 1\nPC : 2"}, "Ligne 2, « PC » : cet article a déjà un prix plus haut."),
        ({"prices": "", "loss_opens": "rebuy"}, "Un rachat demande un prix."),
        ({"price_file": b"Article;Prix\nClavier;-40\n"}, "Ligne 2, « Clavier » : le prix est négatif."),
        ({"price_file": b"Article;Total\nClavier;40\n"}, "Il faut une colonne Article et une colonne Prix."),
        ({"price_file": b"Article;Prix\n"}, "Le fichier n’a aucun prix."),
        ({"fup_percent": "400"}, "inférieure ou égale à 100"),
        ({"fup_percent": "quatre"}, "Écrivez 4 ou 4,5."),
        ({"eligible_levels": []}, "Choisissez au moins un niveau"),
        ({"kit": "PC\npc"}, "« pc » est déjà plus haut"),
        ({"charter_text": " \n "}, "obligatoire"),
    ],
)
def test_T25_what_cannot_be_published_says_where_and_what_to_do(
    changes: dict[str, Any], words: str, sonia: Client, cast: Cast
) -> None:
    if content := changes.get("price_file"):
        changes = {"price_file": SimpleUploadedFile("prix.csv", content)}
    answer = sonia.post(WRITE, written(**changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert version_in_force(cast.campaign) == 1


def test_a_version_published_meanwhile_is_compared_before_anything_is_published(sonia: Client, cast: Cast) -> None:
    looked_at = carried(sonia.post(WRITE, written(fup_percent="5")))
    sonia.post(PUBLISH, looked_at)
    again = sonia.post(PUBLISH, looked_at)
    assert (again.status_code, version_in_force(cast.campaign)) == (422, 2)
    assert again.context["difference"].is_empty


def test_a_stale_version_is_refused_by_name(cast: Cast) -> None:
    form = RulesForm(written(), base=cast.rules, version=1)
    assert form.is_valid(), form.errors
    with pytest.raises(RulesHaveChanged):
        publish_rules(
            campaign=cast.campaign, published_at=NOW, published_by_id=cast.sonia.actor_id, prices={}, expected_version=0,
            **form.rules(),
        )  # fmt: skip


def test_correcting_brings_the_same_text_back(sonia: Client) -> None:
    looked_at = carried(sonia.post(WRITE, written(charter_title="Charte nouvelle")))
    answer = sonia.post(WRITE, {**looked_at, "correct": "1"})
    assert answer.status_code == 200
    assert 'value="Charte nouvelle"' in answer.content.decode()


def test_the_next_campaign_opens_once_and_starts_from_the_rules_before(sonia: Client, cast: Cast) -> None:
    sent = sonia.post("/programme/ouvrir/", {"first_year": "2027", "name": "Rentrée 2027"})
    assert sent["Location"] == "/programme/2027/regles/"
    assert "Proposées d’après Rentrée 2026" in sonia.get("/programme/2027/regles/").content.decode()
    answer = sonia.post("/programme/2027/regles/", written(expected_version="0"))
    assert "Publier la version 1" in answer.content.decode()
    sonia.post("/programme/2027/regles/publier/", carried(answer))
    assert version_in_force(Campaign.objects.get(first_year=2027)) == 1
    for year in ("2027", "2031"):
        assert sonia.post("/programme/ouvrir/", {"first_year": year, "name": "Encore"}).status_code == 422
    with pytest.raises(CampaignAlreadyOpen):
        open_campaign(region=cast.region, first_year=2027, name="Encore")


def test_a_head_reads_the_rules_without_the_button_to_write_them(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.durand, backend="django.contrib.auth.backends.ModelBackend")
    assert "/regles/" not in client.get("/programme/2026/").content.decode()


def test_paragraphs_and_prices_say_what_becomes_of_them() -> None:
    assert [(part.text, part.fate) for part in charter_changes("Un\n\nDeux", "Un\n\nTrois")] == [
        ("Un", Fate.KEPT), ("Deux", Fate.GONE), ("Trois", Fate.ADDED),
    ]  # fmt: skip
    one, two = Decimal(1), Decimal(2)
    fates = [price.fate for price in price_changes({"a": one, "b": one, "d": one}, {"a": one, "b": two, "c": one})]
    assert fates == [Fate.KEPT, Fate.CHANGED, Fate.ADDED, Fate.GONE]


def test_a_list_says_what_it_gains_and_loses(cast: Cast) -> None:
    form = RulesForm(written(kit="PC portable\npochette\nsouris"), base=cast.rules, version=1)
    assert form.is_valid()
    (kit,) = rules_difference(cast.rules, CampaignRules(**form.rules()), form.listed.prices).changed
    assert (kit.added, kit.gone) == (("souris",), ("clé USB 128 Go",))


def test_every_refusal_of_a_price_has_its_sentence() -> None:
    import ast
    import inspect

    from cartable.programme import prices

    calls = [node for node in ast.walk(ast.parse(inspect.getsource(prices))) if isinstance(node, ast.Call)]
    codes = {c.args[0].value for c in calls if getattr(c.func, "id", "") == PriceUnfit.__name__}
    assert codes == set(PRICE_PROBLEMS)
