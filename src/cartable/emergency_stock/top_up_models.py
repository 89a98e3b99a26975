"""What a lycée asks of the depot for its reserve. Its state is read from its facts: asked, granted or refused, received."""

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.emergency_stock.rules import MOST_ASKED
from cartable.organisations.models import School
from cartable.supply.models import Shipment


class TopUp(models.Model):
    """PCs that a lycée asks for its reserve, and what the region answered; granted, they are a shipment."""

    # Made by the page that asks: the same id again is the same request.
    id = models.UUIDField(primary_key=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, db_index=False)
    asked_count = models.IntegerField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    shipment = models.OneToOneField(Shipment, on_delete=models.PROTECT, null=True)
    refusal = models.CharField(max_length=200, blank=True)

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.UniqueConstraint("school", condition=Q(decided_at=None), name="a_lycee_asks_once_at_a_time"),
            models.CheckConstraint(
                name="a_top_up_asks_for_something", condition=Q(asked_count__gte=1, asked_count__lte=MOST_ASKED)
            ),
            models.CheckConstraint(
                name="a_decided_top_up_is_a_shipment_or_says_why_not",
                condition=Q(decided_at=None, decided_by=None, shipment=None, refusal="")
                | Q(decided_at__isnull=False, decided_by__isnull=False, shipment__isnull=False, refusal="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False, shipment=None) & ~Q(refusal="")),
            ),
        ]
        indexes = [models.Index("school", "asked_at", name="top_up_by_school")]
