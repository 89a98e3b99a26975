"""What humans ruled about the people in lists, and how it goes before everything that matching finds by itself."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cartable.rosters.rules.people import ListedLine


class Ruled(NamedTuple):
    """What was ruled about one listed person: who it is, who it is not, where they are."""

    same: int | None = None
    others: frozenset[int] = frozenset()
    here: frozenset[int] = frozenset()
    elsewhere: frozenset[int] = frozenset()
    is_taken: bool = False
    is_dropped: bool = False


NOTHING_RULED = Ruled()


@dataclass(frozen=True)
class Rulings:
    """The rulings that stand for a lycée and a school year: by person, and by line for what a reader set aside."""

    secret: bytes = b""
    by_person: Mapping[str, Ruled] = field(default_factory=dict)
    by_line: Mapping[str, Ruled] = field(default_factory=dict)

    def about(self, line: ListedLine) -> Ruled:
        """Return what was ruled about a line; most lists know of nothing, and then no key is computed."""
        if self.by_line and line.set_aside and (ruled := self.by_line.get(line_key(line, self.secret))):
            return ruled
        if self.by_person:
            return self.by_person.get(person_key(line, self.secret), NOTHING_RULED)
        return NOTHING_RULED

    @property
    def students(self) -> set[int]:
        """Return whom the rulings name as the same person: they must be looked up whatever the list says."""
        return {ruled.same for ruled in self.by_person.values() if ruled.same is not None}


def person_key(line: ListedLine, secret: bytes) -> str:
    """Return a keyed hash of what the list says of the person: names, birth date, INE; 64 hexadecimal digits."""
    return _keyed(secret, line.match_key, str(line.birth_on), (line.ine_fingerprint or b"").hex())


def line_key(line: ListedLine, secret: bytes) -> str:
    """Return a keyed hash that also tells two lines about one person apart: by number and class."""
    return _keyed(secret, person_key(line, secret), line.eleve_id, line.division)


def _keyed(secret: bytes, *parts: str) -> str:
    return hmac.digest(secret, "\0".join(parts).encode(), "sha256").hex()
