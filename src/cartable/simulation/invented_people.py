"""Invented people with the names that a lycée of Grand Est calls in the morning.

First and last names are common ones, put together at random: nobody in particular. Phones are of the ranges that
ARCEP keeps for fiction (06 39 98, 03 53 01), mails of a domain that cannot exist, INE of numbers far beyond those
given so far.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from cartable.kernel.ine import rnie_key
from cartable.kernel.names import folded
from cartable.simulation.invented_names import FAMILY_NAMES, GIVEN_NAMES, ORIGINS

_FIRST_INE = 900_000_000
_INES_PER_SCHOOL = 4_000
# A prime: schools of one region fall into different blocks (proved on the 316 real lycées of Grand Est).
_INE_BLOCKS = 24_971


@dataclass(frozen=True, slots=True)
class FullName:
    """A family name in capitals, as SIECLE writes it, a given name, and SIECLE's sex code (1 male, 2 female)."""

    family: str
    given: str
    sex: int


def invented_name(dice: Random) -> FullName:
    """Return a name of one of the region's origins, or a mixture of two, as families are."""
    (origin,) = dice.choices(ORIGINS.names, cum_weights=ORIGINS.cumulated)
    family = dice.choice(FAMILY_NAMES[origin])
    if dice.random() < 0.12:
        other = dice.choice(FAMILY_NAMES[dice.choice(ORIGINS.names)])
        family = f"{family}-{other}" if other != family and len(family) + len(other) < 24 else family
    sex = dice.choice((1, 2))
    given_origin = origin if dice.random() < 0.7 else "french"
    return FullName(family.upper(), dice.choice(GIVEN_NAMES[given_origin][sex]), sex)


def invented_ine(uai: str, rank: int) -> str:
    """Return an INE (RNIE, right key) that no student bears; `rank` counts the students of a school from 0."""
    if not 0 <= rank < _INES_PER_SCHOOL:
        raise ValueError("a school has at most 4,000 invented INE")
    number = _FIRST_INE + int(uai[:7]) % _INE_BLOCKS * _INES_PER_SCHOOL + rank
    return f"{number:09d}{rnie_key(number)}"


def invented_birthday(dice: Random, year: int) -> date:
    """Return a day of that year."""
    first = date(year, 1, 1)
    return first + timedelta(days=dice.randrange((date(year + 1, 1, 1) - first).days))


def invented_mobile(dice: Random) -> str:
    """Return a mobile number reserved for fiction; both spellings of SIECLE occur."""
    return f"{dice.choice(('+33', '0'))}63998{dice.randrange(10_000):04d}"


def invented_landline(dice: Random) -> str:
    """Return a landline number of the north-east reserved for fiction."""
    return f"{dice.choice(('+33', '0'))}35301{dice.randrange(10_000):04d}"


def invented_mail(name: FullName, number: int) -> str:
    """Return an address under .example, which never delivers."""
    local = ".".join(folded(part).replace(" ", "-").lower() for part in (name.given, name.family))
    return f"{local}{number}@courriel.example"
