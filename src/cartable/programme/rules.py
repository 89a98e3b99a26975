"""Who gets a laptop: pure decisions on plain values, from the rules of the campaign and the wave of the lycée."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EligibilityRules:
    """What decides eligibility in one lycée this year: the campaign's rules, narrowed by the wave."""

    eligible_levels: frozenset[str]
    eligible_statuses: frozenset[str]
    wave_levels: frozenset[str] = frozenset()
    wave_divisions: frozenset[str] = frozenset()
    has_wave: bool = True


def is_eligible(*, level: str | None, status: str, division: str | None, rules: EligibilityRules) -> bool:
    """Say whether a student of this level (MEFSTAT4), SIECLE status and class gets a laptop this year.

    A student without class or with an unknown level is kept out of a wave by class or level until the list says
    more: nobody is equipped on a guess.
    """
    if not rules.has_wave or status not in rules.eligible_statuses or level not in rules.eligible_levels:
        return False
    if rules.wave_divisions:
        return division in rules.wave_divisions
    if rules.wave_levels:
        return level in rules.wave_levels
    return True


def emergency_stock_target(*, student_count: int, fup_rate: float) -> int:
    """Return how many PCs the FUP of a lycée should hold: the rate of the campaign, rounded up."""
    return -(-student_count * round(fup_rate * 1000) // 1000)
