"""What happened to a PC: declared, proved, closed; and the purchase that a family proves."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.documents.models import StoredFile
from cartable.emergency_stock.models import Allocation, Loan
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import Condition
from cartable.incidents import rules
from cartable.organisations.models import School
from cartable.programme.models import CampaignRules, Opening
from cartable.rosters.models import Student


class IncidentKind(models.TextChoices):
    """What happened."""

    THEFT = rules.IncidentKind.THEFT, _("Vol")
    LOSS = rules.IncidentKind.LOSS, _("Perte")
    BREAKAGE = rules.IncidentKind.BREAKAGE, _("Casse")


class IncidentState(models.TextChoices):
    """Where it stands."""

    DECLARED = rules.IncidentState.DECLARED, _("Déclaré")
    ACCEPTED = rules.IncidentState.ACCEPTED, _("Plainte reçue")
    CLOSED = rules.IncidentState.CLOSED, _("Clos")


class IncidentEnd(models.TextChoices):
    """How it was closed."""

    REPLACED = rules.IncidentEnd.REPLACED, _("Remplacé depuis la réserve (FUP)")
    REBOUGHT = rules.IncidentEnd.REBOUGHT, _("Racheté par la famille")
    LENT = rules.IncidentEnd.LENT, _("PC de secours prêté")
    NOTHING = rules.IncidentEnd.NOTHING, _("Rien de plus")
    FOUND = rules.IncidentEnd.FOUND, _("PC retrouvé")
    WITHDRAWN = rules.IncidentEnd.WITHDRAWN, _("Déclaré par erreur")


_NO_COMPLAINT = Q(
    complaint_number="", complaint_on=None, complaint_office="", receipt=None, accepted_at=None, accepted_by=None
)
_WHOLE_COMPLAINT = (
    ~Q(complaint_number="")
    & ~Q(complaint_office="")
    & Q(
        complaint_on__isnull=False, receipt__isnull=False, accepted_at__isnull=False, accepted_by__isnull=False,
        kind=IncidentKind.THEFT,
    )
)  # fmt: skip


class Incident(models.Model):
    """A theft, loss or breakage of one PC, with the rules that held on the day it was declared."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10, choices=IncidentKind.choices)
    state = models.CharField(max_length=10, choices=IncidentState.choices)
    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    # None where it was taken from the reserve, the bench or the lot of the day.
    student = models.ForeignKey(Student, on_delete=models.PROTECT, null=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, db_index=False)
    happened_on = models.DateField()
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    # The version in force on that day, and what it opened: a later version changes nothing for this incident.
    rules = models.ForeignKey(CampaignRules, on_delete=models.PROTECT)
    opens = models.CharField(max_length=12, choices=Opening.choices)
    # Into the claim; of something broken to the bench, where it was brought.
    declared_movement = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True, related_name="+")

    # The receipt of the complaint. Its file goes on its day; number, date, office and hash stay.
    complaint_number = models.CharField(max_length=40, blank=True)
    complaint_on = models.DateField(null=True)
    complaint_office = models.CharField(max_length=80, blank=True)
    receipt = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    # Out of the claim for good: stolen, or lost.
    established_movement = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True, related_name="+")

    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    closed_as = models.CharField(max_length=10, choices=IncidentEnd.choices, blank=True)
    allocation = models.OneToOneField(Allocation, on_delete=models.PROTECT, null=True)

    # What a withdrawal puts back: the state of the PC, and the loan that was ended with it.
    condition_before = models.CharField(max_length=16, default=Condition.FIT)
    ended_loan = models.ForeignKey(Loan, on_delete=models.PROTECT, null=True, related_name="+")

    # A PC turns up whenever it likes, long after the incident was closed.
    found_at = models.DateTimeField(null=True)
    found_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    found_movement = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.CheckConstraint(name="incident_kind_is_known", condition=Q(kind__in=IncidentKind.values)),
            models.CheckConstraint(name="incident_state_is_known", condition=Q(state__in=IncidentState.values)),
            models.CheckConstraint(
                name="the_condition_before_an_incident_is_known", condition=Q(condition_before__in=list(Condition))
            ),
            models.CheckConstraint(name="what_an_incident_opens_is_known", condition=Q(opens__in=Opening.values)),
            models.UniqueConstraint(
                "device", condition=~Q(state="closed"), name="a_pc_has_one_open_incident_at_a_time"
            ),
            models.CheckConstraint(
                name="a_theft_or_loss_takes_the_pc_into_claim",
                condition=Q(kind=IncidentKind.BREAKAGE) | Q(declared_movement__isnull=False),
            ),
            models.CheckConstraint(
                name="an_incident_without_student_opens_nothing",
                condition=Q(student__isnull=False) | Q(opens=Opening.NOTHING),
            ),
            models.CheckConstraint(
                name="a_complaint_is_whole_or_absent_and_about_a_theft", condition=_NO_COMPLAINT | _WHOLE_COMPLAINT
            ),
            models.CheckConstraint(
                name="a_theft_is_accepted_with_its_complaint", condition=~Q(state="accepted") | _WHOLE_COMPLAINT
            ),
            models.CheckConstraint(
                name="a_pc_is_stolen_for_good_with_its_complaint",
                condition=Q(established_movement=None) | ~Q(kind=IncidentKind.THEFT) | _WHOLE_COMPLAINT,
            ),
            models.CheckConstraint(
                name="a_stolen_pc_is_replaced_with_its_complaint",
                condition=~Q(closed_as=IncidentEnd.REPLACED) | ~Q(kind=IncidentKind.THEFT) | _WHOLE_COMPLAINT,
            ),
            models.CheckConstraint(
                name="a_closed_incident_says_when_how_and_by_whom",
                condition=(~Q(state="closed") & Q(closed_at=None, closed_by=None, closed_as=""))
                | Q(state="closed", closed_at__isnull=False, closed_by__isnull=False, closed_as__in=IncidentEnd.values),
            ),
            models.CheckConstraint(
                name="only_what_the_rules_open_is_given",
                condition=~Q(closed_as__in=[IncidentEnd.REPLACED, IncidentEnd.REBOUGHT, IncidentEnd.LENT])
                | Q(closed_as=IncidentEnd.REPLACED, opens=Opening.REPLACEMENT)
                | Q(closed_as=IncidentEnd.REBOUGHT, opens=Opening.REBUY)
                | Q(closed_as=IncidentEnd.LENT, opens=Opening.LOAN),
            ),
            models.CheckConstraint(
                name="what_left_the_reserve_for_an_incident_is_named",
                # A loan bridges the time until the complaint of a theft is there: the incident is open meanwhile.
                condition=Q(closed_as__in=[IncidentEnd.REPLACED, IncidentEnd.LENT], allocation__isnull=False)
                | (~Q(closed_as__in=[IncidentEnd.REPLACED, IncidentEnd.LENT]) & Q(allocation=None))
                | Q(kind=IncidentKind.THEFT, opens=Opening.LOAN, allocation__isnull=False),
            ),
            models.CheckConstraint(
                name="a_found_pc_says_when_by_whom_and_how",
                condition=(Q(found_at=None, found_by=None, found_movement=None) & ~Q(closed_as=IncidentEnd.FOUND))
                | Q(found_at__isnull=False, found_by__isnull=False, found_movement__isnull=False, state="closed"),
            ),
        ]
        indexes = [
            models.Index("school", "declared_at", name="incident_by_school"),
            models.Index("school", "declared_at", name="open_incident_by_school", condition=~Q(state="closed")),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Rebuy(models.Model):
    """A family proved that it bought the same PC again; it enters the fleet, or is only noted."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, primary_key=True)
    serial_number = models.CharField(max_length=30, unique=True)
    bought_on = models.DateField()
    # What the campaign's list said, not what the family paid elsewhere.
    price_eur = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    # The PC in the books, where the family left it to the programme.
    device = models.OneToOneField(Device, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="incident__school__region", school="incident__school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="rebought_serial_is_normalised",
                condition=Q(serial_number__regex=r"^[A-Z0-9][A-Z0-9/.-]{3,29}$"),
            ),
            models.CheckConstraint(name="rebuy_price_is_not_negative", condition=Q(price_eur__gte=0)),
        ]
