"""Gestures of repairs: the failed PC in and a loaner out, parcels both ways, the workshop, the end of the loan."""

from decimal import Decimal
from uuid import UUID

from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.rules import LoanEnd
from cartable.repairs.commands.batches import receive, send_back, send_out, take_back
from cartable.repairs.commands.ending import settle
from cartable.repairs.commands.opening import cancel_repair, open_repair
from cartable.repairs.commands.workshop import decide_quote, diagnose, dispose, finish, send_quote
from cartable.repairs.models import RepairQuote
from cartable.repairs.queries.scans import to_receive, to_send, to_send_back, to_take_back
from cartable.repairs.rules import FaultyPart, RepairOutcome, Symptom
from cartable.simulation.torture.scene import Deed, Scene, device
from cartable.simulation.torture.world import HOT, Past, Ticket

_IN_THE_LYCEE = ("student", "school_bench", "emergency_stock", "school_allotment")


def repair(scene: Scene) -> Deed | None:
    """« Réparer et prêter »: the failed PC in, a loaner out or not, the ticket open."""
    world, pk = scene.world, scene.pc(lambda pc: pc.kind == "student")
    if pk is None:
        return None
    pc, act = world.pcs[pk], scene.id()
    who = pc.holder if pc.kind == "student" else None
    school = world.school_of(pk)
    fit = [n for n, one in world.pcs.items() if one.place == ("emergency_stock", school) and one.condition == "fit"]
    loaner = scene.pc(lambda one: one.place == ("emergency_stock", school) and one.condition == "fit")
    loaner = loaner if scene.chance.random() < 0.7 and loaner != pk else None
    reasons = {"ticket_is_open"} if world.ticket_of(pk) else set()
    if pc.kind not in _IN_THE_LYCEE:
        reasons |= {"in_claim"} if pc.kind in HOT else {"not_of_this_school", "not_in_the_lycee"}
    stands_for = world.loans[pk][1] if pk in world.loans else pk
    if loaner is not None:
        if who is None:
            reasons.add("nobody_holds_it")
        else:
            if world.opens(who, "failure") not in {"loan", "replacement"}:
                reasons.add("rules_open_no_loan")
            if not fit:
                reasons.add("reserve_is_empty")
            reasons |= scene.goes_out(loaner, who, signs=None, besides=pk)
            if loaner == stands_for:
                reasons.add("same_pc")

    def effect() -> None:
        assert school is not None  # Else it were in no lycée.
        is_lent = world.loans.pop(pk, None) is not None
        if pc.kind != "school_bench":
            world.move(pk, "school_bench", school)
        pc.condition = "faulty"
        world.tickets[act] = Ticket(pk, school, None if is_lent else who)
        if loaner is not None and who is not None:
            movement = _lent_by(loaner)
            world.given[movement] = Past(loaner, world.pcs[loaner].place, ("student", who), is_loan=True)
            world.move(loaner, "student", who)
            world.loans[loaner] = (who, stands_for)

    return Deed(
        lambda: open_repair(
            act_id=act, device=device(pk), repairer_id=scene.repairer, symptoms=[Symptom.SCREEN], note="",
            loaner=device(loaner) if loaner else None, **scene.said("opened"),
        ),
        reasons,
        effect,
    )  # fmt: skip


def _lent_by(loaner: int) -> UUID:
    loan_id: UUID = Loan.objects.values_list("pk", flat=True).get(loaner_id=loaner, ended_at=None)
    return loan_id


def send_to_repairer(scene: Scene) -> Deed | None:
    """A parcel leaves for the repairer."""
    world, pk = scene.world, _of_a_ticket(scene, lambda one: not one.is_sent)
    if pk is None:
        return None
    of, act, tag = world.ticket_of(pk), scene.id(), device(pk).asset_tag
    ticket = world.tickets[of] if of else None
    is_good = ticket is not None and not ticket.is_sent and world.pcs[pk].kind == "school_bench"

    def effect() -> None:
        assert ticket is not None
        ticket.is_sent = True
        world.move(pk, "repairer")

    return Deed(
        lambda: send_out(act_id=act, scanned=to_send([tag], region_id=scene.region), **scene.said("sent")),
        set() if is_good else {"nothing_to_send"},
        effect,
    )


def _of_a_ticket(scene: Scene, fits: object) -> int | None:
    """Draw a PC: mostly one whose ticket fits, sometimes any."""
    right = [one.device for one in scene.world.tickets.values() if fits(one)]  # type: ignore[operator]
    return scene.some(right if right and scene.chance.random() < 0.85 else scene.world.pcs)


