"""What the worker does for the lists: what it was asked to, and what nobody asks."""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.utils import timezone
from django_scopes import scope, scopes_disabled
from procrastinate.contrib.django import app

from cartable.documents.queries import FileErased
from cartable.fleet.commands import DeviceAlreadyKnown, StudentAlreadyHolds
from cartable.kernel.tables import UnreadableTable
from cartable.rosters.commands import batches, takeover_checks
from cartable.rosters.commands import takeover as takeovers
from cartable.rosters.commands.batches import APPLY_TASK, READ_TASK
from cartable.rosters.commands.imports import forget_lines
from cartable.rosters.commands.replaced import forget_replaced
from cartable.rosters.commands.takeover import TAKEOVER_TASK
from cartable.rosters.commands.takeover_checks import CHECK_TASK

KEPT_FOR = timedelta(days=30)


@app.task(name=READ_TASK, queue="imports")
def read_file(*, region_id: int, file_id: str) -> None:
    """Read one file of a batch; killed, it is as if it had not begun."""
    with scope(region=region_id, school=None):
        batches.read_file(file_id=UUID(file_id), now=timezone.now(), today=timezone.localdate())


@app.task(name=f"{READ_TASK}.given_up", queue="imports")
def give_up_file(*, region_id: int, file_id: str) -> None:
    """Refuse a file that has ended several workers, so that nobody waits for it."""
    with scope(region=region_id, school=None):
        batches.refuse_waiting_file(file_id=UUID(file_id), code="file_refused", now=timezone.now())


@app.task(name=APPLY_TASK, queue="imports")
def apply_lists(*, region_id: int, batch_id: str, school_id: int, actor_id: int) -> None:
    """Apply the lists of one lycée, all or nothing."""
    with scope(region=region_id, school=None):
        batches.apply_lists(
            batch_id=UUID(batch_id),
            school_id=school_id,
            applied_by_id=actor_id,
            now=timezone.now(),
            today=timezone.localdate(),
        )


@app.task(name=TAKEOVER_TASK, queue="imports")
def open_books(*, region_id: int, takeover_id: str, actor_id: int) -> None:
    """Open the books with a long file; what stops it is written on the takeover, where its page says it."""
    with scope(region=region_id, school=None):
        takeover = UUID(takeover_id)
        try:
            takeovers.open_books(takeover_id=takeover, applied_at=timezone.now(), applied_by_id=actor_id)
        except (UnreadableTable, FileErased, DeviceAlreadyKnown, StudentAlreadyHolds) as refusal:
            takeovers.record_takeover_failure(takeover_id=takeover, code=refusal.code)
        except Exception:
            takeovers.record_takeover_failure(takeover_id=takeover, code="unexpected")
            raise


@app.task(name=f"{TAKEOVER_TASK}.given_up", queue="imports")
def give_up_books(*, region_id: int, takeover_id: str, actor_id: int) -> None:
    """Say on the page that nobody opens the books any more, and give the button back."""
    with scope(region=region_id, school=None):
        takeovers.record_takeover_failure(takeover_id=UUID(takeover_id), code="unexpected")


@app.task(name=CHECK_TASK, queue="imports")
def check_takeover(*, region_id: int, takeover_id: str) -> None:
    """Check a long file before its books are opened; what stops it is kept, where the page says it."""
    with scope(region=region_id, school=None):
        takeover = UUID(takeover_id)
        try:
            takeover_checks.check_long_takeover(takeover_id=takeover, now=timezone.now(), today=timezone.localdate())
        except FileErased as refusal:
            takeover_checks.record_check_failure(takeover_id=takeover, code=refusal.code)
        except Exception:
            takeover_checks.record_check_failure(takeover_id=takeover, code="check_stopped")
            raise


@app.task(name=f"{CHECK_TASK}.given_up", queue="imports")
def give_up_check(*, region_id: int, takeover_id: str) -> None:
    """Say on the page that nobody checks any more."""
    with scope(region=region_id, school=None):
        takeover_checks.record_check_failure(takeover_id=UUID(takeover_id), code="check_stopped")


@app.periodic(cron="17 2 * * *")
@app.task(name="rosters.forget_lines", queue="night", queueing_lock="rosters.forget_lines")
def forget_old_lines(timestamp: int) -> None:
    """Wipe what lists said, and what rulings replaced, after 30 days: the difference was for that day (DOMAIN 5.1)."""
    limit = timezone.now() - KEPT_FOR
    with scopes_disabled():
        forget_lines(read_before=limit)
        forget_replaced(applied_before=limit)
        takeover_checks.forget_checks(asked_before=_midnight())


def _midnight() -> datetime:
    return datetime.combine(timezone.localdate(), time(0), tzinfo=timezone.get_current_timezone())
