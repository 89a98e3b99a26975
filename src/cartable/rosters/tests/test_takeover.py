"""A fleet of another tool opens the books: with whom each PC counts, what waits, and that nothing is lost on the way."""

from datetime import date

import pytest
from django.db import connection

from cartable.conftest import Cast
from cartable.documents.commands import erase_file
from cartable.documents.models import StoredFile
from cartable.documents.queries import FileErased
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import Condition, CustodianKind, Reason
from cartable.kernel.codes import parse_label_code
from cartable.rosters.commands.takeover_lines import (
    LineRuling,
    LineStillWaits,
    StudentUnnamed,
    drop_waiting_lines,
    enter_waiting_line,
)
from cartable.rosters.models import Takeover, TakeoverLine
from cartable.rosters.queries.takeover_checks import check_takeover
from cartable.rosters.queries.takeover_people import candidates_for
from cartable.rosters.queries.takeovers import content_of_takeover, reconciliation_of
from cartable.rosters.tasks import open_books as worker_opens_books
from cartable.rosters.tests.takeover_files import (
    ALICE_INE,
    enrolled,
    fleet_text,
    line_of,
    opened,
    send,
    take_over,
)
from cartable.supply.tests.notes import deliver, plain_lines

pytestmark = pytest.mark.django_db
K = CustodianKind


def held(serial: str) -> Device:
    return Device.objects.select_related("custodian__school", "lot").get(serial_number=serial)


def code_of(line: int) -> str:
    return str(TakeoverLine.objects.get(line=line).code)


def one_of_each(cast: Cast) -> list[str]:
    here = cast.school.uai
    return [
        line_of("5CD0000001", "Élève", uai=here, ine=ALICE_INE, family="Marchand", given="Alice", since="05/09/2025"),
        line_of("5CD0000002", "", uai=here, family="Haddad", given="Bilal", born="05/03/2010"),
        line_of("5CD0000003", "FUP", uai=here),
        line_of("5CD0000004", "atelier", uai=here, condition="en panne"),
        line_of("5CD0000005", "À remettre", uai=here),
        line_of("5CD0000006", "en stock"),
        line_of("5CD0000007", "SAV", condition="cassé"),
        line_of("5CD0000008", "sinistre", uai=here),
        line_of("5CD0000009", "volé", uai=here),
        line_of("5CD0000010", "perdu"),
        line_of("5CD0000011", "cédé"),
        line_of("5CD0000012", "rebut"),
    ]


def test_each_pc_counts_with_whom_the_other_tool_says(cast: Cast) -> None:
    alice, bilal = enrolled(cast, "Marchand", "Alice", ine=ALICE_INE), enrolled(cast, "Haddad", "Bilal")
    takeover_id, done = take_over(cast, one_of_each(cast))
    assert (done.read_count, done.entered_count, done.queued_count, done.refused_count) == (12, 12, 0, 0)
    assert held("5CD0000001").custodian_id == alice.custodian_id
    assert held("5CD0000002").custodian_id == bilal.custodian_id
    kinds = [held(f"5CD00000{n:02d}").custodian_kind for n in range(3, 13)]
    assert kinds == [
        K.EMERGENCY_STOCK, K.SCHOOL_BENCH, K.SCHOOL_ALLOTMENT, K.DEPOT, K.REPAIRER, K.CLAIM, K.STOLEN, K.LOST, K.GIVEN,
        K.DISPOSED,
    ]  # fmt: skip
    assert held("5CD0000003").custodian.school == cast.school
    conditions = [held(serial).condition for serial in ("5CD0000003", "5CD0000004", "5CD0000007")]
    assert conditions == [Condition.FIT, Condition.FAULTY, Condition.BROKEN]
    assert Takeover.objects.get(pk=takeover_id).closed_at is not None
    assert audit_ledger().violations == 0


