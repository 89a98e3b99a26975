"""Files of many lycées at once: what was sent, what became of each."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.documents.models import StoredFile
from cartable.organisations.models import Region, School
from cartable.rosters.models.lists import RosterImport


class RosterBatch(models.Model):
    """Files that somebody sent together: a region's lists, dropped on the page, from the terminal or from a folder."""

    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    # The lycée for whose page the files were sent; none where each file names its own.
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True)
    first_year = models.SmallIntegerField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(region="region", school="school")


class FileState(models.TextChoices):
    """What became of a file: waiting to be read, a table whose columns somebody must say, read, refused, read before."""

    WAITING = "waiting", _("En attente")
    MAPPING = "mapping", _("Colonnes à choisir")
    READ = "read", _("Lu")
    REFUSED = "refused", _("Refusé")
    KNOWN = "known", _("Déjà lu")


class RosterFile(models.Model):
    """One file of a batch; what was refused stays listed until somebody settles it."""

    id = models.UUIDField(primary_key=True)
    batch = models.ForeignKey(RosterBatch, on_delete=models.PROTECT, related_name="files")
    # As sent, cut: names of lists hold a UAI, and whoever put a name in it is asked to settle it within 30 days.
    name = models.CharField(max_length=120)
    document = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    # Whose list it is; unknown until it is read, and for what cannot be read.
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True)
    state = models.CharField(max_length=10, choices=FileState.choices, default=FileState.WAITING)
    read_at = models.DateTimeField(null=True)
    # Why the file as a whole was refused: code, line and parameters of the reader's sentence.
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal_line = models.IntegerField(null=True)
    refusal_details = models.JSONField(default=dict)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="batch__region", school="school")

    class Meta:
        constraints = [
            models.CheckConstraint(name="roster_file_state_is_known", condition=Q(state__in=FileState.values)),
            models.CheckConstraint(
                name="a_refused_file_says_why_and_no_other_does",
                condition=(Q(state="refused") & ~Q(refusal_code="")) | (~Q(state="refused") & Q(refusal_code="")),
            ),
            models.CheckConstraint(
                name="a_file_that_was_looked_at_says_when",
                condition=Q(state="waiting", read_at__isnull=True) | (~Q(state="waiting") & Q(read_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_settled_file_says_when_and_by_whom",
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
            ),
            models.UniqueConstraint("batch", "document", name="a_document_is_in_a_batch_once"),
        ]
        indexes = [models.Index("batch", "state", name="roster_file_by_state")]


class FileImport(models.Model):
    """What a file of a batch held: one import per lycée and kind; a file that was read before leads to the same ones."""

    file = models.ForeignKey(RosterFile, on_delete=models.CASCADE, related_name="imports")
    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="files")
    # Why applying it was refused, last time; empty where it was not tried or went well.
    refusal_code = models.CharField(max_length=40, blank=True)

    objects = ScopedManager(region="file__batch__region", school="roster_import__school")

    class Meta:
        constraints = [models.UniqueConstraint("file", "roster_import", name="a_file_holds_an_import_once")]
