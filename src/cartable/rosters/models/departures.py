"""What people of a lycée said of a student who leaves: for another lycée of the region, or outside it."""

from typing import Any

from django.db import models
from django.db.models import F, Q, QuerySet
from django_scopes import ScopedManager, ScopeError, get_scope

from cartable.accounts.models import Actor
from cartable.organisations.models import School
from cartable.rosters.models.people import Student


class _SeenAtBothEnds(models.Manager):  # type: ignore[type-arg]
    """Shows who left the schools in scope and who came to them; to the region, everybody."""

    def get_queryset(self) -> "QuerySet[Any]":
        found = super().get_queryset()
        active = get_scope()
        if not active.get("_enabled", True):
            return found
        if "school" not in active:
            raise ScopeError("A scope on dimension school needs to be active for this query.")
        schools = active["school"]
        return found if schools is None else found.filter(Q(from_school__in=schools) | Q(to_school__in=schools))


class Departure(models.Model):
    """Somebody said that a student leaves a lycée. No movement: the account counts for another one, or ends its year."""

    # Made by the page that asks: the same id again is the same departure.
    id = models.UUIDField(primary_key=True)
    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="departures")
    from_school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    # None: outside the region.
    to_school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    left_on = models.DateField(help_text="The first day on which the student is no longer there.")
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+", db_index=False)
    # What undoing must put back, no name in it: enrolments as they were.
    before = models.JSONField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    objects = ScopedManager(_SeenAtBothEnds, region="student__region")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_departure_leads_somewhere_else",
                condition=Q(to_school__isnull=True) | ~Q(from_school=F("to_school")),
            ),
            models.CheckConstraint(
                name="an_undone_departure_says_when_and_by_whom",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index("from_school", "declared_at", name="departure_by_lycee_left"),
            models.Index("to_school", "declared_at", name="departure_by_lycee_reached"),
        ]
