"""Read where students stand in days."""

from collections.abc import Sequence

from cartable.distribution.models import Passage


def latest_days(student_ids: Sequence[int]) -> dict[int, int]:
    """Return the latest day that knows each of these students; those of no day are left out."""
    passages = Passage.objects.filter(student_id__in=student_ids).order_by("day__held_on", "day_id")
    return dict(passages.values_list("student_id", "day_id"))
