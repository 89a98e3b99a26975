"""Whether an incident decides over a student's next PC. The reserve knows no theft: the package that does says so.

`incidents` registers its answer when the applications are ready; without it nothing stands before the reserve.
"""

from collections.abc import Callable

Decides = Callable[[int], bool]
_known: list[Decides] = []


def ask_incidents_with(answer: Decides) -> None:
    """Register what says whether an incident of a student (by id) decides whether they get another PC."""
    _known[:] = [answer]


def incident_decides(student_id: int) -> bool:
    """Say whether a student's next PC is for the page of an incident to hand over, and not for the desk."""
    return any(answer(student_id) for answer in _known)
