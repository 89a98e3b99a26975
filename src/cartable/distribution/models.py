"""The day: who is expected, who came, what was scanned, what it proved."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact, LessThanOrEqual
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.fleet.models import Device, Movement, TransactionIdField, current_transaction
from cartable.organisations.models import School
from cartable.programme.models import Campaign, CampaignRules
from cartable.rosters.models import Guardian, Student


class DayState(models.TextChoices):
    """Where a day stands: planned, list frozen two days before, running, closed and sealed."""

    PLANNED = "planned", _("Prévue")
    FROZEN = "frozen", _("Liste figée")
    OPEN = "open", _("En cours")
    CLOSED = "closed", _("Clôturée")


class DistributionDay(models.Model):
    """One lycée, one day."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT)
    # The version in force when the list was frozen: later versions do not change a day that is prepared.
    rules = models.ForeignKey(CampaignRules, on_delete=models.PROTECT, null=True)
    held_on = models.DateField()
    starts_at = models.TimeField()
    target_per_hour = models.PositiveSmallIntegerField(default=300)
    state = models.CharField(max_length=10, choices=DayState.choices, default=DayState.PLANNED)
    frozen_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="school__region", school="school")

    class Meta:
        constraints = [
            models.UniqueConstraint("school", "held_on", name="a_school_has_one_day_per_date"),
            models.CheckConstraint(name="day_state_is_known", condition=Q(state__in=DayState.values)),
            models.CheckConstraint(
                name="a_day_says_when_it_was_frozen_opened_and_closed",
                condition=Q(state="planned", frozen_at=None, opened_at=None, closed_at=None)
                | Q(state="frozen", frozen_at__isnull=False, rules__isnull=False, opened_at=None, closed_at=None)
                | Q(
                    state="open", frozen_at__isnull=False, rules__isnull=False, opened_at__isnull=False,
                    closed_at=None,
                )
                | Q(
                    state="closed", frozen_at__isnull=False, rules__isnull=False, opened_at__isnull=False,
                    closed_at__isnull=False, closed_by__isnull=False,
                ),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.school_id} {self.held_on}"


class DayReading(models.Model):
    """How many students of a day were counted and equipped, and PCs on its table, at ``read_at``. No gesture relies on it."""

    day = models.OneToOneField(DistributionDay, on_delete=models.CASCADE, primary_key=True, related_name="reading")
    expected = models.IntegerField()
    equipped = models.IntegerField()
    device_count = models.IntegerField()
    read_at = models.DateTimeField()

    objects = ScopedManager(region="day__school__region", school="day__school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_reading_of_a_day_adds_up",
                condition=Q(equipped__gte=0) & Q(equipped__lte=F("expected")) & Q(device_count__gte=0),
            )
        ]


class SignerKind(models.TextChoices):
    """Who signs: the adult student, else a legal guardian."""

    STUDENT = "student", _("L’élève majeur")
    GUARDIAN = "guardian", _("Un responsable légal")


class CharterMedium(models.TextChoices):
    """How the charter came."""

    PAPER = "paper", _("papier")
    ONLINE = "online", _("en ligne")


class CharterProof(models.Model):
    """A signed charter was received. The row stays when the paper or file is gone."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT)
    rules = models.ForeignKey(CampaignRules, on_delete=models.PROTECT)
    medium = models.CharField(max_length=10, choices=CharterMedium.choices)
    signer_kind = models.CharField(max_length=10, choices=SignerKind.choices)
    # Which guardian signed, where it is known: a paper charter is taken without reading the name.
    guardian = models.ForeignKey(Guardian, on_delete=models.SET_NULL, null=True, blank=True)
    text_sha256 = models.BinaryField(help_text="Of the charter text that was signed.")
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    # A charter taken by mistake (card "Sans charte", undo) is withdrawn, not deleted.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager(region="student__region", school="student__custodian__school")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "student",
                "rules",
                condition=Q(withdrawn_at__isnull=True),
                name="a_student_signs_a_charter_once",
            ),
            models.CheckConstraint(name="charter_medium_is_known", condition=Q(medium__in=CharterMedium.values)),
            models.CheckConstraint(name="charter_signer_is_known", condition=Q(signer_kind__in=SignerKind.values)),
        ]


class Passage(models.Model):
    """A student of the lycée on the day: expected or not, when, and whether workshop A is behind them."""

    day = models.ForeignKey(DistributionDay, on_delete=models.CASCADE)
    student = models.ForeignKey(Student, on_delete=models.PROTECT)
    division = models.CharField(max_length=20, blank=True)
    is_expected = models.BooleanField(help_text="Eligible under the rules and the wave, when the list was frozen.")
    is_gone = models.BooleanField(default=False, help_text="Left the lycée after the list was frozen.")
    is_added = models.BooleanField(default=False, help_text="Came after the list was frozen (late list, walk-up).")
    signer_kind = models.CharField(max_length=10, choices=SignerKind.choices)
    passing_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    charter_proof = models.ForeignKey(CharterProof, on_delete=models.PROTECT, null=True)
    override_reason = models.CharField(max_length=200, blank=True)
    override_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    changed_in = TransactionIdField(db_default=current_transaction())

    objects = ScopedManager(region="day__school__region", school="day__school")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "student"], name="a_student_passes_once_a_day"),
            models.CheckConstraint(
                name="an_arrival_brings_its_charter",
                condition=Q(arrived_at__isnull=True) | Q(charter_proof__isnull=False) | ~Q(override_reason=""),
            ),
            models.CheckConstraint(
                name="an_override_has_a_reason_and_an_author",
                condition=Q(override_reason="", override_by__isnull=True)
                | (~Q(override_reason="") & Q(override_by__isnull=False)),
            ),
        ]


class Workshop(models.TextChoices):
    """A: charter in, pouch out. B: the PC."""

    A = "A", _("Atelier A")
    B = "B", _("Atelier B")


class SiteCard(models.Model):
    """The card on the leader's table that starts stations: 24 random digits, valid on its day only."""

    day = models.OneToOneField(DistributionDay, on_delete=models.CASCADE)
    digits_sha256 = models.BinaryField(unique=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()

    objects = ScopedManager(region="day__school__region", school="day__school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_site_card_ends_after_it_starts", condition=Q(valid_until__gt=F("valid_from"))
            )
        ]


