"""The stage of the trade: a small region set up through the commands, and each gesture played on both sides."""

import random
from collections import Counter
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import DatabaseError

from cartable.accounts.commands import system_actor
from cartable.distribution.commands.charters import receive_charter
from cartable.distribution.models import SignerKind
from cartable.emergency_stock.commands.allocations import ReserveRefused
from cartable.fleet import commands as fleet
from cartable.fleet.models import Custodian, DeviceModel, Lot
from cartable.fleet.rules import CustodianKind
from cartable.fleet.torture import Difference, first_difference
from cartable.incidents.commands.refusal import IncidentRefused
from cartable.organisations import commands as organisations
from cartable.organisations.models import Contractor, Region
from cartable.programme import commands as programme
from cartable.repairs.commands.refusals import RepairRefused
from cartable.returns.commands.bench import BenchRefused
from cartable.returns.commands.check_ins import ReturnRefused
from cartable.returns.commands.write_offs import WriteOffRefused
from cartable.rosters.commands.enrolment import NewStudent, enrol_students
from cartable.rosters.models import StudentSource
from cartable.simulation.torture import desks, roads, workshops
from cartable.simulation.torture.scene import Deed, Scene
from cartable.simulation.torture.world import OPENS, read_world
from cartable.supply.commands import ShipmentRefused

GESTURES = (*roads.GESTURES, *desks.GESTURES, *workshops.GESTURES)
_REFUSED = (
    BenchRefused, IncidentRefused, RepairRefused, ReserveRefused, ReturnRefused, ShipmentRefused, WriteOffRefused,
    fleet.LedgerRefusal,
)  # fmt: skip
_OPENED_AT = datetime(2026, 9, 1, 6, tzinfo=UTC)
_REPEATS = 0.15


class TradeStage:
    """The model of the trade and the real packages side by side; `play_step` does one gesture on both and compares."""

    def __init__(self, seed: int, resumed: int = 0) -> None:
        self.seed, self.resumed = seed, resumed
        self.world = read_world()
        self.refusals: Counter[str] = Counter()
        self.actions: Counter[str] = Counter()
        region, repairer = Region.objects.get(), Contractor.objects.get(trades=["repairer"])
        self._facts: dict[str, Any] = {
            "by": system_actor().pk, "region": region.pk, "repairer": repairer.pk,
            "supplier": Custodian.objects.get(kind=CustodianKind.SUPPLIER).pk, "lot": Lot.objects.earliest("pk").pk,
            "device_model": DeviceModel.objects.get().pk,
        }  # fmt: skip

    def play_step(self, step: int) -> None:
        """Do one gesture, sometimes twice with the same ids: the second time changes nothing. Raises Difference."""
        # A run that goes on draws anew: its ids are none of those that it sent before it was killed.
        chance = random.Random(f"{self.seed}/{self.resumed}/{step}")
        at = _OPENED_AT + timedelta(seconds=step * 20)
        while True:
            gesture = chance.choice(GESTURES)
            deed = gesture(Scene(self.world, chance, at, **self._facts))
            if deed is not None:
                break
        self.actions[gesture.__name__] += 1
        self._do(gesture.__name__, deed)
        self.compare(gesture.__name__)
        if chance.random() < _REPEATS:
            self._repeat(gesture.__name__, deed)
            self.compare(f"{gesture.__name__}, sent twice")

    def _do(self, name: str, deed: Deed) -> None:
        try:
            deed.call()
        except _REFUSED as refusal:
            code = str(refusal.code)
            self.refusals[code] += 1
            if code not in deed.reasons:
                raise Difference(
                    f"{name}: expected {sorted(deed.reasons) or 'that it is done'}, refused: {code}"
                ) from refusal
            return
        except (DatabaseError, AssertionError, LookupError) as error:
            raise Difference(f"{name}: expected {sorted(deed.reasons)}, got {type(error).__name__}: {error}") from error
        if deed.reasons and not deed.may_be_silent:
            raise Difference(f"{name}: expected one of {sorted(deed.reasons)}, it was done")
        if not deed.reasons:
            deed.effect()

    def _repeat(self, name: str, deed: Deed) -> None:
        try:
            deed.call()
        except _REFUSED as refusal:
            self.refusals[str(refusal.code)] += 1
        except (DatabaseError, AssertionError, LookupError) as error:
            raise Difference(f"{name}, sent twice: {type(error).__name__}: {error}") from error

    def compare(self, after: str = "the last gesture") -> None:
        """Compare all that is known, and look for what cannot be. Raises Difference."""
        found = read_world()
        for what in fields(found):
            ours, theirs = getattr(self.world, what.name), getattr(found, what.name)
            if ours != theirs:
                raise Difference(f"after {after}, {what.name} differ: {first_difference(ours, theirs)}")
        if wrong := self.world.contradictions():
            raise Difference(f"after {after}: {'; '.join(wrong)}")


