"""Names of a whole region: a few that everybody bears, and a long tail that only one family does.

A lycée can do with names drawn evenly; matching cannot. With a head as heavy as a real one, some hundred pairs of
strangers among 200,000 share their names and birth date.
"""

from __future__ import annotations

from itertools import accumulate
from random import Random

from cartable.simulation.invented_names import FAMILY_NAMES, GIVEN_NAMES, ORIGINS
from cartable.simulation.invented_people import FullName

# Zipf's exponents: the most frequent family name is borne by one in 75, the most frequent first name of a sex by one in 36.
_FAMILY_EXPONENT, _GIVEN_EXPONENT = 0.5, 0.4
# Names that hardly anybody else bears, put together as those of hamlets were.
_TAIL_SHARE = 0.45
_STEMS_TEXT = """Bar Bel Ber Bou Cham Chan Col Cour Dam Dan Dom Fal Fler Fon Fran Gal Gir Gran Guil Har Her Hou Jan Jar
    Lam Lar Laver Lon Mal Mar Maur Mon Mor Nan Par Pel Per Pon Ran Ren Rou Sal Sau Ser Tal Tar Thi Tou Val Var Vau Ver
    Vil Vol Wal"""
_ENDINGS_TEXT = """ancourt ault beau bert bois champ chet court demange din don doux dré eau el elet enet eron et eville eux
    fort gard gny guet hard ier in ion itz lon mann mont net noël ot oult rand reux ric roy sard sel ton tré vald ville
    viller vin vy zel"""
_STEMS, _ENDINGS = _STEMS_TEXT.split(), _ENDINGS_TEXT.split()


class NameBook:
    """Draws names for one region; the same for every seed, as the names of a country are."""

    def __init__(self) -> None:
        order = Random("long-tailed names")
        families = sorted({name for names in FAMILY_NAMES.values() for name in names})
        order.shuffle(families)
        self._families = [name.upper() for name in families]
        self._family_weights = _zipf(len(families), _FAMILY_EXPONENT)
        self._given: dict[int, tuple[list[str], list[float]]] = {}
        for sex in (1, 2):
            names = sorted({name for origin in ORIGINS.names for name in GIVEN_NAMES[origin][sex]})
            order.shuffle(names)
            self._given[sex] = names, _zipf(len(names), _GIVEN_EXPONENT)

    def full_name(self, dice: Random) -> FullName:
        """Return a family name in capitals, a given name, and the sex."""
        sex = dice.choice((1, 2))
        family = self.family_name(dice)
        if dice.random() < 0.06:
            family = f"{family.split('-')[0]}-{self.family_name(dice).split('-')[0]}"
        return FullName(family, self.given_name(dice, sex), sex)

    def family_name(self, dice: Random) -> str:
        """Return a family name in capitals."""
        if dice.random() < _TAIL_SHARE:
            return f"{dice.choice(_STEMS)}{dice.choice(_ENDINGS)}".upper()
        return dice.choices(self._families, cum_weights=self._family_weights)[0]

    def given_name(self, dice: Random, sex: int) -> str:
        """Return a given name."""
        names, weights = self._given[sex]
        return dice.choices(names, cum_weights=weights)[0]


def _zipf(count: int, exponent: float) -> list[float]:
    return list(accumulate((rank + 1) ** -exponent for rank in range(count)))