def station_name(workshop: str, number: int, *, is_paper: bool) -> str:
    """Return a station's name as people say it: B2; paper sheets stand at no workshop."""
    return f"{_('Feuilles')} {number}" if is_paper else f"{workshop}{number}"


class Station(models.Model):
    """A scanning place of one day: asked for with the site card, accepted by the leader, revocable at once."""

    actor = models.OneToOneField(Actor, on_delete=models.PROTECT)
    day = models.ForeignKey(DistributionDay, on_delete=models.CASCADE)
    workshop = models.CharField(max_length=1, choices=Workshop.choices)
    number = models.PositiveSmallIntegerField()
    token_sha256 = models.BinaryField(unique=True)
    is_practice = models.BooleanField(default=False)
    requested_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    # What it said at its last contact.
    clock_skew_ms = models.BigIntegerField(null=True, help_text="The station's clock minus the server's.")
    waiting_count = models.IntegerField(null=True, help_text="Events on its disk that the server has not acknowledged.")
    last_sequence = models.IntegerField(db_default=0, help_text="The last event that it made.")
    known_through = models.IntegerField(db_default=0, help_text="The server has 1 to here without a hole.")
    is_durable = models.BooleanField(null=True, help_text="Its browser granted storage for good.")
    is_paper = models.BooleanField(db_default=False, help_text="Lines of a paper sheet, typed in by the leader.")

    objects = ScopedManager(region="day__school__region", school="day__school")

    class Meta:
        constraints = [
            models.UniqueConstraint("day", "number", name="a_station_number_is_given_once_a_day"),
            models.CheckConstraint(name="station_workshop_is_known", condition=Q(workshop__in=Workshop.values)),
            models.CheckConstraint(
                name="a_station_is_accepted_by_somebody",
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
        ]

    @property
    def name(self) -> str:
        """Return the name on the screen."""
        return station_name(self.workshop, self.number, is_paper=self.is_paper)


class Scan(models.Model):
    """What a station saw, kept whatever became of it. The id is made at the station."""

    append_only = True

    id = models.UUIDField(primary_key=True)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, db_index=False)
    day = models.ForeignKey(DistributionDay, on_delete=models.PROTECT, db_index=False)
    sequence = models.IntegerField(help_text="1, 2, 3… per station: a hole is a lost scan.")
    kind = models.CharField(max_length=16)
    student_code = models.CharField(max_length=11, blank=True)
    device_code = models.CharField(max_length=30, blank=True)
    happened_at = models.DateTimeField(help_text="The station's clock, as declared.")
    received_at = models.DateTimeField(db_default=models.functions.Now())
    local_code = models.CharField(max_length=30, blank=True, help_text="What the station itself refused.")
    raw = models.CharField(max_length=64, blank=True)
    result = models.CharField(max_length=10)
    code = models.CharField(max_length=30, blank=True)
    student = models.ForeignKey(Student, on_delete=models.PROTECT, null=True, db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, db_index=False)
    movement = models.OneToOneField(Movement, on_delete=models.PROTECT, null=True)

    objects = ScopedManager(region="day__school__region", school="day__school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="scan_kind_is_known",
                condition=Q(
                    kind__in=["arrival", "pair", "undo", "no_charter", "device_faulty", "call", "operator", "refused"]
                ),
            ),
            models.CheckConstraint(
                name="scan_result_is_known", condition=Q(result__in=["recorded", "conflict", "refused"])
            ),
            models.CheckConstraint(
                name="a_scan_that_is_not_recorded_says_why",
                condition=Q(result="recorded") | (~Q(code="") & Q(movement__isnull=True)),
            ),
        ]
        indexes = [
            models.Index("station", "sequence", name="scan_by_station"),
            models.Index("day", "received_at", name="scan_by_day"),
        ]