def set_the_stage() -> None:
    """Open two lycées with twelve students each, of four campaigns that open four different things."""
    actor = system_actor().pk
    region = organisations.open_region(code="44", name="Torture")
    academy = organisations.open_academy(region=region, code="12", name="Torture")
    departement = organisations.open_departement(region=region, academy=academy, code="57", name="Torture")
    fleet.open_region_accounts(region_id=region.pk, opened_at=_OPENED_AT)
    schools = []
    for uai in ("0579901C", "0579902D"):
        school = organisations.open_school(
            region=region, departement=departement, uai=uai, name=f"Lycée {uai}", town="Metz"
        )
        fleet.open_school_accounts(region_id=region.pk, school_id=school.pk, opened_at=_OPENED_AT)
        schools.append(school)
    for kind in (CustodianKind.SUPPLIER, CustodianKind.REPAIRER):
        hired = organisations.hire_contractor(region=region, name=str(kind), trades=[str(kind)])
        fleet.open_contractor_account(region_id=region.pk, contractor_id=hired.pk, kind=kind, opened_at=_OPENED_AT)
    fleet.open_lot(region_id=region.pk, reference="Torture", received_on=_OPENED_AT)
    fleet.name_device_models(region_id=region.pk, names=["Torture"])
    students = [
        NewStudent(school.pk, f"Nom{n}", f"Prénom{n}", birth_on=date(2010, 1, 1 + n), division="2DE1", level="2211")
        for school in schools
        for n in range(12)
    ]
    enrolled = enrol_students(
        region_id=region.pk, first_year=2026, students=students, source=StudentSource.LIST, entered_at=_OPENED_AT,
        recorded_by_id=actor,
    )  # fmt: skip
    rules = [_published(region, year, opens, actor) for year, opens in OPENS.items()]
    for n, student in enumerate(enrolled):
        if n % 5:  # The others sign when they are handed a PC, under the rules of the year.
            receive_charter(
                student_id=student, rules=rules[n % 5 - 1], signer_kind=SignerKind.GUARDIAN, received_at=_OPENED_AT,
                received_by_id=actor,
            )  # fmt: skip


def _published(region: Region, year: int, opens: dict[str, str], actor: int) -> Any:
    return programme.publish_rules(
        campaign=programme.open_campaign(region=region, first_year=year, name=f"Rentrée {year}"),
        published_at=_OPENED_AT,
        published_by_id=actor,
        prices={"PC portable": Decimal("350.00")},
        eligible_levels=["2211"],
        eligible_statuses=["ST"],
        kit=["PC portable"],
        fup_rate=Decimal("0.040"),
        charter_title="Charte",
        charter_text="Le PC est prêté.",
        keep_policy="unless_refused",
        leftover_policy="emergency_stock",
        theft_opens=opens["theft"],
        loss_opens=opens["loss"],
        breakage_opens=opens["breakage"],
        failure_opens=opens["failure"],
    )
