"""Both lycées of the cast with one object of each kind, so that every address of the product can be asked for."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4, uuid5

from cartable.conftest import Cast
from cartable.desk.bulk_rules import Bulk, options_mark
from cartable.desk.commands.bulk import confirm_act, prepare_act
from cartable.desk.commands.exports import ask_for_export, prepare_export
from cartable.desk.models import BulkAct
from cartable.desk.queries.bulk import waiting_lines
from cartable.desk.rules import Listed
from cartable.distribution.commands.closing import close_day
from cartable.distribution.commands.days import freeze_list, open_day, plan_day
from cartable.distribution.models import BroughtJournal, Dispute, DistributionDay, Passage, Scan, Station
from cartable.distribution.tests.conftest import build_scene, enrol
from cartable.emergency_stock.commands.allocations import Allocated, allocate
from cartable.emergency_stock.commands.top_ups import ask_for_top_up
from cartable.emergency_stock.rules import Cause
from cartable.fleet.models import Device
from cartable.fleet.queries.lists import DeviceFilter, device_ids
from cartable.fleet.rules import CustodianKind, Grade, Reason
from cartable.incidents.commands.complaints import Complaint, accept_complaint
from cartable.incidents.commands.declarations import declare
from cartable.incidents.rules import IncidentKind
from cartable.notices.commands import Recipient, queue_notices
from cartable.notices.queries import Receiver, address_fingerprint, short_stop_url, stop_token
from cartable.notices.rules import Channel, NoticeKind
from cartable.organisations.commands import keep_directory
from cartable.photos.rules import Act
from cartable.photos.tests.pictures import take_photo
from cartable.repairs.commands.batches import receive, send_out
from cartable.repairs.commands.opening import open_repair
from cartable.repairs.commands.workshop import diagnose, send_quote
from cartable.repairs.models import RepairQuote
from cartable.repairs.queries.scans import to_receive, to_send
from cartable.repairs.rules import FaultyPart, Symptom
from cartable.returns.commands.bench import work_on
from cartable.returns.commands.check_ins import check_in
from cartable.returns.commands.write_offs import open_slip, write_off
from cartable.returns.models import Reimaging
from cartable.returns.rules import BenchAct, Gesture, Outlet, ReturnReason, WipeMethod
from cartable.rosters.commands.batches import SentFile, read_file, receive_files
from cartable.rosters.commands.departures import declare_departure
from cartable.rosters.commands.enrolment import NewStudent
from cartable.rosters.commands.mappings import keep_table
from cartable.rosters.commands.merging import merge_students
from cartable.rosters.models import RosterDecision, RosterImport, RosterLine, RosterProblem, Student
from cartable.rosters.tests.takeover_files import fleet_text, line_of, take_over
from cartable.rosters.tests.takeover_files import send as send_fleet
from cartable.supply.commands import Consignment, allot_devices, dispatch_shipments, keep_note
from cartable.supply.models import Shipment, ShipmentLine
from cartable.supply.rules import Choice
from cartable.supply.tests.notes import deliver, note_text, plain_lines, send

Address = dict[str, Any]
# The same for everybody: the address of a lycée's object, of the other lycée's, of one that belongs to the region.
OWN, OTHER, REGION, NONE = "own", "other", "region", "-"


@dataclass
class World:
    """The parts of an address, by what they belong to: ``parts[OWN]["day_id"]``."""

    cast: Cast
    parts: dict[str, Address]
    region_parts: dict[str, Address]

    def address(self, route: str, names: tuple[str, ...], belongs_to: str) -> Address:
        """Return the arguments of a route's address."""
        parts = self.region_parts.get(route) or self.parts.get(belongs_to, {})
        if route == "distribution:report":  # Only a closed day has one.
            parts = {"day_id": parts["closed_day_id"]}
        return {name: parts[name] for name in names}