class ScanAnomaly(models.Model):
    """A known scan id came with another content: kept to be looked at, never applied."""

    scan = models.ForeignKey(Scan, on_delete=models.PROTECT)
    station = models.ForeignKey(Station, on_delete=models.PROTECT)
    received_at = models.DateTimeField(db_default=models.functions.Now())
    content = models.JSONField()


class UnreadableScan(models.Model):
    """An event that could not be read: kept aside with its reason, never applied."""

    append_only = True

    station = models.ForeignKey(Station, on_delete=models.PROTECT, db_index=False)
    scan_id = models.UUIDField(null=True)
    sequence = models.IntegerField(null=True)
    received_at = models.DateTimeField(db_default=models.functions.Now())
    detail = models.CharField(max_length=80)
    content = models.TextField()
    content_sha256 = models.BinaryField()

    objects = ScopedManager(region="station__day__school__region", school="station__day__school")

    class Meta:
        constraints = [
            models.UniqueConstraint("station", "content_sha256", name="an_unreadable_event_is_kept_once"),
            models.CheckConstraint(
                name="unreadable_content_is_short", condition=LessThanOrEqual(Length("content"), 4096)
            ),
        ]
        indexes = [models.Index("station", "sequence", name="unreadable_scan_by_station")]


class BroughtJournal(models.Model):
    """A station's journal that somebody else brought: another station, or a person who vouches for it on the page."""

    append_only = True

    station = models.ForeignKey(Station, on_delete=models.PROTECT, help_text="Whose journal it is.")
    brought_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(db_default=models.functions.Now())
    sha256 = models.BinaryField(help_text="Of the text that the station signed.")
    event_count = models.IntegerField()
    new_count = models.IntegerField(help_text="Events in it that the server did not have.")

    objects = ScopedManager(region="station__day__school__region", school="station__day__school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_brought_journal_holds_what_is_new_in_it",
                condition=Q(new_count__gte=0, new_count__lte=F("event_count")),
            ),
            models.CheckConstraint(name="a_brought_journal_has_its_digest", condition=Exact(Length("sha256"), 32)),
        ]


class CheckOut(models.Model):
    """A student received a PC on the day: the movement, and what entitled to it."""

    movement = models.OneToOneField(Movement, on_delete=models.PROTECT, primary_key=True)
    day = models.ForeignKey(DistributionDay, on_delete=models.PROTECT, db_index=False)
    student = models.ForeignKey(Student, on_delete=models.PROTECT)
    checked_out_at = models.DateTimeField()
    charter_proof = models.ForeignKey(CharterProof, on_delete=models.PROTECT, null=True)
    override_reason = models.CharField(max_length=200, blank=True)
    override_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(region="day__school__region", school="day__school")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_check_out_has_a_charter_or_an_override",
                condition=Q(charter_proof__isnull=False, override_reason="", override_by__isnull=True)
                | (Q(charter_proof__isnull=True, override_by__isnull=False) & ~Q(override_reason="")),
            )
        ]
        indexes = [models.Index("day", "checked_out_at", name="check_out_by_day")]


class ReviewDecision(models.Model):
    """The leader has dealt with a refused or contradictory scan ("À revoir")."""

    scan = models.OneToOneField(Scan, on_delete=models.PROTECT, primary_key=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Actor, on_delete=models.PROTECT)
    remedy = models.CharField(max_length=30)

    objects = ScopedManager(region="scan__day__school__region", school="scan__day__school")


class ClosingReport(models.Model):
    """The sealed account of a day: figures, ledger root, and the PDF that the head signs."""

    append_only = True

    day = models.OneToOneField(DistributionDay, on_delete=models.PROTECT, primary_key=True)
    sealed_at = models.DateTimeField()
    sealed_by = models.ForeignKey(Actor, on_delete=models.PROTECT)
    figures = models.JSONField()
    ledger_root = models.BinaryField()
    ledger_position = models.BigIntegerField()
    pdf = models.BinaryField()
    pdf_sha256 = models.BinaryField()

    objects = ScopedManager(region="day__school__region", school="day__school")


# The court's tables stand apart; Django looks for them here.
from cartable.distribution.court_models import Dispute, SettlementMovement, Testimony  # noqa: E402

__all__ = [
    "BroughtJournal", "CharterMedium", "CharterProof", "CheckOut", "ClosingReport", "DayState", "Dispute",
    "DistributionDay", "Passage", "ReviewDecision", "Scan", "ScanAnomaly", "SettlementMovement", "SignerKind", "SiteCard",
    "Station", "Testimony", "UnreadableScan", "Workshop", "station_name",
]  # fmt: skip