def test_the_movement_says_opening_its_day_and_the_takeover(cast: Cast) -> None:
    enrolled(cast, "Marchand", "Alice", ine=ALICE_INE)
    takeover_id, _done = take_over(cast, one_of_each(cast))
    dated = Movement.objects.get(device__serial_number="5CD0000001")
    undated = Movement.objects.get(device__serial_number="5CD0000003")
    assert (dated.reason, dated.evidence) == (Reason.OPENING, f"takeover:{takeover_id}")
    assert (dated.happened_at.date(), undated.happened_at.date()) == (date(2025, 9, 5), date(2026, 9, 1))


def test_labels_are_made_with_their_check_digits(cast: Cast) -> None:
    take_over(cast, [line_of("5CD0000001", "dépôt"), line_of("5CD0000002", "dépôt")])
    tags = set(Device.objects.values_list("asset_tag", flat=True))
    assert len({parse_label_code(tag).number for tag in tags}) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"born": ""}, "names_only"),
        ({"family": "", "given": "", "born": ""}, "holder_missing"),
        ({"given": "Alicia"}, "student_unknown"),
        ({"born": "06/03/2010"}, "student_unknown"),
        ({"uai": "0579902D"}, "student_unknown"),
        ({"uai": ""}, "student_unknown"),
        ({"ine": "111111111AA"}, "ine_disagrees"),
        ({"ine": ALICE_INE, "family": "Caron", "given": "Zoé", "born": "01/01/2009"}, "ine_disagrees"),
        ({"ine": ALICE_INE, "family": "Caron", "given": "Zoé", "born": ""}, "ine_disagrees"),
    ],
)
def test_a_holder_who_is_not_beyond_doubt_is_queued(cast: Cast, changes: dict[str, str], code: str) -> None:
    enrolled(cast, "Marchand", "Alice", ine=ALICE_INE)
    said = {"uai": cast.school.uai, "family": "MARCHAND", "given": "Alice", "born": "05/03/2010", **changes}
    _id, done = take_over(cast, [line_of("5CD0000001", "élève", **said)])
    assert (done.queued_count, code_of(2), Device.objects.count()) == (1, code, 0)


@pytest.mark.parametrize(
    ("family", "given"), [("Marchand", "Alice"), ("MARCHAND Alice", ""), ("alice marchand", ""), ("Alice", "Marchand")]
)
def test_names_in_one_cell_or_two_and_a_birth_date_name_a_student_of_the_lycee(
    cast: Cast, family: str, given: str
) -> None:
    alice = enrolled(cast, "Marchand", "Alice")
    take_over(cast, [line_of("5CD0000001", uai=cast.school.uai, family=family, given=given, born="2010-03-05")])
    assert held("5CD0000001").custodian_id == alice.custodian_id


def test_two_namesakes_born_the_same_day_are_queued(cast: Cast) -> None:
    for ine in (ALICE_INE, ""):
        enrolled(cast, "Marchand", "Alice", ine=ine)
    take_over(cast, [line_of("5CD0000001", uai=cast.school.uai, family="Marchand", given="Alice", born="05/03/2010")])
    assert code_of(2) == "several_students"


def test_of_two_pcs_for_one_student_none_is_guessed(cast: Cast) -> None:
    enrolled(cast, "Marchand", "Alice", ine=ALICE_INE)
    _id, done = take_over(cast, [line_of(f"5CD000000{n}", "élève", ine=ALICE_INE) for n in (1, 2)])
    assert (done.queued_count, code_of(2), code_of(3)) == (2, "student_twice", "student_twice")
    assert [line.other_line for line in TakeoverLine.objects.order_by("line")] == [3, 2]


