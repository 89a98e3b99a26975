"""What came back, in which state and why. Where the PC is now stands in the ledger alone."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.emergency_stock.models import Loan
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import Condition
from cartable.organisations.models import School
from cartable.returns import rules
from cartable.rosters.models import Student


class Grade(models.TextChoices):
    """The state in which a PC comes back."""

    LIKE_NEW = rules.Grade.LIKE_NEW, _("Comme neuf")
    USED = rules.Grade.USED, _("Usagé")
    DAMAGED = rules.Grade.DAMAGED, _("Abîmé")
    UNUSABLE = rules.Grade.UNUSABLE, _("Inutilisable")


class ReturnReason(models.TextChoices):
    """Why a student gives the PC back."""

    LEAVES_REGION = rules.ReturnReason.LEAVES_REGION, _("Quitte la région")
    LEAVES_LYCEE = rules.ReturnReason.LEAVES_LYCEE, _("Quitte le lycée")
    END_OF_STUDIES = rules.ReturnReason.END_OF_STUDIES, _("Fin des études")
    OTHER = rules.ReturnReason.OTHER, _("Autre raison")


class Damage(models.TextChoices):
    """What is broken on a PC that comes back."""

    SCREEN = rules.Damage.SCREEN, _("Écran")
    KEYBOARD = rules.Damage.KEYBOARD, _("Clavier")
    HINGE = rules.Damage.HINGE, _("Charnière")
    CASE = rules.Damage.CASE, _("Coque")
    CONNECTOR = rules.Damage.CONNECTOR, _("Prise ou connecteur")
    BATTERY = rules.Damage.BATTERY, _("Batterie")
    LIQUID = rules.Damage.LIQUID, _("Liquide renversé")


class CheckIn(models.Model):
    """A student gave a PC back: the movement, its state, what misses, and why."""

    movement = models.OneToOneField(Movement, on_delete=models.PROTECT, primary_key=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, db_index=False)
    student = models.ForeignKey(Student, on_delete=models.PROTECT)
    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    grade = models.CharField(max_length=1, choices=Grade.choices)
    # Of the kit of the student's campaign, in its words.
    kit_missing = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    damages = ArrayField(models.CharField(max_length=12, choices=Damage.choices), default=list, blank=True)
    why = models.CharField(max_length=16, choices=ReturnReason.choices)
    checked_in_at = models.DateTimeField()
    checked_in_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    # What undoing puts back.
    condition_before = models.CharField(max_length=20)
    ended_loan = models.OneToOneField(Loan, on_delete=models.PROTECT, null=True, related_name="+")
    undone_by_movement = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.CheckConstraint(name="return_grade_is_known", condition=Q(grade__in=Grade.values)),
            models.CheckConstraint(name="return_reason_is_known", condition=Q(why__in=ReturnReason.values)),
            models.CheckConstraint(name="return_damages_are_known", condition=Q(damages__contained_by=Damage.values)),
            models.CheckConstraint(
                name="a_return_knows_the_condition_before",
                condition=Q(condition_before__in=[str(condition) for condition in Condition]),
            ),
            models.CheckConstraint(
                name="a_return_that_ended_a_loan_is_not_undone",
                condition=Q(ended_loan__isnull=True) | Q(undone_by_movement__isnull=True),
            ),
        ]
        indexes = [models.Index("school", "checked_in_at", name="check_in_by_school")]
