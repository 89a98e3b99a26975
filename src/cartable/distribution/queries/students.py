"""Read where students stand in days."""

from collections.abc import Sequence
from typing import NamedTuple

from cartable.distribution.models import Passage


class LatestPassage(NamedTuple):
    """Where a student stood last in a day."""

    day_id: int
    passage_id: int
    is_expected: bool


def latest_passages(student_ids: Sequence[int]) -> dict[int, LatestPassage]:
    """Return the passage of the latest day that knows each of these students; those of no day are left out."""
    passages = Passage.objects.filter(student_id__in=student_ids).order_by("day__held_on", "day_id")
    rows = passages.values_list("student_id", "day_id", "pk", "is_expected")
    return {student_id: LatestPassage(day_id, pk, is_expected) for student_id, day_id, pk, is_expected in rows}