def test_a_student_who_has_a_pc_already_is_queued(cast: Cast) -> None:
    alice = enrolled(cast, "Marchand", "Alice", ine=ALICE_INE)
    (device_id,) = cast.devices_allotted(1)
    cast.move(device_id, cast.school_accounts[K.SCHOOL_ALLOTMENT], alice.custodian_id, Reason.CHECK_OUT)
    take_over(cast, [line_of("5CD0000001", "élève", ine=ALICE_INE)])
    assert code_of(2) == "student_holds"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (line_of("", "dépôt"), "serial_missing"),
        (line_of("x", "dépôt"), "serial_unfit"),
        (line_of("5CD0000001", ""), "state_missing"),
        (line_of("5CD0000001", "dans la nature"), "state_unknown"),
        (line_of("5CD0000001", "FUP"), "school_missing"),
        (line_of("5CD0000001", "FUP", uai="0570001A"), "school_unknown"),
        (line_of("5CD0000001", "dépôt", lot=""), "lot_missing"),
        (line_of("5CD0000001", "dépôt", lot="L" * 61), "lot_unfit"),
        (line_of("5CD0000001", "dépôt", condition="bof"), "condition_unknown"),
        (line_of("5CD0000001", "dépôt", since="hier"), "date_misread"),
        (line_of("5CD0000001", "dépôt", since="31/02/2025"), "date_misread"),
        (line_of("5CD0000001", "dépôt", since="01/01/2090"), "date_to_come"),
        (line_of("5CD0000001", "dépôt") + ";trop", "too_many_cells"),
    ],
)
def test_a_line_that_cannot_be_right_is_refused_with_its_cause(cast: Cast, line: str, code: str) -> None:
    _id, done = take_over(cast, [line, line_of("5CD0000009", "dépôt")])
    assert (done.refused_count, done.entered_count, code_of(2)) == (1, 1, code)


def test_a_pc_under_repair_needs_a_repairer(cast: Cast) -> None:
    kept = send(cast, fleet_text(line_of("5CD0000001", "SAV")), repairer=False)
    opened(cast, kept.pk)
    assert code_of(2) == "repairer_unnamed"


@pytest.mark.parametrize("serial", ["1,23E+11", "1.23457E+11", "05/03/2026", "mars-05"])
def test_T13_a_serial_number_that_a_spreadsheet_spoilt_is_refused(cast: Cast, serial: str) -> None:
    take_over(cast, [line_of(serial, "dépôt")])
    assert (code_of(2), Device.objects.count()) == ("serial_spoilt", 0)


def test_T21_a_serial_number_of_the_park_or_twice_in_the_file_stays_aside(cast: Cast) -> None:
    deliver(cast, plain_lines(1))
    known = Device.objects.get().serial_number
    takeover_id, _done = take_over(
        cast, [line_of(known, "dépôt"), line_of("5CE0000001", "dépôt"), line_of("5ce 0000001", "dépôt")]
    )
    assert (code_of(2), code_of(4), TakeoverLine.objects.get(line=4).other_line) == (
        "serial_known", "serial_doubled", 3,
    )  # fmt: skip
    assert Takeover.objects.get(pk=takeover_id).closed_at is None


def test_T23_a_label_that_another_pc_wears_is_refused_by_line(cast: Cast) -> None:
    deliver(cast, plain_lines(1))
    tag = Device.objects.get().asset_tag
    header = "serial;asset tag;model;lot;status"
    kept = send(
        cast, fleet_text(f"5CE0000001;{tag};HP;2024-1;stock", "5CE0000002;INV-77;HP;2024-1;stock", header=header)
    )
    opened(cast, kept.pk)
    assert (code_of(2), code_of(3)) == ("tag_taken", "tag_misread")


def test_I23_lines_read_are_entered_queued_or_refused_before_and_after(cast: Cast) -> None:
    enrolled(cast, "Marchand", "Alice", ine=ALICE_INE)
    lines = [*one_of_each(cast), line_of("x", "dépôt", lot="2024-2"), line_of("5CD0000013", "élève", lot="2024-2")]
    kept = send(cast, fleet_text(*lines))
    before = check_takeover(kept, content_of_takeover(kept), today=date(2026, 9, 15)).reconciliation
    opened(cast, kept.pk)
    after = reconciliation_of(Takeover.objects.get(pk=kept.pk))
    assert before == after
    assert (after.whole.read, after.whole.entered, after.whole.queued, after.whole.refused) == (14, 11, 2, 1)
    for rows in (after.by_lot, after.by_school, after.by_account):
        assert sum(row.read for row in rows) == 14
        assert all(row.read == row.entered + row.queued + row.refused for row in rows)
    assert {row.name: (row.read, row.entered) for row in after.by_lot} == {"2024-1": (12, 11), "2024-2": (2, 0)}


