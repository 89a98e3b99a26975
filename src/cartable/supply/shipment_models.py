"""PCs on the road between two places: the shipment, and one line per PC with what became of it."""

from typing import Any

from django.db import models
from django.db.models import F, Q, QuerySet
from django_scopes import ScopedManager, ScopeError, get_scope

from cartable.accounts.models import Actor
from cartable.fleet.models import Custodian, Device, Movement
from cartable.organisations.models import Region, School
from cartable.supply.rules import Remedy

_OF_MISSING = [str(remedy) for remedy in (Remedy.FOUND, Remedy.RETURNED, Remedy.CLAIMED, Remedy.MOVED_ON)]


class _SeenAtBothEnds(models.Manager):  # type: ignore[type-arg]
    """Shows what leaves the schools in scope and what comes to them; to the region, everything."""

    road = ""

    def get_queryset(self) -> "QuerySet[Any]":
        found = super().get_queryset()
        active = get_scope()
        if not active.get("_enabled", True):
            return found
        if "school" not in active:
            raise ScopeError("A scope on dimension school needs to be active for this query.")
        schools = active["school"]
        if schools is None:
            return found
        either = Q(**{f"{self.road}origin_school__in": schools}) | Q(**{f"{self.road}destination_school__in": schools})
        return found.filter(either)


class _LinesSeenAtBothEnds(_SeenAtBothEnds):
    road = "shipment__"


class Shipment(models.Model):
    """PCs that left one account for another one, together; closed when somebody says that all that came is in."""

    # Made by the page that asks: the same id again is the same shipment.
    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    origin = models.ForeignKey(Custodian, on_delete=models.PROTECT, related_name="+", db_index=False)
    destination = models.ForeignKey(Custodian, on_delete=models.PROTECT, related_name="+", db_index=False)
    # The account of what is on its way: one per shipment, so that the ledger alone says what it carries.
    transit = models.OneToOneField(Custodian, on_delete=models.PROTECT, related_name="+")
    # Of the accounts at both ends, as they were then; none for the depot.
    origin_school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, related_name="+")
    destination_school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, related_name="+")
    carrier_note = models.CharField(max_length=120, blank=True)
    dispatched_at = models.DateTimeField()
    dispatched_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    objects = ScopedManager(_SeenAtBothEnds, region="region")

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_shipment_goes_somewhere_else", condition=~Q(origin=F("destination"))),
            models.CheckConstraint(
                name="a_closed_shipment_says_when_and_by_whom",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index("region", "dispatched_at", name="open_shipment", condition=Q(closed_at=None)),
            models.Index("region", "closed_at", name="closed_shipment", condition=Q(closed_at__isnull=False)),
        ]


class ShipmentLine(models.Model):
    """One PC of a shipment: announced by the movement that sent it, or come without having been announced."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    dispatch = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True, related_name="+")
    arrival = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True, related_name="+")
    difference = models.CharField(max_length=10, blank=True)
    remedy = models.CharField(max_length=10, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    settled_by_movement = models.ForeignKey(
        Movement, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = ScopedManager(_LinesSeenAtBothEnds, region="shipment__region")

    class Meta:
        constraints = [
            models.UniqueConstraint("shipment", "device", name="a_pc_is_on_a_shipment_once"),
            models.UniqueConstraint(
                "device",
                condition=Q(dispatch__isnull=False, arrival=None, settled_at=None),
                name="a_pc_is_on_one_road_at_a_time",
            ),
            models.CheckConstraint(
                name="a_pc_is_announced_or_unexpected",
                condition=Q(dispatch__isnull=False, difference__in=["", "missing"])
                | Q(dispatch=None, arrival=None, difference="unexpected"),
            ),
            models.CheckConstraint(
                name="a_missing_pc_has_not_arrived",
                condition=~Q(difference="missing") | Q(arrival=None),
            ),
            models.CheckConstraint(
                name="a_settled_difference_says_how_when_and_by_whom",
                condition=Q(remedy="", settled_at=None, settled_by=None, settled_by_movement=None)
                | Q(
                    difference="missing",
                    remedy__in=_OF_MISSING,
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                    settled_by_movement__isnull=False,
                )
                | Q(
                    difference="unexpected",
                    remedy="taken_in",
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                    settled_by_movement__isnull=False,
                )
                | Q(
                    difference="unexpected",
                    remedy="set_aside",
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                    settled_by_movement=None,
                ),
            ),
        ]
        indexes = [models.Index("shipment", name="open_difference", condition=Q(settled_at=None) & ~Q(difference=""))]
