"""What came back and why, what the bench did to it, what left for good. Where a PC is stands in the ledger alone."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.emergency_stock.models import Loan
from cartable.fleet.models import Device, Grade, Movement
from cartable.fleet.rules import Condition
from cartable.organisations.models import School
from cartable.returns import rules
from cartable.rosters.models import Student


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


class WipeMethod(models.TextChoices):
    """How the traces of a student were wiped."""

    SECURE_ERASE = rules.WipeMethod.SECURE_ERASE, _("Effacement sécurisé du disque")
    KEY_DESTROYED = rules.WipeMethod.KEY_DESTROYED, _("Clé de chiffrement détruite")
    OVERWRITTEN = rules.WipeMethod.OVERWRITTEN, _("Disque réécrit en entier")
    DISK_DESTROYED = rules.WipeMethod.DISK_DESTROYED, _("Disque retiré et détruit")


class BenchCheck(models.TextChoices):
    """What is tried before a PC is handed to somebody again."""

    STARTS = rules.BenchCheck.STARTS, _("Démarre")
    SCREEN = rules.BenchCheck.SCREEN, _("Écran")
    KEYBOARD = rules.BenchCheck.KEYBOARD, _("Clavier et pavé tactile")
    BATTERY = rules.BenchCheck.BATTERY, _("Batterie")
    NETWORK = rules.BenchCheck.NETWORK, _("Wifi")
    CHARGER = rules.BenchCheck.CHARGER, _("Chargeur")


class Outlet(models.TextChoices):
    """Where a PC goes that leaves for good."""

    REUSE = rules.Outlet.REUSE, _("Réemploi")
    RECYCLING = rules.Outlet.RECYCLING, _("Recyclage")


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


class Reimaging(models.Model):
    """What was done to a PC during one stay on the bench; it is born when the PC is wiped.

    The stay is named by the movement that brought the PC: facts of an earlier stay never count for a later one.
    """

    arrival = models.OneToOneField(Movement, on_delete=models.PROTECT, primary_key=True, related_name="+")
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    wiped_at = models.DateTimeField()
    wiped_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    wipe_method = models.CharField(max_length=16, choices=WipeMethod.choices)
    certificate_number = models.CharField(max_length=24)
    image_version = models.CharField(max_length=40, blank=True)
    imaged_at = models.DateTimeField(null=True)
    imaged_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    checks = ArrayField(models.CharField(max_length=10, choices=BenchCheck.choices), default=list, blank=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    # The PC left the bench ready for somebody: into the reserve, or to the depot.
    finished_at = models.DateTimeField(null=True)
    movement = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True, related_name="+")
    # The wrong PC was scanned: it is back on the bench for a new stay, and what this one says never happened.
    withdrawn_by_movement = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.UniqueConstraint("certificate_number", name="a_wipe_certificate_is_numbered_once"),
            models.CheckConstraint(name="a_wipe_has_its_certificate", condition=~Q(certificate_number="")),
            models.CheckConstraint(name="wipe_method_is_known", condition=Q(wipe_method__in=WipeMethod.values)),
            models.CheckConstraint(
                name="an_image_says_which_when_and_by_whom",
                condition=Q(image_version="", imaged_at=None, imaged_by=None)
                | (~Q(image_version="") & Q(imaged_at__isnull=False, imaged_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_pc_without_disk_gets_no_image",
                condition=Q(imaged_at=None) | ~Q(wipe_method=WipeMethod.DISK_DESTROYED),
            ),
            models.CheckConstraint(
                name="a_pc_is_checked_with_everything_and_after_its_image",
                condition=Q(checks=[], checked_at=None, checked_by=None)
                | Q(
                    checks__contains=BenchCheck.values,
                    checks__contained_by=BenchCheck.values,
                    checked_at__isnull=False,
                    checked_by__isnull=False,
                    imaged_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="a_pc_leaves_the_bench_checked",
                condition=Q(movement=None, finished_at=None)
                | Q(movement__isnull=False, finished_at__isnull=False, checked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="only_what_left_the_bench_is_withdrawn",
                condition=Q(withdrawn_by_movement=None) | Q(movement__isnull=False),
            ),
        ]


class DisposalSlip(models.Model):
    """What leaves for good together, to one receiver: the paper that goes with it."""

    id = models.UUIDField(primary_key=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, db_index=False)
    outlet = models.CharField(max_length=10, choices=Outlet.choices)
    receiver = models.CharField(max_length=120)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.CheckConstraint(name="outlet_is_known", condition=Q(outlet__in=Outlet.values)),
            models.CheckConstraint(name="a_slip_names_its_receiver", condition=~Q(receiver="")),
        ]
        indexes = [models.Index("school", "opened_at", name="slip_by_school")]


class WriteOff(models.Model):
    """A PC left for good under a slip, wiped before."""

    movement = models.OneToOneField(Movement, on_delete=models.PROTECT, primary_key=True)
    slip = models.ForeignKey(DisposalSlip, on_delete=models.PROTECT, related_name="write_offs")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, db_index=False)
    # No wipe, no row: nothing leaves with a student's traces on it.
    wiped_under = models.ForeignKey(Reimaging, on_delete=models.PROTECT, related_name="+")
    is_over_ten_years_old = models.BooleanField()
    written_off_at = models.DateTimeField()
    written_off_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    undone_by_movement = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="slip__school__region", school="slip__school")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "device", condition=Q(undone_by_movement=None), name="a_pc_is_written_off_once_at_a_time"
            )
        ]
