"""Pictures as phones send them, with all that they tell beside what they show; and what only looks like one."""

import io
import struct
import zlib
from uuid import UUID

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from cartable.conftest import Cast
from cartable.fleet.models import Device
from cartable.photos.commands import keep_photos
from cartable.photos.models import ConditionPhoto
from cartable.photos.pictures import cleaned
from cartable.photos.rules import Act

SECRETS = (b"Nokia 3310", b"devant chez Bilal", b"<x:xmpmeta>chez Bilal", b"Chez Bilal Benali")
# What marks the start of a picture from an iPhone; nobody here reads the rest.
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 500


def painted(width: int = 60, height: int = 40, hue: int = 0) -> Image.Image:
    """Paint a picture that no other hue gives: red on the left, green on the right."""
    picture = Image.new("RGB", (width, height), (200, hue % 256, 40))
    picture.paste((0, 160, hue % 256), (width // 2, 0, width, height))
    return picture


def jpeg(width: int = 60, height: int = 40, *, hue: int = 0) -> bytes:
    """A plain photo."""
    file = io.BytesIO()
    painted(width, height, hue).save(file, "JPEG")
    return file.getvalue()


def telling_jpeg() -> bytes:
    """A photo taken with the phone upright, that says where it was taken, by which phone and in which words."""
    exif = Image.Exif()
    exif[0x0110] = SECRETS[0].decode()  # Camera model.
    exif[0x010E] = SECRETS[1].decode()  # Description.
    exif[0x0112] = 6  # To be turned a quarter to the right.
    exif.get_ifd(0x8825).update({1: "N", 2: tuple(IFDRational(n) for n in (49, 7, 12)), 29: "2026:09:15"})
    file = io.BytesIO()
    painted().save(file, "JPEG", exif=exif, xmp=SECRETS[2] + b"</x:xmpmeta>", comment=SECRETS[3])
    return file.getvalue()


def png_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of some dozen KB that claims 900 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def take_photo(act: Act, act_id: UUID, device: Device, cast: Cast, *, hue: int = 0) -> ConditionPhoto:
    """Keep one photo beside an act of the cast's lycée."""
    picture = cleaned(jpeg(hue=hue))
    keep_photos(
        act=act, act_id=act_id, device=device, school_id=cast.school.pk, pictures=[picture], taken_at=cast.now,
        taken_by_id=cast.durand.actor_id,
    )  # fmt: skip
    return ConditionPhoto.in_region.filter(act_id=act_id).latest("number")
