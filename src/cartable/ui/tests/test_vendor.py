"""Files written by others are the ones that VENDOR.md lists."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "static" / "vendor"


def listed() -> dict[str, str]:
    """Return the checksum of each file of the table."""
    rows = re.findall(r"^\| (\S+/\S+) \|.*\| ([0-9a-f]{64}) \|$", (VENDOR / "VENDOR.md").read_text(), re.MULTILINE)
    return dict(rows)


def test_every_vendored_file_has_the_checksum_of_its_page() -> None:
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDOR.md"
    }
    assert found == listed()
    assert len(found) >= 4


def test_the_decoder_of_the_camera_is_that_of_its_script() -> None:
    script = next(VENDOR.glob("barcode-detector-*/zxing-exported.js"))
    decoder = script.with_name("zxing_reader.wasm").read_bytes()
    assert hashlib.sha256(decoder).hexdigest() in script.read_text()
