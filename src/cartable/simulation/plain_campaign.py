"""The plainest campaign, for days whose rules are not the matter: one level, a PC, nothing out of the ordinary."""

from datetime import datetime
from decimal import Decimal

from cartable.organisations.models import Region
from cartable.programme import commands as programme
from cartable.programme.models import Campaign


def open_plain_campaign(*, region: Region, first_year: int, published_at: datetime, published_by_id: int) -> Campaign:
    """Open a campaign and publish its rules: everybody in seconde gets a PC, what is left goes to the reserve."""
    campaign = programme.open_campaign(region=region, first_year=first_year, name="Rentrée")
    programme.publish_rules(
        campaign=campaign,
        published_at=published_at,
        published_by_id=published_by_id,
        prices={"PC portable": Decimal("350.00")},
        eligible_levels=["2211"],
        eligible_statuses=["ST"],
        kit=["PC portable"],
        fup_rate=Decimal("0.040"),
        charter_title="Charte de prêt",
        charter_text="Le PC est prêté pour la durée du cycle.",
        keep_policy="unless_refused",
        theft_opens="replacement",
        breakage_opens="nothing",
        loss_opens="nothing",
        failure_opens="loan",
        leftover_policy="emergency_stock",
    )
    return campaign
