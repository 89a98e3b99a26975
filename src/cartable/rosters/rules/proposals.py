"""What Cartable proposes to whoever rules on a listed person: the likely answer, never given by itself."""

from collections.abc import Sequence
from typing import NamedTuple


class Likeness(NamedTuple):
    """How one of those whom a line may be resembles it; a birth date that is not known is not the same."""

    student_id: int
    has_same_names: bool
    has_same_birth: bool

    @property
    def is_whole(self) -> bool:
        """Say whether names and birth date are the same."""
        return self.has_same_names and self.has_same_birth


class Proposal(NamedTuple):
    """A ruling ("same", "other", "here") and whom it is about; nobody where it says "nobody known"."""

    ruling: str
    student_id: int | None = None


_SOMEBODY_ELSE = Proposal("other")
# The key of the line is another person's, and names or birth date say so too.
_RATHER_OTHERS = {"somebody_else", "another_given_name", "one_ine_two_people"}


def proposal(review_code: str, candidates: Sequence[Likeness]) -> Proposal | None:
    """Return the likely answer to the question of a review code; None where a human knows better than any guess."""
    # Who said that the student leaves, and a newer list: only the lycée knows which of the two is right.
    if not candidates or review_code == "said_gone":
        return None
    if review_code == "enrolled_elsewhere":
        return Proposal("here", candidates[0].student_id)
    if review_code in _RATHER_OTHERS:
        return _SOMEBODY_ELSE
    whole = [candidate for candidate in candidates if candidate.is_whole]
    if len(whole) == 1:
        return Proposal("same", whole[0].student_id)
    if review_code in {"two_ine", "student_twice"}:
        return _SOMEBODY_ELSE
    if len(candidates) == 1:
        return Proposal("same", candidates[0].student_id)
    return None
