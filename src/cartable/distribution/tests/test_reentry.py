"""Paper sheets typed in again: the same rules, the same ledger, the same court."""

from datetime import datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from cartable.distribution.commands.days import let_pass_without_charter
from cartable.distribution.court_models import Dispute, Testimony
from cartable.distribution.models import CharterProof, CheckOut, DistributionDay, Passage, Scan, Station
from cartable.distribution.reentry_rules import LineUnread, TypedLine, pasted_lines, read_line
from cartable.distribution.tests.conftest import DayScene
from cartable.fleet.models import Device, Movement
from cartable.kernel.codes import label_code

PARIS = ZoneInfo("Europe/Paris")


class Typist:
    """Somebody at the re-entry screen."""

    def __init__(self, scene: DayScene, person: Any) -> None:
        self.scene, self.client = scene, Client()
        self.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        self.address = f"/journees/{scene.day.pk}/ressaisie/"

    def types(self, student: str, device: str = "", **more: Any) -> str:
        said = {"line_id": uuid4(), "student": student, "device": device, "has_charter": "on", **more}
        with time_machine.travel(self.scene.cast.now, tick=False):
            answer = self.client.post(
                self.address, {key: value for key, value in said.items() if value}, headers={"HX-Request": "true"}
            )
        return answer.content.decode()

    def pastes(self, text: str, **more: Any) -> str:
        said = {"sheet_id": uuid4(), "lines": text, "has_charter": "on", **more}
        with time_machine.travel(self.scene.cast.now, tick=False):
            return self.client.post(f"{self.address}feuille/", said).content.decode()


@pytest.fixture
def meyer(scene: DayScene) -> Typist:
    return Typist(scene, scene.cast.meyer)


def paper_scans() -> list[tuple[int, str, str]]:
    rows = Scan.objects.filter(station__is_paper=True).order_by("sequence")
    return [(scan.sequence, scan.kind, scan.result) for scan in rows]


def disputed() -> list[tuple[str, str, str]]:
    """Return what the court hears from paper: each line once, in one dispute."""
    assert Dispute.objects.count() <= 1
    return list(
        Testimony.objects.filter(scan__station__is_paper=True).values_list("scan__kind", "scan__result", "scan__code")
    )


def test_a_line_takes_the_charter_and_hands_the_pc_over(scene: DayScene, meyer: Typist) -> None:
    said = meyer.types(scene.students["bilal"], scene.devices[0])
    assert "Remis" in said
    assert "Bilal Benali" in said
    assert paper_scans() == [(1, "arrival", "recorded"), (2, "pair", "recorded")]
    assert CheckOut.objects.get().charter_proof_id == CharterProof.objects.get().pk
    assert scene.custody(scene.devices[0]) == "student"


def test_the_court_calls_a_paper_sheet_by_its_name(scene: DayScene, meyer: Typist) -> None:
    scene.a.arrival(scene.students["bilal"])
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    meyer.types(scene.students["chloe"], scene.devices[0])
    page = meyer.client.get(f"/journees/{scene.day.pk}/litiges/{Dispute.objects.get().pk}/").content.decode()
    sheet, counter = Station.objects.get(is_paper=True), Station.objects.get(number=2)
    assert f"Feuilles {sheet.number}" in page
    assert f"B{sheet.number}" not in page
    assert counter.name in page


def test_a_line_sent_twice_is_one_line(scene: DayScene, meyer: Typist) -> None:
    line = {"line_id": uuid4()}
    first = meyer.types(scene.students["bilal"], scene.devices[0], **line)
    again = meyer.types(scene.students["bilal"], scene.devices[0], **line)
    assert ("Remis" in first, "Ligne déjà enregistrée" in again) == (True, True)
    assert len(paper_scans()) == 2
    assert Movement.objects.filter(reason="check_out").count() == 1


