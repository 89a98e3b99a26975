"""Gestures of the desks: PCs of the reserve handed over and taken back, incidents, returns, the bench."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from cartable.emergency_stock.commands.allocations import allocate, take_back
from cartable.emergency_stock.models import Allocation
from cartable.emergency_stock.rules import Cause
from cartable.fleet.models import Device
from cartable.fleet.rules import Grade
from cartable.incidents.commands.closing import close_with_nothing
from cartable.incidents.commands.complaints import Complaint, accept_complaint
from cartable.incidents.commands.declarations import declare, withdraw
from cartable.incidents.commands.doors import Purchase, lend_meanwhile, record_rebuy, replace
from cartable.incidents.commands.finds import find_again
from cartable.incidents.rules import IncidentKind
from cartable.kernel.codes import DEVICE_LETTER, label_code
from cartable.organisations.models import School
from cartable.returns.commands.bench import withdraw as withdraw_from_shelf
from cartable.returns.commands.bench import work_on
from cartable.returns.commands.check_ins import check_in, undo_check_in
from cartable.returns.commands.write_offs import open_slip, undo_write_off, write_off
from cartable.returns.models import CheckIn, Reimaging, WriteOff
from cartable.returns.rules import CONDITION_OF_GRADE, BenchAct, BenchCheck, Gesture, Outlet, ReturnReason, WipeMethod
from cartable.simulation.torture.scene import Deed, Scene, device, student
from cartable.simulation.torture.world import AT_A_SCHOOL, HOT, THIS_YEAR, Incident, Past, Pc, Place

RECEIPT = b"%PDF-1.4 %%EOF"


# The reserve.


def hand_over(scene: Scene) -> Deed | None:
    """The head gives a PC of the reserve to a student, for keeps."""
    who = scene.student()
    school = scene.world.students[who]
    pk = scene.pc(lambda pc: pc.place == ("emergency_stock", school) and pc.condition == "fit")
    if pk is None:
        return None
    signs, movement = scene.chance.random() < 0.8, scene.id()
    reasons = scene.goes_out(pk, who, signs=signs)
    if scene.world.is_barred(who):
        reasons.add("incident_decides")
    cause = scene.chance.choice([Cause.ABSENT, Cause.WALK_UP])
    return Deed(
        lambda: allocate(
            movement_id=movement, student=student(who), device=device(pk), cause=cause, charter_received=signs,
            **scene.said("allocated"),
        ),
        reasons,
        lambda: _given(scene, movement, pk, who),
    )  # fmt: skip


def _given(scene: Scene, movement: UUID, pk: int, who: int, *, is_loan: bool = False) -> None:
    world = scene.world
    world.given[movement] = Past(pk, world.pcs[pk].place, ("student", who), is_loan=is_loan)
    if not is_loan:
        world.signed.setdefault(who, THIS_YEAR)
    world.move(pk, "student", who)


def undo_hand_over(scene: Scene) -> Deed | None:
    """The head takes back what was handed over by mistake."""
    of = scene.one(scene.world.given)
    if of is None:
        return None
    past, movement = scene.world.given[of], scene.id()
    reasons = _stays_done(scene, past, already="undone_already")
    if past.is_loan:
        reasons = {"is_a_loan", *reasons}
    return Deed(
        lambda: take_back(
            allocation=Allocation.objects.select_related("student").get(pk=of), movement_id=movement,
            **scene.said("taken_back"),
        ),
        reasons,
        lambda: _undone(scene, past),
    )  # fmt: skip


def _stays_done(scene: Scene, past: Past, *, already: str) -> set[str]:
    """Say why a gesture cannot be undone: it was, its PC has moved on, or the student holds another one by now."""
    found = {already} if past.is_undone else set()
    holds = past.origin[0] == "student" and scene.world.held_by(past.origin[1]) is not None
    if scene.world.pcs[past.device].place != past.goal or holds:
        found.add("has_moved_on")
    return found


def _undone(scene: Scene, past: Past) -> None:
    past.is_undone = True
    scene.world.move(past.device, *past.origin, condition=past.condition)


# Incidents.


def declare_incident(scene: Scene) -> Deed | None:
    """Somebody declares a theft, a loss or a breakage."""
    world, pk = scene.world, scene.pc(lambda pc: pc.kind == "student")
    if pk is None:
        return None
    kind, is_here, incident = scene.chance.choice(list(IncidentKind)), scene.chance.random() < 0.5, scene.id()
    pc, reasons = world.pcs[pk], set()
    if world.open_incident(pk):
        reasons.add("incident_is_open")
    if pc.kind in HOT:
        reasons.add("already_hot")
    elif pc.kind not in AT_A_SCHOOL:
        reasons.add("not_at_a_school")

    def effect() -> None:
        who = pc.holder if pc.kind == "student" else None
        school = world.school_of(pk)
        assert school is not None  # Else it were at no school.
        goal: Place = ("claim", None)
        stays = False
        if kind == "breakage":
            goal, stays = ("school_bench", school), pc.kind == "school_bench" or (who is not None and not is_here)
        loan = None if stays else world.loans.pop(pk, None)
        world.incidents[incident] = Incident(
            str(kind), "declared", pk, who, school, world.opens(who, kind) if who else "nothing",
            None if stays else pc.place, pc.condition, loan[1] if loan else None,
        )  # fmt: skip
        if kind == "breakage":
            pc.condition = "broken"
        if not stays:
            world.move(pk, *goal)
            if kind != "breakage":
                world.hot[pk] = incident

    happened = timezone.localdate(scene.at) - timedelta(days=1)
    return Deed(
        lambda: declare(
            incident_id=incident, device=device(pk), kind=kind, happened_on=happened, is_here=is_here,
            **scene.said("declared"),
        ),
        reasons,
        effect,
    )  # fmt: skip


def withdraw_declaration(scene: Scene) -> Deed | None:
    """Somebody takes a declaration back that was a mistake."""
    world, of = scene.world, scene.one(scene.world.incidents)
    if of is None:
        return None
    incident, movement, reasons = world.incidents[of], scene.id(), set()
    pc = world.pcs[incident.device]
    if not incident.is_open:
        reasons.add("incident_is_closed")
    if incident.state == "accepted":
        reasons.add("complaint_known")
    if incident.came_from is not None:
        goal = ("claim", None) if incident.kind != "breakage" else ("school_bench", incident.school)
        back_to = incident.came_from[1] if incident.came_from[0] == "student" else None
        if pc.place != goal or (back_to and world.held_by(back_to) is not None):
            reasons.add("has_moved_on")
        if incident.loan is not None:
            lent_again = any(student == incident.student for student, _own in world.loans.values())
            if lent_again or world.loan_for(incident.loan):
                reasons.add("loan_is_open")
            if world.pcs[incident.loan].place == incident.came_from:
                reasons.add("has_moved_on")
    if incident.came_from and world.ticket_of(incident.device):
        reasons.add("in_repair")

    def effect() -> None:
        incident.state, incident.ended = "closed", "withdrawn"
        if incident.came_from is not None:
            world.move(incident.device, *incident.came_from)
        pc.condition = incident.condition_before
        if incident.loan is not None and incident.student is not None:
            world.loans[incident.device] = (incident.student, incident.loan)

    return Deed(lambda: withdraw(incident_id=of, movement_id=movement, **scene.said("withdrawn")), reasons, effect)


def bring_the_complaint(scene: Scene) -> Deed | None:
    """The family brings the receipt of its complaint, sometimes without its number."""
    world, of = scene.world, scene.one(scene.world.incidents)
    if of is None:
        return None
    incident, movement, reasons = world.incidents[of], scene.id(), set()
    number = "2026/1" if scene.chance.random() < 0.9 else ""
    if not number:
        reasons.add("complaint_missing")
    if incident.kind != "theft":
        reasons.add("not_a_theft")
    elif incident.state != "declared":
        reasons |= {"incident_is_closed"} if incident.state == "closed" else {"complaint_known"}
    complaint = Complaint(number, timezone.localdate(scene.at), "Police, Metz", RECEIPT)

    def effect() -> None:
        incident.state = "accepted"
        world.move(incident.device, "stolen")
        if incident.is_served:  # A loan bridged the time until now: nothing is left to give.
            _closed(scene, incident, "lent")

    return Deed(
        lambda: accept_complaint(incident_id=of, movement_id=movement, complaint=complaint, **scene.said("accepted")),
        reasons,
        effect,
    )


def _door(incident: Incident, door: str) -> set[str]:
    found = set()
    if not incident.is_open:
        found.add("incident_is_closed")
    if incident.student is None:
        found.add("no_student")
    if incident.opens == "nothing":
        found.add("nothing_opens")
    if incident.opens != door:
        found.add("door_closed")
    if incident.is_served:
        found.add("door_used")
    if incident.kind == "theft" and incident.state != "accepted" and door != "loan":
        found.add("complaint_missing")
    return found


def _usable(scene: Scene, door: str) -> UUID | None:
    """Draw an incident: mostly one whose door is open."""
    known = scene.world.incidents
    right = [pk for pk, one in known.items() if not _door(one, door)]
    return scene.one(right) if right and scene.chance.random() < 0.8 else scene.one(known)


def _brought(scene: Scene, incident: Incident) -> int | None:
    """Return the broken PC that its student hands in with the gesture."""
    is_in_hand = scene.world.pcs[incident.device].place == ("student", incident.student)
    return incident.device if incident.kind == "breakage" and is_in_hand else None


def _bring(scene: Scene, incident: Incident) -> None:
    if (pk := _brought(scene, incident)) is not None:
        scene.world.loans.pop(pk, None)
        scene.world.move(pk, "school_bench", incident.school)


def _what_is_away(scene: Scene, incident: Incident) -> int:
    """Return the PC that a loan stands in for: the student's own one, where it was its loaner that broke or went."""
    world, own = scene.world, incident.loan
    if _brought(scene, incident) is not None and incident.device in world.loans:
        own = world.loans[incident.device][1]
    return incident.device if own is None or world.pcs[own].kind in {"student", "emergency_stock"} else own


