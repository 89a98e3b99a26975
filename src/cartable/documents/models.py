"""Stored files: what was stored is encrypted and goes on its day; that it was stored stays."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.documents import rules
from cartable.organisations.models import Region, School


class FileClass(models.TextChoices):
    """What a stored file is; `rules.RETENTION` says how long it is kept."""

    ROSTER = rules.FileClass.ROSTER, _("Liste d’élèves")
    TAKEOVER = rules.FileClass.TAKEOVER, _("Reprise d’un parc")
    COMPLAINT = rules.FileClass.COMPLAINT, _("Récépissé de plainte")
    STATE_HANDED = rules.FileClass.STATE_HANDED, _("Photo d’un PC remis")
    STATE = rules.FileClass.STATE, _("Photo d’un PC rendu ou abîmé")
    EXPORT = rules.FileClass.EXPORT, _("Liste exportée")


class StoredFile(models.Model):
    """One file that somebody sent: bytes under seal until ``erase_on``, its hash and size for ever."""

    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, db_index=False)
    # The lycée whose people may see it; none for what only the region may see.
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True)
    file_class = models.CharField(max_length=12, choices=FileClass.choices)
    sha256 = models.BinaryField(help_text="Of the bytes as they were sent.")
    size_bytes = models.BigIntegerField()
    stored_at = models.DateTimeField()
    stored_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    erase_on = models.DateField()
    erased_at = models.DateTimeField(null=True)
    ciphertext = models.BinaryField(null=True)
    wrapped_key = models.BinaryField(null=True)
    master_key_id = models.CharField(max_length=16, blank=True)

    objects = ScopedManager(region="region", school="school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_erased_file_has_no_content_and_a_kept_one_has",
                condition=Q(erased_at__isnull=True, ciphertext__isnull=False, wrapped_key__isnull=False)
                | Q(erased_at__isnull=False, ciphertext__isnull=True, wrapped_key__isnull=True),
            ),
            models.CheckConstraint(name="file_class_is_known", condition=Q(file_class__in=FileClass.values)),
            models.CheckConstraint(name="a_stored_file_has_a_size", condition=Q(size_bytes__gte=0)),
        ]
        indexes = [
            models.Index("erase_on", name="file_to_erase", condition=Q(erased_at__isnull=True)),
            models.Index("region", "sha256", name="file_by_hash"),
        ]

    def __str__(self) -> str:
        return str(self.id)
