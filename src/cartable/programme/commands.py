"""Open campaigns, publish their rules, choose the waves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from cartable.organisations.models import Region, School
from cartable.programme.models import Campaign, CampaignRules, PriceListLine, Wave, WaveKind


def open_campaign(*, region: Region, first_year: int, name: str) -> Campaign:
    """Open the campaign of a school year."""
    return Campaign.objects.create(region=region, first_year=first_year, name=name)


@transaction.atomic
def publish_rules(
    *,
    campaign: Campaign,
    published_at: datetime,
    published_by_id: int,
    prices: Mapping[str, Decimal],
    **rules: Any,
) -> CampaignRules:
    """Publish the next version of a campaign's rules with its price list; earlier versions stay as they were.

    ``rules`` are the fields of `CampaignRules` from ``eligible_levels`` on.
    """
    # Two people who publish together queue here: versions have no hole and no double.
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    latest = CampaignRules.objects.filter(campaign=campaign).aggregate(latest=Max("version"))["latest"] or 0
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
