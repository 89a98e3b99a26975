"""ZPL: whatever a name holds, the printer sees the same commands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartable.distribution.paper.faces import one_line
from cartable.distribution.paper.labels import LabelTooSmall, StudentLabel
from cartable.distribution.paper.zpl import device_label_zpl, field_data, student_label_zpl
from cartable.distribution.tests.paper_reading import DAY, HARD_NAMES, device_labels, student_code, student_labels

HOSTILE = ("^XZ^XA^FDpwned^FS", "~JA", "Léa\n^XA\r~HS", "_5E_7E", "\\&", "¬CC", "Œuvrard", *HARD_NAMES)


def decoded(field: str) -> str:
    """Undo ^FH as the printer does: "_C3_A9" are two bytes of UTF-8."""
    plain = re.sub(rb"_([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), field.encode())
    return plain.decode("utf-8")


def commands(zpl: str) -> list[str]:
    """Return the command names in their order."""
    return re.findall(r"[\^~][A-Z0-9@]{2}", zpl)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_cannot_add_a_command(name: str) -> None:
    def label(text: str) -> StudentLabel:
        return StudentLabel(student_code(0), text, text, DAY)

    zpl = student_label_zpl([label(name)])
    # A long name takes one field more; nothing else may differ from the commands of a plain name.
    assert set(commands(zpl)) == set(commands(student_label_zpl([label("Marchand")])))
    assert zpl.count("^XA") == zpl.count("^XZ") == 1
    assert "~" not in zpl
    assert zpl.isascii()


@given(st.text())
def test_field_data_is_inert_and_comes_back_whole(text: str) -> None:
    field = field_data(text)
    assert re.fullmatch(r"([A-Za-z0-9 ]|_[0-9A-F]{2})*", field)
    assert decoded(field) == one_line(text)


def test_accents_and_œ_are_sent_as_utf_8() -> None:
    zpl = student_label_zpl(student_labels(1, ("Cœur Lefèvre",)))
    assert "^CI28" in zpl
    assert "Cœur Lefèvre" in [decoded(field) for field in re.findall(r"\^FH\^FD(.*?)\^FS", zpl)]


@pytest.mark.parametrize(("dpi", "dots", "height"), [(203, 3, 96), (300, 4, 142)])
def test_bars_are_as_on_the_sheet_in_whole_dots(dpi: int, dots: int, height: int) -> None:
    zpl = student_label_zpl(student_labels(1), dpi=dpi)
    assert f"^BY{dots}^BCN,{height},N,N,N^FD>:E>5{student_code(0)[1:]}^FS" in zpl
    assert "E 4820 1573 69" in zpl


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("name", HARD_NAMES, ids=ascii)
def test_every_field_begins_on_the_label(dpi: int, name: str) -> None:
    zpl = student_label_zpl([StudentLabel(student_code(0), name, name, DAY)], dpi=dpi)
    width, height = (int(re.search(rf"\^{command}(\d+)", zpl)[1]) for command in ("PW", "LL"))  # type: ignore[index]
    for x, y in re.findall(r"\^FO(\d+),(\d+)", zpl):
        assert int(x) < width
        assert int(y) < height


def test_one_label_a_student_by_class_and_one_a_device() -> None:
    labels = [*student_labels(2, division="2de 10"), *student_labels(1, division="2de 2")]
    zpl = student_label_zpl(labels)
    assert zpl.count("^XA") == 3
    assert zpl.index("2de 2") < zpl.index("2de 10")
    assert device_label_zpl(device_labels(2)).count(">:P>5") == 2


def test_a_label_too_small_is_refused() -> None:
    with pytest.raises(LabelTooSmall):
        student_label_zpl(student_labels(1), width_mm=40)
