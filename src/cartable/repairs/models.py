"""Repairs: tickets by their facts, batches both ways, quotes, recalls, and what was agreed with each repairer.

A ticket names no student: it remembers the account that the PC was taken from, and the fleet's accounts carry no name.
The repairer reads it by a manager of its own, `at_contractor`.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.fleet.models import Custodian, Device, DeviceModel, Lot
from cartable.organisations.models import Contractor, Region, School
from cartable.repairs import rules


class Symptom(models.TextChoices):
    """What somebody sees on the spot."""

    SCREEN = rules.Symptom.SCREEN, _("Écran")
    KEYBOARD = rules.Symptom.KEYBOARD, _("Clavier ou pavé tactile")
    BATTERY = rules.Symptom.BATTERY, _("Batterie")
    CHARGER = rules.Symptom.CHARGER, _("Chargeur ou prise")
    DISK = rules.Symptom.DISK, _("Disque")
    SYSTEM = rules.Symptom.SYSTEM, _("Système, démarrage")
    HINGE = rules.Symptom.HINGE, _("Charnière ou coque")
    LIQUID = rules.Symptom.LIQUID, _("Liquide renversé")
    OTHER = rules.Symptom.OTHER, _("Autre, à diagnostiquer")


class FaultyPart(models.TextChoices):
    """What the repairer found at fault."""

    SCREEN = rules.FaultyPart.SCREEN, _("Écran")
    KEYBOARD = rules.FaultyPart.KEYBOARD, _("Clavier ou pavé tactile")
    BATTERY = rules.FaultyPart.BATTERY, _("Batterie")
    CHARGER = rules.FaultyPart.CHARGER, _("Chargeur ou prise")
    DISK = rules.FaultyPart.DISK, _("Disque")
    MAINBOARD = rules.FaultyPart.MAINBOARD, _("Carte mère")
    HINGE = rules.FaultyPart.HINGE, _("Charnière ou coque")
    SOFTWARE = rules.FaultyPart.SOFTWARE, _("Logiciel")
    NO_FAULT = rules.FaultyPart.NO_FAULT, _("Aucun défaut trouvé")
    OTHER = rules.FaultyPart.OTHER, _("Autre pièce")


class RepairOutcome(models.TextChoices):
    """What the repairer made of it."""

    REPAIRED = rules.RepairOutcome.REPAIRED, _("Réparé")
    SWAPPED = rules.RepairOutcome.SWAPPED, _("Échangé par le fabricant")
    UNREPAIRABLE = rules.RepairOutcome.UNREPAIRABLE, _("Irréparable")


class TicketEnding(models.TextChoices):
    """Where the PC went when its ticket was closed."""

    HANDED_BACK = rules.TicketEnding.HANDED_BACK, _("Rendu à son élève")
    TO_BENCH = rules.TicketEnding.TO_BENCH, _("Remis à l’atelier du lycée")
    TO_RESERVE = rules.TicketEnding.TO_RESERVE, _("Remis en réserve (FUP)")
    DISPOSED = rules.TicketEnding.DISPOSED, pgettext_lazy("fin d’un dossier", "Éliminé")
    CANCELLED = rules.TicketEnding.CANCELLED, _("Dossier annulé")


class BatchDirection(models.TextChoices):
    """Which way a batch travels."""

    OUT = rules.BatchDirection.OUT, _("Vers le réparateur")
    BACK = rules.BatchDirection.BACK, _("Vers le lycée")


class BatchDifferenceKind(models.TextChoices):
    """What was in the parcel and should not have been."""

    NOT_IN_BATCH = rules.BatchDifferenceKind.NOT_IN_BATCH, _("Pas dans cet envoi")
    UNKNOWN = rules.BatchDifferenceKind.UNKNOWN, _("Inconnu")


class RepairContract(models.Model):
    """What was agreed with a repairer; without a row, the usual terms (`rules`)."""

    repairer = models.OneToOneField(Contractor, on_delete=models.PROTECT, primary_key=True)
    warranty_months = models.SmallIntegerField()
    agreed_days = models.SmallIntegerField()

    objects = ScopedManager(region="repairer__region")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_warranty_lasts_ten_years_at_most",
                condition=Q(warranty_months__gte=0) & Q(warranty_months__lte=120),
            ),
            models.CheckConstraint(
                name="a_repairer_has_a_day_to_a_quarter", condition=Q(agreed_days__gte=1) & Q(agreed_days__lte=92)
            ),
        ]


class RepairRecall(models.Model):
    """A faulty model or lot is called back: one ticket per PC, opened in one act."""

    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    repairer = models.ForeignKey(Contractor, on_delete=models.PROTECT)
    device_model = models.ForeignKey(DeviceModel, on_delete=models.PROTECT, null=True)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, null=True)
    reason = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_recall_names_a_model_or_a_lot",
                condition=Q(device_model__isnull=False, lot__isnull=True)
                | Q(device_model__isnull=True, lot__isnull=False),
            ),
            models.CheckConstraint(name="a_recall_says_why", condition=~Q(reason="")),
        ]


class RepairBatch(models.Model):
    """A parcel between one lycée and one repairer; its id is made with the form that sends it."""

    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    repairer = models.ForeignKey(Contractor, on_delete=models.PROTECT)
    direction = models.CharField(max_length=4, choices=BatchDirection.choices)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(region="region", school="school")
    at_contractor = ScopedManager(region="region", contractor="repairer")

    class Meta:
        constraints = [
            models.CheckConstraint(name="batch_direction_is_known", condition=Q(direction__in=BatchDirection.values))
        ]


class BatchDifference(models.Model):
    """What somebody scanned on receipt that no ticket on its way explains; said once, kept."""

    append_only = True

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    # Whoever received: a lycée, or a repairer.
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True)
    repairer = models.ForeignKey(Contractor, on_delete=models.PROTECT, null=True)
    receipt_id = models.UUIDField(help_text="Id of the act of receipt, made with its form.")
    kind = models.CharField(max_length=12, choices=BatchDifferenceKind.choices)
    scanned = models.CharField(max_length=40)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(region="region", school="school")
    at_contractor = ScopedManager(region="region", contractor="repairer")

    class Meta:
        constraints = [
            models.UniqueConstraint("receipt_id", "scanned", name="a_difference_is_said_once_per_receipt"),
            models.CheckConstraint(name="difference_kind_is_known", condition=Q(kind__in=BatchDifferenceKind.values)),
            models.CheckConstraint(
                name="an_unknown_pc_is_no_device_of_ours",
                condition=Q(kind="unknown", device__isnull=True) | (~Q(kind="unknown") & Q(device__isnull=False)),
            ),
            models.CheckConstraint(
                name="one_side_received",
                condition=Q(school__isnull=False, repairer__isnull=True)
                | Q(school__isnull=True, repairer__isnull=False),
            ),
        ]


class RepairTicket(models.Model):
    """A PC that failed, from the lycée to the repairer and back: facts and their dates, no status."""

    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    school = models.ForeignKey(School, on_delete=models.PROTECT, db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    repairer = models.ForeignKey(Contractor, on_delete=models.PROTECT, db_index=False)
    recall = models.ForeignKey(RepairRecall, on_delete=models.PROTECT, null=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    symptoms = ArrayField(models.CharField(max_length=10, choices=Symptom.choices))
    note = models.CharField(max_length=300, blank=True)
    # As agreed on the day of opening: a new contract changes nothing for a repair that runs.
    warranty_ends_on = models.DateField()
    agreed_days = models.SmallIntegerField()
    taken_in_at = models.DateTimeField(null=True)
    # The account of the student who waits for it; the name is the lycée's to know.
    taken_from = models.ForeignKey(Custodian, on_delete=models.PROTECT, null=True)
    sent_at = models.DateTimeField(null=True)
    batch_out = models.ForeignKey(RepairBatch, on_delete=models.PROTECT, null=True, related_name="tickets_out")
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    diagnosed_at = models.DateTimeField(null=True)
    diagnosed_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    is_covered = models.BooleanField(null=True)
    part = models.CharField(max_length=10, choices=FaultyPart.choices, blank=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    finished_as = models.CharField(max_length=12, choices=RepairOutcome.choices, blank=True)
    # The repairer installed it anew: it may go straight into a reserve.
    is_reinstalled = models.BooleanField(default=False)
    sent_back_at = models.DateTimeField(null=True)
    batch_back = models.ForeignKey(RepairBatch, on_delete=models.PROTECT, null=True, related_name="tickets_back")
    back_at = models.DateTimeField(null=True)
    back_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    closed_as = models.CharField(max_length=12, choices=TicketEnding.choices, blank=True)

    objects = ScopedManager(region="region", school="school")
    at_contractor = ScopedManager(region="region", contractor="repairer")

    class Meta:
        constraints = [
            models.UniqueConstraint("device", condition=Q(closed_at=None), name="a_pc_has_one_open_ticket"),
            models.CheckConstraint(
                name="ticket_symptoms_are_known",
                condition=Q(symptoms__contained_by=Symptom.values) & Q(symptoms__len__gt=0),
            ),
            models.CheckConstraint(
                name="a_ticket_sent_names_its_batch",
                condition=Q(sent_at=None, batch_out=None) | Q(sent_at__isnull=False, batch_out__isnull=False),
            ),
            models.CheckConstraint(
                name="a_pc_sent_was_taken_in", condition=Q(sent_at=None) | Q(taken_in_at__isnull=False)
            ),
            models.CheckConstraint(
                name="a_student_waits_for_what_was_taken_in",
                condition=Q(taken_from=None) | Q(taken_in_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_pc_received_was_sent",
                condition=Q(received_at=None, received_by=None)
                | Q(received_at__isnull=False, received_by__isnull=False, sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_diagnosis_says_what_and_by_whom",
                condition=Q(diagnosed_at=None, diagnosed_by=None, is_covered=None, part="")
                | Q(
                    diagnosed_at__isnull=False,
                    diagnosed_by__isnull=False,
                    is_covered__isnull=False,
                    part__in=FaultyPart.values,
                    received_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="an_outcome_follows_a_diagnosis",
                condition=Q(finished_at=None, finished_by=None, finished_as="")
                | Q(
                    finished_at__isnull=False,
                    finished_by__isnull=False,
                    finished_as__in=RepairOutcome.values,
                    diagnosed_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="a_pc_sent_back_was_received",
                condition=Q(sent_back_at=None, batch_back=None)
                | Q(sent_back_at__isnull=False, batch_back__isnull=False, received_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_pc_that_is_back_had_been_sent",
                condition=Q(back_at=None, back_by=None)
                | Q(back_at__isnull=False, back_by__isnull=False, sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_closed_ticket_says_how_and_by_whom",
                condition=Q(closed_at=None, closed_by=None, closed_as="")
                | Q(closed_at__isnull=False, closed_by__isnull=False, closed_as__in=TicketEnding.values),
            ),
            models.CheckConstraint(
                name="a_ticket_does_not_close_while_its_pc_is_away",
                condition=Q(closed_at=None) | Q(sent_at=None) | Q(back_at__isnull=False) | Q(closed_as="disposed"),
            ),
        ]
        indexes = [
            models.Index("school", "opened_at", name="open_ticket_by_school", condition=Q(closed_at=None)),
            models.Index("repairer", "received_at", name="open_ticket_by_repairer", condition=Q(closed_at=None)),
            models.Index("repairer", "sent_back_at", name="ticket_by_statement"),
        ]


class RepairQuote(models.Model):
    """What a damage that the warranty does not cover would cost; the region accepts or refuses."""

    id = models.UUIDField(primary_key=True)
    ticket = models.ForeignKey(RepairTicket, on_delete=models.PROTECT, related_name="quotes")
    part = models.CharField(max_length=10, choices=FaultyPart.choices)
    price_eur = models.DecimalField(max_digits=8, decimal_places=2)
    note = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    is_accepted = models.BooleanField(null=True)

    objects = ScopedManager(region="ticket__region", school="ticket__school")
    at_contractor = ScopedManager(region="ticket__region", contractor="ticket__repairer")

    class Meta:
        constraints = [
            models.UniqueConstraint("ticket", condition=Q(decided_at=None), name="a_ticket_has_one_quote_to_decide"),
            models.CheckConstraint(name="a_quote_has_a_price", condition=Q(price_eur__gt=0)),
            models.CheckConstraint(name="a_quote_names_its_part", condition=Q(part__in=FaultyPart.values)),
            models.CheckConstraint(
                name="a_decided_quote_says_how_and_by_whom",
                condition=Q(decided_at=None, decided_by=None, is_accepted=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, is_accepted__isnull=False),
            ),
            models.CheckConstraint(
                name="a_quote_is_decided_after_it_was_sent",
                condition=Q(decided_at=None) | Q(decided_at__gte=F("sent_at")),
            ),
        ]
