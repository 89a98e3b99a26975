"""Long work of supply, done by the worker."""

from django.utils import timezone
from django_scopes import scope
from procrastinate.contrib.django import app

from cartable.fleet.commands import DeviceAlreadyKnown
from cartable.kernel.tables import UnreadableTable
from cartable.supply import commands
from cartable.supply.commands.deliveries import RECEIVE_TASK


@app.task(name=RECEIVE_TASK, queue="imports")
def receive_delivery(*, region_id: int, note_id: int, actor_id: int) -> None:
    """Receive a long delivery note; what stops it is written on the note, where its page says it."""
    with scope(region=region_id, school=None):
        try:
            commands.receive_delivery(note_id=note_id, received_at=timezone.now(), received_by_id=actor_id)
        except (UnreadableTable, DeviceAlreadyKnown) as refusal:
            commands.record_failure(note_id=note_id, code=refusal.code)
        except Exception:
            commands.record_failure(note_id=note_id, code="unexpected")
            raise


@app.task(name=f"{RECEIVE_TASK}.given_up", queue="imports")
def give_up_delivery(*, region_id: int, note_id: int, actor_id: int) -> None:
    """Say on the page that nobody receives the note any more, and give the button back."""
    with scope(region=region_id, school=None):
        commands.record_failure(note_id=note_id, code="unexpected")
