"""Long lists that the worker writes into a file: who asked for what, how far it is, where the file lies."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.desk import rules
from cartable.documents.models import StoredFile
from cartable.organisations.models import Region


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


# Bulk acts stand apart; Django looks for them here.
from cartable.desk.bulk_models import BulkAct, BulkLine  # noqa: E402

__all__ = ["BulkAct", "BulkLine", "Export", "Listed"]
