"""Lists as they were read: what each line would change, and what its reader had to say."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.organisations.models import School
from cartable.rosters.models.people import Student


class RosterKind(models.TextChoices):
    """What a file of a list holds."""

    STUDENTS = "students", _("Élèves")
    GUARDIANS = "guardians", _("Responsables")
    CLASSES = "classes", _("Classes")
    LEVELS = "levels", _("Niveaux")


class RosterState(models.TextChoices):
    """Where an import stands."""

    PREVIEWED = "previewed", _("À vérifier")
    APPLIED = "applied", _("Appliqué")
    ABANDONED = "abandoned", _("Abandonné")


class RosterImport(models.Model):
    """One reading of a lycée's list: what it would change, and whether that was done."""

    id = models.UUIDField(primary_key=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    first_year = models.SmallIntegerField()
    kind = models.CharField(max_length=10, choices=RosterKind.choices)
    sha256 = models.BinaryField()
    exported_at = models.DateTimeField(null=True, help_text="HORODATAGE or DATE_EXPORT of the file.")
    read_at = models.DateTimeField()
    read_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=RosterState.choices)
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    # Counts per outcome, and per code of change and mark, written when the difference is computed: pages read them,
    # nobody recounts.
    counts = models.JSONField(default=dict)
    kinds = models.JSONField(default=dict, db_default={})
    # Of a delivery that may be partial nobody is absent whom it does not name.
    lists_everybody = models.BooleanField(default=True, db_default=True)
    # Classes and levels, few and without names of people, wait here; students and guardians wait as lines.
    waiting = models.JSONField(null=True)

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_applied_import_says_when_and_by_whom",
                condition=Q(state="applied", applied_at__isnull=False, applied_by__isnull=False)
                | (~Q(state="applied") & Q(applied_at__isnull=True, applied_by__isnull=True)),
            ),
            models.CheckConstraint(name="roster_kind_is_known", condition=Q(kind__in=RosterKind.values)),
            models.CheckConstraint(name="roster_state_is_known", condition=Q(state__in=RosterState.values)),
        ]


class RosterProblem(models.Model):
    """Something in a list that was refused, kept aside or only noted, with its line."""

    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE)
    line = models.IntegerField(null=True)
    severity = models.CharField(max_length=10)
    code = models.CharField(max_length=40)
    eleve_id = models.CharField(max_length=20, blank=True)
    details = models.JSONField(default=dict)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="roster_import__school__region", school="roster_import__school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_settled_problem_says_when_and_by_whom",
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
            ),
        ]
        indexes = [models.Index("roster_import", "severity", name="problem_by_import")]


class Outcome(models.TextChoices):
    """What a line of a list would change."""

    ARRIVAL = "arrival", _("Arrivée")
    TRANSFER = "transfer", _("Vient d’un autre lycée")
    CHANGE = "change", _("Changement")
    SAME = "same", _("Sans changement")
    DEPARTURE = "departure", _("Départ")
    ABSENT = "absent", _("Absent de la liste")
    REVIEW = "review", _("À examiner")
    DROPPED = "dropped", _("Laissé de côté")


class RosterLine(models.Model):
    """One student of a list as read, with what applying it would do; wiped 30 days after reading."""

    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, db_index=False)
    line = models.IntegerField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    # Why a human must look, where the outcome is "review".
    review_code = models.CharField(max_length=40, blank=True, default="")
    # Why the reader of the file set the line aside, whatever was ruled since.
    set_aside = models.CharField(max_length=40, blank=True, default="", db_default="")
    # Whom the line may be, where a human must choose.
    candidates = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    # What would be written, and what the list alone says of the line: codes of `rules.differences`, said once.
    changes = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    marks = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    # How many others bear the line's INE by what a human ruled (`Student.ine_rank`).
    ine_rank = models.SmallIntegerField(default=0, db_default=0)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, null=True)
    matched_by = models.CharField(max_length=20, blank=True)
    eleve_id = models.CharField(max_length=20)
    family_name = models.CharField(max_length=100)
    usage_name = models.CharField(max_length=100, blank=True)
    given_name = models.CharField(max_length=100, blank=True)
    folded_name = models.CharField(max_length=310)
    match_key = models.CharField(max_length=210)
    birth_on = models.DateField(null=True)
    ine_fingerprint = models.BinaryField(null=True)
    division = models.CharField(max_length=20, blank=True)
    level = models.CharField(max_length=4, blank=True)
    mef = models.CharField(max_length=11, blank=True)
    status = models.CharField(max_length=4)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    exit_reason = models.CharField(max_length=4, blank=True)
    previous_uai = models.CharField(max_length=8, blank=True)

    objects = ScopedManager(region="roster_import__school__region", school="roster_import__school")

    class Meta:
        indexes = [models.Index("roster_import", "outcome", name="line_by_outcome")]


class GuardianLine(models.Model):
    """One guardian of a list as read; wiped 30 days after reading."""

    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, db_index=False)
    eleve_id = models.CharField(max_length=20)
    person_key = models.CharField(max_length=20)
    family_name = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    accepts_sms = models.BooleanField(db_default=False)
    is_legal = models.BooleanField()
    level = models.CharField(max_length=2, blank=True)
    kinship = models.CharField(max_length=2, blank=True)

    objects = ScopedManager(region="roster_import__school__region", school="roster_import__school")

    class Meta:
        indexes = [models.Index("roster_import", "eleve_id", name="guardian_line_by_student")]