def _closed(scene: Scene, incident: Incident, ended: str) -> None:
    incident.state, incident.ended = "closed", ended
    if incident.kind == "loss":
        scene.world.move(incident.device, "lost")


def replace_pc(scene: Scene) -> Deed | None:
    """The head gives what the rules open: another PC for keeps."""
    world, of = scene.world, _usable(scene, "replacement")
    incident = world.incidents.get(of) if of else None
    who = incident.student if incident else None
    school = world.students.get(who) if who else scene.school()
    pk = scene.pc(lambda pc: pc.place == ("emergency_stock", school) and pc.condition == "fit")
    if of is None or incident is None or pk is None:
        return None
    signs, movement = scene.chance.random() < 0.8, scene.id()
    reasons = _door(incident, "replacement")
    if who:
        reasons |= scene.goes_out(pk, who, signs=signs, besides=_brought(scene, incident))

    def effect() -> None:
        assert who is not None
        _bring(scene, incident)
        _given(scene, movement, pk, who)
        incident.is_served = True
        _closed(scene, incident, "replaced")

    return Deed(
        lambda: replace(
            incident_id=of,
            movement_id=movement,
            device=device(pk),
            charter_received=signs,
            **scene.said("replaced"),
        ),
        reasons,
        effect,
    )


def lend_for_incident(scene: Scene) -> Deed | None:
    """The head lends a PC, as the rules open."""
    world, of = scene.world, _usable(scene, "loan")
    incident = world.incidents.get(of) if of else None
    who = incident.student if incident else None
    school = world.students.get(who) if who else scene.school()
    pk = scene.pc(lambda pc: pc.place == ("emergency_stock", school) and pc.condition == "fit")
    if of is None or incident is None or pk is None:
        return None
    movement, reasons = scene.id(), _door(incident, "loan")
    stands_for = incident.device
    if who:
        brought = _brought(scene, incident)
        reasons |= scene.goes_out(pk, who, signs=None, besides=brought)
        stands_for = _what_is_away(scene, incident)
        others = [loaner for loaner, (student, _own) in world.loans.items() if student == who and loaner != brought]
        if others or world.loan_for(stands_for) not in (None, brought):
            reasons.add("loan_is_open")

    def effect() -> None:
        assert who is not None
        _bring(scene, incident)
        _given(scene, movement, pk, who, is_loan=True)
        world.loans[pk] = (who, stands_for)
        incident.is_served = True
        if incident.kind != "theft" or incident.state == "accepted":
            _closed(scene, incident, "lent")

    return Deed(
        lambda: lend_meanwhile(incident_id=of, movement_id=movement, loaner=device(pk), **scene.said("lent")),
        reasons,
        effect,
    )


