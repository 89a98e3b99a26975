"""What the worker does for the desk: long lists."""

from uuid import UUID

from django_scopes import scope
from procrastinate.contrib.django import app

from cartable.desk.commands import exports
from cartable.desk.commands.exports import PREPARE_TASK


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
