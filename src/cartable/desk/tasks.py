"""What the worker does for the desk: long lists, acts on many lines."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django_scopes import scope, scopes_disabled
from procrastinate.contrib.django import app

from cartable.desk.commands import bulk, exports
from cartable.desk.commands.bulk import DO_TASK
from cartable.desk.commands.exports import PREPARE_TASK

# Somebody who prepared an act in the evening may still confirm it the next day.
PREPARED_FOR = timedelta(days=2)


@app.task(name=PREPARE_TASK, queue="exports")
def prepare_export(*, region_id: int, export_id: str) -> None:
    """Write a long list; what stops it is kept, where its page says it."""
    with scope(region=region_id, school=None):
        try:
            exports.prepare_export(export_id=UUID(export_id))
        except Exception:
            exports.record_export_failure(export_id=UUID(export_id), code="unexpected")
            raise


@app.task(name=f"{PREPARE_TASK}.given_up", queue="exports")
def give_up_export(*, region_id: int, export_id: str) -> None:
    """Say on the page that nobody writes the list any more, so that it can be asked for again."""
    with scope(region=region_id, school=None):
        exports.record_export_failure(export_id=UUID(export_id), code="unexpected")


@app.task(name=DO_TASK, queue="exports")
def do_bulk_act(*, region_id: int, act_id: str) -> None:
    """Do an act to many lines, part by part; what stops it is kept, where its page says it."""
    with scope(region=region_id, school=None):
        try:
            bulk.do_act(act_id=UUID(act_id))
        except Exception:
            bulk.record_act_failure(act_id=UUID(act_id), code="unexpected")
            raise


@app.task(name=f"{DO_TASK}.given_up", queue="exports")
def give_up_bulk_act(*, region_id: int, act_id: str) -> None:
    """Say on the page that nobody goes on with the act, and give the button back."""
    with scope(region=region_id, school=None):
        bulk.record_act_failure(act_id=UUID(act_id), code="unexpected")


@app.periodic(cron="27 2 * * *")
@app.task(name="desk.forget_prepared_acts", queue="night", queueing_lock="desk.forget_prepared_acts")
def forget_prepared_acts(timestamp: int) -> None:
    """Forget, in every region, the acts that were prepared and never confirmed."""
    with scopes_disabled():
        bulk.forget_prepared_acts(asked_before=timezone.now() - PREPARED_FOR)
