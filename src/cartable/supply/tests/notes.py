"""Delivery notes for the tests, sent through the commands."""

from collections.abc import Sequence
from datetime import date

from cartable.conftest import NOW, Cast
from cartable.supply import commands
from cartable.supply.commands import Received
from cartable.supply.models import DeliveryNote

HEADER = "Numéro de série;Modèle;Étiquette;Palette;Carton"


def note_text(*lines: str, header: str = HEADER) -> bytes:
    """Return a note of these lines as a file."""
    return "\n".join([header, *lines]).encode()


def plain_lines(count: int, *, first: int = 0, pallet_size: int = 20) -> list[str]:
    """Return so many lines without any fault, pallet by pallet."""
    return [f"5CD{n:07d};HP 240 G9;;PAL{n // pallet_size:03d};C{n // 5:04d}" for n in range(first, first + count)]


def send(cast: Cast, content: bytes, *, name: str = "bon.csv", model: str = "") -> DeliveryNote:
    """Send a note of the cast's supplier, for the lot 2026-1."""
    return commands.keep_note(
        region_id=cast.region.pk,
        contractor_id=cast.supplier.pk,
        lot_reference="2026-1",
        received_on=date(2026, 8, 20),
        file_name=name,
        content=content,
        sent_at=NOW,
        sent_by_id=cast.sonia.actor_id,
        default_model=model,
    )


def receive(cast: Cast, note: DeliveryNote) -> Received:
    """Receive a note as the manager of the cast."""
    return commands.receive_delivery(note_id=note.pk, received_at=NOW, received_by_id=cast.sonia.actor_id)


def deliver(cast: Cast, lines: Sequence[str]) -> Received:
    """Send and receive a note of these lines."""
    return receive(cast, send(cast, note_text(*lines)))
