"""How the names of a student are compared and searched."""

from typing import NamedTuple

from cartable.kernel.names import folded


class FoldedNames(NamedTuple):
    """Names without case, accents and punctuation.

    `search_name` holds all of them, family name first. `match_key` is birth name and first name: what matching compares,
    since the usage name may change from year to year.
    """

    search_name: str
    match_key: str


def folded_names(family_name: str, usage_name: str, given_name: str) -> FoldedNames:
    """Fold the names of a student once for both uses."""
    family, usage, given = folded(family_name), folded(usage_name), folded(given_name)
    return FoldedNames(" ".join(filter(None, (family, usage, given))), f"{family}|{given}")
