"""Which column of a lycée's tables is what, as somebody said it once."""

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.organisations.models import School


class TableMapping(models.Model):
    """The columns of a lycée's tables, field → header: used for each table that has all of them, until said anew."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    columns = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.UniqueConstraint("school", name="a_lycee_has_one_table_mapping"),
            models.CheckConstraint(
                name="a_table_mapping_names_the_columns_of_both_names",
                condition=Q(columns__has_keys=["family_name", "given_name"]),
            ),
        ]
