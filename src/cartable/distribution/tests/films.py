"""Films of printed labels, as the false camera of Chromium plays them."""

from io import BytesIO
from pathlib import Path

import pypdfium2
from PIL import Image

SIZE = (640, 480)
FRAMES_PER_SECOND = 5

Film = list[tuple[Image.Image | None, float]]


def picture_of(pdf: bytes) -> Image.Image:
    """Rasterise the first label of a roll."""
    page = pypdfium2.PdfDocument(pdf)[0]
    return page.render(scale=3).to_pil().convert("RGB")


def held(picture: Image.Image | None, *, tilt: float = 0.0) -> Image.Image:
    """Hold a label in front of the camera: grey table, a little askew."""
    table = Image.new("RGB", SIZE, (128, 122, 112))
    if picture is None:
        return table
    label = picture.copy()
    label.thumbnail((560, 400))
    if tilt:
        label = label.rotate(tilt, expand=True, fillcolor=(128, 122, 112), resample=Image.Resampling.BICUBIC)
        label.thumbnail((600, 440))
    table.paste(label, ((SIZE[0] - label.width) // 2, (SIZE[1] - label.height) // 2))
    return table


def filmed(film: Film, path: Path, *, tilt: float = 3.0) -> Path:
    """Write a film as Chromium's false camera plays it, over and over (YUV4MPEG2, 4:2:0)."""
    content = BytesIO()
    content.write(f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F{FRAMES_PER_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
    for picture, seconds in film:
        y, u, v = held(picture, tilt=tilt).convert("YCbCr").split()
        half = (SIZE[0] // 2, SIZE[1] // 2)
        frame = b"FRAME\n" + y.tobytes() + u.resize(half).tobytes() + v.resize(half).tobytes()
        content.write(frame * round(seconds * FRAMES_PER_SECOND))
    path.write_bytes(content.getvalue())
    return path
