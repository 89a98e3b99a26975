"""Which lycées still have students, PCs, or something open. Organisations know nothing of these: `desk`, which does, says so.

It registers its answer when the applications are ready. The directory does not close such a lycée: what is there is first
carried over, in one act (`desk.commands.closings`).
"""

from collections.abc import Callable, Collection

Answer = Callable[[Collection[int]], Collection[int]]
_answers: list[Answer] = []


def ask_occupied_with(answer: Answer) -> None:
    """Register what says which of these lycées (by id, in scope or not) still hold something."""
    _answers[:] = [answer]


def occupied(school_ids: Collection[int]) -> frozenset[int]:
    """Return those of these lycées in which somebody or something still is."""
    return (
        frozenset(school_id for answer in _answers for school_id in answer(school_ids)) if school_ids else frozenset()
    )
