"""Students, their guardians and enrolments."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.fleet.models import Custodian, Movement
from cartable.organisations.models import Region, School


class StudentSource(models.TextChoices):
    """Where a student first came from."""

    LIST = "list", _("Liste")
    WALK_UP = "walk_up", _("Ajouté sur place")


class Student(models.Model):
    """A young person of a lycée. Points to the account that answers for a PC; the fleet knows no student."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, db_index=False)
    custodian = models.OneToOneField(Custodian, on_delete=models.PROTECT)
    label_code = models.CharField(max_length=11, unique=True)
    family_name = models.CharField(max_length=100)
    usage_name = models.CharField(max_length=100, blank=True)
    given_name = models.CharField(max_length=100, blank=True)
    # Names without case, accents and punctuation: what matching compares and search finds.
    folded_name = models.CharField(max_length=310)
    # Birth name and first name, folded: the pair that matching compares, so that a changed usage name does not matter.
    match_key = models.CharField(max_length=210)
    birth_on = models.DateField(null=True, blank=True)
    # HMAC-SHA256 under a key outside the database; the INE itself is never kept (DOMAIN 2.2).
    ine_fingerprint = models.BinaryField(null=True, blank=True)
    # 0 for whom the INE names; 1 and more for further students of whom a human ruled that they bear it too. Who is read
    # through another student claims no INE any more.
    ine_rank = models.SmallIntegerField(default=0, db_default=0, null=True, blank=True)
    source = models.CharField(max_length=10, choices=StudentSource.choices)
    # Two records were one person: this one is read through the other; its label, its past and its account stay.
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="aliases")

    objects = ScopedManager(region="region", school="custodian__school")

    class Meta:
        constraints = [
            models.CheckConstraint(name="student_label_is_a_label_code", condition=Q(label_code__regex=r"^E\d{10}$")),
            models.CheckConstraint(name="student_source_is_known", condition=Q(source__in=StudentSource.values)),
            models.CheckConstraint(name="a_student_has_a_family_name", condition=~Q(family_name="")),
            models.CheckConstraint(
                name="a_student_is_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
            ),
            # The referee of two lycées that enter the same newcomer at the same moment. The key first: an index that
            # begins with the region looks to the planner as good for one key as for another.
            models.UniqueConstraint(
                fields=["ine_fingerprint", "region", "ine_rank"],
                name="an_ine_names_one_student",
                condition=Q(ine_fingerprint__isnull=False),
            ),
            # Without rank a second bearer would slip past the referee.
            models.CheckConstraint(
                name="who_is_read_through_nobody_has_an_ine_rank",
                condition=Q(merged_into__isnull=False) | Q(ine_rank__isnull=False, ine_rank__gte=0),
            ),
        ]
        indexes = [
            models.Index("match_key", "birth_on", "region", name="student_by_name_and_birth"),
            GinIndex(fields=["folded_name"], opclasses=["gin_trgm_ops"], name="student_by_name_fragment"),
        ]

    def __str__(self) -> str:
        return self.label_code

    @property
    def display_name(self) -> str:
        """Return the name as people say it: first name, then the name in use."""
        return f"{self.given_name} {self.usage_name or self.family_name}".strip()


class StudentMerge(models.Model):
    """Somebody decided that two students are one person; undone the same way, and both decisions stay."""

    id = models.UUIDField(primary_key=True)
    kept = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="+")
    absorbed = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="merges")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    # The PC passed from the absorbed account to the kept one, where there was one.
    movement = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True, related_name="+")
    # What undoing must put back, no name in it: enrolments as they were, aliases that followed, fields that were filled.
    before = models.JSONField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="kept__region", school="kept__custodian__school")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "absorbed", condition=Q(undone_at__isnull=True), name="a_student_is_absorbed_once_at_a_time"
            ),
            models.CheckConstraint(name="a_merge_joins_two_students", condition=~Q(kept=F("absorbed"))),
            models.CheckConstraint(
                name="an_undone_merge_says_when_and_by_whom",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]


class Enrolment(models.Model):
    """A student in a lycée during a school year, as the lycée's list says."""

    student = models.ForeignKey(Student, on_delete=models.CASCADE)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    first_year = models.SmallIntegerField(help_text="First civil year of the school year.")
    # ELEVE_ID of SIECLE: unique within a lycée, nowhere else.
    eleve_id = models.CharField(max_length=20, blank=True)
    division = models.CharField(max_length=20, blank=True)
    level = models.CharField(max_length=4, blank=True, help_text="MEFSTAT4.")
    mef = models.CharField(max_length=11, blank=True)
    status = models.CharField(max_length=4, default="ST")
    starts_on = models.DateField()
    # DATE_SORTIE: the first day on which the student is no longer there. Absence from a list never sets it.
    ends_on = models.DateField(null=True, blank=True)
    exit_reason = models.CharField(max_length=4, blank=True)
    is_home = models.BooleanField(default=True, help_text="The lycée that answers for the student.")

    objects = ScopedManager(region="student__region", school="school")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "student", "school", "first_year", name="a_student_is_enrolled_once_a_year_in_a_school"
            ),
            models.UniqueConstraint(
                "school", "eleve_id", "first_year",
                condition=~Q(eleve_id="") & Q(is_home=True), name="an_eleve_id_is_one_student_of_a_school_and_year",
            ),
            ExclusionConstraint(
                name="a_student_has_one_home_school_at_a_time",
                expressions=[
                    ("student", RangeOperators.EQUAL),
                    (
                        Func(F("starts_on"), F("ends_on"), function="daterange", output_field=models.CharField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(is_home=True),
            ),
            models.CheckConstraint(
                name="an_enrolment_ends_after_it_starts", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            ),
        ]  # fmt: skip
        indexes = [models.Index("school", "first_year", "division", name="enrolment_by_class")]


class StudentKey(models.Model):
    """What another source than SIECLE calls a student of a lycée ("aaf:…"), where the enrolment bears SIECLE's number."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    key = models.CharField(max_length=20)
    student = models.ForeignKey(Student, on_delete=models.CASCADE)

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.UniqueConstraint("school", "key", name="a_key_is_one_student_of_a_school"),
            models.CheckConstraint(name="a_key_names_its_source", condition=Q(key__contains=":")),
        ]


class Guardian(models.Model):
    """A person responsible for a student, told apart: legal guardian, or contact only."""

    student = models.ForeignKey(Student, on_delete=models.CASCADE)
    # PERSONNE_ID is not shared between lycées; one row per child keeps separated parents apart.
    person_key = models.CharField(max_length=20)
    family_name = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    # The list says so (SIECLE: ACCEPTE_SMS), and the phone is a mobile one.
    accepts_sms = models.BooleanField(db_default=False)
    is_legal = models.BooleanField()
    level = models.CharField(max_length=2, blank=True, help_text="NIVEAU_RESPONSABILITE or RESP_LEGAL as read.")
    kinship = models.CharField(max_length=2, blank=True, help_text="CODE_PARENTE as read.")

    objects = ScopedManager(region="student__region", school="student__custodian__school")

    class Meta:
        constraints = [models.UniqueConstraint("student", "person_key", name="a_guardian_is_listed_once_per_student")]