def buy_again(scene: Scene) -> Deed | None:
    """The family proves a purchase; with a label the PC enters the fleet in its student's hands."""
    world, of = scene.world, _usable(scene, "rebuy")
    incident = world.incidents.get(of) if of else None
    if of is None or incident is None:
        return None
    serial, movement = f"ACHAT{scene.id().hex[:12].upper()}", scene.id()
    tag = str(label_code(DEVICE_LETTER, scene.chance.randint(500_000, 999_999))) if scene.chance.random() < 0.5 else ""
    reasons, who = _door(incident, "rebuy"), incident.student
    if tag and who and world.held_by(who) not in (None, _brought(scene, incident)):
        reasons.add("already_equipped")

    def effect() -> None:
        if tag:
            _bring(scene, incident)
            world.pcs[Device.objects.get(serial_number=serial).pk] = Pc("student", who)
        _closed(scene, incident, "rebought")

    purchase = Purchase(serial, timezone.localdate(scene.at), tag)
    return Deed(
        lambda: record_rebuy(incident_id=of, movement_id=movement, purchase=purchase, **scene.said("recorded")),
        reasons,
        effect,
    )


def close_incident(scene: Scene) -> Deed | None:
    """Somebody closes an incident with nothing."""
    of = scene.one(scene.world.incidents)
    if of is None:
        return None
    incident, reasons = scene.world.incidents[of], set()
    if not incident.is_open:
        reasons.add("incident_is_closed")
    if incident.kind == "theft" and incident.state != "accepted":
        reasons.add("complaint_missing")
    if incident.opens == "replacement":
        reasons.add("door_unused")
    return Deed(
        lambda: close_with_nothing(incident_id=of, **scene.said("closed")),
        reasons,
        lambda: _closed(scene, incident, "nothing"),
    )


