"""Settle what the reader of a list could not take: the line stays listed, with who saw to it."""

from datetime import datetime

from cartable.rosters.models import RosterProblem


def settle_problem(*, problem_id: int, settled_at: datetime, settled_by_id: int) -> None:
    """Say that a refused or queued record is seen to. Asked again it changes nothing: the first answer stands."""
    RosterProblem.objects.filter(pk=problem_id, settled_at__isnull=True).update(
        settled_at=settled_at, settled_by_id=settled_by_id
    )
