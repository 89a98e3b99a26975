"""Who takes part: the region, its academies, departements and schools, and the contractors that serve it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Right
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.kernel.uai import CHECK_LETTERS


class Region(models.Model):
    """The authority that buys and lends the laptops; everything else belongs to one."""

    code = models.CharField(max_length=3, unique=True, help_text="INSEE code of the region: 44 = Grand Est.")
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.CheckConstraint(name="region_code_is_two_or_three_digits", condition=Q(code__regex=r"^\d{2,3}$"))
        ]

    def __str__(self) -> str:
        return self.name


class Academy(models.Model):
    """A territory of the education ministry; a region holds one to three."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    code = models.CharField(max_length=2, help_text="Ministry code: 12 Nancy-Metz, 15 Strasbourg, 19 Reims.")
    name = models.CharField(max_length=100)

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [models.UniqueConstraint("region", "code", name="academy_code_is_unique_in_its_region")]

    def __str__(self) -> str:
        return self.name


class Departement(models.Model):
    """A departement of the region, within one academy."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    academy = models.ForeignKey(Academy, on_delete=models.PROTECT)
    code = models.CharField(max_length=3, help_text="INSEE code: 57, 2A, 974.")
    name = models.CharField(max_length=100)

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [models.UniqueConstraint("region", "code", name="departement_code_is_unique_in_its_region")]

    def __str__(self) -> str:
        return self.name


class Sector(models.TextChoices):
    """Public, or private under contract: private lycées have no technician of the region."""

    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Privé")


class Ministry(models.TextChoices):
    """Which ministry the lycée answers to: it decides the format of its list."""

    EDUCATION = "education", _("Éducation nationale")
    AGRICULTURE = "agriculture", _("Agriculture")


# Check letter = alphabet of 23 letters at (number modulo 23): zero failure on the ministry's own files (DOMAIN 2.1).
_EXPECTED_LETTER = Func(
    F("uai"),
    template=f"substr('{CHECK_LETTERS}', mod(left(%(expressions)s, 7)::int, 23) + 1, 1)",
    output_field=models.CharField(),
)


class School(models.Model):
    """A lycée, known by its UAI."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    departement = models.ForeignKey(Departement, on_delete=models.PROTECT)
    uai = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=150)
    town = models.CharField(max_length=100)
    postal_code = models.CharField(max_length=5, blank=True)
    sector = models.CharField(max_length=10, choices=Sector.choices)
    ministry = models.CharField(max_length=12, choices=Ministry.choices)
    closed_on = models.DateField(null=True, blank=True)
    # Where the students and the PCs of a closed lycée went; never itself a closed one.
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ScopedManager(region="region", school="pk")

    class Meta:
        constraints = [
            models.CheckConstraint(name="uai_has_seven_digits_and_a_letter", condition=Q(uai__regex=r"^\d{7}[A-Z]$")),
            models.CheckConstraint(
                name="uai_check_letter_is_right",
                condition=~Q(uai__regex=r"^\d{7}[A-Z]$") | Q(Exact(Right("uai", 1), _EXPECTED_LETTER)),
            ),
            models.CheckConstraint(name="school_sector_is_known", condition=Q(sector__in=Sector.values)),
            models.CheckConstraint(name="school_ministry_is_known", condition=Q(ministry__in=Ministry.values)),
            models.CheckConstraint(
                name="only_a_closed_lycee_has_a_successor", condition=Q(successor=None) | Q(closed_on__isnull=False)
            ),
            models.CheckConstraint(
                name="a_lycee_is_not_its_own_successor", condition=Q(successor=None) | ~Q(successor=F("id"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.town}"


class FormerUai(models.Model):
    """A number that a lycée bore before: whoever still writes it means that lycée.

    A number is never current of one lycée and former of another: the guard `a_former_uai_is_current_nowhere`.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="former_uais")
    uai = models.CharField(max_length=8, unique=True)
    ended_on = models.DateField(help_text="The first day on which the lycée bore another number.")

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="former_uai_has_seven_digits_and_a_letter", condition=Q(uai__regex=r"^\d{7}[A-Z]$")
            ),
        ]

    def __str__(self) -> str:
        return self.uai


class Trade(models.TextChoices):
    """What a contractor may be hired for; one may hold several lots."""

    SUPPLIER = "supplier", _("Fournisseur")
    DISTRIBUTOR = "distributor", _("Distributeur")
    REPAIRER = "repairer", _("Réparateur")


class Contractor(models.Model):
    """A company that supplies, distributes or repairs."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    name = models.CharField(max_length=150)
    trades = ArrayField(models.CharField(max_length=12, choices=Trade.choices))

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [
            models.UniqueConstraint("region", "name", name="contractor_name_is_unique_in_its_region"),
            models.CheckConstraint(
                name="contractor_trades_are_known",
                condition=Q(trades__contained_by=Trade.values) & Q(trades__len__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DirectoryImport(models.Model):
    """A school directory that somebody sent: what it says about the region, kept until applied.

    Its author stands in the journal, not here: people are downstream of organisations.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    file_name = models.CharField(max_length=150)
    file_sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    # `rules.reading_as_values`: lines and refused lines of the region, a few hundred out of 66,000.
    reading = models.JSONField()
    applied_at = models.DateTimeField(null=True, blank=True)
    new_count = models.IntegerField(null=True, blank=True)
    changed_count = models.IntegerField(null=True, blank=True)

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_applied_directory_says_what_it_changed",
                condition=Q(applied_at=None, new_count=None, changed_count=None)
                | Q(
                    applied_at__isnull=False,
                    new_count__isnull=False,
                    new_count__gte=0,
                    changed_count__isnull=False,
                    changed_count__gte=0,
                ),
            )
        ]
