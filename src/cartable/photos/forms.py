"""Photos as a form takes them: several or none, and a bad one refuses nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cartable.photos.pictures import PhotoRefused, cleaned
from cartable.photos.rules import LARGEST_SENT_BYTES, MOST_PER_ACT, PhotoFault


@dataclass(frozen=True)
class SentPhotos:
    """Clean pictures in the order they were sent; and of the rest the place among all that was sent, with its fault."""

    pictures: tuple[bytes, ...] = ()
    faults: tuple[tuple[int, PhotoFault], ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Say whether no file was sent at all."""
        return not self.pictures and not self.faults


class PhotosInput(forms.FileInput):
    """The camera of a phone, or files of a computer; several."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Any number of photos. Never refuses the form: the act that people came for does not wait for a picture."""

    # Named one by one: Safari then turns Apple's HEIC into JPEG itself, which "image/*" keeps it from.
    widget = PhotosInput(
        attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment", "data-cumule": ""}
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{
                "label": _("Photos du PC"),
                "required": False,
                "help_text": _("JPEG ou PNG, 8 au plus. Le PC seul : ni visage, ni nom."),
                **options,
            }
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return `SentPhotos`."""
        return _read([file for file in data or () if isinstance(file, UploadedFile)])


def _read(files: "Sequence[UploadedFile[Any]]") -> SentPhotos:
    pictures: list[bytes] = []
    faults: list[tuple[int, PhotoFault]] = []
    for place, file in enumerate(files, start=1):
        try:
            if len(pictures) == MOST_PER_ACT:
                raise PhotoRefused(PhotoFault.TOO_MANY)
            if (file.size or 0) > LARGEST_SENT_BYTES:
                raise PhotoRefused(PhotoFault.TOO_HEAVY)
            pictures.append(cleaned(file.read()))
        except PhotoRefused as refusal:
            faults.append((place, refusal.code))
    return SentPhotos(tuple(pictures), tuple(faults))


class PhotosForm(forms.Form):
    """Photos alone, beside an act that is done."""

    photos = PhotosField()
