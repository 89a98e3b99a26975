"""The rules of the loan, which change every school year: campaigns, their versioned rules, prices, waves."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.organisations.models import Region, School


class Campaign(models.Model):
    """One school year of the programme in one region."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    first_year = models.SmallIntegerField(help_text="First civil year of the school year: 2026 for 2026-2027.")
    name = models.CharField(max_length=80)

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [
            models.UniqueConstraint("region", "first_year", name="a_region_has_one_campaign_per_school_year"),
            models.CheckConstraint(
                name="campaign_year_is_plausible", condition=Q(first_year__gte=2017) & Q(first_year__lte=2100)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class KeepPolicy(models.TextChoices):
    """What happens to the PC at the end of studies (DOMAIN 0.1: it changed between 2021 and 2023)."""

    ON_REQUEST = "on_request", _("L’élève demande à garder le PC")
    UNLESS_REFUSED = "unless_refused", _("Le PC est donné sauf refus")


class Opening(models.TextChoices):
    """What an incident opens for the student."""

    NOTHING = "nothing", _("Rien")
    REBUY = "rebuy", _("La famille rachète le même PC au prix négocié")
    REPLACEMENT = "replacement", _("Un PC de la réserve (FUP)")
    LOAN = "loan", _("Un prêt pendant la réparation")


class LeftoverPolicy(models.TextChoices):
    """Where the PCs go that nobody took on the day."""

    EMERGENCY_STOCK = "emergency_stock", _("Réserve du lycée (FUP)")
    DEPOT = "depot", _("Retour au dépôt")


class CampaignRules(models.Model):
    """One version of a campaign's rules. Published once, never edited: a change is the next version."""

    append_only = True

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT)
    version = models.SmallIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Actor, on_delete=models.PROTECT)
    eligible_levels = ArrayField(models.CharField(max_length=4), help_text="MEFSTAT4 codes.")
    eligible_statuses = ArrayField(models.CharField(max_length=4), help_text="SIECLE CODE_STATUT: ST.")
    kit = ArrayField(models.CharField(max_length=80), help_text="What goes with the PC, in the order of the charter.")
    fup_rate = models.DecimalField(max_digits=4, decimal_places=3, help_text="Share of the students: 0.040.")
    charter_title = models.CharField(max_length=150)
    charter_text = models.TextField(help_text="Paragraphs parted by an empty line; plain text, no markup.")
    keep_policy = models.CharField(max_length=20, choices=KeepPolicy.choices)
    theft_opens = models.CharField(max_length=12, choices=Opening.choices)
    breakage_opens = models.CharField(max_length=12, choices=Opening.choices)
    loss_opens = models.CharField(max_length=12, choices=Opening.choices)
    failure_opens = models.CharField(max_length=12, choices=Opening.choices)
    leftover_policy = models.CharField(max_length=20, choices=LeftoverPolicy.choices)
    charter_override_allowed = models.BooleanField(
        default=True, help_text="Whether the head may let a student pass without charter, with a reason."
    )

    objects = ScopedManager(region="campaign__region")

    class Meta:
        constraints = [
            models.UniqueConstraint("campaign", "version", name="a_version_of_the_rules_is_published_once"),
            models.CheckConstraint(name="rules_version_starts_at_one", condition=Q(version__gte=1)),
            models.CheckConstraint(name="fup_rate_is_a_share", condition=Q(fup_rate__gte=0) & Q(fup_rate__lte=1)),
            models.CheckConstraint(name="keep_policy_is_known", condition=Q(keep_policy__in=KeepPolicy.values)),
            models.CheckConstraint(
                name="leftover_policy_is_known", condition=Q(leftover_policy__in=LeftoverPolicy.values)
            ),
            models.CheckConstraint(
                name="incident_openings_are_known",
                condition=Q(theft_opens__in=Opening.values)
                & Q(breakage_opens__in=Opening.values)
                & Q(loss_opens__in=Opening.values)
                & Q(failure_opens__in=Opening.values),
            ),
        ]


class PriceListLine(models.Model):
    """A negotiated price of one version of the rules."""

    append_only = True

    rules = models.ForeignKey(CampaignRules, on_delete=models.PROTECT, related_name="prices")
    item = models.CharField(max_length=80)
    price_eur = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint("rules", "item", name="an_item_has_one_price_per_version"),
            models.CheckConstraint(name="price_is_not_negative", condition=Q(price_eur__gte=0)),
        ]


class WaveKind(models.TextChoices):
    """Whom a lycée switches to laptops this year."""

    EVERYONE = "everyone", _("Tous les élèves éligibles")
    LEVELS = "levels", _("Certains niveaux")
    DIVISIONS = "divisions", _("Certaines classes")


class Wave(models.Model):
    """The students that one lycée equips in one campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10, choices=WaveKind.choices)
    levels = ArrayField(models.CharField(max_length=4), default=list, blank=True)
    divisions = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    objects = ScopedManager(region="campaign__region", school="school")

    class Meta:
        constraints = [
            models.UniqueConstraint("campaign", "school", name="a_school_has_one_wave_per_campaign"),
            models.CheckConstraint(
                name="a_wave_lists_what_its_kind_says",
                condition=Q(kind=WaveKind.EVERYONE, levels__len=0, divisions__len=0)
                | Q(kind=WaveKind.LEVELS, levels__len__gt=0, divisions__len=0)
                | Q(kind=WaveKind.DIVISIONS, levels__len=0, divisions__len__gt=0),
            ),
        ]
