"""Write a long list into a file that waits for whoever asked: asked for in a request, written by the worker."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone, translation
from django_scopes import scope
from procrastinate.contrib.django import app

from cartable.desk.models import Export
from cartable.desk.queries.school_year import StudentFilter
from cartable.desk.queries.tables import row_count, table_of
from cartable.desk.rules import Listed
from cartable.documents.commands import store_file
from cartable.documents.rules import FileClass
from cartable.fleet.queries.lists import DeviceFilter
from cartable.kernel.exports import spreadsheet

PREPARE_TASK = "desk.prepare_export"
_ROWS_PER_NOTE = 5_000


@transaction.atomic
def ask_for_export(
    *,
    form_id: UUID,
    region_id: int,
    school_ids: Sequence[int] | None,
    listed: Listed,
    wanted: DeviceFilter | StudentFilter,
    language: str,
    asked_at: datetime,
    asked_by_id: int,
) -> UUID:
    """Keep what is asked and give it to the worker; the same form sent twice by the same person is one file."""
    export_id, filters = uuid5(form_id, str(asked_by_id)), asdict(wanted)
    most = 2**31 - 1
    export, is_new = Export.objects.get_or_create(
        pk=export_id,
        defaults={
            "region_id": region_id,
            "asked_by_id": asked_by_id,
            "asked_at": asked_at,
            "listed": listed,
            "filters": filters,
            "school_ids": None if school_ids is None else list(school_ids),
            "language": language,
            "expected_count": row_count(listed, filters, today=timezone.localdate(asked_at), most=most),
        },
    )
    if is_new:
        app.configure_task(PREPARE_TASK).defer(region_id=region_id, export_id=str(export.pk))
    return export.pk


def prepare_export(*, export_id: UUID) -> None:
    """Write the file of an export, in the scope and the language of whoever asked; one that is finished stays."""
    export = Export.objects.filter(pk=export_id, finished_at=None).first()
    if export is None:
        return
    with scope(region=export.region_id, school=export.school_ids), translation.override(export.language):
        table = table_of(Listed(export.listed), export.filters, today=timezone.localdate(export.asked_at))
        with spreadsheet(table.header, _noted(export_id, table.rows)) as file:
            content = file.read()
    _finish(export, content)


@transaction.atomic
def _finish(export: Export, content: bytes) -> None:
    # A worker that was thought dead may have come first: its file stays.
    if Export.objects.select_for_update().filter(pk=export.pk, finished_at=None).exists():
        now = timezone.now()
        document = store_file(
            content=content, file_class=FileClass.EXPORT, region_id=export.region_id, school_id=None, stored_at=now,
            stored_by_id=export.asked_by_id,
        )  # fmt: skip
        Export.objects.filter(pk=export.pk).update(document=document, finished_at=now)


def record_export_failure(*, export_id: UUID, code: str) -> None:
    """Say why the worker stopped, so that the page can: the list may be asked for again."""
    Export.objects.filter(pk=export_id, finished_at=None).update(finished_at=timezone.now(), failure=code)


def _noted(export_id: UUID, rows: Iterator[list[str]]) -> Iterator[list[str]]:
    number = 0
    for number, row in enumerate(rows, start=1):
        yield row
        if number % _ROWS_PER_NOTE == 0:
            Export.objects.filter(pk=export_id).update(written_count=number)
    Export.objects.filter(pk=export_id).update(written_count=number)
