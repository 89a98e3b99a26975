"""What the worker last read of each lycée, so that a region's page counts lycées and not PCs and students."""

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from cartable.organisations.models import School


class ReserveReading(models.Model):
    """The reserve of one lycée and who still waits there, as they were at ``read_at``. No gesture relies on it."""

    school = models.OneToOneField(School, on_delete=models.CASCADE, primary_key=True)
    read_at = models.DateTimeField()
    # Below low water, what is on loan and on the road counted: how many PCs it lacks. 0 where it is not low.
    low_by = models.IntegerField()
    absent_count = models.IntegerField()
    absent_since = models.DateField(null=True)

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_reading_counts_from_zero", condition=Q(low_by__gte=0) & Q(absent_count__gte=0)
            ),
            models.CheckConstraint(
                name="a_reading_says_since_when_somebody_waits",
                condition=Q(absent_count=0, absent_since=None) | Q(absent_count__gt=0, absent_since__isnull=False),
            ),
        ]