def test_a_takeover_applied_twice_enters_once(cast: Cast) -> None:
    takeover_id, first = take_over(cast, [line_of("5CD0000001", "dépôt")])
    again = opened(cast, takeover_id)
    assert (first.already_applied, again.already_applied, again.entered_count) == (False, True, 1)
    assert Device.objects.count() == 1


def test_the_same_bytes_are_the_same_takeover(cast: Cast) -> None:
    content = fleet_text(line_of("5CD0000001", "dépôt"))
    assert send(cast, content).pk == send(cast, content, name="autre.csv").pk
    assert StoredFile.objects.filter(file_class="takeover").count() == 1


def test_a_file_that_was_erased_must_be_sent_again(cast: Cast) -> None:
    content = fleet_text(line_of("5CD0000001", "dépôt"))
    kept = send(cast, content)
    erase_file(document_id=kept.document_id, erased_at=cast.now)
    with pytest.raises(FileErased):
        opened(cast, kept.pk)
    assert send(cast, content).pk == kept.pk
    assert opened(cast, kept.pk).entered_count == 1


def test_the_worker_opens_the_books_and_says_what_stopped_it(cast: Cast) -> None:
    kept = send(cast, fleet_text(line_of("5CD0000001", "dépôt")))
    lost = send(cast, fleet_text(line_of("5CD0000002", "dépôt")))
    erase_file(document_id=lost.document_id, erased_at=cast.now)
    for one in (kept, lost):
        worker_opens_books(region_id=cast.region.pk, takeover_id=str(one.pk), actor_id=cast.sonia.actor_id)
    assert Takeover.objects.get(pk=kept.pk).applied_at is not None
    assert Takeover.objects.get(pk=lost.pk).failure == "file_erased"


RULED = LineRuling(serial="5CD0000001", asset_tag="", model="HP 240 G8", lot="2024-1", kind=K.STUDENT, condition="fit")


def settle(cast: Cast, takeover_id: object, line: int, ruling: LineRuling) -> str:
    return enter_waiting_line(
        takeover_id=takeover_id,  # type: ignore[arg-type]
        line=line,
        ruling=ruling,
        settled_at=cast.now,
        settled_by_id=cast.sonia.actor_id,
    )


def test_a_queued_line_enters_with_the_student_whom_somebody_names(cast: Cast) -> None:
    alice = enrolled(cast, "Marchand", "Alice")
    takeover_id, _done = take_over(cast, [line_of("5CD0000001", "élève", uai=cast.school.uai, family="Marchand Alice")])
    (candidate,) = candidates_for(TakeoverLine.objects.get())
    assert candidate.label_code == alice.label_code
    ruling = LineRuling(**{**RULED.__dict__, "label_code": candidate.label_code})
    tag = settle(cast, takeover_id, 2, ruling)
    assert settle(cast, takeover_id, 2, ruling) == tag
    assert held("5CD0000001").custodian_id == alice.custodian_id
    line, found = TakeoverLine.objects.get(), Takeover.objects.get(pk=takeover_id)
    assert (line.family_name, line.birth_on, line.settlement, found.closed_at) == ("", None, "entered", cast.now)
    assert reconciliation_of(found).whole.added == 1
    assert audit_ledger().violations == 0


def test_a_line_may_be_settled_to_an_account_and_the_last_one_closes_the_takeover(cast: Cast) -> None:
    takeover_id, _done = take_over(
        cast, [line_of("5CD0000001", "élève", family="Inconnu"), line_of("", "élève", family="Perdu", lot="2024-2")]
    )
    stock = LineRuling(**{**RULED.__dict__, "kind": K.EMERGENCY_STOCK, "uai": cast.school.uai, "lot": "2024-3"})
    settle(cast, takeover_id, 2, stock)
    assert held("5CD0000001").custodian_id == cast.school_accounts[K.EMERGENCY_STOCK]
    assert Takeover.objects.get(pk=takeover_id).closed_at is None
    dropped = drop_waiting_lines(
        takeover_id=takeover_id, remark="Doublon.", settled_at=cast.now, settled_by_id=cast.sonia.actor_id,
        code="serial_missing",
    )  # fmt: skip
    assert (dropped, Takeover.objects.get(pk=takeover_id).closed_at) == (1, cast.now)
    assert audit_ledger().violations == 0


