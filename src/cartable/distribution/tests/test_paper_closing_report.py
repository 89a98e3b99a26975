"""The closing report: figures that agree with the lists, few personal data, a root on every page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cartable.distribution.paper.closing_pages import closing_report_pdf
from cartable.distribution.paper.closing_report import (
    AbsentStudent,
    ClassTally,
    ClosingReport,
    DayException,
    HandedDevice,
    LeftoverDevice,
    NotALedgerRoot,
)
from cartable.distribution.tests.paper_reading import (
    DAY,
    HARD_NAMES,
    PRINTED_AT,
    device_code,
    student_code,
    texts,
)
from cartable.kernel.codes import spaced

ROOT = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
OPENED = datetime(2026, 9, 15, 6, 0, tzinfo=UTC)
HANDED = tuple(
    HandedDevice(OPENED + timedelta(seconds=12 * i), student_code(i), device_code(i), f"5CG{i:07d}") for i in range(200)
)
REPORT = ClosingReport(
    region="Région Grand Est",
    campaign="Campagne 2026-2027",
    school="Lycée des Trois-Rivières, Metz",
    uai="0579901C",
    day=DAY,
    opened_at=OPENED,
    closed_at=OPENED + timedelta(hours=4),
    leader_name="Paul Meyer",
    head_name="Hélène Durand",
    expected=210,
    allotted=205,
    mean_rate=318,
    best_rate=402,
    station_count=4,
    paper_charters=190,
    online_charters=12,
    classes=(ClassTally("2de 7", 105, 100, 4), ClassTally("2de 8", 105, 100, 4)),
    handed=HANDED,
    exceptions=(DayException(OPENED, "Code mal lu", device_code="5CG99"),),
    absents=tuple(AbsentStudent(f"Absente {i}", "2de 7") for i in range(8)),
    leftovers=tuple(
        LeftoverDevice(device_code(900 + i), f"5CX{i}", "Réserve (FUP)" if i < 3 else "Dépôt") for i in range(5)
    ),
    ledger_root=ROOT,
    ledger_root_at=OPENED + timedelta(hours=4),
    movement_count=1204,
)


def pages_of(report: ClosingReport) -> list[str]:
    return texts(closing_report_pdf(report, printed_at=PRINTED_AT))


def test_the_account_of_the_pcs_ends_at_zero_when_each_is_handed_out_or_sent_on() -> None:
    assert REPORT.unaccounted == 0
    assert REPORT.destinations == [("Réserve (FUP)", 3), ("Dépôt", 2)]
    assert "Reste à justifier 0" in pages_of(REPORT)[0]


def test_a_pc_that_nobody_accounts_for_is_told() -> None:
    report = replace(REPORT, leftovers=REPORT.leftovers[1:])
    assert report.unaccounted == 1
    assert "Reste à justifier 1" in pages_of(report)[0]


def test_students_who_left_without_a_pc_are_told_apart_from_the_absent() -> None:
    assert REPORT.without_device == 2
    assert "2 élèves attendus sont repartis sans PC" in pages_of(REPORT)[0]
    served = replace(REPORT, classes=(ClassTally("2de 7", 104, 100, 4),))
    assert "sans PC" not in pages_of(served)[0]


def test_a_pc_given_outside_the_list_does_not_hide_a_student_without_one() -> None:
    classes = (ClassTally("2de 7", 30, 31, 0), ClassTally("2de 8", 30, 29, 0))
    assert replace(REPORT, classes=classes).without_device == 1


def test_the_root_stands_whole_on_the_first_page_and_at_the_foot_of_each() -> None:
    pages = pages_of(REPORT)
    assert " ".join(ROOT[i : i + 4] for i in range(0, 32, 4)) in pages[0]
    assert " ".join(ROOT[i : i + 4] for i in range(32, 64, 4)) in pages[0]
    for number, page in enumerate(pages, start=1):
        assert ROOT[:16] in page
        assert f"page {number}/{len(pages)}" in page


def test_every_pc_handed_out_stands_with_its_serial_and_the_students_code() -> None:
    everything = " ".join(pages_of(REPORT))
    for device in HANDED:
        assert spaced(device.device_code) in everything
        assert spaced(device.student_code) in everything
        assert device.serial_number in everything


def test_a_long_serial_number_is_never_cut() -> None:
    serial = "SN0123456789ABCDEF"
    report = replace(REPORT, handed=(replace(HANDED[0], serial_number=serial),))
    everything = "".join(pages_of(report)).replace(" ", "")
    assert serial in everything


def test_pcs_are_read_down_the_left_column_first() -> None:
    page = next(page for page in pages_of(REPORT) if HANDED[0].serial_number in page)
    in_order = [device.serial_number for device in HANDED[:88]]
    found = sorted((s for s in in_order if s in page), key=page.index)
    assert found[0] == in_order[0]
    assert found[1] in (in_order[1], in_order[44])
    assert set(found) == set(in_order)


def test_the_absent_are_named_because_the_head_will_call_them() -> None:
    everything = " ".join(pages_of(REPORT))
    assert all(student.name in everything for student in REPORT.absents)


def test_a_misread_is_told_as_it_was_read_and_waits_for_a_ruling() -> None:
    everything = " ".join(pages_of(REPORT))
    assert "5CG99" in everything
    assert "à revoir" in everything


def test_an_empty_day_says_so_instead_of_showing_empty_tables() -> None:
    nothing = replace(REPORT, expected=0, allotted=0, classes=(), handed=(), exceptions=(), absents=(), leftovers=())
    everything = " ".join(pages_of(nothing))
    for words in ("Aucune classe.", "Rien à signaler.", "Aucun PC n’a été remis."):
        assert words in everything


def test_the_head_and_the_leader_have_a_place_to_sign_on_the_first_page() -> None:
    first = pages_of(REPORT)[0]
    assert "Hélène Durand" in first
    assert "Paul Meyer" in first
    assert first.count("Signature") == 2


def test_the_same_report_gives_the_same_bytes_so_it_can_be_sealed() -> None:
    first, again = (closing_report_pdf(REPORT, printed_at=PRINTED_AT) for _ in range(2))
    assert first == again
    assert b"20260913160500+02'00'" in first


def test_hard_names_and_long_settlements_keep_the_report_whole() -> None:
    report = replace(
        REPORT,
        school=HARD_NAMES[0],
        absents=tuple(AbsentStudent(name, name) for name in HARD_NAMES),
        exceptions=tuple(
            DayException(OPENED, name * 3, student_code(0), device_code(0), f"{name} " * 40) for name in HARD_NAMES
        ),
    )
    pages = pages_of(report)
    assert pages[-1].endswith(f"page {len(pages)}/{len(pages)}")


@pytest.mark.parametrize("root", ["", "abc", ROOT.upper(), ROOT + "0"])
def test_what_is_no_sha_256_is_no_root(root: str) -> None:
    with pytest.raises(NotALedgerRoot):
        replace(REPORT, ledger_root=root)
