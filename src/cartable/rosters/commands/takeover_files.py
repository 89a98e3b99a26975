"""Keep the file of another tool's fleet, under seal, and say which of its columns is what. Nothing enters the books."""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.db import transaction

from cartable.documents.commands import store_file
from cartable.documents.rules import FileClass
from cartable.kernel.names import cleaned
from cartable.kernel.spreadsheets import read_table
from cartable.kernel.tables import Table, UnreadableTable
from cartable.rosters.models import Takeover
from cartable.rosters.queries.takeovers import bare_table
from cartable.rosters.rules.takeover_lines import FIELDS


class TakeoverApplied(Exception):
    """The takeover is applied: what was said of its file can no longer change."""

    code = "takeover_applied"


@transaction.atomic
def keep_takeover(
    *,
    region_id: int,
    supplier_id: int,
    repairer_id: int | None,
    default_lot: str,
    default_model: str,
    counted_on: date,
    file_name: str,
    content: bytes,
    sent_at: datetime,
    sent_by_id: int,
) -> Takeover:
    """Keep a file; the same bytes again are the same takeover, with what is said of it now.

    One that is applied comes back as it is. Raises kernel.tables.UnreadableTable where the file is no table.
    """
    # The same fleet with and without a zip around it is one takeover.
    content = bare_table(content)
    table = read_table(content)  # A picture or a locked workbook is not kept at all.
    digest = sha256(content).hexdigest()
    said: dict[str, Any] = {
        "supplier_id": supplier_id,
        "repairer_id": repairer_id,
        "default_lot": cleaned(default_lot),
        "default_model": cleaned(default_model),
        "counted_on": counted_on,
        "file_name": file_name[-120:],
        "line_count": _line_count(table),
        "sent_at": sent_at,
        "sent_by_id": sent_by_id,
    }
    known = _locked(region_id, digest)
    if known is not None and known.applied_at is not None:
        return known
    if known is not None and known.document.erased_at is None:
        for name, value in said.items():
            setattr(known, name, value)
        known.save(update_fields=list(said))
        return known
    said["document"] = store_file(
        content=content, file_class=FileClass.TAKEOVER, region_id=region_id, school_id=None, stored_at=sent_at,
        stored_by_id=sent_by_id,
    )  # fmt: skip
    takeover, _is_new = Takeover.objects.update_or_create(
        region_id=region_id, file_sha256=digest, defaults=said, create_defaults={"id": uuid4(), **said}
    )
    return takeover


@transaction.atomic
def choose_takeover_columns(*, takeover: Takeover, columns: Mapping[str, str], has_header: bool) -> None:
    """Say which column is what, field → header, and whether there is a header at all. Raises TakeoverApplied."""
    found = Takeover.objects.select_for_update(of=("self",)).get(pk=takeover.pk)
    if found.applied_at is not None:
        raise TakeoverApplied(found.pk)
    found.columns = {field: header for field, header in columns.items() if field in FIELDS and header}
    found.has_header = has_header
    found.save(update_fields=["columns", "has_header"])


def _line_count(table: Table) -> int:
    """Count the lines; up to the first that cannot be read, of which the check tells."""
    count = 0
    try:
        for _row in table.rows:
            count += 1
    except UnreadableTable:
        pass
    return count


def _locked(region_id: int, digest: str) -> Takeover | None:
    found = Takeover.objects.filter(region_id=region_id, file_sha256=digest).select_related("document")
    return found.select_for_update(of=("self",)).first()
