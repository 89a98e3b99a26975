"""Read photos: those of an act, those of a PC, one picture."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from cartable.documents.queries import opened
from cartable.fleet.models import Device, Movement
from cartable.organisations.models import School
from cartable.photos.models import Act, ConditionPhoto
from cartable.photos.rules import ACT_OF_REASON
from cartable.photos.rules import Act as Kind


@dataclass(frozen=True)
class PhotoLine:
    """A photo as a page shows it; ``is_kept`` says whether there is still a picture."""

    id: UUID
    act: str
    number: int
    taken_at: datetime
    is_kept: bool
    erase_on: date
    url: str


def photos_of_act(act_id: UUID) -> list[PhotoLine]:
    """List the photos in scope of one movement, incident or ticket."""
    return _lines(ConditionPhoto.objects.filter(act_id=act_id))


def photos_of_ticket(ticket_id: UUID, *, address: Callable[[UUID], str]) -> list[PhotoLine]:
    """List the photos of a ticket that was found in the repairer's own scope; ``address`` is where the repairer sees one."""
    return _lines(ConditionPhoto.in_region.filter(act=Act.TICKET, act_id=ticket_id), address)


def photos_of_device(device_id: int) -> list[PhotoLine]:
    """List the photos in scope of one PC, the latest act first."""
    return _lines(ConditionPhoto.objects.filter(device_id=device_id))


def _address(photo_id: UUID) -> str:
    return reverse("photos:photo", args=[photo_id])


def _lines(photos: "QuerySet[ConditionPhoto]", address: Callable[[UUID], str] = _address) -> list[PhotoLine]:
    rows = photos.select_related("file").defer("file__ciphertext", "file__wrapped_key")
    return [
        PhotoLine(
            id=row.pk,
            act=row.get_act_display(),
            number=row.number,
            taken_at=row.taken_at,
            is_kept=row.file.erased_at is None,
            erase_on=row.file.erase_on,
            url=address(row.pk),
        )
        for row in rows.order_by("-taken_at", "act_id", "number")
    ]


def picture_of(photo: ConditionPhoto) -> bytes:
    """Return the JPEG of a photo. Raises documents.queries.FileErased, documents.sealing.SealBroken."""
    return opened(photo.file)


@dataclass(frozen=True)
class PhotographedAct:
    """A hand-over or a return of a PC in scope, and the lycée where it took place."""

    act: Kind
    movement_id: UUID
    device: Device
    school_id: int


def act_of_movement(movement_id: UUID) -> PhotographedAct | None:
    """Return a hand-over or a return of a PC, and by a lycée, in scope; None for any other movement."""
    return _act_of(Movement.objects.filter(pk=movement_id))


def last_act_of(device: Device) -> PhotographedAct | None:
    """Return the last movement of a PC where it was a hand-over or a return by a lycée that the person may see."""
    return _act_of(Movement.objects.filter(device_id=device.pk, sequence=device.last_sequence))


def _act_of(movements: "QuerySet[Movement]") -> PhotographedAct | None:
    movement = movements.select_related("from_custodian", "to_custodian").first()
    act = ACT_OF_REASON.get(movement.reason) if movement is not None else None
    if movement is None or act is None:
        return None
    desk = movement.from_custodian if act == Kind.HAND_OVER else movement.to_custodian
    school = School.objects.filter(pk=desk.school_id).first() if desk.school_id is not None else None
    device = Device.objects.filter(pk=movement.device_id).first()
    if school is None or device is None:
        return None
    return PhotographedAct(act, movement.pk, device, school.pk)