def find(scene: Scene) -> Deed | None:
    """A PC that was stolen or lost turns up: at the region, or in a lycée."""
    world, pk = scene.world, scene.pc(lambda pc: pc.kind in HOT)
    if pk is None:
        return None
    bench, movement = (scene.school() if scene.chance.random() < 0.5 else None), scene.id()
    is_hot = world.pcs[pk].kind in HOT
    tag = device(pk).asset_tag

    def effect() -> None:
        reason = world.hot[pk]
        incident = world.incidents[reason] if reason else None
        school = bench or (incident.school if incident else None)
        world.move(pk, *(("school_bench", school) if school else ("depot", None)))
        if incident is not None:
            incident.is_found = True
            if incident.is_open:
                incident.state, incident.ended = "closed", "found"

    return Deed(
        lambda: find_again(
            movement_id=movement, asset_tag=tag, region_id=scene.region, bench_of_school_id=bench, **scene.said("found")
        ),
        set() if is_hot else {"not_hot"},
        effect,
    )


# Returns and the bench.


def give_back(scene: Scene) -> Deed | None:
    """A student gives a PC back, in a grade."""
    world, pk = scene.world, scene.pc(lambda pc: pc.kind == "student")
    if pk is None:
        return None
    pc = world.pcs[pk]
    who = pc.holder if pc.kind == "student" and scene.chance.random() < 0.9 else scene.student()
    grade, movement, reasons = scene.chance.choice(list(Grade)), scene.id(), set()
    if pc.kind != "student":
        reasons.add("in_claim" if pc.kind in HOT else "not_held")
    elif pc.holder != who:
        reasons.add("somebody_elses")

    def effect() -> None:
        bench = ("school_bench", world.students[who])
        had_loan = world.loans.pop(pk, None) is not None
        world.returned[movement] = Past(pk, pc.place, bench, is_loan=had_loan, condition=pc.condition)
        world.move(pk, *bench, condition=str(CONDITION_OF_GRADE[grade]))

    return Deed(
        lambda: check_in(
            movement_id=movement, student=student(who), device=device(pk), grade=grade, kit_missing=(), damages=(),
            why=ReturnReason.OTHER, **scene.said("checked_in"),
        ),
        reasons,
        effect,
    )  # fmt: skip


def undo_give_back(scene: Scene) -> Deed | None:
    """Somebody gives a PC back to its student that was taken by mistake."""
    of = scene.one(scene.world.returned)
    if of is None:
        return None
    past, movement = scene.world.returned[of], scene.id()
    reasons = _stays_done(scene, past, already="undone_already")
    if past.is_loan:
        reasons.add("ended_a_loan")
    if scene.world.ticket_of(past.device):
        reasons.add("in_repair")
    return Deed(
        lambda: undo_check_in(
            check_in=CheckIn.objects.select_related("student").get(pk=of), movement_id=movement, **scene.said("undone")
        ),
        reasons,
        lambda: _undone(scene, past),
    )


_STAGES, _ACTS = ("returned", "wiped", "imaged", "checked"), list(BenchAct)


def _place(scene: Scene, pk: int) -> set[str]:
    pc = scene.world.pcs[pk]
    found = {"in_repair"} if scene.world.ticket_of(pk) else set()
    if pc.kind != "school_bench":
        found.add("in_claim" if pc.kind in HOT else "not_on_bench")
    return found