def receive_at_the_repairers(scene: Scene) -> Deed | None:
    """The repairer scans what the parcel holds."""
    world, pk = scene.world, _of_a_ticket(scene, lambda one: one.is_sent and not one.is_received)
    if pk is None:
        return None
    of, receipt, tag = world.ticket_of(pk), scene.id(), device(pk).asset_tag

    def effect() -> None:
        if of and world.tickets[of].is_sent and world.pcs[pk].kind not in HOT:
            world.tickets[of].is_received = True

    return Deed(
        lambda: receive(
            receipt_id=receipt, region_id=scene.region, repairer_id=scene.repairer,
            scanned=to_receive([tag], region_id=scene.region), **scene.said("received"),
        ),
        set(),
        effect,
    )  # fmt: skip


def _at(scene: Scene, *stages: str) -> UUID | None:
    right = [pk for pk, one in scene.world.tickets.items() if one.stage in stages]
    return scene.some(right if right and scene.chance.random() < 0.9 else scene.world.tickets)


def diagnose_fault(scene: Scene) -> Deed | None:
    """The repairer says what is at fault."""
    of = _at(scene, "to_diagnose")
    if of is None:
        return None
    ticket, covered = scene.world.tickets[of], scene.chance.random() < 0.5

    def effect() -> None:
        ticket.covered = covered

    return Deed(
        lambda: diagnose(ticket_id=of, is_covered=covered, part=FaultyPart.DISK, **scene.said("diagnosed")),
        set() if ticket.stage == "to_diagnose" else {"stage_has_passed"},
        effect,
    )


def quote(scene: Scene) -> Deed | None:
    """The repairer asks what may be spent, or the region decides."""
    of = _at(scene, "to_repair", "to_decide")
    if of is None:
        return None
    ticket = scene.world.tickets[of]
    if ticket.stage == "to_decide":
        accepts = scene.chance.random() < 0.7

        def decided() -> None:
            ticket.quote = "yes" if accepts else "no"

        last = RepairQuote.objects.filter(ticket_id=of, decided_at=None).get()
        return Deed(
            lambda: decide_quote(quote_id=last.pk, is_accepted=accepts, **scene.said("decided")), set(), decided
        )
    number, reasons = scene.id(), set() if ticket.stage == "to_repair" else {"stage_has_passed"}
    if ticket.covered:
        reasons.add("covered")

    def asked() -> None:
        ticket.quote = "open"

    return Deed(
        lambda: send_quote(
            quote_id=number,
            ticket_id=of,
            part=FaultyPart.DISK,
            price_eur=Decimal("80.00"),
            note="",
            **scene.said("sent"),
        ),
        reasons,
        asked,
    )


def finish_repair(scene: Scene) -> Deed | None:
    """The repairer is done: repaired, swapped for another serial number, or beyond repair."""
    of = _at(scene, "to_repair")
    if of is None:
        return None
    ticket = scene.world.tickets[of]
    outcome, anew = scene.chance.choice(list(RepairOutcome)), scene.chance.random() < 0.5
    serial = f"NEUF{scene.id().hex[:10].upper()}"
    reasons = set() if ticket.stage == "to_repair" else {"stage_has_passed"}
    if outcome != "unrepairable" and not (ticket.covered or ticket.quote == "yes"):
        reasons.add("quote_needed")

    def effect() -> None:
        ticket.outcome = str(outcome)
        ticket.is_reinstalled = outcome == "swapped" or (outcome == "repaired" and anew)
        scene.world.pcs[ticket.device].condition = "broken" if outcome == "unrepairable" else "fit"

    return Deed(
        lambda: finish(
            ticket_id=of,
            outcome=outcome,
            new_serial=serial,
            is_reinstalled=anew,
            **scene.said("finished"),
        ),
        reasons,
        effect,
    )


def send_it_back(scene: Scene) -> Deed | None:
    """The repairer sends a parcel back."""
    world, pk = scene.world, _of_a_ticket(scene, lambda one: one.outcome and not one.is_sent_back)
    if pk is None:
        return None
    of, act, tag = world.ticket_of(pk), scene.id(), device(pk).asset_tag
    ticket = world.tickets[of] if of else None
    is_done = (
        ticket is not None
        and ticket.is_received
        and not ticket.is_sent_back
        and (ticket.outcome or ticket.quote == "no")
    )

    def effect() -> None:
        assert ticket is not None
        ticket.is_sent_back = True

    return Deed(
        lambda: send_back(act_id=act, scanned=to_send_back([tag], region_id=scene.region), **scene.said("sent")),
        set() if is_done and world.pcs[pk].kind not in HOT else {"nothing_to_send"},
        effect,
    )


