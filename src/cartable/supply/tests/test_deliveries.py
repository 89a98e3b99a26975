"""A supplier's delivery note, from the file to the depot: RELIABILITY 3c, spreadsheets and CSV."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
import xlsxwriter
from django.db import connection, connections
from django_scopes import scopes_disabled
from procrastinate.contrib.django import app

from cartable.conftest import NOW, Cast
from cartable.fleet.models import Device, Lot, Movement
from cartable.fleet.rules import CustodianKind
from cartable.kernel.codes import DEVICE_LETTER, label_code, parse_label_code
from cartable.kernel.tables import UnreadableTable
from cartable.supply import commands
from cartable.supply.models import Delivery, DeliveryNote, RefusedLine
from cartable.supply.queries import deliveries, notes
from cartable.supply.tests.notes import HEADER, deliver, note_text, plain_lines, receive, send

TAG = label_code(DEVICE_LETTER, 4_211_875)


def refused(cast: Cast, *lines: str) -> list[tuple[int, str]]:
    """Return line and code of what a note of these lines would refuse."""
    check = notes.check_note(send(cast, note_text(*lines)))
    return [(line.line, line.code) for line in check.refused]


def test_a_note_that_was_only_sent_changes_nothing_in_the_park(cast: Cast) -> None:
    check = notes.check_note(send(cast, note_text(*plain_lines(50))))
    assert (check.accepted_count, check.made_tag_count, check.pallet_count) == (50, 50, 3)
    assert (Device.objects.count(), Delivery.objects.count()) == (0, 0)


def test_received_lines_are_in_the_depot_with_lot_pallet_carton_and_a_valid_label(cast: Cast) -> None:
    received = deliver(cast, plain_lines(3))
    device = Device.objects.select_related("lot", "device_model").get(serial_number="5CD0000001")
    assert (received.accepted_count, received.refused_count) == (3, 0)
    assert device.custodian_id == cast.region_accounts[CustodianKind.DEPOT]
    assert (device.lot.reference, device.device_model.name) == ("2026-1", "HP 240 G9")
    assert (device.pallet, device.carton) == ("PAL000", "C0000")
    assert parse_label_code(device.asset_tag).number >= 10_000_000
    movement = Movement.objects.get(device=device)
    assert movement.evidence == f"delivery:{received.delivery_id}"
    assert movement.happened_at == datetime(2026, 8, 20, 10, 0, tzinfo=UTC)  # Noon in Paris.


def test_a_label_of_the_supplier_is_kept(cast: Cast) -> None:
    deliver(cast, [f"5CD0000001;HP;{TAG.lower()};;"])
    assert Device.objects.get().asset_tag == TAG


def test_a_label_of_our_own_never_takes_one_that_is_in_use(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('supply_asset_tag_number')")
        number = cursor.fetchone()[0]
    deliver(cast, [f"5CD0000001;HP;{label_code(DEVICE_LETTER, number + 1)};;"])
    theirs = f"5CD0000002;HP;{label_code(DEVICE_LETTER, number + 3)};;"
    received = deliver(cast, [*plain_lines(2, first=10), theirs])
    assert (received.accepted_count, Device.objects.count()) == (3, 4)


def test_refused_lines_do_not_hold_up_the_others_and_are_kept_until_settled(cast: Cast) -> None:
    received = deliver(cast, [*plain_lines(2), ";HP;;;", "x;HP;;;"])
    assert (received.accepted_count, received.refused_count, Device.objects.count()) == (2, 2, 2)
    kept = deliveries.refused_lines(received.delivery_id)
    assert [(line.line, line.code) for line in kept] == [(4, "serial_missing"), (5, "serial_unfit")]
    assert all(line.remedy for line in kept)
    assert Delivery.objects.get().closed_at is None


def test_a_delivery_without_refused_line_is_closed_at_once(cast: Cast) -> None:
    deliver(cast, plain_lines(2))
    assert Delivery.objects.get().closed_at == NOW


def test_the_same_file_again_is_the_same_delivery(cast: Cast) -> None:
    content = note_text(*plain_lines(3))
    first = receive(cast, send(cast, content))
    with pytest.raises(commands.NoteReceivedAlready) as caught:
        send(cast, content, name="copie.csv")
    again = receive(cast, DeliveryNote.objects.get())
    assert caught.value.delivery_id == first.delivery_id == again.delivery_id
    assert (again.already_received, Device.objects.count()) == (True, 3)


def test_sending_a_file_again_before_reception_corrects_what_was_said_of_it(cast: Cast) -> None:
    content = note_text(*plain_lines(1))
    first, again = send(cast, content), send(cast, content, name="bon-2.csv", model="HP")
    assert (first.pk, again.default_model) == (again.pk, "HP")


def test_a_file_that_fails_in_the_middle_leaves_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    note = send(cast, note_text(*plain_lines(3), ";HP;;;"))

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(RefusedLine.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        receive(cast, note)
    assert not Device.objects.exists()
    assert not Delivery.objects.exists()
    assert not Lot.objects.filter(reference="2026-1").exists()


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_T01_every_separator_is_read(cast: Cast, separator: str) -> None:
    note = send(cast, note_text(*plain_lines(2)).replace(b";", separator.encode()))
    assert notes.check_note(note).accepted_count == 2


def test_T03_mixed_line_ends_are_read(cast: Cast) -> None:
    one, two, three = plain_lines(3)
    content = f"{HEADER}\r\n{one}\r{two}\n\n{three}".encode()
    assert notes.check_note(send(cast, content)).accepted_count == 3


def test_T05_an_unclosed_quote_in_line_3_of_200_000_names_line_3(cast: Cast) -> None:
    lines = plain_lines(200_000)
    lines[1] = '"' + lines[1]
    with pytest.raises(UnreadableTable) as caught:
        notes.check_note(send(cast, note_text(*lines)))
    assert (caught.value.code, caught.value.line) == ("unclosed_quote", 3)


def test_T07_a_column_that_nobody_can_guess_is_asked_for_then_read(cast: Cast) -> None:
    note = send(cast, note_text("5CD0000001;HP", header="Identifiant fabricant;Matériel"))
    with pytest.raises(UnreadableTable) as caught:
        notes.check_note(note)
    assert caught.value.code == "column_missing"
    choice = notes.column_choice(note)
    assert choice.samples == (("Identifiant fabricant", ("5CD0000001",)), ("Matériel", ("HP",)))
    commands.choose_columns(
        note_id=note.pk, columns={"serial": "Identifiant fabricant", "model": "Matériel"}, has_header=True
    )
    assert notes.check_note(DeliveryNote.objects.get()).models == (("HP", 1),)


def test_T07_a_file_without_header_is_read_once_the_columns_are_said(cast: Cast) -> None:
    note = send(cast, b"5CD0000001;HP\n5CD0000002;HP")
    commands.choose_columns(note_id=note.pk, columns={"serial": "1", "model": "2"}, has_header=False)
    assert notes.check_note(DeliveryNote.objects.get()).accepted_count == 2


def test_T07_a_doubled_header_is_refused(cast: Cast) -> None:
    with pytest.raises(UnreadableTable) as caught:
        send(cast, note_text("1;2", header="Serial;serial"))
    assert caught.value.code == "header_doubled"
    assert DeliveryNote.objects.count() == 0


@pytest.mark.parametrize(
    "header", ["Serial Number,Model,Asset Tag,Pallet,Box", "N° de série,Désignation,N° inventaire,N° palette,Colis"]
)
def test_headers_in_french_and_english_are_known(cast: Cast, header: str) -> None:
    check = notes.check_note(send(cast, note_text(f"5CD0000001,HP,{TAG},P1,C1", header=header)))
    assert (check.accepted_count, check.made_tag_count, check.pallet_count) == (1, 0, 1)


@pytest.mark.parametrize("content", [b"", HEADER.encode(), HEADER.encode() + b"\n;;;;" * 10_000])
def test_T09_a_note_without_any_line_is_refused(cast: Cast, content: bytes) -> None:
    with pytest.raises(UnreadableTable) as caught:
        notes.check_note(send(cast, content))
    assert caught.value.code in {"empty_file", "no_row"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (";".join(f"c{n}" for n in range(10_000)).encode(), "too_many_columns"),
        (note_text("x" * 10_000_000), "cell_too_long"),
    ],
    ids=["columns", "cell"],
)
def test_T11_monstrous_files_are_refused(cast: Cast, content: bytes, code: str) -> None:
    with pytest.raises(UnreadableTable) as caught:
        notes.check_note(send(cast, content))
    assert caught.value.code == code


@pytest.mark.parametrize("serial", ["1,23E+11", "1.23E+11", "05/03/2026", "5-mars", "MARS-05"])
def test_T13_a_serial_number_that_a_spreadsheet_spoilt_is_refused(cast: Cast, serial: str) -> None:
    assert refused(cast, f"{serial};HP;;;") == [(2, "serial_spoilt")]


def _workbook(*rows: list[Any]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([HEADER.split(";"), *rows]):
            for place, cell in enumerate(row):
                if isinstance(cell, tuple):
                    sheet.write_formula(number, place, cell[0], value=cell[1])
                else:
                    sheet.write(number, place, cell)
    return buffer.getvalue()


def test_T13_a_serial_number_in_a_number_or_date_cell_is_refused_and_explained(cast: Cast) -> None:
    note = send(cast, _workbook([123456789012, "HP"], [date(2026, 3, 5), "HP"], ["0012345", "HP"]), name="bon.xlsx")
    check = notes.check_note(note)
    assert [(line.line, line.code) for line in check.refused] == [(2, "serial_spoilt"), (3, "serial_spoilt")]
    assert "format Texte" in check.refused[0].remedy
    assert check.accepted_count == 1


def test_T15_a_formula_gives_its_value_and_one_without_value_is_refused(cast: Cast) -> None:
    note = send(cast, _workbook([('=UPPER("5cd0000001")', "5CD0000001"), "HP"], [("=NOW()", ""), "HP"]))
    check = notes.check_note(note)
    assert (check.accepted_count, [line.code for line in check.refused]) == (1, ["serial_missing"])
    assert check.warnings == ("formulas",)


def test_T17_hidden_sheets_are_left_out_and_said(cast: Cast) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        for name in ("Bon", "Prix"):
            sheet = workbook.add_worksheet(name)
            sheet.write_row(0, 0, HEADER.split(";"))
            sheet.write_row(1, 0, [f"5CD-{name}", "HP"])
        workbook.get_worksheet_by_name("Prix").hide()
    check = notes.check_note(send(cast, buffer.getvalue()))
    assert (check.accepted_count, check.warnings) == (1, ("hidden_sheets",))


def test_T21_a_serial_number_of_the_park_is_kept_aside_and_the_lot_stays_open(cast: Cast) -> None:
    deliver(cast, plain_lines(1))
    received = deliver(cast, ["5cd 0000000;HP;;;", *plain_lines(1, first=1)])
    assert [line.code for line in deliveries.refused_lines(received.delivery_id)] == ["serial_known"]
    assert Delivery.objects.get(pk=received.delivery_id).closed_at is None


def test_T21_of_two_lines_with_one_serial_number_the_second_is_kept_aside(cast: Cast) -> None:
    received = deliver(cast, ["5CD0000001;HP;;;", "5CD0000002;HP;;;", "5cd0000001;HP;;;"])
    (line,) = deliveries.refused_lines(received.delivery_id)
    assert (line.line, line.code, received.accepted_count) == (4, "serial_doubled", 2)
    assert "ligne 2" in line.cause


def test_T23_a_label_that_another_pc_wears_is_refused_by_line(cast: Cast) -> None:
    deliver(cast, [f"5CD0000001;HP;{TAG};;"])
    lines = (f"5CD0000002;HP;{TAG};;", "5CD0000003;HP;P0042118758;;")
    assert refused(cast, *lines) == [(2, "tag_taken"), (3, "tag_misread")]
    other = label_code(DEVICE_LETTER, 77)
    assert refused(cast, f"5CD0000004;HP;{other};;", f"5CD0000005;HP;{other};;") == [(3, "tag_doubled")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("5CD#12;HP;;;", "serial_unfit"),
        ("5CD0000001;;;;", "model_missing"),
        ("5CD0000001;HP;;" + "p" * 31 + ";", "text_unfit"),
        ("5CD0000001;HP 🎒;;;", "text_unfit"),
        ("5CD0000001;HP;;;;reste", "too_many_cells"),
        (f"5CD0000001;HP;{label_code('E', 5)};;", "tag_misread"),
    ],
)
def test_a_line_that_cannot_be_right_is_refused(cast: Cast, line: str, code: str) -> None:
    assert refused(cast, line) == [(2, code)]


def test_a_note_without_models_takes_the_one_that_was_said(cast: Cast) -> None:
    check = notes.check_note(send(cast, note_text("5CD0000001", header="serie"), model="HP 240 G9"))
    assert check.models == (("HP 240 G9", 1),)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_T27_two_people_receive_one_note_together_and_one_of_them_waits(committed_cast: Cast) -> None:
    note = send(committed_cast, note_text(*plain_lines(300)))
    start, answers = Barrier(2), []

    def run() -> None:
        with scopes_disabled():
            start.wait()
            answers.append(receive(committed_cast, note))
        connections.close_all()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.already_received for answer in answers) == [False, True]
    assert len({answer.delivery_id for answer in answers}) == 1
    assert Device.objects.count() == 300


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_T27_two_notes_that_share_a_pc_received_together_enter_it_once(committed_cast: Cast) -> None:
    sent = [send(committed_cast, note_text(*plain_lines(200), f"5CDONLY{n};HP;;;")) for n in range(2)]
    start, answers = Barrier(2), []

    def run(note: DeliveryNote) -> None:
        with scopes_disabled():
            start.wait()
            answers.append(receive(committed_cast, note))
        connections.close_all()

    threads = [Thread(target=run, args=(note,)) for note in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.refused_count for answer in answers) == [0, 200]
    assert Device.objects.count() == 202


def _corrected(cast: Cast, line_id: int, **changes: str) -> str:
    cells = {"serial": "5CD0000009", "model": "HP", "asset_tag": "", "pallet": "", "carton": "", **changes}
    return commands.enter_refused_line(line_id=line_id, settled_at=NOW, settled_by_id=cast.sonia.actor_id, **cells)


def test_a_corrected_line_enters_its_pc_once_and_closes_the_delivery(cast: Cast) -> None:
    received = deliver(cast, [*plain_lines(1), "x;HP;;;"])
    line = RefusedLine.objects.get()
    tag = _corrected(cast, line.pk)
    assert _corrected(cast, line.pk) == tag
    device = Device.objects.get(serial_number="5CD0000009")
    assert (device.asset_tag, RefusedLine.objects.get().device_id) == (tag, device.pk)
    assert Delivery.objects.get(pk=received.delivery_id).closed_at == NOW


def test_a_correction_that_is_wrong_as_well_is_refused_and_the_line_stays_open(cast: Cast) -> None:
    deliver(cast, [*plain_lines(1), "x;HP;;;"])
    with pytest.raises(commands.LineStillRefused) as caught:
        _corrected(cast, RefusedLine.objects.get().pk, serial="5CD0000000")
    assert (caught.value.line_code, RefusedLine.objects.get().settled_at) == ("serial_known", None)


def test_all_lines_of_one_cause_can_be_left_aside_with_a_reason(cast: Cast) -> None:
    deliver(cast, plain_lines(3))
    received = deliver(cast, [*plain_lines(4), "x;HP;;;"])
    who = {"settled_at": NOW, "settled_by_id": cast.sonia.actor_id}
    dropped = commands.drop_lines(delivery_id=received.delivery_id, code="serial_known", remark="Bon cumulé", **who)
    assert (dropped, [line.code for line in deliveries.refused_lines(received.delivery_id, only_open=True)]) == (
        3,
        ["serial_unfit"],
    )
    commands.drop_lines(delivery_id=received.delivery_id, line=6, remark="Carton vide", **who)
    assert Delivery.objects.get(pk=received.delivery_id).closed_at == NOW


def test_a_long_note_is_handed_to_the_worker_once_and_a_short_one_is_received_at_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cartable.supply.commands.deliveries.LINES_RECEIVED_AT_ONCE", 10)
    short, long = send(cast, note_text(*plain_lines(10))), send(cast, note_text(*plain_lines(11, first=50)))
    asked = {"asked_at": NOW, "asked_by_id": cast.sonia.actor_id}
    assert commands.ask_for_reception(note_id=short.pk, **asked) is not None
    assert commands.ask_for_reception(note_id=long.pk, **asked) is None
    assert commands.ask_for_reception(note_id=long.pk, **asked) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs")
        jobs = cursor.fetchall()
    assert [name for name, _ in jobs] == ["supply.receive_delivery"]
    from cartable.supply.tasks import receive_delivery

    receive_delivery(**json.loads(jobs[0][1]))
    assert Device.objects.count() == 21


def test_what_stops_the_worker_is_said_on_the_note(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from cartable.supply.tasks import receive_delivery

    note = send(cast, note_text("1;2", header="a;b"))
    receive_delivery(region_id=cast.region.pk, note_id=note.pk, actor_id=cast.sonia.actor_id)
    assert DeliveryNote.objects.get().failure == "column_missing"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_real_worker_receives_what_the_page_handed_over(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cartable.supply.commands.deliveries.LINES_RECEIVED_AT_ONCE", 10)
    note = send(committed_cast, note_text(*plain_lines(30), "x;HP;;;"))
    commands.ask_for_reception(note_id=note.pk, asked_at=NOW, asked_by_id=committed_cast.sonia.actor_id)
    real = commands.receive_delivery

    def and_hang_up(**asked: Any) -> commands.Received:
        try:
            return real(**asked)
        finally:
            connections.close_all()  # The worker's thread ends with the test; its connection would outlive both.

    monkeypatch.setattr("cartable.supply.tasks.commands.receive_delivery", and_hang_up)
    quietly = {"wait": False, "install_signal_handlers": False, "listen_notify": False}
    with app.replace_connector(app.connector.get_worker_connector()) as worker, ThreadPoolExecutor(1) as threads:
        # In a thread of its own: browser tests of the same run keep a loop in this one.
        threads.submit(worker.run_worker, queues=["imports"], **quietly).result()
    assert Device.objects.count() == 30
    assert Delivery.objects.get().closed_at is None
