"""Photos of PCs: one row per photo, never changed; the picture itself goes on its day, the row stays."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.documents.models import StoredFile
from cartable.fleet.models import Device, Movement
from cartable.organisations.models import School
from cartable.photos import rules

_MOVEMENTS = sorted(map(str, rules.MOVEMENTS))


class Act(models.TextChoices):
    """What a photo was taken at."""

    HAND_OVER = rules.Act.HAND_OVER, _("Remise")
    CHECK_IN = rules.Act.CHECK_IN, _("Restitution")
    INCIDENT = rules.Act.INCIDENT, _("Incident")
    TICKET = rules.Act.TICKET, _("Réparation")


class ConditionPhoto(models.Model):
    """A PC as it was when it was handed over, came back, was declared broken or went to repair."""

    append_only = True

    # Made from the act and the picture: the same picture sent twice is one photo.
    id = models.UUIDField(primary_key=True)
    # The lycée where the act took place: its people see the photo, wherever the PC is today.
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    act = models.CharField(max_length=10, choices=Act.choices)
    # Of the movement, the incident or the ticket; the packages of the last two come later, and their audit follows it.
    act_id = models.UUIDField()
    movement = models.ForeignKey(Movement, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    number = models.SmallIntegerField()
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = ScopedManager(region="school__region", school="school")
    # For the repairer, who has no school: `repairs` asks for those of a ticket that it found in the repairer's own scope.
    in_region = ScopedManager(region="school__region")

    class Meta:
        constraints = [
            models.UniqueConstraint("act_id", "number", name="the_photos_of_an_act_are_numbered_once"),
            models.CheckConstraint(
                name="an_act_has_a_few_photos_at_most",
                condition=Q(number__gte=1) & Q(number__lte=rules.MOST_PER_ACT),
            ),
            models.CheckConstraint(name="the_act_of_a_photo_is_known", condition=Q(act__in=Act.values)),
            models.CheckConstraint(
                name="a_photo_of_a_movement_points_to_it",
                # "Is not null" is no luxury: a CHECK that is unknown passes.
                condition=Q(act__in=_MOVEMENTS, movement__isnull=False, movement=F("act_id"))
                | (~Q(act__in=_MOVEMENTS) & Q(movement__isnull=True)),
            ),
        ]
