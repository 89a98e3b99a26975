"""Bulk acts: who asked for what to be done to which lines, and what became of each line. No name stands here."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.desk import bulk_rules
from cartable.fleet.models import Device
from cartable.organisations.models import Region, School
from cartable.rosters.models import Student


class Bulk(models.TextChoices):
    """What is done to many lines at once; the label is what the page is called."""

    SEND = bulk_rules.Bulk.SEND, _("Envoyer vers un autre lieu")
    ALLOT = bulk_rules.Bulk.ALLOT, _("Affecter à un lycée pour sa distribution")
    BENCH = bulk_rules.Bulk.BENCH, _("Remastériser à l’atelier")
    WRITE_OFF = bulk_rules.Bulk.WRITE_OFF, _("Sortir du parc")
    TAGS = bulk_rules.Bulk.TAGS, _("Imprimer les étiquettes des PC")
    LABELS = bulk_rules.Bulk.LABELS, _("Imprimer les étiquettes des élèves")
    REMIND = bulk_rules.Bulk.REMIND, _("Rappeler la charte aux familles")
    LEAVE = bulk_rules.Bulk.LEAVE, _("Déclarer le départ hors de la région")


class BulkAct(models.Model):
    """An act on many lines: prepared, looked at, confirmed once, done."""

    # Made from the page that asks and from whoever asks: sent twice it is one act.
    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    asked_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    act = models.CharField(max_length=10, choices=Bulk.choices)
    # The lycée whose students these are; none for PCs.
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, related_name="+")
    school_ids = ArrayField(models.BigIntegerField(), null=True, help_text="Whose scope; none for a whole region.")
    language = models.CharField(max_length=2)
    list_url = models.CharField(max_length=500, help_text="The list with its filter, to go back to; never a name.")
    options = models.JSONField(null=True, help_text="What was said once for all lines; none before it was said.")
    line_count = models.PositiveIntegerField()
    done_count = models.PositiveIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=40, blank=True)

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [
            models.CheckConstraint(name="bulk_act_is_known", condition=Q(act__in=Bulk.values)),
            models.CheckConstraint(name="bulk_act_language_is_known", condition=Q(language__in=["fr", "en"])),
            models.CheckConstraint(
                name="a_bulk_act_does_nothing_before_it_is_confirmed",
                condition=Q(confirmed_at__isnull=True, finished_at__isnull=True, done_count=0, failure="")
                | Q(confirmed_at__isnull=False, options__isnull=False),
            ),
            models.CheckConstraint(
                name="a_bulk_act_ends_after_it_was_confirmed",
                condition=Q(finished_at__isnull=True, failure="")
                | Q(finished_at__isnull=False, finished_at__gte=F("confirmed_at")),
            ),
        ]
        indexes = [models.Index("asked_at", condition=Q(confirmed_at=None), name="bulk_act_only_prepared")]

    def __str__(self) -> str:
        return str(self.id)


class BulkLine(models.Model):
    """One PC or one student of an act: it waits, was done, or was left out for a reason."""

    act = models.ForeignKey(BulkAct, on_delete=models.CASCADE, related_name="lines", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, db_index=False)
    student = models.ForeignKey(Student, on_delete=models.PROTECT, null=True, db_index=False)
    reason = models.CharField(max_length=30, blank=True)
    # Found while the act was done: the preview still said that it would be.
    is_late = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True)

    objects = ScopedManager(region="act__region")

    class Meta:
        constraints = [
            models.UniqueConstraint("act", "device", name="a_pc_stands_in_a_bulk_act_once"),
            models.UniqueConstraint("act", "student", name="a_student_stands_in_a_bulk_act_once"),
            models.CheckConstraint(
                name="a_bulk_line_is_a_pc_or_a_student",
                condition=Q(device__isnull=False, student__isnull=True) | Q(device__isnull=True, student__isnull=False),
            ),
            models.CheckConstraint(
                name="a_bulk_line_is_done_or_left_out", condition=Q(done_at__isnull=True) | Q(reason="", is_late=False)
            ),
            models.CheckConstraint(
                name="only_what_is_left_out_is_left_out_late", condition=Q(is_late=False) | ~Q(reason="")
            ),
        ]
