"""The court: what was contested on a day, who claimed what, and how it was settled."""

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.distribution.court_rules.hearing import Settlement
from cartable.fleet.models import Device, Movement
from cartable.rosters.models import Student


class Dispute(models.Model):
    """Something that cannot all be true, about one PC, one student or one code that nobody knows.

    It is settled once: then it is never written again (trigger ``a_settled_dispute_is_never_rewritten``).
    """

    day = models.ForeignKey("distribution.DistributionDay", on_delete=models.PROTECT)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True)
    student = models.ForeignKey(Student, on_delete=models.PROTECT, null=True)
    unknown_code = models.CharField(max_length=30, blank=True)
    opened_at = models.DateTimeField(db_default=models.functions.Now())
    settlement = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="day__school__region", school="day__school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_dispute_has_one_subject",
                condition=Q(device__isnull=False, student__isnull=True, unknown_code="")
                | Q(device__isnull=True, student__isnull=False, unknown_code="")
                | (Q(device__isnull=True, student__isnull=True) & ~Q(unknown_code="")),
            ),
            models.CheckConstraint(
                name="a_settled_dispute_says_how_why_when_and_by_whom",
                condition=Q(settlement="", reason="", settled_at__isnull=True, settled_by__isnull=True)
                | (
                    Q(settlement__in=[str(one) for one in Settlement], settled_at__isnull=False)
                    & Q(settled_by__isnull=False)
                    & ~Q(reason="")
                ),
            ),
            # The referee when two stations contradict the same thing at once: the second one joins the first one's dispute.
            models.UniqueConstraint(
                fields=["day", "device", "student", "unknown_code"],
                condition=Q(settled_at__isnull=True),
                nulls_distinct=False,
                name="a_subject_has_one_open_dispute",
            ),
        ]


class Testimony(models.Model):
    """One claim of a dispute: a scan that was contested, or the movement that stood against it."""

    append_only = True

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT)
    scan = models.OneToOneField("distribution.Scan", on_delete=models.PROTECT, null=True)
    movement = models.ForeignKey(Movement, on_delete=models.PROTECT, null=True)

    objects = ScopedManager(region="dispute__day__school__region", school="dispute__day__school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_testimony_is_a_scan_or_a_movement",
                condition=Q(scan__isnull=False, movement__isnull=True) | Q(scan__isnull=True, movement__isnull=False),
            ),
            models.UniqueConstraint("dispute", "movement", name="a_movement_testifies_once_in_a_dispute"),
        ]


class SettlementMovement(models.Model):
    """A movement that a settlement made: what the human ruled, in the ledger."""

    append_only = True

    movement = models.OneToOneField(Movement, on_delete=models.PROTECT, primary_key=True)
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT)

    objects = ScopedManager(region="dispute__day__school__region", school="dispute__day__school")
