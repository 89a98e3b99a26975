"""What the lists of students refer to: classes of a lycée, levels of lines of study."""

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from cartable.organisations.models import Region, School


class SchoolClass(models.Model):
    """A class of a lycée in a school year, as its software names it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    first_year = models.SmallIntegerField()
    code = models.CharField(max_length=20, help_text="As the division of an enrolment.")
    label = models.CharField(max_length=100, blank=True)
    planned_count = models.PositiveSmallIntegerField(null=True)

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.UniqueConstraint("school", "first_year", "code", name="a_class_is_named_once_a_year"),
        ]


class MefLevel(models.Model):
    """The level of a line of study (CODE_MEF), where the code alone does not tell it."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    mef = models.CharField(max_length=11)
    level = models.CharField(max_length=4, help_text="MEFSTAT4.")
    label = models.CharField(max_length=100, blank=True)

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [
            models.UniqueConstraint("region", "mef", name="a_mef_has_one_level"),
            models.CheckConstraint(name="a_level_is_a_mefstat", condition=Q(level__regex=r"^[0-9][0-9A-Z]{3}$")),
        ]
