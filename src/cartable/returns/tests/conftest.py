"""The return desk: the cast's students with their PCs, in a lycée whose reserve has a few more."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from cartable.accounts.models import Person
from cartable.config.tests.rows_again import RowsAgain
from cartable.conftest import Cast, once_upon_the_cast
from cartable.emergency_stock.tests.conftest import Desk, build_desk
from cartable.fleet.models import Device
from cartable.fleet.rules import Grade
from cartable.returns.commands.check_ins import TakenBack, check_in
from cartable.returns.rules import Damage, ReturnReason
from cartable.rosters.models import Student

KIT = ("clé USB 128 Go", "pochette")


@dataclass
class Returns:
    """Who stands at the desk with which PC."""

    desk: Desk
    held: dict[str, Device]

    @property
    def cast(self) -> Cast:
        return self.desk.cast

    @property
    def students(self) -> dict[str, Student]:
        return self.desk.students

    def take(self, name: str, device: Device | None = None, **said: Any) -> TakenBack:
        """Take a PC back, complete and used, unless the test says more."""
        return check_in(
            **{
                "movement_id": uuid4(),
                "student": self.students[name],
                "device": device or self.held[name],
                "grade": Grade.USED,
                "kit_missing": (),
                "damages": (),
                "why": ReturnReason.OTHER,
                "checked_in_at": self.cast.now + timedelta(hours=1),
                "checked_in_by_id": self.cast.durand.actor_id,
                **said,
            }
        )

    def lend(self, name: str) -> Device:
        """Take a student's PC back and lend another one; return the lent one."""
        self.take(name)
        loaner = self.desk.fill(1)[0]
        self.desk.lend(name, loaner, self.held[name])
        return Device.objects.get(pk=loaner.pk)

    def condition(self, device: Device) -> str:
        """Say in what state a PC is."""
        return str(Device.objects.get(pk=device.pk).condition)


def build_returns(cast: Cast) -> Returns:
    """Equip two students of class 2DE7 and an adult from the reserve."""
    desk = build_desk(cast, reserve=3)
    held = {}
    for name, device in zip(("alice", "bilal", "chloe"), desk.reserve, strict=True):
        desk.hand_over(name, device)
        held[name] = Device.objects.get(pk=device.pk)
    return Returns(desk, held)


written_returns = once_upon_the_cast(build_returns)


@pytest.fixture
def returns(cast: Cast, written_returns: RowsAgain[Returns]) -> Returns:
    """The return desk of the cast."""
    return written_returns.write(cast)


def of(person: Person) -> Client:
    """Return the browser of somebody."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def head(returns: Returns) -> Client:
    return of(returns.cast.durand)


@pytest.fixture
def karim(returns: Returns) -> Client:
    return of(returns.cast.karim)


__all__ = ["KIT", "UUID", "Damage", "Returns", "build_returns", "of"]