def take_it_back(scene: Scene) -> Deed | None:
    """The lycée scans what came back, announced or not."""
    world, pk = scene.world, _of_a_ticket(scene, lambda one: one.is_sent and not one.is_back)
    if pk is None:
        return None
    of, receipt, tag = world.ticket_of(pk), scene.id(), device(pk).asset_tag
    ticket = world.tickets[of] if of else None

    def effect() -> None:
        if of and ticket is not None and ticket.is_sent and not ticket.is_back and world.pcs[pk].kind not in HOT:
            _came_back(scene, of, ticket, is_awaited=ticket.waits_for is not None)

    return Deed(
        lambda: take_back(
            receipt_id=receipt, region_id=scene.region, school_id=ticket.school if ticket else scene.school(),
            scanned=to_take_back([tag], region_id=scene.region), **scene.said("back"),
        ),
        set(),
        effect,
    )  # fmt: skip


def _came_back(scene: Scene, of: UUID, ticket: Ticket, *, is_awaited: bool) -> None:
    world, pc = scene.world, scene.world.pcs[ticket.device]
    to_reserve = ticket.is_good and ticket.is_reinstalled and not is_awaited
    if pc.kind == "repairer":
        world.move(ticket.device, "emergency_stock" if to_reserve else "school_bench", ticket.school)
    pc.condition = "broken" if not ticket.is_good else "fit" if is_awaited or to_reserve else "being_reimaged"
    ticket.is_back = True
    if not is_awaited:
        del world.tickets[of]


def end_loan(scene: Scene) -> Deed | None:
    """The student's own PC is handed back, or the loaner stays with them, or only comes back."""
    world, of = scene.world, scene.some(scene.world.tickets)
    if of is None:
        return None
    ticket, how, act = (
        world.tickets[of],
        scene.chance.choice([LoanEnd.EXCHANGE, LoanEnd.SWAP, LoanEnd.CHECK_IN]),
        scene.id(),
    )
    loaner, pc = world.loan_for(ticket.device), world.pcs[ticket.device]
    who = world.loans[loaner][0] if loaner else ticket.waits_for
    comes = ticket.is_sent_back and not ticket.is_back
    reasons, is_exchange = set(), how == LoanEnd.EXCHANGE
    if who is None:
        reasons.add("nobody_waits")
    if not is_exchange and loaner is None:
        reasons.add("no_loan")
    if is_exchange:
        is_announced = ticket.is_sent_back or ticket.is_back
        if not (pc.kind == "school_bench" or (is_announced and pc.kind == "repairer")):
            reasons.add("pc_is_away")
        if pc.kind == "school_bench" and pc.holder != ticket.school:
            reasons.add("custody_has_moved")
        if who and world.held_by(who) not in (None, loaner):
            reasons.add("already_equipped")

    def effect() -> None:
        if comes:
            _came_back(scene, of, ticket, is_awaited=is_exchange)
        if loaner is not None:
            del world.loans[loaner]
            if how != LoanEnd.SWAP:
                world.move(loaner, "school_bench", world.students[world.pcs[loaner].holder], "being_reimaged")
        if is_exchange:
            world.move(ticket.device, "student", who)
            if not ticket.is_sent or ticket.is_good:
                pc.condition = "fit"
            del world.tickets[of]
        elif of in world.tickets:
            ticket.waits_for = None
            if ticket.is_back:
                pc.condition = "being_reimaged" if ticket.is_good else "broken"
                del world.tickets[of]

    return Deed(
        lambda: settle(act_id=act, ticket_id=of, ended_as=how, **scene.said("settled")),
        reasons,
        effect,
        may_be_silent=not is_exchange and loaner is None,
    )


def cancel(scene: Scene) -> Deed | None:
    """Somebody closes a ticket whose PC was not sent."""
    of = scene.some(scene.world.tickets)
    if of is None or scene.chance.random() < 0.5:
        return None

    ticket, reasons = scene.world.tickets[of], set()
    if ticket.is_sent:
        reasons.add("sent_already")
    elif scene.world.loan_for(ticket.device):
        reasons.add("lent_meanwhile")

    def effect() -> None:
        del scene.world.tickets[of]

    return Deed(lambda: cancel_repair(ticket_id=of, **scene.said("cancelled")), reasons, effect)


def give_up(scene: Scene) -> Deed | None:
    """The region gives up a PC that is beyond repair."""
    of = _at(scene, "to_dispose")
    if of is None:
        return None
    ticket = scene.world.tickets[of]

    def effect() -> None:
        scene.world.move(ticket.device, "disposed")
        del scene.world.tickets[of]

    return Deed(
        lambda: dispose(ticket_id=of, **scene.said("disposed")),
        set() if ticket.stage == "to_dispose" else {"stage_has_passed"},
        effect,
    )


GESTURES = (
    repair, repair, repair, send_to_repairer, send_to_repairer, receive_at_the_repairers, receive_at_the_repairers,
    diagnose_fault, diagnose_fault, quote, finish_repair, finish_repair, send_it_back, send_it_back, take_it_back,
    take_it_back, end_loan, end_loan, cancel, give_up,
)  # fmt: skip
