"""Which PCs are contested, so that none of them travels. Supply knows no dispute: the package that hears them says so.

`distribution` registers its answer when the applications are ready; without it nothing stands before the road.
"""

from collections.abc import Callable, Collection

Contested = Callable[[], Collection[int]]
_known: list[Contested] = []


def ask_the_court_with(answer: Contested) -> None:
    """Register what says which PCs (by id) an open dispute is about."""
    _known[:] = [answer]


def contested_devices() -> frozenset[int]:
    """Return the PCs of which nobody knows whose they are until somebody rules; those of every lycée."""
    return frozenset(device_id for answer in _known for device_id in answer())