def test_a_line_typed_by_two_people_is_done_already_and_nobody_has_to_rule(scene: DayScene, meyer: Typist) -> None:
    meyer.types(scene.students["bilal"], scene.devices[0])
    said = Typist(scene, scene.cast.durand).types(scene.students["bilal"], scene.devices[0])
    assert "Déjà fait" in said
    assert disputed() == []
    assert Station.objects.filter(is_paper=True).count() == 2


def test_digits_are_enough_since_the_field_says_whose_they_are(scene: DayScene, meyer: Typist) -> None:
    bilal, pc = scene.students["bilal"], scene.devices[0]
    assert "Remis" in meyer.types(f"{bilal[1:5]} {bilal[5:9]} {bilal[9:]}", pc[1:])


def test_B01_a_scanner_on_another_keyboard_is_understood_in_the_fields(scene: DayScene, meyer: Typist) -> None:
    row = str.maketrans("1234567890", "&é\"'(-è_çà")
    assert "Remis" in meyer.types(scene.students["bilal"].lower().translate(row), scene.devices[0].translate(row))


@pytest.mark.parametrize(
    ("student", "device", "words"),
    [
        ("bilal", "", "Il manque le PC"),
        ("", "pc", "Élève manquant"),
        ("pc", "bilal", "C’est un PC"),
        ("bilal", "chloe", "C’est un autre élève"),
        ("E4820157360", "pc", "Code de l’élève mal lu"),
        ("bilal", "P0042118758", "Code du PC mal lu"),
        ("https://exemple.fr/E4820157369", "pc", "Code de l’élève mal lu"),
    ],
)
def test_a_line_that_cannot_be_read_records_nothing_and_says_why(
    scene: DayScene, meyer: Typist, student: str, device: str, words: str
) -> None:
    known = {**scene.students, "pc": scene.devices[0]}
    said = meyer.types(known.get(student, student), known.get(device, device))
    assert words in said
    assert paper_scans() == []


def test_a_charter_alone_is_taken_and_the_pc_follows_on_another_line(scene: DayScene, meyer: Typist) -> None:
    assert "Charte reçue" in meyer.types(scene.students["bilal"], is_without_device="on")
    assert "Remis" in meyer.types(scene.students["bilal"], scene.devices[0])
    assert [kind for _n, kind, _result in paper_scans()] == ["arrival", "pair"]


def test_without_a_charter_no_pc_and_the_leader_has_it_to_review(scene: DayScene, meyer: Typist) -> None:
    said = meyer.types(scene.students["bilal"], scene.devices[0], has_charter="")
    assert "Charte manquante · Litige" in said
    assert disputed() == [("pair", "refused", "charter_missing")]
    assert not CheckOut.objects.exists()


def test_a_student_let_through_keeps_the_reason_of_that(scene: DayScene, meyer: Typist) -> None:
    let_pass_without_charter(
        passage=Passage.objects.get(student__label_code=scene.students["bilal"]),
        reason="Charte perdue par la poste", allowed_by_id=scene.cast.durand.actor_id,
    )  # fmt: skip
    assert "Remis" in meyer.types(scene.students["bilal"], scene.devices[0], has_charter="")
    assert CheckOut.objects.get().override_by_id == scene.cast.durand.actor_id


def test_a_pc_that_a_station_handed_to_another_student_is_a_conflict_once(scene: DayScene, meyer: Typist) -> None:
    scene.a.arrival(scene.students["chloe"])
    scene.b.pair(scene.students["chloe"], scene.devices[0])
    said = meyer.types(scene.students["bilal"], scene.devices[0])
    assert "PC déjà remis à quelqu’un d’autre · Litige" in said
    assert disputed() == [("pair", "conflict", "already_held")]


def test_a_student_who_holds_another_pc_is_one_contradiction_not_two(scene: DayScene, meyer: Typist) -> None:
    meyer.types(scene.students["bilal"], scene.devices[0])
    assert "Élève déjà équipé · Litige" in meyer.types(scene.students["bilal"], scene.devices[1])
    assert disputed() == [("pair", "conflict", "already_equipped")]


