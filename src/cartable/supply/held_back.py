"""Which PCs stand still, and why: contested, in repair. Supply knows neither: the packages that do say so.

`distribution` and `repairs` register their answers when the applications are ready; without them nothing stands before
the road.
"""

from collections.abc import Callable, Collection

# Which of these PCs stand still; without them: which of all.
Answer = Callable[[Collection[int] | None], Collection[int]]
_known: dict[str, Answer] = {}


def hold_back_with(code: str, answer: Answer) -> None:
    """Register what says which of some PCs (by id, of whichever lycée) stay where they are; ``code`` is how it is refused."""
    _known[code] = answer


def held_back(device_ids: Collection[int]) -> dict[str, list[int]]:
    """Return why → those of these PCs that stand still for that; nothing where all of them may go."""
    found = {code: sorted(answer(device_ids)) for code, answer in _known.items()}
    return {code: pks for code, pks in found.items() if pks}


def all_held_back() -> frozenset[int]:
    """Return every PC that stands still."""
    return frozenset(device_id for answer in _known.values() for device_id in answer(None))
