"""The words of the station: every key that a script asks for is there, none is left over, both languages fill the same marks."""

import re
from pathlib import Path

from django.utils import translation

from cartable.distribution.rules import Code
from cartable.distribution.station_texts import STATION_TEXTS

SCRIPTS = Path(__file__).parents[1] / "static" / "distribution"
CAMERA = Path(__file__).parents[2] / "ui" / "static" / "ui" / "camera.js"


def asked() -> set[str]:
    """Return every key that stands as a word in a script."""
    source = "\n".join(path.read_text() for path in (*SCRIPTS.glob("*.js"), CAMERA))
    return set(re.findall(r'"([a-z][a-z0-9_]*)"', source))


def test_no_text_is_left_over() -> None:
    """A key is asked for by name, or is a refusal's way out, or is made of a look of `codes.looksLike`."""
    made = {f"{key}_next" for key in STATION_TEXTS} | {f"misread_{look}" for look in ("carton", "link", "too_long")}
    made |= {"misread_two_scanners", "misread_device_next"} | {f"{key}_offline" for key in STATION_TEXTS}
    made |= {f"{key}_offline_next" for key in STATION_TEXTS} | {str(code) for code in Code}
    assert {key for key in STATION_TEXTS if key not in asked() | made} == set()


def test_every_key_that_a_script_asks_for_is_there() -> None:
    source = "\n".join(path.read_text() for path in SCRIPTS.glob("*.js"))
    literal = set(re.findall(r'\bt\(\s*"([a-z0-9_]+)"', source)) | set(re.findall(r'stop\(t, "([a-z0-9_]+)"', source))
    literal |= {f"{key}_next" for key in re.findall(r'stop\(t, "([a-z0-9_]+)"', source)}
    assert literal - set(STATION_TEXTS) == set()
    assert len(literal) > 60


def test_every_refusal_that_the_server_may_send_later_has_its_words() -> None:
    quiet = {Code.OK, Code.ALREADY_ARRIVED, Code.NOT_THIS_DAY}
    assert {str(code) for code in Code if code not in quiet} - set(STATION_TEXTS) == set()


def test_both_languages_fill_the_same_marks() -> None:
    for key, text in STATION_TEXTS.items():
        marks = []
        for language in ("fr", "en"):
            with translation.override(language):
                marks.append(set(re.findall(r"\{\w+\}", str(text))))
        assert marks[0] == marks[1], key
