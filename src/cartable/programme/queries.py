"""Read campaigns and their rules."""

from cartable.programme.models import Campaign, CampaignRules, Wave, WaveKind
from cartable.programme.rules import EligibilityRules


def current_rules(campaign: Campaign) -> CampaignRules:
    """Return the latest published version; raises CampaignRules.DoesNotExist where nothing is published."""
    return CampaignRules.objects.filter(campaign=campaign).select_related("campaign").latest("version")


def eligibility_rules(*, rules: CampaignRules, school_id: int) -> EligibilityRules:
    """Return what decides eligibility in one lycée: the campaign's rules, narrowed by the lycée's wave."""
    wave = Wave.objects.filter(campaign_id=rules.campaign_id, school_id=school_id).first()
    return EligibilityRules(
        eligible_levels=frozenset(rules.eligible_levels),
        eligible_statuses=frozenset(rules.eligible_statuses),
        wave_levels=frozenset(wave.levels) if wave and wave.kind == WaveKind.LEVELS else frozenset(),
        wave_divisions=frozenset(wave.divisions) if wave and wave.kind == WaveKind.DIVISIONS else frozenset(),
        has_wave=wave is not None,
    )
