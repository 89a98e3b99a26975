"""Keep photos beside an act; erase one at once."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from cartable.documents.commands import erase_file, store_file
from cartable.documents.rules import FileClass
from cartable.fleet.commands import hold_custody
from cartable.fleet.models import Device
from cartable.photos.models import ConditionPhoto
from cartable.photos.rules import MOST_PER_ACT, MOVEMENTS, Act


@transaction.atomic
def keep_photos(
    *,
    act: Act,
    act_id: UUID,
    device: Device,
    school_id: int,
    pictures: Sequence[bytes],
    taken_at: datetime,
    taken_by_id: int,
) -> int:
    """Keep clean pictures of a PC beside an act of a lycée; return how many found no room any more.

    A picture that the act has already is not kept again. The PC is held meanwhile, so that two desks number in turn.
    """
    hold_custody(custodian_ids=[], device_ids=[device.pk])
    of_act = ConditionPhoto.in_region.filter(act_id=act_id)
    known, count = set(of_act.values_list("pk", flat=True)), of_act.count()
    left_over = 0
    for picture in pictures:
        photo_id = uuid5(act_id, hashlib.sha256(picture).hexdigest())
        if photo_id in known:
            continue
        if count == MOST_PER_ACT:
            left_over += 1
            continue
        known.add(photo_id)
        count += 1
        file = store_file(
            content=picture,
            file_class=FileClass.STATE_HANDED if act == Act.HAND_OVER else FileClass.STATE,
            region_id=device.region_id,
            school_id=school_id,
            stored_at=taken_at,
            stored_by_id=taken_by_id,
        )
        ConditionPhoto.objects.create(
            id=photo_id,
            school_id=school_id,
            device=device,
            act=act,
            act_id=act_id,
            movement_id=act_id if act in MOVEMENTS else None,
            number=count,
            file=file,
            taken_at=taken_at,
            taken_by_id=taken_by_id,
        )
    return left_over


def erase_photo(*, photo: ConditionPhoto, erased_at: datetime) -> bool:
    """Erase a picture before its day; that it was taken stays. Say whether there was any."""
    return erase_file(document_id=photo.file_id, erased_at=erased_at)
