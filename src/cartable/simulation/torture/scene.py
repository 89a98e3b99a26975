"""What a step draws from: the model, chance, ids of its own, an hour of its own."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from cartable.fleet.models import Device
from cartable.rosters.models import Student
from cartable.simulation.torture.world import HOT, Pc, World

T = TypeVar("T")


@dataclass
class Deed:
    """A gesture: the real command, why the model says it is refused (nothing: it is done), and what it does."""

    call: Callable[[], Any]
    reasons: set[str]
    effect: Callable[[], None]
    # Asked for what is done already, the command may say so or stay silent: nothing changes either way.
    may_be_silent: bool = False


@dataclass
class Scene:
    """The model and chance, for one step."""

    world: World
    chance: random.Random
    at: datetime
    by: int
    region: int
    repairer: int
    supplier: int
    lot: int
    device_model: int

    def id(self) -> UUID:
        """Draw an id."""
        return UUID(int=self.chance.getrandbits(128), version=4)

    def said(self, verb: str) -> dict[str, Any]:
        """Return who did it and when, by the names that commands give them: ``lent_at``, ``lent_by_id``."""
        return {f"{verb}_at": self.at, f"{verb}_by_id": self.by}

    def one(self, among: Iterable[T]) -> T | None:
        """Draw one, the latest ones more often; None where there is none."""
        found = list(among)
        return found[-1 - min(int(self.chance.expovariate(0.15)), len(found) - 1)] if found else None

    def some(self, among: Iterable[T]) -> T | None:
        """Draw one, each as likely."""
        found = list(among)
        return self.chance.choice(found) if found else None

    def pc(self, fits: Callable[[Pc], bool]) -> int | None:
        """Draw a PC: mostly one that fits, sometimes any."""
        pcs = self.world.pcs
        right = [pk for pk, pc in pcs.items() if fits(pc)]
        return self.some(right if right and self.chance.random() < 0.8 else pcs)

    def student(self, *, empty_handed: bool = True) -> int:
        """Draw a student: mostly one with, or without, a PC in their hands."""
        holders = {pc.holder for pc in self.world.pcs.values() if pc.kind == "student"}
        right = [pk for pk in self.world.students if (pk not in holders) == empty_handed]
        found = self.some(right if right and self.chance.random() < 0.8 else self.world.students)
        assert found is not None
        return found

    def school(self) -> int:
        """Draw a school."""
        return self.chance.choice(self.world.schools)

    def goes_out(self, device: int, student: int, *, signs: bool | None, besides: int | None = None) -> set[str]:
        """Say why a PC of the reserve may not go to a student; ``besides`` is a PC that comes in first."""
        pc, found = self.world.pcs[device], set()
        if self.world.held_by(student) not in (None, besides):
            found.add("already_equipped")
        if pc.kind in HOT:
            found.add("in_claim")
        elif pc.kind != "emergency_stock":
            found.add("not_in_reserve")
        elif pc.holder != self.world.students[student]:
            found.add("reserve_elsewhere")
        elif pc.condition != "fit":
            found.add("not_fit")
        if signs is False and student not in self.world.signed:
            found.add("charter_missing")
        return found


def device(pk: int) -> Device:
    """Read a PC afresh, as a page does."""
    return Device.objects.select_related("custodian").get(pk=pk)


def student(pk: int) -> Student:
    """Read a student afresh."""
    return Student.objects.select_related("custodian").get(pk=pk)
