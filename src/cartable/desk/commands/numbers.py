"""A lycée gets another number; the one that it bore goes on naming it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cartable.desk.models import UaiChange
from cartable.organisations.commands import SchoolRefused, change_uai
from cartable.organisations.models import School


@transaction.atomic
def renumber(*, change_id: UUID, school: School, uai: str, decided_at: datetime, decided_by_id: int) -> UaiChange:
    """Give a lycée another number, and keep who did. The same ``change_id`` again gives the first answer.

    Raises organisations.commands.SchoolRefused.
    """
    School.objects.select_for_update(no_key=True, of=("self",)).get(pk=school.pk)
    if (known := UaiChange.objects.filter(pk=change_id).first()) is not None:
        if known.school_id != school.pk:
            raise SchoolRefused("id_reused")
        return known
    former = change_uai(school_id=school.pk, uai=uai, changed_on=timezone.localdate(decided_at))
    if former is None:
        raise SchoolRefused("uai_same")
    after = School.objects.values_list("uai", flat=True).get(pk=school.pk)
    return UaiChange.objects.create(
        id=change_id, school=school, before=former.uai, after=after, decided_at=decided_at, decided_by_id=decided_by_id
    )
