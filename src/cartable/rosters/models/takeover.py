"""The fleet of another tool, taken over: the file, what it counted, and the lines that wait for somebody."""

from django.db import models
from django.db.models import F, Q
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.documents.models import StoredFile
from cartable.fleet.models import Device
from cartable.organisations.models import Contractor, Region
from cartable.rosters.rules.takeover import ALL_CODES
from cartable.rosters.rules.takeover_lines import OPENING_KINDS
from cartable.supply.models import Settlement


class Takeover(models.Model):
    """A file of PCs with their holders, and what was said of it. Applied once: then its matched lines are in the books."""

    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    # Out of whose account the PCs come, and to whom those under repair went.
    supplier = models.ForeignKey(Contractor, on_delete=models.PROTECT, related_name="+")
    repairer = models.ForeignKey(Contractor, on_delete=models.PROTECT, null=True, related_name="+")
    default_lot = models.CharField(max_length=60, blank=True, help_text="For lines that name none.")
    default_model = models.CharField(max_length=100, blank=True, help_text="For lines that name none.")
    counted_on = models.DateField(help_text="Day of the other tool's export; the date of lines that give none.")
    file_name = models.CharField(max_length=120)
    file_sha256 = models.CharField(max_length=64)
    document = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    line_count = models.IntegerField(default=0, help_text="Lines of the file when it came; 0 where none can be read.")
    has_header = models.BooleanField(default=True)
    columns = models.JSONField(default=dict, help_text="Field → header, where somebody chose; else by synonyms.")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")
    queued_at = models.DateTimeField(null=True, help_text="When it was handed to the worker.")
    failure = models.CharField(max_length=40, blank=True, help_text="Code of what stopped the worker.")
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    read_count = models.IntegerField(default=0, help_text="Lines of the file, when it was applied.")
    closed_at = models.DateTimeField(null=True)

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [
            models.UniqueConstraint("region", "file_sha256", name="a_file_is_taken_over_once"),
            models.CheckConstraint(
                name="a_taken_over_file_is_named_by_its_sha256", condition=Q(file_sha256__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="an_applied_takeover_says_when_by_whom_and_how_much",
                condition=Q(applied_at__isnull=True, applied_by__isnull=True, read_count=0)
                | Q(applied_at__isnull=False, applied_by__isnull=False, read_count__gt=0),
            ),
            models.CheckConstraint(
                name="a_takeover_closes_after_it_is_applied",
                condition=Q(closed_at__isnull=True) | Q(applied_at__isnull=False),
            ),
        ]


class KeptCheck(models.Model):
    """What opening the books would do, found by the worker for a long file; for the page, and for that day only."""

    takeover = models.OneToOneField(Takeover, on_delete=models.PROTECT, primary_key=True, related_name="kept_check")
    basis = models.JSONField(help_text="What it follows from: columns, header, what lines leave out, the day.")
    asked_at = models.DateTimeField()
    found_at = models.DateTimeField(null=True)
    found = models.JSONField(null=True, help_text="Counts, causes, and the first lines that would stay out.")
    unreadable = models.JSONField(null=True, help_text="Why the file cannot be read: code, line, detail.")
    failure = models.CharField(max_length=40, blank=True, help_text="Code of what stopped the worker.")

    objects = ScopedManager(region="takeover__region")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_check_is_found_unreadable_failed_or_awaited",
                condition=Q(found_at__isnull=True, found__isnull=True, unreadable__isnull=True)
                | Q(found_at__isnull=False, found__isnull=False, unreadable__isnull=True, failure="")
                | Q(found_at__isnull=False, found__isnull=True, unreadable__isnull=False, failure=""),
            )
        ]


class TakeoverCount(models.Model):
    """What a takeover counted when it was applied, for one lot, lycée and account; empty where lines did not say."""

    takeover = models.ForeignKey(Takeover, on_delete=models.PROTECT, related_name="counts")
    lot = models.CharField(max_length=60, blank=True)
    uai = models.CharField(max_length=8, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    read = models.IntegerField()
    entered = models.IntegerField()
    queued = models.IntegerField()
    refused = models.IntegerField()

    objects = ScopedManager(region="takeover__region")

    class Meta:
        constraints = [
            models.UniqueConstraint("takeover", "lot", "uai", "kind", name="a_takeover_counts_a_place_once"),
            models.CheckConstraint(
                name="a_takeover_count_adds_up",
                condition=Q(read=F("entered") + F("queued") + F("refused"), entered__gte=0, queued__gte=0, refused__gte=0),
            ),
            models.CheckConstraint(
                name="a_takeover_counts_known_accounts", condition=Q(kind__in=["", *map(str, OPENING_KINDS)])
            ),
        ]  # fmt: skip


class TakeoverLine(models.Model):
    """A line that did not enter: refused, or queued for its holder, until somebody settles it. Then its person goes."""

    takeover = models.ForeignKey(Takeover, on_delete=models.PROTECT, related_name="lines")
    count = models.ForeignKey(TakeoverCount, on_delete=models.PROTECT, related_name="lines")
    line = models.IntegerField()
    code = models.CharField(max_length=20)
    is_queued = models.BooleanField(help_text="The holder is in doubt; else the PC is.")
    other_line = models.IntegerField(null=True)
    serial = models.CharField(max_length=120, blank=True)
    asset_tag = models.CharField(max_length=120, blank=True)
    model = models.CharField(max_length=120, blank=True)
    lot = models.CharField(max_length=120, blank=True)
    uai = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=120, blank=True)
    condition = models.CharField(max_length=120, blank=True)
    held_since = models.CharField(max_length=120, blank=True)
    family_name = models.CharField(max_length=120, blank=True)
    given_name = models.CharField(max_length=120, blank=True)
    birth_on = models.DateField(null=True)
    division = models.CharField(max_length=120, blank=True)
    ine_fingerprint = models.BinaryField(null=True)
    settlement = models.CharField(max_length=10, choices=Settlement.choices, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    remark = models.CharField(max_length=200, blank=True)
    device = models.OneToOneField(Device, on_delete=models.PROTECT, null=True)

    objects = ScopedManager(region="takeover__region")

    class Meta:
        constraints = [
            models.UniqueConstraint("takeover", "line", name="a_line_of_a_takeover_waits_once"),
            models.CheckConstraint(name="a_waiting_line_says_a_known_code", condition=Q(code__in=ALL_CODES)),
            models.CheckConstraint(
                name="a_settled_takeover_line_says_how_when_and_by_whom",
                condition=Q(settlement="", settled_at__isnull=True, settled_by__isnull=True, device__isnull=True)
                | Q(settlement="entered", settled_at__isnull=False, settled_by__isnull=False, device__isnull=False)
                | (
                    Q(settlement="dropped", settled_at__isnull=False, settled_by__isnull=False, device__isnull=True)
                    & ~Q(remark="")
                ),
            ),
            models.CheckConstraint(
                name="a_settled_takeover_line_names_nobody",
                condition=Q(settlement="")
                | Q(family_name="", given_name="", birth_on__isnull=True, division="", ine_fingerprint__isnull=True),
            ),
        ]
