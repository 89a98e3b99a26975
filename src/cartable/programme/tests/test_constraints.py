"""Every constraint of the programme is attacked around the code, and refuses by its name."""

from typing import Any

import pytest
from django.db import connection

from cartable.conftest import Cast
from cartable.kernel.uai import check_letter
from cartable.organisations import commands as organisations
from cartable.organisations.models import Departement
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    attack_what_postgresql_names,
    insert,
    refused_by,
    refused_for_want_of_rights,
    unattacked,
)


@pytest.fixture
def kits(cast: Cast) -> dict[str, Kit]:
    """Right rows of each table, beside what the cast has published."""
    departement = Departement.objects.get()
    schools = [
        organisations.open_school(
            region=cast.region, departement=departement, uai=digits + check_letter(digits), name="Lycée", town="Metz"
        ).pk
        for digits in ("0570001", "0570002", "0570003", "0570004")
    ]

    def rules(n: int) -> Values:
        return {
            "campaign_id": cast.campaign.pk, "version": 10 + n, "published_at": cast.now,
            "published_by_id": cast.sonia.actor_id, "eligible_levels": ["2211"], "eligible_statuses": ["ST"],
            "kit": ["PC"], "fup_rate": "0.040", "charter_title": "Charte", "charter_text": "Texte",
            "keep_policy": "unless_refused", "theft_opens": "nothing", "breakage_opens": "nothing",
            "loss_opens": "nothing", "failure_opens": "loan", "leftover_policy": "depot",
            "charter_override_allowed": True,
        }  # fmt: skip

    rows: dict[str, Any] = {
        "programme_campaign": lambda n: {"region_id": cast.region.pk, "first_year": 2030 + n, "name": "Rentrée"},
        "programme_campaignrules": rules,
        "programme_pricelistline": lambda n: {"rules_id": cast.rules.pk, "item": f"Housse {n}", "price_eur": "9.90"},
        "programme_wave": lambda n: {
            "campaign_id": cast.campaign.pk, "school_id": schools[n], "kind": "everyone", "levels": [], "divisions": [],
        },
    }  # fmt: skip
    return {table: Kit(row, insert(table)) for table, row in rows.items()}


# Constraint → the table and what is wrong in a row that is right otherwise.
WRONG: dict[str, tuple[str, Values]] = {
    "campaign_year_is_plausible": ("programme_campaign", {"first_year": 26}),
    "rules_version_starts_at_one": ("programme_campaignrules", {"version": 0}),
    "fup_rate_is_a_share": ("programme_campaignrules", {"fup_rate": "4.000"}),
    "keep_policy_is_known": ("programme_campaignrules", {"keep_policy": "sell"}),
    "leftover_policy_is_known": ("programme_campaignrules", {"leftover_policy": "bin"}),
    "price_is_not_negative": ("programme_pricelistline", {"price_eur": "-0.01"}),
    "a_wave_lists_what_its_kind_says": ("programme_wave", {"kind": "levels"}),
}
# Constraint → the table and the columns that a second row repeats.
TWICE: dict[str, tuple[str, tuple[str, ...]]] = {
    "a_region_has_one_campaign_per_school_year": ("programme_campaign", ("first_year",)),
    "a_version_of_the_rules_is_published_once": ("programme_campaignrules", ("version",)),
    "an_item_has_one_price_per_version": ("programme_pricelistline", ("item",)),
    "a_school_has_one_wave_per_campaign": ("programme_wave", ("school_id",)),
}
OPENINGS = ("theft_opens", "breakage_opens", "loss_opens", "failure_opens")


@pytest.mark.parametrize("name", WRONG)
def test_a_row_with_one_thing_wrong_is_refused_by(name: str, kits: dict[str, Kit]) -> None:
    table, wrong = WRONG[name]
    row, write = kits[table]
    write(row(1))
    with refused_by(name):
        write({**row(2), **wrong})


@pytest.mark.parametrize("name", TWICE)
def test_a_row_that_stands_already_is_refused_by(name: str, kits: dict[str, Kit]) -> None:
    table, columns = TWICE[name]
    row, write = kits[table]
    write(row(1))
    with refused_by(name):
        write({**row(2), **{column: row(1)[column] for column in columns}})


@pytest.mark.parametrize("column", OPENINGS)
def test_incident_openings_are_known(column: str, kits: dict[str, Kit]) -> None:
    row, write = kits["programme_campaignrules"]
    with refused_by("incident_openings_are_known"):
        write({**row(1), column: "lottery"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "everyone", "levels": ["2211"]},
        {"kind": "divisions"},
        {"kind": "divisions", "divisions": ["2de 1"], "levels": ["2211"]},
        {"kind": "lottery"},
    ],
)
def test_a_wave_lists_exactly_what_its_kind_says(wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["programme_wave"]
    with refused_by("a_wave_lists_what_its_kind_says"):
        write({**row(1), **wrong})


@pytest.mark.parametrize("table", ["programme_campaignrules", "programme_pricelistline"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_published_is_never_rewritten(table: str, statement: str, cast: Cast) -> None:
    with refused_for_want_of_rights(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    assert attack_what_postgresql_names("programme", kits) > 30


def test_no_constraint_stands_unattacked(db: None) -> None:
    assert unattacked("programme", {*WRONG, *TWICE, "incident_openings_are_known"}) == set()
