"""What is kept of a file that was sent: what it shows, upright and small, and nothing else."""

import io

import pytest
from PIL import Image

from cartable.photos.pictures import PhotoRefused, cleaned
from cartable.photos.rules import LONGEST_EDGE, PhotoFault
from cartable.photos.tests.pictures import HEIC, SECRETS, jpeg, painted, png_bomb, telling_jpeg


def read(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def test_nothing_that_a_phone_writes_beside_the_picture_is_kept() -> None:
    sent = telling_jpeg()
    assert all(secret in sent for secret in SECRETS)
    assert read(sent).getexif().get_ifd(0x8825)
    kept = cleaned(sent)
    assert [secret for secret in SECRETS if secret in kept] == []
    assert dict(read(kept).getexif()) == {}
    assert set(read(kept).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_stands_upright_as_the_phone_was_held() -> None:
    kept = read(cleaned(telling_jpeg()))
    assert kept.size == (40, 60)
    red, _green, _blue = kept.convert("RGB").getpixel((20, 10))
    assert red > 150, "what was left is on top"


def test_a_large_photo_is_kept_small_and_a_small_one_as_it_is() -> None:
    assert read(cleaned(jpeg(4000, 3000))).size == (LONGEST_EDGE, LONGEST_EDGE * 3 // 4)
    assert read(cleaned(jpeg(60, 40))).size == (60, 40)


def test_what_is_see_through_is_white_on_paper_and_png_and_webp_become_jpeg() -> None:
    for form in ("PNG", "WEBP"):
        file = io.BytesIO()
        Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(file, form)
        kept = read(cleaned(file.getvalue()))
        assert (kept.format, kept.getpixel((10, 10))) == ("JPEG", (255, 255, 255))


def test_the_same_photo_gives_the_same_picture_every_time() -> None:
    assert cleaned(jpeg()) == cleaned(jpeg())


def gif() -> bytes:
    file = io.BytesIO()
    painted().save(file, "GIF")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", PhotoFault.EMPTY),
        (b"%PDF-1.7 photo.jpg", PhotoFault.NO_PHOTO),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", PhotoFault.NO_PHOTO),
        (gif(), PhotoFault.NO_PHOTO),
        (b"\xff\xd8\xff", PhotoFault.NO_PHOTO),
        (HEIC, PhotoFault.HEIC),
        (jpeg(400, 300)[:900], PhotoFault.SPOILT),
        (png_bomb(), PhotoFault.TOO_MANY_PIXELS),
        (png_bomb(9_000, 8_000), PhotoFault.TOO_MANY_PIXELS),
        (png_bomb(6_000, 5_000), PhotoFault.TOO_MANY_PIXELS),
    ],
    ids=[
        "empty",
        "pdf",
        "svg",
        "gif",
        "three bytes",
        "heic",
        "cut",
        "bomb",
        "bomb below the library's alarm",
        "too big for a png",
    ],
)
def test_what_is_no_photo_is_refused_by_its_content(content: bytes, fault: PhotoFault) -> None:
    with pytest.raises(PhotoRefused) as refused:
        cleaned(content)
    assert refused.value.code == fault
