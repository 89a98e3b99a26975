"""What left a reserve and why, and the loans among it. The level itself is a count of the ledger, kept nowhere.

What is asked of the depot stands in ``top_up_models.py``, what the worker last read for a region in ``reading_models.py``.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.distribution.models import CharterProof
from cartable.emergency_stock import rules
from cartable.emergency_stock.reading_models import ReserveReading
from cartable.emergency_stock.top_up_models import TopUp
from cartable.fleet.models import Device, Grade, Movement
from cartable.organisations.models import School
from cartable.rosters.models import Student

__all__ = ["Allocation", "Cause", "Loan", "LoanEnd", "ReserveReading", "TopUp"]


class Cause(models.TextChoices):
    """Why a PC leaves the reserve."""

    ABSENT = rules.Cause.ABSENT, _("Absent le jour de la distribution")
    WALK_UP = rules.Cause.WALK_UP, _("Arrivé en cours d’année")
    THEFT = rules.Cause.THEFT, _("Vol")
    REPLACEMENT = rules.Cause.REPLACEMENT, _("Remplacement")
    LOAN = rules.Cause.LOAN, _("Prêt de secours")


class LoanEnd(models.TextChoices):
    """How a loan ended."""

    EXCHANGE = rules.LoanEnd.EXCHANGE, _("Échangé contre le PC de l’élève")
    SWAP = rules.LoanEnd.SWAP, _("Le PC prêté reste à l’élève")
    CHECK_IN = rules.LoanEnd.CHECK_IN, _("PC prêté rendu")
    CLAIMED = rules.LoanEnd.CLAIMED, _("PC prêté volé ou perdu")


class Allocation(models.Model):
    """A PC left the reserve for a student: the movement, why, and what entitled to it."""

    movement = models.OneToOneField(Movement, on_delete=models.PROTECT, primary_key=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, db_index=False)
    student = models.ForeignKey(Student, on_delete=models.PROTECT)
    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    allocated_at = models.DateTimeField()
    allocated_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    charter_proof = models.ForeignKey(CharterProof, on_delete=models.PROTECT, null=True)
    # As it was handed over; empty where nobody said.
    grade = models.CharField(max_length=1, choices=Grade.choices, blank=True)
    # Taken back within the minute: the correction that undid it.
    undone_by_movement = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.CheckConstraint(name="allocation_cause_is_known", condition=Q(cause__in=Cause.values)),
            models.CheckConstraint(
                name="a_pc_for_keeps_leaves_with_its_charter",
                condition=Q(cause=Cause.LOAN) | Q(charter_proof__isnull=False),
            ),
            models.CheckConstraint(
                name="a_pc_is_handed_over_in_a_state_to_be_used",
                condition=Q(grade__in=["", *map(str, rules.HANDED_OVER_GRADES)]),
            ),
        ]
        indexes = [models.Index("school", "allocated_at", name="allocation_by_school")]


class Loan(models.Model):
    """A PC of the reserve stands in for another one; open until exchange, swap or check-in."""

    allocation = models.OneToOneField(Allocation, on_delete=models.PROTECT, primary_key=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, db_index=False)
    student = models.ForeignKey(Student, on_delete=models.PROTECT, db_index=False)
    loaner = models.ForeignKey(Device, on_delete=models.PROTECT, db_index=False, related_name="+")
    stands_in_for = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    lent_at = models.DateTimeField()
    due_on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    ended_as = models.CharField(max_length=10, choices=LoanEnd.choices, blank=True)

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.UniqueConstraint("student", condition=Q(ended_at=None), name="a_student_has_one_loan_at_a_time"),
            models.UniqueConstraint("loaner", condition=Q(ended_at=None), name="a_pc_is_lent_once_at_a_time"),
            models.UniqueConstraint(
                "stands_in_for", condition=Q(ended_at=None), name="a_pc_is_stood_in_for_once_at_a_time"
            ),
            models.CheckConstraint(name="a_loaner_stands_in_for_another_pc", condition=~Q(loaner=F("stands_in_for"))),
            models.CheckConstraint(
                name="an_ended_loan_says_when_how_and_by_whom",
                condition=Q(ended_at=None, ended_by=None, ended_as="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, ended_as__in=LoanEnd.values),
            ),
        ]
        indexes = [models.Index("school", "lent_at", name="open_loan_by_school", condition=Q(ended_at=None))]
