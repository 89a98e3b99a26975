"""Read the tables that wait for somebody to say which column is what."""

from uuid import UUID

from cartable.documents.queries import content_of
from cartable.rosters.formats.table import TableSample, sample_of
from cartable.rosters.models import FileState, RosterFile, TableMapping


def remembered_columns(school_id: int | None) -> dict[str, str]:
    """Return what somebody said of the columns of a lycée's tables, field → header; nothing where nobody did."""
    if school_id is None:
        return {}
    columns = TableMapping.objects.filter(school_id=school_id).values_list("columns", flat=True).first()
    return dict(columns or {})


def table_sample(file: RosterFile) -> TableSample:
    """Return the beginning of a waiting table, each field with its likely column.

    Raises FileErased, or the FileRefused of its reading.
    """
    return sample_of(content_of(file.document_id), remembered_columns(file.school_id))


def waiting_tables(school_id: int) -> list[tuple[UUID, str]]:
    """Return id and name of a lycée's tables whose columns nobody has said yet, the latest first."""
    found = RosterFile.objects.filter(school_id=school_id, state=FileState.MAPPING, settled_at__isnull=True)
    return list(found.order_by("-batch__sent_at").values_list("pk", "name")[:20])
