"""What a photo of a PC may be, and beside which acts it stands. Pure."""

from enum import StrEnum

# A phone's ordinary photo weighs 3 to 8 MB; what is kept of it about 0.3 MB.
LARGEST_SENT_BYTES = 15 * 1024 * 1024
# Before anything is decoded: a bomb of a few KB may claim any size. A JPEG is decoded smaller, anything else whole.
MOST_SENT_PIXELS = 64_000_000
MOST_DECODED_PIXELS = 25_000_000
# A scratch of a millimetre on a PC that fills the picture is four pixels wide.
LONGEST_EDGE = 1600
MOST_PER_ACT = 8


class Act(StrEnum):
    """What a photo was taken at."""

    HAND_OVER = "hand_over"
    CHECK_IN = "check_in"
    INCIDENT = "incident"
    TICKET = "ticket"


# Acts that are movements of the ledger, by the reason of the movement.
ACT_OF_REASON = {"check_out": Act.HAND_OVER, "loan": Act.HAND_OVER, "check_in": Act.CHECK_IN}
MOVEMENTS = frozenset({Act.HAND_OVER, Act.CHECK_IN})


class PhotoFault(StrEnum):
    """Why a file that was sent is not kept as a photo."""

    EMPTY = "empty"
    TOO_HEAVY = "too_heavy"
    HEIC = "heic"
    NO_PHOTO = "no_photo"
    SPOILT = "spoilt"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY = "too_many"


# ISO 14496-12: bytes 4 to 12 of an HEIF file are "ftyp" and its brand.
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})


def is_heif(start: bytes) -> bool:
    """Say whether a file is a photo in Apple's format (or its family), which not every screen shows."""
    return start[4:8] == b"ftyp" and start[8:12] in _HEIF_BRANDS