def test_lines_end_where_the_same_scans_of_stations_end(scene: DayScene, meyer: Typist) -> None:
    """Right lines, a missing charter, a PC for two students, two PCs for a student: same ledger, same reviews."""
    alice, bilal, chloe, dylan = (scene.students[name] for name in ("alice", "bilal", "chloe", "dylan"))
    pcs = scene.devices
    sheet = [
        (bilal, pcs[0], True),
        (alice, pcs[1], True),
        (chloe, pcs[1], True),
        (alice, pcs[2], False),
        (dylan, pcs[3], True),
    ]

    def ends() -> object:
        held = Device.objects.filter(custodian_kind="student").values_list(
            "asset_tag", "custodian__student__label_code"
        )
        proofs = CharterProof.objects.values_list("student__label_code", "medium", "signer_kind")
        said = Scan.objects.filter(kind="pair").order_by("sequence").values_list("student_code", "result", "code")
        passed = Passage.objects.filter(arrived_at__isnull=False).values_list("student__label_code", flat=True)
        return sorted(held), sorted(proofs), list(said), sorted(passed), CheckOut.objects.count()

    before = transaction.savepoint()
    for student, device, has_charter in sheet:
        meyer.types(student, device, has_charter="on" if has_charter else "")
    on_paper = ends()
    transaction.savepoint_rollback(before)
    for student, device, has_charter in sheet:
        if has_charter and student != dylan:  # At A the screen stops a student who is not entitled: nothing is sent.
            scene.a.arrival(student)
        scene.b.pair(student, device)
    assert on_paper == ends()


def test_a_line_has_the_time_of_the_paper_else_that_of_its_sheet(scene: DayScene, meyer: Typist) -> None:
    meyer.types(scene.students["bilal"], scene.devices[0], clock="8h41", sheet_clock="830")
    meyer.types(scene.students["chloe"], scene.devices[1], sheet_clock="830")
    times = {scan.student_code: scan.happened_at.astimezone(PARIS).time() for scan in Scan.objects.filter(kind="pair")}
    assert times == {scene.students["bilal"]: time(8, 41), scene.students["chloe"]: time(8, 30)}


def test_a_time_to_come_is_a_typing_error(scene: DayScene, meyer: Typist) -> None:
    assert "n’est pas encore passée" in meyer.types(scene.students["bilal"], scene.devices[0], clock="23:59")
    assert paper_scans() == []


def test_the_last_line_is_taken_back_and_typed_again(scene: DayScene, meyer: Typist) -> None:
    meyer.types(scene.students["bilal"], scene.devices[0])
    with time_machine.travel(scene.cast.now, tick=False):
        page = meyer.client.post(f"{meyer.address}annuler/").content.decode()
    assert "Ligne annulée" in page
    assert scene.custody(scene.devices[0]) == "school_allotment"
    assert "Remis" in meyer.types(scene.students["bilal"], scene.devices[1])


def test_a_pasted_sheet_is_answered_line_by_line_and_keeps_what_it_could_not_read(
    scene: DayScene, meyer: Typist
) -> None:
    bilal, chloe, alice = (scene.students[name] for name in ("bilal", "chloe", "alice"))
    page = meyer.pastes(
        f"Élève\tPC\tHeure\n{bilal}\t{scene.devices[0]}\t8:31\n{chloe}\tP0042118758\n{alice}\tsans\n\n",
        sheet_clock="8:30",
    )
    assert "2 lignes lues. 1 ligne reste à corriger." in page
    assert page.index("Code du PC mal lu") < page.index("Bilal Benali")
    assert f"{chloe}\tP0042118758</textarea>" in page
    assert paper_scans() == [(1, "arrival", "recorded"), (2, "pair", "recorded"), (3, "arrival", "recorded")]