def work(scene: Scene) -> Deed | None:
    """A technician wipes, images, checks or shelves a PC, or does it all."""
    world, pk = scene.world, scene.pc(lambda pc: pc.kind == "school_bench" and pc.condition != "broken")
    if pk is None:
        return None
    act = scene.chance.choice([*_ACTS, BenchAct.ALL, BenchAct.ALL, BenchAct.ALL])
    destroys = scene.chance.random() < 0.1
    stay, pc, movement = world.stays.get(pk), world.pcs[pk], scene.id()
    done = 0 if stay is None else 3 if stay[1] else 2 if stay[0] else 1
    reasons = _place(scene, pk)
    steps = _ACTS[done:4] if act == BenchAct.ALL else [act]
    if act != BenchAct.ALL and _ACTS.index(act) != done:
        reasons.add("done_already" if _ACTS.index(act) < done else f"not_{_STAGES[done + 1]}")
    if steps != [BenchAct.WIPE]:
        if pc.condition not in {"fit", "being_reimaged"}:
            reasons.add("not_fit")
        if (stay is not None and not stay[2]) or (BenchAct.WIPE in steps and destroys):
            reasons.add("no_disk")

    def effect() -> None:
        if BenchAct.SHELVE in steps:
            goal = ("emergency_stock", pc.holder)
            world.shelved[movement] = Past(pk, pc.place, goal)
            world.move(pk, *goal, condition="fit")
            return
        imaged, checked, has_disk = stay or (False, False, not destroys)
        world.stays[pk] = (imaged or BenchAct.IMAGE in steps, checked or BenchAct.CHECK in steps, has_disk)

    method = WipeMethod.DISK_DESTROYED if destroys else WipeMethod.SECURE_ERASE
    gesture = Gesture(act, method, "W11-2026", tuple(BenchCheck))
    return Deed(
        lambda: work_on(movement_id=movement, device=device(pk), gesture=gesture, at=scene.at, by_id=scene.by),
        reasons,
        effect,
    )


def unshelve(scene: Scene) -> Deed | None:
    """A technician brings a PC back that was shelved by mistake."""
    of = scene.one(scene.world.shelved)
    if of is None:
        return None
    past, movement = scene.world.shelved[of], scene.id()
    return Deed(
        lambda: withdraw_from_shelf(
            done=Reimaging.objects.get(movement_id=of), movement_id=movement, **scene.said("withdrawn")
        ),
        _stays_done(scene, past, already="undone_already"),
        lambda: _undone(scene, past),
    )


def write_off_pc(scene: Scene) -> Deed | None:
    """A PC leaves for good, under a slip."""
    world, pk = scene.world, scene.pc(lambda pc: pc.kind == "school_bench" and pc.condition == "broken")
    if pk is None:
        return None
    pc, movement, slip_id = world.pcs[pk], scene.id(), scene.id()
    school = pc.holder if pc.kind == "school_bench" and scene.chance.random() < 0.9 else scene.school()
    method = WipeMethod.DISK_DESTROYED if scene.chance.random() < 0.7 else None
    reasons = _place(scene, pk)
    if method is None and pk not in world.stays:
        reasons.add("not_wiped")
    if pc.holder != school:
        reasons.add("elsewhere")

    def call() -> None:
        slip = open_slip(
            slip_id=slip_id, school=School.objects.get(pk=school), outlet=Outlet.RECYCLING, receiver="Envie",
            **scene.said("opened"),
        )  # fmt: skip
        write_off(movement_id=movement, slip=slip, device=device(pk), wipe_method=method, **scene.said("written_off"))

    def effect() -> None:
        world.gone[movement] = Past(pk, pc.place, ("disposed", None))
        world.move(pk, "disposed")

    return Deed(call, reasons, effect)


def undo_write_off_pc(scene: Scene) -> Deed | None:
    """A PC comes back that was written off by mistake."""
    of = scene.one(scene.world.gone)
    if of is None:
        return None
    past, movement = scene.world.gone[of], scene.id()
    return Deed(
        lambda: undo_write_off(write_off=WriteOff.objects.get(pk=of), movement_id=movement, **scene.said("undone")),
        _stays_done(scene, past, already="undone_already"),
        lambda: _undone(scene, past),
    )


GESTURES = (
    hand_over, hand_over, hand_over, undo_hand_over, declare_incident, declare_incident, withdraw_declaration,
    bring_the_complaint, bring_the_complaint, replace_pc, replace_pc, lend_for_incident, lend_for_incident, buy_again,
    close_incident, find, give_back, undo_give_back, work, work, work, unshelve, write_off_pc, undo_write_off_pc,
)  # fmt: skip