def build_world(cast: Cast) -> World:
    """Give each lycée a closed day, an open day, students, PCs, scans and a list; the region a note and a delivery."""
    turned = replace(
        cast,
        school=cast.other_school,
        other_school=cast.school,
        school_accounts=cast.other_accounts,
        other_accounts=cast.school_accounts,
        meyer=cast.zoe,
    )
    parent = Receiver(address_fingerprint("parent@example.org"), NoticeKind.CHARTER_REMINDER, Channel.MAIL)
    act, words = uuid4(), {"lycee": "Lycée", "eleve": "Bilal", "classe": "2DE7", "charte": "Charte"}
    queue_notices(
        act_id=act, region_id=cast.region.pk, school_id=cast.school.pk, campaign_id=cast.campaign.pk, kind=parent.kind,
        language="fr", recipients=[Recipient("parent@example.org", words)], queued_at=cast.now,
    )  # fmt: skip
    code = short_stop_url(uuid5(act, parent.fingerprint.hex())).rstrip("/").rpartition("/")[2]
    nobody = {"token": stop_token(parent), "code": code}
    return World(cast, {OWN: _school_parts(cast), OTHER: _school_parts(turned), NONE: nobody}, _region_parts(cast))


def unknown(parts: Address) -> Address:
    """Return an address of the same form that names nothing."""
    nothing = {
        "asset_tag": "P0099999949",
        "uai": "0579999J",
        "label_code": "E0099999949",
        "other_code": "E0099999949",
        "form": "csv",
        "first_year": 2099,
        "dpi": 203,
    }
    return {
        name: nothing.get(name, uuid4() if name in {"scan_id", "import_id"} or not isinstance(value, int) else 987_654)
        for name, value in parts.items()
    }


