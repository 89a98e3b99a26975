"""Check a long file by the worker, and keep what it found for the page: a few seconds are too many for each look."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from cartable.kernel.tables import UnreadableTable
from cartable.rosters.models import KeptCheck, Takeover
from cartable.rosters.queries.takeover_checks import basis_of, current_check, found_in
from cartable.rosters.queries.takeovers import content_of_takeover

CHECK_TASK = "rosters.check_takeover"


@transaction.atomic
def ask_for_check(*, takeover_id: UUID, asked_at: datetime, today: date, is_anew: bool = False) -> KeptCheck:
    """Return the check of a takeover as it stands: found, failed, or asked of the worker by this call at the latest.

    `is_anew` forgets what was found or failed. Asked twice, the worker checks once.
    """
    takeover = Takeover.objects.select_for_update(of=("self",)).get(pk=takeover_id)
    known = current_check(takeover, today=today)
    if known is not None and not is_anew:
        return known
    check, _is_new = KeptCheck.objects.update_or_create(
        takeover=takeover,
        defaults={
            "basis": basis_of(takeover, today=today), "asked_at": asked_at, "found_at": None, "found": None,
            "unreadable": None, "failure": "",
        },
    )  # fmt: skip
    try:
        with transaction.atomic():
            app.configure_task(CHECK_TASK, queueing_lock=f"{CHECK_TASK}:{takeover.pk}").defer(
                region_id=takeover.region_id, takeover_id=str(takeover.pk)
            )
    except AlreadyEnqueued:
        pass  # It has not begun: it will read what is said of the file by then.
    return check


def check_long_takeover(*, takeover_id: UUID, now: datetime, today: date) -> None:
    """Find what opening the books would do and keep it, unless other columns were said meanwhile.

    Raises documents.queries.FileErased.
    """
    takeover = Takeover.objects.get(pk=takeover_id)
    if takeover.applied_at is not None:
        return
    basis = basis_of(takeover, today=today)
    kept = KeptCheck.objects.filter(takeover=takeover, found_at=None, basis=basis)
    try:
        found = found_in(takeover, content_of_takeover(takeover), today=today)
    except UnreadableTable as refusal:
        said = {"code": refusal.code, "line": refusal.line, "detail": refusal.detail}
        kept.update(found_at=now, unreadable=said, failure="")
    else:
        kept.update(found_at=now, found=found.as_json(), failure="")


def record_check_failure(*, takeover_id: UUID, code: str) -> None:
    """Say why the worker stopped, so that the page can; it may be asked again."""
    KeptCheck.objects.filter(takeover_id=takeover_id, found_at=None).update(failure=code)


def forget_checks(*, asked_before: datetime) -> None:
    """Forget what was found on earlier days: it counts no longer, and it names people."""
    KeptCheck.objects.filter(asked_at__lt=asked_before).delete()
