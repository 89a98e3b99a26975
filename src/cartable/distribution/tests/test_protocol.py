"""Protocol 2 as ``docs/protocol.md`` says it, over the wire."""

import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.db import DataError, OperationalError, connection
from django.test import Client, RequestFactory
from django.utils import timezone

from cartable.distribution.api.day import device_row, student_row
from cartable.distribution.api.door import LARGE_REQUEST, place_for_a_large_request
from cartable.distribution.api.door import answer as as_sent
from cartable.distribution.commands import scans as scan_commands
from cartable.distribution.commands.stations import revoke_station
from cartable.distribution.models import BroughtJournal, Scan, UnreadableScan
from cartable.distribution.protocol import ACCEPTED_UNTIL, is_accepted
from cartable.distribution.queries.prepared import PreparedDevice, PreparedStudent
from cartable.distribution.rules import DeviceFacts, ScanKind, StudentFacts
from cartable.distribution.tests.conftest import DayScene
from cartable.distribution.tests.stations_by_wire import wire
from cartable.fleet.rules import CustodianKind
from cartable.kernel.codes import label_code

pytestmark = pytest.mark.django_db


def test_an_upload_may_be_compressed(scene: DayScene) -> None:
    station = wire(scene)
    answer = station.send(station.event("arrival", scene.students["bilal"]), packed=True)
    assert answer.json()["results"][0]["result"] == "recorded"


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (gzip.compress(b"[]")[:-6], 400, "bad_request"),
        (b"not gzip at all", 400, "bad_request"),
        (gzip.compress(b" " * 2_000_000), 413, "too_large"),
    ],
    ids=["truncated", "not gzip", "unpacks to 2 MB"],
)
def test_F16_a_body_that_cannot_be_unpacked_takes_nothing(
    scene: DayScene, body: bytes, status: int, error: str
) -> None:
    answer = wire(scene).ask("scans", body, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert Scan.objects.count() == 0


def test_F16_one_bad_event_among_two_hundred_is_kept_aside_and_holds_back_no_other(scene: DayScene) -> None:
    station = wire(scene)
    events = [station.event("call") for _ in range(200)]
    events[77]["happened_at"] = "yesterday, about noon"
    answer = station.send(*events).json()
    results = {one["id"]: (one["result"], one.get("code", "")) for one in answer["results"]}
    assert results[events[77]["id"]] == ("refused", "unreadable")
    assert len(results) == 200
    assert Scan.objects.count() == 199
    kept = UnreadableScan.objects.get()
    assert kept.sequence == 78
    assert "yesterday" in kept.content


def test_F16_an_event_without_readable_place_does_not_hold_back_the_next_ones(scene: DayScene) -> None:
    station = wire(scene)
    events = [station.event("call") for _ in range(200)]
    events[77]["sequence"] = "78"
    station.send(*events)
    assert Scan.objects.count() == 199
    assert station.contact()["missing"] == []


def test_an_event_that_the_database_cannot_hold_is_set_aside_alone(
    scene: DayScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = scan_commands._keep

    def holds_all_but_the_second(run: Any, orders: Any, sender: Any) -> None:
        if any(judgement.scan.sequence == 2 for judgement in run):
            raise DataError("value out of range")
        keep(run, orders, sender)

    monkeypatch.setattr(scan_commands, "_keep", holds_all_but_the_second)
    station = wire(scene)
    events = [station.event("call") for _ in range(3)]
    assert station.results(*events) == [("recorded", ""), ("refused", "unreadable"), ("recorded", "")]


def test_a_number_that_a_station_used_is_never_given_again(scene: DayScene) -> None:
    station = wire(scene)
    station.send(station.event("call"), station.event("call", happened_at="?"))
    assert station.day()["station"]["next_sequence"] == 3
    station.contact(sequence=5, waiting=3)  # Then its disk was lost.
    assert station.day()["station"]["next_sequence"] == 6
    assert station.contact()["missing"] != []


def test_an_event_without_id_is_listed_by_its_place_and_kept_once(scene: DayScene) -> None:
    station = wire(scene)
    nameless = station.event("call") | {"id": 7}
    for _ in range(3):
        answer = station.send(station.event("call"), nameless).json()
        assert [one["index"] for one in answer["unreadable"]] == [1]
    assert UnreadableScan.objects.count() == 1


def test_the_server_says_what_it_misses(scene: DayScene) -> None:
    station = wire(scene)
    events = [station.event("call") for _ in range(10)]
    station.send(*events[:3])
    answer = station.contact()
    assert (answer["known_through"], answer["missing"]) == (3, [[4, 10]])
    station.send(*events)
    answer = station.contact()
    assert (answer["known_through"], answer["missing"]) == (10, [])


def test_what_could_not_be_read_is_no_hole(scene: DayScene) -> None:
    station = wire(scene)
    station.send(station.event("call"), station.event("call", happened_at="?"), station.event("call"))
    assert station.contact()["missing"] == []


def test_a_contact_brings_what_changed_and_notes_where_the_station_stands(scene: DayScene) -> None:
    station, other = wire(scene), wire(scene)
    cursor = station.day()["cursor"]
    other.send(other.event("arrival", scene.students["bilal"]))
    clock = scene.cast.now + timedelta(hours=3)
    answer = station.contact(cursor, clock=clock.isoformat(), waiting=4, workshop="A", durable=False)
    assert scene.students["bilal"] in {one["c"] for one in answer["students"]}
    assert answer["reload"] is False
    noted = station.station()
    assert (noted.waiting_count, noted.is_durable, noted.workshop) == (4, False, "A")
    assert noted.clock_skew_ms is not None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda name, at: f"1{name}-{at}",
        lambda name, at: f"{name[:-1]}9-{at}",
        lambda name, at: f"{name}-9{at}000000",
    ],
    ids=["another database", "another timeline", "from the future"],
)
def test_F29_a_cursor_of_another_database_asks_for_the_day_again(
    scene: DayScene, spoil: Callable[[str, str], str]
) -> None:
    station = wire(scene)
    cursor = station.day()["cursor"]
    assert station.contact(cursor)["reload"] is False
    assert station.contact(spoil(*cursor.split("-")))["reload"] is True