def test_a_sheet_sent_twice_changes_nothing_and_a_corrected_one_adds_its_lines(scene: DayScene, meyer: Typist) -> None:
    bilal, chloe = scene.students["bilal"], scene.students["chloe"]
    sheet = {"sheet_id": uuid4()}
    meyer.pastes(f"{bilal};{scene.devices[0]}", **sheet)
    meyer.pastes(f"{bilal};{scene.devices[0]}\n{chloe};{scene.devices[1]}", **sheet)
    assert [sequence for sequence, *_rest in paper_scans()] == [1, 2, 3, 4]
    assert Movement.objects.filter(reason="check_out").count() == 2


def test_a_sheet_longer_than_a_day_is_refused_in_words(scene: DayScene, meyer: Typist) -> None:
    assert "Au plus 500 lignes" in meyer.pastes(f"{scene.students['bilal']};sans\n" * 501)
    assert paper_scans() == []


def test_lines_of_a_typist_have_no_hole_and_the_server_knows_all_of_them(scene: DayScene, meyer: Typist) -> None:
    meyer.types(scene.students["bilal"], scene.devices[0])
    meyer.types(scene.students["chloe"], scene.devices[1])
    station = Station.objects.get(is_paper=True)
    assert (station.last_sequence, station.known_through, station.waiting_count) == (4, 4, 0)
    assert station.accepted_by_id == scene.cast.meyer.actor_id


def test_without_script_the_page_asks_for_the_pc_and_keeps_the_student(scene: DayScene, meyer: Typist) -> None:
    said = {"line_id": uuid4(), "student": scene.students["bilal"], "device": "", "has_charter": "on"}
    page = meyer.client.post(meyer.address, said)
    assert page.status_code == 422
    assert f'value="{scene.students["bilal"]}"' in page.content.decode()
    assert page.content.decode().index("autofocus") > page.content.decode().index('name="student"')


def test_a_day_that_is_not_open_takes_no_line(scene: DayScene, meyer: Typist) -> None:
    DistributionDay.objects.filter(pk=scene.day.pk).update(state="frozen", opened_at=None)
    assert "On ressaisit pendant que la journée est ouverte" in meyer.types(scene.students["bilal"], scene.devices[0])
    assert paper_scans() == []


NOW = datetime(2026, 9, 15, 18, 0, tzinfo=PARIS)


@pytest.mark.parametrize("written", ["8:42", "8h42", "08:42", "842", "0842", " 8 h 42 ", "8.42"])
def test_a_time_is_read_as_people_write_it(written: str) -> None:
    typed = TypedLine(label_code("E", 1), label_code("P", 1), written)
    assert read_line(typed, held_on=NOW.date(), sheet_clock=None, now=NOW).happened_at == NOW.replace(hour=8, minute=42)


@pytest.mark.parametrize("written", ["25:00", "8:72", "huit heures", "8", "12:34:56"])
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(LineUnread, match="time_misread"):
        read_line(
            TypedLine(label_code("E", 1), label_code("P", 1), written), held_on=NOW.date(), sheet_clock=None, now=NOW
        )


@pytest.mark.parametrize(
    "row", ["{e}\t{p}\t8:42", "{e};{p};8:42", "{e},{p},8:42", "{e} {p} 8:42", '"{e}";"{p}";"8:42"']
)
def test_columns_are_told_apart_however_the_spreadsheet_separates_them(row: str) -> None:
    student, device = label_code("E", 1), label_code("P", 1)
    [typed] = pasted_lines(row.format(e=student, p=device), has_charter=True)
    assert (typed.student, typed.device, typed.clock) == (student, device, "8:42")


def test_codes_written_in_groups_stay_whole_between_tabs() -> None:
    [typed] = pasted_lines("E 4820 1573 69\tP 0042 1187 59", has_charter=True)
    assert (typed.student, typed.device) == ("E 4820 1573 69", "P 0042 1187 59")
