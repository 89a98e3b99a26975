"""Replace the worn tag of a PC: a new one from the roll, or one that nobody has."""

from datetime import datetime

from django.db import transaction

from cartable.fleet.commands import DeviceAlreadyKnown, change_tag
from cartable.fleet.models import Device
from cartable.supply.commands.births import completed_tags


class TagRefused(Exception):
    """The PC keeps its tag; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def replace_tag(*, device: Device, new_tag: str, replaced_at: datetime, replaced_by_id: int) -> str:
    """Give a PC another tag and return it; an empty ``new_tag`` draws one that nobody has. Raises TagRefused.

    The old one goes on naming the PC wherever it is scanned.
    """
    try:
        with transaction.atomic():
            [tag] = completed_tags([new_tag])
            changed = change_tag(device_id=device.pk, new_tag=tag, changed_at=replaced_at, changed_by_id=replaced_by_id)
    except DeviceAlreadyKnown as refusal:
        raise TagRefused("tag_taken") from refusal
    if changed is None:
        raise TagRefused("same_tag")
    return tag
