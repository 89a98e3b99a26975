"""The sign-off list: scanned line by line, complete on paper when no screen works."""

from datetime import time

from cartable.distribution.paper.lists import SignOffClass, SignOffLine, SignOffList, sign_off_list
from cartable.distribution.tests.paper_reading import (
    DAY,
    HARD_NAMES,
    PRINTED_AT,
    codes,
    codes_by_page,
    student_code,
    texts,
)


def a_class(division: str, count: int, first: int = 0) -> SignOffClass:
    names = ("Léa Marchand", *HARD_NAMES)
    lines = [
        SignOffLine(student_code(first + i), names[i % len(names)], time(10, 20) if i % 2 else None)
        for i in range(count)
    ]
    return SignOffClass(division, tuple(lines))


def a_list(*classes: SignOffClass) -> bytes:
    return sign_off_list(SignOffList("Lycée des Trois-Rivières, Metz", DAY, PRINTED_AT, classes), printed_at=PRINTED_AT)


def test_every_line_decodes_whatever_the_name() -> None:
    group = a_class("2de 7", 36)
    assert sorted(codes(a_list(group))) == sorted(line.code for line in group.lines)


def test_each_class_begins_a_page_and_no_student_is_lost_between_pages() -> None:
    classes = a_class("2de 7", 30), a_class("2de 8", 2, first=30)
    pages = [{code.text for code in page} for page in codes_by_page(a_list(*classes))]
    assert pages[0] | pages[1] == {line.code for line in classes[0].lines}
    assert pages[2] == {line.code for line in classes[1].lines}


def test_headings_come_again_and_pages_are_numbered_over_all() -> None:
    pages = texts(a_list(a_class("2de 7", 30), a_class("2de 8", 2, first=30)))
    for number, page in enumerate(pages, start=1):
        assert f"page {number}/3" in page
        for heading in ("Charte", "Pochette", "Numéro du PC", "Heure", "Signature", "Trois-Rivières"):
            assert heading in page
    assert "30 élèves" in pages[0]
    assert "2 élèves" in pages[2]


def test_each_sheet_is_counted_at_its_foot_and_says_whether_it_was_typed_in() -> None:
    for page in texts(a_list(a_class("2de 7", 30))):
        for word in ("PC remis", "Chartes", "Ressaisie"):
            assert word in page


def test_the_list_says_when_it_was_frozen() -> None:
    assert "13 sept. 16:05" in texts(a_list(a_class("2de 7", 1)))[0]


def test_a_day_without_classes_is_a_readable_file() -> None:
    assert len(texts(a_list())) == 1