def test_a_ruling_that_cannot_be_is_refused_and_the_line_still_waits(cast: Cast) -> None:
    alice = enrolled(cast, "Marchand", "Alice")
    takeover_id, _done = take_over(
        cast, [line_of(f"5CD000000{n}", "élève", family="Marchand", given="Alice") for n in (1, 2)]
    )
    settle(cast, takeover_id, 2, LineRuling(**{**RULED.__dict__, "label_code": alice.label_code}))
    second = {**RULED.__dict__, "serial": "5CD0000002"}
    with pytest.raises(LineStillWaits, match="student_holds"):
        settle(cast, takeover_id, 3, LineRuling(**{**second, "label_code": alice.label_code}))
    with pytest.raises(LineStillWaits, match="serial_known"):
        settle(cast, takeover_id, 3, LineRuling(**{**RULED.__dict__, "kind": K.DEPOT}))
    with pytest.raises(StudentUnnamed):
        settle(cast, takeover_id, 3, LineRuling(**{**second, "label_code": "E0099999949"}))
    assert TakeoverLine.objects.filter(settled_at__isnull=True).count() == 1


def _corrupted(cast: Cast, statement: str) -> set[str]:
    """Take over two lots with lines that wait, one of them settled; plant a wrong count; name what the audit finds."""
    takeover_id, _done = take_over(
        cast,
        [
            line_of("5CD0000001", "FUP", uai=cast.school.uai),
            line_of("5CD0000002", "dépôt", lot="2024-2"),
            line_of("5CD0000003", "élève", family="Inconnu"),
            line_of("x", "dépôt"),
        ],
    )
    settle(cast, takeover_id, 4, LineRuling(**{**RULED.__dict__, "serial": "5CD0000003", "kind": K.DEPOT}))
    with connection.cursor() as cursor:
        cursor.execute(statement)
    return {f"{finding.invariant} {finding.name}" for finding in audit_ledger().broken}


LINES, COUNTS, OWN = (
    "I23 a_takeover_accounts_for_every_line",
    "I05 a_takeover_entered_what_it_counted",
    "I05 a_settled_line_of_a_takeover_entered_its_own_pc",
)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("SELECT", set()),
        ("UPDATE rosters_takeover SET read_count = 5", {LINES}),
        (
            "UPDATE rosters_takeovercount SET read = read + 1, entered = entered + 1 WHERE lot = '2024-2'",
            {LINES, COUNTS},
        ),
        ("UPDATE rosters_takeovercount SET lot = '2024-3' WHERE lot = '2024-2'", {COUNTS}),
        ("UPDATE rosters_takeovercount SET uai = '0579902D' WHERE kind = 'emergency_stock'", {COUNTS}),
        ("UPDATE rosters_takeovercount SET kind = 'claim' WHERE lot = '2024-2'", {COUNTS}),
        (
            "UPDATE rosters_takeovercount SET queued = refused, refused = queued WHERE queued <> refused",
            {LINES},
        ),
        ("DELETE FROM rosters_takeoverline WHERE code = 'serial_unfit'", {LINES}),
        ("DELETE FROM rosters_takeoverline WHERE code = 'names_only'", {LINES, COUNTS}),
        (
            "UPDATE rosters_takeoverline SET settlement = 'entered', settled_at = now(), division = '',"
            " settled_by_id = (SELECT min(id) FROM accounts_actor), device_id = (SELECT id FROM fleet_device"
            " WHERE serial_number = '5CD0000002') WHERE code = 'serial_unfit'",
            {COUNTS},
        ),
        (
            "UPDATE rosters_takeoverline SET device_id = (SELECT id FROM fleet_device WHERE serial_number = '5CG0000000')"
            " WHERE code = 'names_only'",
            {COUNTS, OWN},
        ),
    ],
)
def test_I05_I23_a_planted_wrong_count_is_found(cast: Cast, statement: str, found: set[str]) -> None:
    cast.devices_in_depot(1)
    assert _corrupted(cast, statement) == found
