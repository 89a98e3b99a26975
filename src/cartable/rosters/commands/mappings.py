"""Which column of a table is what: remembered per lycée, and said for a table that waits."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from cartable.documents.queries import content_of
from cartable.organisations.models import School
from cartable.rosters.commands.batches import SentFile, receive_files
from cartable.rosters.commands.files import preview_content
from cartable.rosters.formats.table import FIELDS
from cartable.rosters.models import FileImport, FileState, RosterFile, RosterImport, TableMapping


class FileNotOfTable(Exception):
    """The file does not wait for its columns: it was read meanwhile, or settled."""

    code = "file_waits_for_no_columns"


@transaction.atomic
def keep_table(*, school: School, first_year: int, file: SentFile, sent_at: datetime, sent_by_id: int) -> RosterFile:
    """Keep a table of a lycée under seal until somebody says which column is what."""
    (kept,) = receive_files(
        batch_id=uuid4(), region_id=school.region_id, school=school, first_year=first_year, files=[file],
        sent_at=sent_at, sent_by_id=sent_by_id,
    )  # fmt: skip
    kept.state, kept.read_at = FileState.MAPPING, sent_at
    kept.save(update_fields=["state", "read_at"])
    return kept


@transaction.atomic
def choose_columns(
    *, file_id: UUID, school: School, columns: Mapping[str, str], chosen_at: datetime, chosen_by_id: int, today: date
) -> list[RosterImport]:
    """Say which column of a waiting table is what (field → header), preview it as the lycée's, and remember the columns.

    Raises FileNotOfTable, `documents.queries.FileErased`, or the FileRefused of its reading: nothing is remembered then.
    """
    file = RosterFile.objects.select_for_update(of=("self",)).select_related("batch").get(pk=file_id)
    if file.state not in (FileState.MAPPING, FileState.WAITING) or file.settled_at is not None:
        raise FileNotOfTable
    TableMapping.objects.update_or_create(
        school=school,
        defaults={
            "columns": {field: header for field, header in columns.items() if field in FIELDS and header},
            "changed_at": chosen_at,
            "changed_by_id": chosen_by_id,
        },
    )
    imports = preview_content(
        content=content_of(file.document_id), first_year=file.batch.first_year, read_by_id=chosen_by_id, now=chosen_at,
        today=today, school=school,
    )  # fmt: skip
    file.state, file.school, file.read_at = FileState.READ, school, chosen_at
    file.save(update_fields=["state", "school", "read_at"])
    FileImport.objects.bulk_create(FileImport(file=file, roster_import=one) for one in imports)
    return imports
