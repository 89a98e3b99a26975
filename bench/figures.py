"""Medians and percentiles, the same way in every benchmark."""

from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least this percentage of values does not exceed (nearest rank)."""
    if not values:
        raise ValueError("no value")
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


def median_of(values: Sequence[float], digits: int = 1) -> float:
    """Return the median, rounded for people."""
    return round(median(values), digits)
