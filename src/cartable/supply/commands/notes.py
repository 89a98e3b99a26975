"""Keep the delivery notes that suppliers send. Nothing enters the park here."""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256

from django.db import transaction

from cartable.kernel.names import cleaned
from cartable.kernel.spreadsheets import read_table
from cartable.supply.models import Delivery, DeliveryNote
from cartable.supply.rules import FIELDS


class NoteReceivedAlready(Exception):
    """The note is received: what it says can no longer be changed. ``delivery_id`` names the delivery."""

    code = "already_received"

    def __init__(self, delivery_id: int) -> None:
        super().__init__(f"{self.code}: {delivery_id}")
        self.delivery_id = delivery_id


@transaction.atomic
def keep_note(
    *,
    region_id: int,
    contractor_id: int,
    lot_reference: str,
    received_on: date,
    file_name: str,
    content: bytes,
    sent_at: datetime,
    sent_by_id: int,
    reference: str = "",
    default_model: str = "",
) -> DeliveryNote:
    """Keep a file that a supplier sent; the same bytes again are the same note, with what is said of it now.

    Raises kernel.tables.UnreadableTable where the file is no table, NoteReceivedAlready where it is received.
    """
    read_table(content)  # A picture or a locked workbook is not kept at all.
    digest = sha256(content).hexdigest()
    said = {
        "contractor_id": contractor_id,
        "lot_reference": cleaned(lot_reference),
        "received_on": received_on,
        "reference": cleaned(reference),
        "default_model": cleaned(default_model),
        "file_name": file_name[-150:],
        "sent_at": sent_at,
        "sent_by_id": sent_by_id,
    }
    note, is_new = DeliveryNote.objects.get_or_create(
        region_id=region_id, file_sha256=digest, defaults={**said, "content": content}
    )
    if not is_new:
        _refuse_if_received(note.pk)
        for name, value in said.items():
            setattr(note, name, value)
        note.save(update_fields=list(said))
    return note


@transaction.atomic
def choose_columns(*, note_id: int, columns: Mapping[str, str], has_header: bool) -> None:
    """Say which column is what, field → header, and whether there is a header at all.

    Raises NoteReceivedAlready.
    """
    note = DeliveryNote.objects.select_for_update().only("pk").get(pk=note_id)
    _refuse_if_received(note.pk)
    note.columns = {field: header for field, header in columns.items() if field in FIELDS and header}
    note.has_header = has_header
    note.save(update_fields=["columns", "has_header"])


def _refuse_if_received(note_id: int) -> None:
    delivery_id = Delivery.objects.filter(note_id=note_id).values_list("pk", flat=True).first()
    if delivery_id is not None:
        raise NoteReceivedAlready(delivery_id)
