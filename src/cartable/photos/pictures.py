"""Make a clean picture of what somebody sent: what it shows, turned upright, and nothing else that was in the file."""

import io
import struct

from PIL import Image, ImageOps

from cartable.photos.rules import LONGEST_EDGE, MOST_DECODED_PIXELS, MOST_SENT_PIXELS, PhotoFault, is_heif

# Read by their content, whatever the file is called; none of them runs anything.
_READ = ("JPEG", "PNG", "WEBP")
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)


class PhotoRefused(Exception):
    """The file is not kept; ``code`` says why: a `PhotoFault`."""

    def __init__(self, code: PhotoFault) -> None:
        super().__init__(code)
        self.code = code


def cleaned(content: bytes) -> bytes:
    """Return a JPEG without any metadata, its longer edge ``LONGEST_EDGE`` at most. Raises PhotoRefused.

    The same bytes always give the same picture. Its pixels are painted on a new canvas: position, camera, comments and
    thumbnails of the file that was sent have no road into the one that is kept.
    """
    if not content:
        raise PhotoRefused(PhotoFault.EMPTY)
    if is_heif(content[:12]):
        raise PhotoRefused(PhotoFault.HEIC)
    try:
        sent = Image.open(io.BytesIO(content), formats=_READ)
    except Image.DecompressionBombError as error:
        raise PhotoRefused(PhotoFault.TOO_MANY_PIXELS) from error
    except _UNREADABLE as error:
        raise PhotoRefused(PhotoFault.NO_PHOTO) from error
    with sent:
        if _pixels(sent) > MOST_SENT_PIXELS:
            raise PhotoRefused(PhotoFault.TOO_MANY_PIXELS)
        # A JPEG decodes at a half, a quarter or an eighth for a fraction of time and memory.
        sent.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
        if _pixels(sent) > MOST_DECODED_PIXELS:
            raise PhotoRefused(PhotoFault.TOO_MANY_PIXELS)
        try:
            return _as_jpeg(sent)
        except _UNREADABLE as error:
            raise PhotoRefused(PhotoFault.SPOILT) from error


def _pixels(picture: Image.Image) -> int:
    return picture.width * picture.height


def _as_jpeg(sent: Image.Image) -> bytes:
    sent.load()
    upright = ImageOps.exif_transpose(sent)
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    canvas = Image.new("RGB", upright.size, "white")
    shown = upright.convert("RGBA")
    canvas.paste(shown, mask=shown)
    kept = io.BytesIO()
    canvas.save(kept, "JPEG", quality=80, optimize=True)
    return kept.getvalue()