def test_F29_what_a_restored_database_lost_is_asked_for_and_comes_back(scene: DayScene) -> None:
    station = wire(scene)
    first = station.event("arrival", scene.students["bilal"])
    station.send(first)
    later = [station.event("pair", scene.students["bilal"], scene.devices[0]), station.event("call")]
    # The restored database is one that never had them; the station has, acknowledged.
    answer = station.contact()
    assert answer["missing"] == [[2, 3]]
    assert station.results(*later) == [("recorded", ""), ("recorded", "")]
    assert scene.custody(scene.devices[0]) == "student"


def test_a_journal_is_taken_as_the_events_of_the_station_that_made_them(scene: DayScene) -> None:
    absent, carrier = wire(scene), wire(scene)
    absent.event("arrival", scene.students["bilal"])
    absent.event("pair", scene.students["bilal"], scene.devices[0])
    answer = carrier.ask("journal", absent.journal()).json()
    assert [one["result"] for one in answer["results"]] == ["recorded", "recorded"]
    assert set(Scan.objects.values_list("station_id", flat=True)) == {absent.station().pk}
    again = carrier.ask("journal", absent.journal()).json()
    assert [one["result"] for one in again["results"]] == ["exists", "exists"]


def test_who_carried_a_journal_and_what_was_new_in_it_is_written_down_each_time(scene: DayScene) -> None:
    absent, carrier = wire(scene), wire(scene)
    absent.event("arrival", scene.students["bilal"])
    journal = absent.journal()
    absent.event("call")
    for carried in (journal, absent.journal(), absent.journal(), journal | {"mac": "0" * 64}):
        carrier.ask("journal", carried)
    written = BroughtJournal.objects.order_by("pk")
    assert [(one.event_count, one.new_count) for one in written] == [(1, 1), (2, 1), (2, 0)]
    assert {(one.station_id, one.brought_by_id) for one in written} == {
        (absent.station().pk, carrier.station().actor_id)
    }
    assert bytes(written[0].sha256) == hashlib.sha256(journal["scans"].encode()).digest()


def test_an_unreadable_event_of_a_journal_is_new_once(scene: DayScene) -> None:
    absent, carrier = wire(scene), wire(scene)
    absent.event("call", happened_at="this morning")
    for _ in range(2):
        carrier.ask("journal", absent.journal())
    assert list(BroughtJournal.objects.order_by("pk").values_list("event_count", "new_count")) == [(1, 1), (1, 0)]


def _another_mac(journal: dict[str, Any]) -> None:
    journal["mac"] = "0" * 64


def _another_text(journal: dict[str, Any]) -> None:
    journal["scans"] = journal["scans"].replace("call", "pair")


@pytest.mark.parametrize("spoil", [_another_mac, _another_text])
def test_a_journal_that_its_station_did_not_write_is_refused(
    scene: DayScene, spoil: Callable[[dict[str, Any]], None]
) -> None:
    absent, carrier = wire(scene), wire(scene)
    absent.event("call")
    journal = absent.journal()
    spoil(journal)
    answer = carrier.ask("journal", journal)
    assert (answer.status_code, answer.json()["detail"]) == (400, "journal_not_genuine")
    assert Scan.objects.count() == 0


def test_the_journal_of_a_stopped_station_is_not_taken_from_another_station(scene: DayScene) -> None:
    absent, carrier = wire(scene), wire(scene)
    absent.event("call")
    revoke_station(station=absent.station(), now=scene.cast.now)
    answer = carrier.ask("journal", absent.journal())
    assert (answer.status_code, answer.json()["error"]) == (401, "station_revoked")


