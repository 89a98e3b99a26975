"""Who acts: people who log in with their roles, and the actor that every recorded fact names."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from cartable.organisations.models import Contractor, Region, School


class ActorKind(models.TextChoices):
    """A person with an account, a scanning station, or the software itself (imports at night, takeover)."""

    PERSON = "person", _("Personne")
    STATION = "station", _("Poste")
    SYSTEM = "system", _("Système")


class Actor(models.Model):
    """Whoever a fact names as its author; carries no name, so that the ledger carries none."""

    kind = models.CharField(max_length=10, choices=ActorKind.choices)

    class Meta:
        constraints = [models.CheckConstraint(name="actor_kind_is_known", condition=Q(kind__in=ActorKind.values))]


class PersonManager(BaseUserManager["Person"]):
    """Finds people by mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        """Return the person of this mail address."""
        return self.get(email=(username or "").strip().lower())


class Person(AbstractBaseUser):
    """Somebody who logs in with a mail address and a password."""

    actor = models.OneToOneField(Actor, on_delete=models.PROTECT)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)

    objects = PersonManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(name="person_email_is_lower_case", condition=Q(email=Lower("email"))),
        ]

    def __str__(self) -> str:
        return self.full_name


class Role(models.TextChoices):
    """What a person is for: pages are open to roles, data to the organisation of the role."""

    REGION_MANAGER = "region_manager", _("Gestionnaire du parc (région)")
    HEAD_OF_SCHOOL = "head_of_school", _("Direction du lycée")
    SCHOOL_OFFICE = "school_office", _("Secrétariat du lycée")
    DISTRIBUTION_LEADER = "distribution_leader", _("Responsable de la distribution")
    TECHNICIAN = "technician", _("Technicien (CMI)")
    REPAIRER = "repairer", _("Réparateur")


class Appointment(models.Model):
    """One role of one person, in a region, in one of its schools or with one of its contractors, for a time."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    role = models.CharField(max_length=24, choices=Role.choices)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, blank=True)
    contractor = models.ForeignKey(Contractor, on_delete=models.PROTECT, null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "person",
                "role",
                "school",
                "contractor",
                name="a_person_holds_a_role_once_in_a_place",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="a_role_names_whom_it_is_held_for",
                condition=Q(role=Role.REGION_MANAGER, school__isnull=True, contractor__isnull=True)
                | Q(role=Role.REPAIRER, school__isnull=True, contractor__isnull=False)
                | (
                    Q(school__isnull=False, contractor__isnull=True) & ~Q(role__in=[Role.REGION_MANAGER, Role.REPAIRER])
                ),
            ),
            models.CheckConstraint(name="appointment_role_is_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="appointment_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
        ]
