"""What humans ruled about the people in lists."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.organisations.models import School
from cartable.rosters.models.lists import RosterImport
from cartable.rosters.models.people import Student


class Ruling(models.TextChoices):
    """What a human ruled about a line of a list."""

    SAME = "same", _("C’est la même personne")
    OTHER = "other", _("C’est une autre personne")
    HERE = "here", _("Est inscrit ici")
    ELSEWHERE = "elsewhere", _("Reste dans l’autre lycée")
    TAKEN = "taken", _("Ligne prise")
    DROPPED = "dropped", _("Ligne laissée de côté")


class RosterDecision(models.Model):
    """A ruling on who a listed person is, remembered: the next list that says the same does not ask again."""

    id = models.UUIDField(primary_key=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    first_year = models.SmallIntegerField()
    # Keyed hash of what the list said of the person (rules.people.person_key): no name, and it cannot be guessed.
    person_key = models.CharField(max_length=64)
    ruling = models.CharField(max_length=10, choices=Ruling.choices)
    student = models.ForeignKey(Student, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    roster_import = models.ForeignKey(RosterImport, on_delete=models.PROTECT, related_name="+")
    # When a list that followed the ruling was applied, and what it replaced: wiped with the lines, after 30 days.
    applied_at = models.DateTimeField(null=True)
    replaced = models.JSONField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "school", "first_year", "person_key", "student", "ruling",
                condition=Q(undone_at__isnull=True), nulls_distinct=False, name="a_ruling_stands_once",
            ),
            models.UniqueConstraint(
                "school", "first_year", "person_key",
                condition=Q(undone_at__isnull=True, ruling="same"), name="a_listed_person_is_one_student",
            ),
            models.CheckConstraint(name="ruling_is_known", condition=Q(ruling__in=Ruling.values)),
            models.CheckConstraint(
                name="a_ruling_about_somebody_names_them",
                condition=Q(ruling__in=["taken", "dropped"], student__isnull=True)
                | (~Q(ruling__in=["taken", "dropped"]) & Q(student__isnull=False)),
            ),
            models.CheckConstraint(
                name="an_undone_ruling_says_when_and_by_whom",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]  # fmt: skip