def test_F23_the_version_before_is_understood_for_thirty_days(scene: DayScene, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked_on(day: date) -> Any:
        monkeypatch.setattr("cartable.distribution.api.door.today", lambda: day)
        return Client().get("/api/v1/day", headers={"Authorization": f"Bearer {scene.b.token}"})

    last = ACCEPTED_UNTIL[1]
    assert asked_on(last).json()["protocol"] == 1
    late = asked_on(last + timedelta(days=1))
    assert (late.status_code, late.json()["error"]) == (410, "protocol_too_old")
    assert is_accepted(2, today=date(2040, 1, 1))


@pytest.mark.parametrize("address", ["scans", "contact"])
def test_F10_a_database_that_is_down_or_full_acknowledges_nothing(
    scene: DayScene, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def disk_full(*_arguments: object, **_named: object) -> None:
        raise OperationalError("could not extend file: No space left on device")

    station = wire(scene)
    monkeypatch.setattr("cartable.distribution.queries.uploads.upload_facts", disk_full)
    monkeypatch.setattr("cartable.distribution.api.contact.known_sequences", disk_full)
    asked = {"scans": {"protocol": 2, "scans": [station.event("call")]}}.get(address) or {
        "protocol": 2, "cursor": "1-0", "clock": scene.cast.now.isoformat(), "sequence": 0, "waiting": 0,
        "workshop": "B",
    }  # fmt: skip
    answer = station.ask(address, asked)
    assert (answer.status_code, answer.json()) == (503, {"error": "unavailable"})
    assert 1 <= int(answer["Retry-After"]) <= 5


@pytest.mark.parametrize(("address", "size"), [("journal", 3_000_000), ("journal", 6_000_000), ("scans", 2_900_000)])
def test_a_body_that_is_too_long_is_refused_in_the_words_of_the_protocol(
    scene: DayScene, address: str, size: int
) -> None:
    said = wire(scene).ask(address, b'{"protocol": 2, "x": "' + b"a" * size + b'"}')
    assert (said.status_code, said["Content-Type"]) in {(400, "application/json"), (413, "application/json")}


def test_a_clock_at_the_end_of_time_is_refused_by_name(scene: DayScene) -> None:
    said = {
        "protocol": 2, "cursor": "0-0", "clock": "0001-01-01T00:00:00+14:00", "sequence": 0, "waiting": 0,
        "workshop": "B",
    }  # fmt: skip
    assert wire(scene).ask("contact", said).status_code == 400


def test_large_requests_leave_room_for_those_who_scan_one_by_one(scene: DayScene) -> None:
    station = wire(scene)
    with place_for_a_large_request():
        for answer in (station.send(*[station.event("call") for _ in range(100)]), station.get("day")):
            assert (answer.status_code, answer.json()["error"]) == (503, "busy")
            assert int(answer["Retry-After"]) > 0
        assert scene.b.send(scene.b.scan(ScanKind.CALL))[0].result == "recorded"
    assert len(station.results(*station.made)) == 100


def test_another_process_that_answers_a_large_request_holds_the_place_as_well(scene: DayScene) -> None:
    station = wire(scene)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LARGE_REQUEST])
        assert (station.get("day").status_code, station.get("day").json()["error"]) == (503, "busy")
        assert scene.b.send(scene.b.scan(ScanKind.CALL))[0].result == "recorded"
    assert station.get("day").status_code == 200
    # The place was let go of: a third one finds it free.
    assert station.get("day").status_code == 200


def _name(number: int) -> str:
    """Return a name that compresses no better than a real one: letters from a digest."""
    letters = hashlib.sha256(str(number).encode()).hexdigest().translate(str.maketrans("0123456789", "ghijklmnop"))
    return f"{letters[:7].title()} {letters[7:16].upper()}"


def test_the_list_of_two_thousand_students_is_at_most_200_kilobytes_on_the_wire() -> None:
    students = [
        PreparedStudent(
            StudentFacts(n, n, label_code("E", n * 40_009 % 99_999_989), n, True, False, False, None, False, None),
            _name(n), f"2DE {n % 40}",
            timezone.now() + timedelta(minutes=n % 300), None, None,
        )
        for n in range(2_000)
    ]  # fmt: skip
    devices = [
        PreparedDevice(DeviceFacts(n, label_code("P", 421_000 + n), 1, CustodianKind.SCHOOL_ALLOTMENT, True),
                       f"5CG{n * 7_919 % 9_999_991:07d}", None)
        for n in range(2_000)
    ]  # fmt: skip
    content = {"students": [student_row(one) for one in students], "devices": [device_row(one) for one in devices]}
    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    sent = as_sent(request, content)
    assert sent["Content-Encoding"] == "gzip"
    assert len(sent.content) <= 200_000
    assert json.loads(gzip.decompress(sent.content)) == content
