"""Open campaigns, publish their rules, choose the waves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from cartable.organisations.models import Region, School
from cartable.programme.models import Campaign, CampaignRules, PriceListLine, Wave, WaveKind


class ProgrammeRefused(Exception):
    """A command refused by a rule of the programme."""

    code = "programme_refused"


class CampaignAlreadyOpen(ProgrammeRefused):
    """The school year has its campaign."""

    code = "campaign_already_open"


class RulesHaveChanged(ProgrammeRefused):
    """Another version was published since the differences were looked at."""

    code = "rules_have_changed"


def open_campaign(*, region: Region, first_year: int, name: str) -> Campaign:
    """Open the campaign of a school year; it has no rules yet. Raises CampaignAlreadyOpen."""
    campaign, is_new = Campaign.objects.get_or_create(region=region, first_year=first_year, defaults={"name": name})
    if not is_new:
        raise CampaignAlreadyOpen
    return campaign


@transaction.atomic
def publish_rules(
    *,
    campaign: Campaign,
    published_at: datetime,
    published_by_id: int,
    prices: Mapping[str, Decimal],
    expected_version: int | None = None,
    **rules: Any,
) -> CampaignRules:
    """Publish the next version of a campaign's rules with its price list; earlier versions stay as they were.

    ``rules`` are the fields of `CampaignRules` from ``eligible_levels`` on. ``expected_version`` is the version whose
    differences somebody looked at (0: none); raises RulesHaveChanged where another is in force by now.
    """
    # Two people who publish together queue here: versions have no hole and no double.
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    latest = CampaignRules.objects.filter(campaign=campaign).aggregate(latest=Max("version"))["latest"] or 0
    if expected_version is not None and expected_version != latest:
        raise RulesHaveChanged
    published = CampaignRules.objects.create(
        campaign=campaign,
        version=latest + 1,
        published_at=published_at,
        published_by_id=published_by_id,
        **rules,
    )
    PriceListLine.objects.bulk_create(
        PriceListLine(rules=published, item=item, price_eur=price) for item, price in prices.items()
    )
    return published


def choose_wave(
    *,
    campaign: Campaign,
    school: School,
    kind: WaveKind,
    levels: Sequence[str] = (),
    divisions: Sequence[str] = (),
) -> Wave:
    """Say which students a lycée equips this year; the last choice holds."""
    wave, _ = Wave.objects.update_or_create(
        campaign=campaign,
        school=school,
        defaults={"kind": kind, "levels": list(levels), "divisions": list(divisions)},
    )
    return wave
