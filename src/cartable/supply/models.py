"""What suppliers deliver (the note they send, the delivery it becomes, its refused lines), and what goes where.

What is on the road stands in ``shipment_models.py``.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.fleet.models import Device, Lot
from cartable.organisations.models import Contractor, Region, School
from cartable.supply.rules import LineCode
from cartable.supply.shipment_models import Shipment, ShipmentLine

__all__ = ["Allotment", "Delivery", "DeliveryNote", "RefusedLine", "Settlement", "Shipment", "ShipmentLine"]


class DeliveryNote(models.Model):
    """A file that a supplier sent, with what was said of it. Nothing is in the park yet."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    contractor = models.ForeignKey(Contractor, on_delete=models.PROTECT)
    reference = models.CharField(max_length=60, blank=True, help_text="Of the supplier.")
    lot_reference = models.CharField(max_length=60)
    default_model = models.CharField(max_length=100, blank=True, help_text="For lines that name none.")
    received_on = models.DateField()
    file_name = models.CharField(max_length=150)
    file_sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    has_header = models.BooleanField(default=True)
    columns = models.JSONField(default=dict, help_text="Field → header, where somebody chose; else by synonyms.")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Actor, on_delete=models.PROTECT)
    queued_at = models.DateTimeField(null=True, blank=True, help_text="When its reception was handed to the worker.")
    failure = models.CharField(max_length=40, blank=True, help_text="Code of what stopped the worker.")

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [
            models.UniqueConstraint("region", "file_sha256", name="a_file_is_one_delivery_note"),
            models.CheckConstraint(
                name="a_file_is_named_by_its_sha256", condition=Q(file_sha256__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(name="a_delivery_note_names_its_lot", condition=~Q(lot_reference="")),
        ]


class Delivery(models.Model):
    """A delivery note that was received: its accepted lines are in the park."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    note = models.OneToOneField(DeliveryNote, on_delete=models.PROTECT)
    contractor = models.ForeignKey(Contractor, on_delete=models.PROTECT)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    accepted_count = models.IntegerField(help_text="At reception; lines settled later come on top.")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_delivery_counts_from_zero", condition=Q(accepted_count__gte=0)),
            models.CheckConstraint(
                name="a_closed_delivery_says_when_and_by_whom",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]


class Settlement(models.TextChoices):
    """What became of a refused line."""

    ENTERED = "entered", _("PC entré après correction")
    DROPPED = "dropped", _("Ligne écartée")


class RefusedLine(models.Model):
    """A line that did not become a PC, kept until somebody settles it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="refused_lines")
    line = models.IntegerField()
    code = models.CharField(max_length=20)
    other_line = models.IntegerField(null=True, blank=True)
    serial = models.CharField(max_length=120, blank=True)
    model = models.CharField(max_length=120, blank=True)
    asset_tag = models.CharField(max_length=120, blank=True)
    pallet = models.CharField(max_length=120, blank=True)
    carton = models.CharField(max_length=120, blank=True)
    settlement = models.CharField(max_length=10, choices=Settlement.choices, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    remark = models.CharField(max_length=200, blank=True)
    device = models.OneToOneField(Device, on_delete=models.PROTECT, null=True, blank=True)

    objects = ScopedManager(region="delivery__region")

    class Meta:
        constraints = [
            models.UniqueConstraint("delivery", "line", name="a_line_is_refused_once"),
            models.CheckConstraint(name="refusal_is_known", condition=Q(code__in=[str(code) for code in LineCode])),
            models.CheckConstraint(
                name="a_settled_line_says_how_when_and_by_whom",
                condition=Q(settlement="", settled_at__isnull=True, settled_by__isnull=True, device__isnull=True)
                | Q(settlement="entered", settled_at__isnull=False, settled_by__isnull=False, device__isnull=False)
                | (
                    Q(settlement="dropped", settled_at__isnull=False, settled_by__isnull=False, device__isnull=True)
                    & ~Q(remark="")
                ),
            ),
        ]


class Allotment(models.Model):
    """PCs that went from the depot to a school, for its day. Which ones: the movements whose evidence names it."""

    # Made by the page that asks: the same id again is the same allotment.
    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    device_count = models.IntegerField()
    chosen_by = models.CharField(max_length=200, help_text="How the PCs were chosen, as a reference: count:40.")
    happened_at = models.DateTimeField()
    made_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(region="region", school="school")

    class Meta:
        constraints = [models.CheckConstraint(name="an_allotment_moves_something", condition=Q(device_count__gte=1))]