def _departure(cast: Cast) -> UUID:
    """Send a student of the lycée out of the region."""
    (code,) = enrol(cast, {"ely": NewStudent(0, "Parti", "Ely")}).values()
    departure = declare_departure(
        departure_id=uuid4(), student=Student.objects.get(label_code=code), from_school_id=cast.school.pk,
        to_school_id=None, declared_at=cast.now, declared_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    return departure.pk


def _school_parts(cast: Cast) -> Address:
    closed = _closed_day(cast)
    scene = build_scene(cast)
    scene.b.pair(scene.students["bilal"], scene.devices[1])  # No charter: refused, and to be reviewed.
    listed = RosterImport.objects.create(
        id=uuid4(),
        school=cast.school,
        first_year=2026,
        kind="students",
        sha256=b"",
        read_at=cast.now,
        read_by_id=cast.sonia.actor_id,
        state="previewed",
    )
    day = scene.day
    BroughtJournal.objects.create(
        station=Station.objects.filter(day=day).earliest("pk"), brought_by_id=cast.meyer.actor_id,
        sha256=bytes(32), event_count=3, new_count=1,
    )  # fmt: skip
    table = keep_table(
        school=cast.school, first_year=2026, file=SentFile("eleves.csv", b"A;B\n1;2\n"), sent_at=cast.now,
        sent_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    bilal = Student.objects.get(label_code=scene.students["bilal"])
    line = RosterLine.objects.create(
        roster_import=listed, line=4, outcome="review", review_code="near_name", candidates=[bilal.pk], eleve_id="1",
        family_name="Benalli", folded_name="BENALLI", match_key="BENALLI|", status="ST", starts_on=day.held_on,
    )  # fmt: skip
    decision = RosterDecision.objects.create(
        id=uuid4(), school=cast.school, first_year=2026, person_key="0" * 64, ruling="other", student=bilal,
        decided_at=cast.now, decided_by_id=cast.sonia.actor_id, roster_import=listed,
    )  # fmt: skip
    problem = RosterProblem.objects.create(roster_import=listed, line=9, severity="refuse", code="name_unfit")
    twice = enrol(cast, {name: NewStudent(0, "Double", name) for name in ("Ali", "Aly")})
    ids = Student.objects.filter(label_code__in=twice.values()).values_list("pk", flat=True)
    merge = merge_students(
        merge_id=uuid4(), student_ids=(ids[0], ids[1]), decided_by_id=cast.sonia.actor_id, decided_at=cast.now
    )  # fmt: skip
    allocation = _allocation(cast, Student.objects.get(label_code=scene.students["chloe"]))
    quote = _repair(cast)
    photo = take_photo(Act.TICKET, quote.ticket_id, quote.ticket.device, cast)
    shipment = _shipment(cast)
    return {
        "ticket_id": quote.ticket_id,
        "quote_id": quote.pk,
        "photo_id": photo.pk,
        "shipment_id": shipment.pk,
        "line": ShipmentLine.objects.get(shipment=shipment).pk,
        **_returned(cast, Student.objects.get(label_code=scene.students["dylan"])),
        "incident_id": _theft(cast),
        "movement_id": allocation.movement_id,
        "line_id": line.pk,
        "decision_id": decision.pk,
        "problem_id": problem.pk,
        "merge_id": merge.merge_id,
        "departure_id": _departure(cast),
        "other_code": scene.students["alice"],
        "form": "csv",
        "uai": cast.school.uai,
        "asset_tag": scene.devices[0],
        "day_id": day.pk,
        "closed_day_id": closed.pk,
        "passage_id": Passage.objects.filter(day=day).earliest("pk").pk,
        "station_id": Station.objects.filter(day=day).earliest("pk").pk,
        "dispute_id": Dispute.objects.filter(day=day).earliest("pk").pk,
        "scan_id": Scan.objects.filter(day=day).latest("received_at").pk,
        "label_code": scene.students["bilal"],
        "import_id": listed.pk,
        "file_id": table.pk,
        "dpi": 203,
    }


def _allocation(cast: Cast, student: Student) -> Allocated:
    [device_id] = cast.devices_in_depot(1)
    depot, reserve = cast.region_accounts[CustodianKind.DEPOT], cast.school_accounts[CustodianKind.EMERGENCY_STOCK]
    cast.move(device_id, depot, reserve, Reason.TOP_UP)
    return allocate(
        movement_id=uuid4(), student=student, device=Device.objects.get(pk=device_id), cause=Cause.WALK_UP,
        charter_received=True, allocated_at=cast.now, allocated_by_id=cast.sonia.actor_id,
    )  # fmt: skip


def _repair(cast: Cast) -> RepairQuote:
    """Send a PC of the reserve to the repairer, who asks for the price of its screen."""
    [device_id] = cast.devices_in_depot(1)
    depot, reserve = cast.region_accounts[CustodianKind.DEPOT], cast.school_accounts[CustodianKind.EMERGENCY_STOCK]
    cast.move(device_id, depot, reserve, Reason.TOP_UP)
    device = Device.objects.get(pk=device_id)
    ticket = open_repair(
        act_id=uuid4(), device=device, repairer_id=cast.repairer.pk, symptoms=[Symptom.SCREEN], note="", loaner=None,
        opened_at=cast.now, opened_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    texts, region_id, lina_id = [device.asset_tag], cast.region.pk, cast.lina.actor_id
    sent = to_send(texts, region_id=region_id)
    send_out(act_id=uuid4(), scanned=sent, sent_at=cast.now, sent_by_id=cast.sonia.actor_id)
    receive(
        receipt_id=uuid4(), region_id=region_id, repairer_id=cast.repairer.pk,
        scanned=to_receive([*texts, "INCONNU1"], region_id=region_id), received_at=cast.now, received_by_id=lina_id,
    )  # fmt: skip
    diagnose(
        ticket_id=ticket.pk, is_covered=False, part=FaultyPart.SCREEN, diagnosed_at=cast.now, diagnosed_by_id=lina_id
    )
    quote_id = uuid4()
    send_quote(
        quote_id=quote_id, ticket_id=ticket.pk, part=FaultyPart.SCREEN, price_eur=Decimal("90.00"), note="",
        sent_at=cast.now, sent_by_id=lina_id,
    )  # fmt: skip
    return RepairQuote.objects.get(pk=quote_id)


def _shipment(cast: Cast) -> Shipment:
    """Send a PC from the depot to the lycée's reserve."""
    cast.devices_in_depot(1)
    depot, reserve = cast.region_accounts[CustodianKind.DEPOT], cast.school_accounts[CustodianKind.EMERGENCY_STOCK]
    [sent] = dispatch_shipments(
        [Consignment(uuid4(), depot, reserve, count=1)], region_id=cast.region.pk, dispatched_at=cast.now,
        dispatched_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    return Shipment.objects.get(pk=sent.shipment_id)


def _returned(cast: Cast, student: Student) -> Address:
    """Take two PCs back: one is wiped and left on the bench, one leaves for good."""
    slip = open_slip(
        slip_id=uuid4(), school=cast.school, outlet=Outlet.REUSE, receiver="Ateliers du Bocage", opened_at=cast.now,
        opened_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    devices, gone = [], uuid4()
    for _ in range(2):
        device = Device.objects.get(asset_tag=_allocation(cast, student).asset_tag)
        returned = check_in(
            movement_id=uuid4(), student=student, device=device, grade=Grade.USED, kit_missing=(), damages=(),
            why=ReturnReason.OTHER, checked_in_at=cast.now, checked_in_by_id=cast.sonia.actor_id,
        )  # fmt: skip
        devices.append(device)
    work_on(
        movement_id=uuid4(), device=devices[0], gesture=Gesture(BenchAct.WIPE), at=cast.now,
        by_id=cast.sonia.actor_id,
    )  # fmt: skip
    write_off(
        movement_id=gone, slip=slip, device=devices[1], wipe_method=WipeMethod.OVERWRITTEN, written_off_at=cast.now,
        written_off_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    return {
        "check_in_id": returned.movement_id,
        "arrival_id": Reimaging.objects.get(device=devices[0]).pk,
        "slip_id": slip.pk,
        "write_off_id": gone,
    }


def _theft(cast: Cast) -> UUID:
    """Steal a PC from the reserve; the complaint is there, nothing else comes of it."""
    [device_id] = cast.devices_in_depot(1)
    depot, reserve = cast.region_accounts[CustodianKind.DEPOT], cast.school_accounts[CustodianKind.EMERGENCY_STOCK]
    cast.move(device_id, depot, reserve, Reason.TOP_UP)
    stolen = declare(
        incident_id=uuid4(), device=Device.objects.get(pk=device_id), kind=IncidentKind.THEFT,
        happened_on=cast.now.date(), is_here=False, declared_at=cast.now, declared_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    accept_complaint(
        incident_id=stolen.incident_id, movement_id=uuid4(),
        complaint=Complaint("2026/01", cast.now.date(), "Police, Metz", b"%PDF-1.4 %%EOF"), accepted_at=cast.now,
        accepted_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    return stolen.incident_id


def _closed_day(cast: Cast) -> DistributionDay:
    enrol(cast)
    day = plan_day(school=cast.school, campaign=cast.campaign, held_on=date(2026, 9, 14), starts_at=time(8, 30))
    freeze_list(day=day, now=cast.now - timedelta(days=2))
    open_day(day=day, now=cast.now - timedelta(days=1))
    close_day(
        day=day,
        closed_by_id=cast.meyer.actor_id,
        now=cast.now - timedelta(hours=20) + timedelta(seconds=cast.school.pk),  # A root is taken once at a time.
        leader_name="",
        head_name="",
        draw_report=lambda _account: b"%PDF-1.4 %%EOF",
    )
    return day


def _export(cast: Cast) -> UUID:
    """Write a list for the manager of the region, who alone fetches it."""
    export_id = ask_for_export(
        form_id=uuid4(), region_id=cast.region.pk, school_ids=None, listed=Listed.DEVICES, wanted=DeviceFilter(),
        language="en", asked_at=cast.now, asked_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    prepare_export(export_id=export_id)
    return export_id


def _bulk_act(cast: Cast, act: Bulk, options: dict[str, str], *, is_done: bool) -> UUID:
    """Prepare an act on PCs for the manager of the region, with some left out; do it."""
    act_id = prepare_act(
        form_id=uuid4(), act=act, ids=device_ids(DeviceFilter(), most=20), region_id=cast.region.pk, school_id=None,
        school_ids=None, language="fr", list_url="/pc/", options=options, asked_at=cast.now,
        asked_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    if is_done:
        prepared = BulkAct.objects.get(pk=act_id)
        waiting = waiting_lines(prepared).count()
        confirm_act(
            act_id=act_id, expected_count=waiting, expected_options=options_mark(options), now=cast.now
        )  # fmt: skip
    return act_id


def _region_parts(cast: Cast) -> dict[str, Address]:
    """Return what belongs to the region alone, route by route."""
    delivery = deliver(cast, [*plain_lines(30), "x;HP;;;"])
    note = send(cast, note_text(*plain_lines(3, first=500)))
    unread = keep_note(
        region_id=cast.region.pk, contractor_id=cast.supplier.pk, lot_reference="2026-2", received_on=date(2026, 8, 1),
        file_name="bon.csv", content=b"a;b\n1;2", sent_at=cast.now, sent_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    allotted = allot_devices(
        allotment_id=uuid4(), region_id=cast.region.pk, school_id=cast.school.pk, choice=Choice(count=2),
        acting_actor_id=cast.sonia.actor_id, happened_at=cast.now,
    )  # fmt: skip
    content = b"identifiant_de_l_etablissement;nom_etablissement;nom_commune\n0579901C;Ailleurs;Metz"
    directory = keep_directory(region=cast.region, file_name="annuaire.csv", content=content, sent_at=cast.now)
    (list_file,) = receive_files(
        batch_id=uuid4(), region_id=cast.region.pk, school=None, first_year=2026,
        files=[SentFile("liste.xml", b"<autre/>")], sent_at=cast.now, sent_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    read_file(file_id=list_file.pk, now=cast.now, today=date(2026, 9, 13))
    taken, _done = take_over(
        cast,
        [
            line_of("5CE0000001", "dépôt"),
            line_of("x", "FUP", uai=cast.school.uai),
            line_of("5CE0000003", "élève", uai=cast.school.uai, family="Lefèvre", given="Chloé"),
        ],
    )
    asked = ask_for_top_up(
        top_up_id=uuid4(), school=cast.school, count=2, asked_at=cast.now, asked_by_id=cast.durand.actor_id
    )
    sent_fleet = send_fleet(cast, fleet_text(line_of("5CE0000002", "dépôt")))
    takeover, line = {"takeover_id": taken}, {"takeover_id": taken, "line": 3}
    printed = _bulk_act(cast, Bulk.TAGS, {}, is_done=True)
    options = {"vers": cast.school.uai, "compte": str(CustodianKind.EMERGENCY_STOCK), "note": ""}
    previewed = _bulk_act(cast, Bulk.SEND, options, is_done=False)
    return {
        **{f"emergency_stock:top-up{part}": {"top_up_id": asked.pk} for part in ("", "-grant", "-refuse")},
        "rosters:batch-export": {"batch_id": list_file.batch_id},
        **{
            f"rosters:takeover{part}": takeover
            for part in ("", "-check", "-open", "-state", "-counts-csv", "-lines-csv", "-lines-drop")
        },
        "rosters:takeover-columns": {"takeover_id": sent_fleet.pk},
        "rosters:takeover-line": line,
        "rosters:takeover-line-drop": line,
        "rosters:batch": {"batch_id": list_file.batch_id},
        "rosters:batch-apply": {"batch_id": list_file.batch_id},
        "rosters:file-settle": {"file_id": list_file.pk},
        "supply:note": {"pk": note.pk},
        "supply:note-receive": {"pk": note.pk},
        "supply:note-state": {"pk": note.pk},
        "supply:note-columns": {"pk": unread.pk},
        "supply:delivery": {"pk": delivery.delivery_id},
        "supply:refused-lines-csv": {"pk": delivery.delivery_id},
        "supply:refused-lines-drop": {"pk": delivery.delivery_id},
        "supply:refused-line": {"pk": delivery.delivery_id, "line": 32},
        "supply:refused-line-drop": {"pk": delivery.delivery_id, "line": 32},
        "supply:allotment": {"pk": allotted.allotment_id},
        **{f"desk:bulk{part}": {"act_id": printed} for part in ("", "-lines", "-labels")},
        "desk:bulk-confirm": {"act_id": previewed},
        **{f"desk:export{part}": {"export_id": _export(cast)} for part in ("", "-file")},
        "desk:directory": {"pk": directory.pk},
        "desk:directory-apply": {"pk": directory.pk},
        "programme:campaign": {"first_year": 2026},
        "notices:texts": {"first_year": 2026},
        **{
            f"notices:text{part}": {"first_year": 2026, "kind": "loan_begun", "language": "fr"}
            for part in ("", "-of-house")
        },
        "programme:wave": {"first_year": 2026},
        "programme:rules-new": {"first_year": 2026},
        "programme:rules-publish": {"first_year": 2026},
    }
