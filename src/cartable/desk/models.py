"""Long lists that the worker writes into a file; and what became of lycées: closed into another one, or numbered anew."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.desk import rules
from cartable.documents.models import StoredFile
from cartable.organisations.models import Region, School


class Listed(models.TextChoices):
    """What the list is a list of."""

    DEVICES = rules.Listed.DEVICES, _("PC")
    STUDENTS = rules.Listed.STUDENTS, _("Élèves")


class Export(models.Model):
    """One long list, written once for whoever asked; that they took it stays when the file is gone."""

    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    asked_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    listed = models.CharField(max_length=10, choices=Listed.choices)
    filters = models.JSONField(help_text="The fields of the list's filter; never a name.")
    school_ids = ArrayField(models.BigIntegerField(), null=True, help_text="Whose scope; none for a whole region.")
    language = models.CharField(max_length=2)
    expected_count = models.PositiveIntegerField()
    written_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=20, blank=True)
    document = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True)

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [
            models.CheckConstraint(name="exported_list_is_known", condition=Q(listed__in=Listed.values)),
            models.CheckConstraint(name="export_language_is_known", condition=Q(language__in=["fr", "en"])),
            models.CheckConstraint(
                name="an_export_ends_with_its_file_or_with_why_not",
                condition=Q(finished_at__isnull=True, document__isnull=True, failure="")
                | Q(finished_at__isnull=False, finished_at__gte=F("asked_at"), document__isnull=False, failure="")
                | (
                    Q(finished_at__isnull=False, finished_at__gte=F("asked_at"), document__isnull=True) & ~Q(failure="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class SchoolClosing(models.Model):
    """A lycée closed, in one act: who confirmed it, which lycée took over, what moved. Its students are told of it here.

    The lycée itself says when and into which one (`School.closed_on`, `successor`); this row stays what was said then.
    """

    # Made by the page that asks: the same id again is the same closing.
    id = models.UUIDField(primary_key=True)
    school = models.OneToOneField(School, on_delete=models.PROTECT, related_name="+")
    successor = models.ForeignKey(School, on_delete=models.PROTECT, null=True, related_name="+")
    closed_on = models.DateField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64, help_text="Of the preview that was confirmed.")
    # What moved, as the page had shown it: how many, never who.
    counts = models.JSONField()
    shipment_ids = ArrayField(models.UUIDField(), help_text="What carries the stock: there when it is scanned.")

    # For whoever takes over: the closed lycée's own people read it on the page of their lycée.
    objects = ScopedManager(region="school__region", school="successor")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_lycee_closes_into_another_one", condition=Q(successor=None) | ~Q(successor=F("school"))
            ),
            models.CheckConstraint(
                name="a_closing_names_the_preview_it_confirmed", condition=Q(fingerprint__regex=r"^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class UaiChange(models.Model):
    """Somebody gave a lycée another number; which ones still name it stands in `organisations.FormerUai`."""

    id = models.UUIDField(primary_key=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(max_length=8)
    after = models.CharField(max_length=8)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [models.CheckConstraint(name="a_number_changes_to_another_one", condition=~Q(before=F("after")))]

    def __str__(self) -> str:
        return f"{self.before} {self.after}"


# Bulk acts stand apart; Django looks for them here.
from cartable.desk.bulk_models import BulkAct, BulkLine  # noqa: E402

__all__ = ["BulkAct", "BulkLine", "Export", "Listed", "SchoolClosing", "UaiChange"]
