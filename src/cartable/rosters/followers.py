"""Who must hear that enrolments of a lycée changed. Students know no distribution day: the package that has days registers.

`distribution` registers its answer when the applications are ready. It is called inside the transaction that changes
the enrolments: what it hands to the worker is there exactly when the change is.
"""

from collections.abc import Callable

Follower = Callable[[int], None]
_followers: list[Follower] = []


def follow_enrolments_with(follower: Follower) -> None:
    """Register what is told the lycée whose enrolments changed."""
    _followers[:] = [follower]


def tell_followers(school_id: int) -> None:
    """Say that enrolments of this lycée changed in the transaction that runs."""
    for follower in _followers:
        follower(school_id)
