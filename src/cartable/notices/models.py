"""The outbox: what is to be said to whom, written in the transaction of the fact, sent by the worker."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.notices import rules
from cartable.organisations.models import Region, School
from cartable.programme.models import Campaign


class NoticeKind(models.TextChoices):
    """What a notice is about."""

    CHARTER_REMINDER = rules.NoticeKind.CHARTER_REMINDER, _("Rappel de la charte")
    PC_HANDED_OVER = rules.NoticeKind.PC_HANDED_OVER, _("PC remis")
    LOAN_BEGUN = rules.NoticeKind.LOAN_BEGUN, _("PC prêté")
    LOAN_OVERDUE = rules.NoticeKind.LOAN_OVERDUE, _("PC prêté à rendre")
    THEFT_DECLARED = rules.NoticeKind.THEFT_DECLARED, _("Vol déclaré")
    RECEIPT_AWAITED = rules.NoticeKind.RECEIPT_AWAITED, _("Récépissé de plainte attendu")
    REPAIRED_PC_BACK = rules.NoticeKind.REPAIRED_PC_BACK, _("PC réparé, de retour au lycée")
    RETURN_DUE = rules.NoticeKind.RETURN_DUE, _("PC à rendre en partant")
    DAMAGE_QUOTED = rules.NoticeKind.DAMAGE_QUOTED, _("Devis pour un PC cassé")
    QUOTE_TO_DECIDE = rules.NoticeKind.QUOTE_TO_DECIDE, _("Devis à décider par la région")


class Channel(models.TextChoices):
    """The road to a person."""

    MAIL = rules.Channel.MAIL, _("Courriel")
    SMS = rules.Channel.SMS, _("SMS")


class NoticeText(models.Model):
    """What a campaign says in one language, one version per change; the latest counts.

    An empty version goes back to the house's own text, which is sent where a campaign has none.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT)
    kind = models.CharField(max_length=24, choices=NoticeKind.choices)
    language = models.CharField(max_length=2)
    version = models.SmallIntegerField(default=1)
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField(blank=True)
    # The short form; empty: the house's own.
    sms = models.CharField(max_length=rules.LONGEST_SMS, blank=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+")

    # A published version is what families were told: it is never edited.
    append_only = True

    objects = ScopedManager(region="campaign__region")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "campaign", "kind", "language", "version", name="a_notice_text_has_one_text_per_version"
            ),
            models.CheckConstraint(name="notice_text_versions_begin_at_one", condition=Q(version__gte=1)),
            models.CheckConstraint(name="notice_text_kind_is_known", condition=Q(kind__in=NoticeKind.values)),
            models.CheckConstraint(name="notice_text_language_is_known", condition=Q(language__in=["fr", "en"])),
            models.CheckConstraint(
                name="a_notice_text_has_subject_and_body_or_neither",
                condition=Q(subject="", body="") | (~Q(subject="") & ~Q(body="")),
            ),
            models.CheckConstraint(name="a_short_form_goes_with_a_text", condition=Q(sms="") | ~Q(body="")),
        ]


class Notice(models.Model):
    """One message to one address. Address and words go when they are no longer needed; that it was sent stays."""

    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, db_index=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True)
    kind = models.CharField(max_length=24, choices=NoticeKind.choices)
    channel = models.CharField(max_length=4, choices=Channel.choices)
    address = models.CharField(max_length=254, blank=True)
    # Keyed hash of the address: whom not to write to again, without keeping the address.
    address_fingerprint = models.BinaryField()
    subject = models.CharField(max_length=160, blank=True)
    body = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    # The server's own code and nothing else: its text may repeat the address.
    refusal = models.CharField(max_length=40, blank=True)

    objects = ScopedManager(region="region", school="school")

    class Meta:
        constraints = [
            models.CheckConstraint(name="notice_kind_is_known", condition=Q(kind__in=NoticeKind.values)),
            models.CheckConstraint(name="notice_channel_is_known", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(
                name="a_notice_is_sent_or_given_up_not_both",
                condition=Q(sent_at__isnull=True) | Q(given_up_at__isnull=True),
            ),
            models.CheckConstraint(
                name="a_notice_that_waits_has_address_and_words",
                condition=Q(sent_at__isnull=False) | Q(given_up_at__isnull=False) | (~Q(address="") & ~Q(body="")),
            ),
        ]
        indexes = [
            models.Index("due_at", name="notice_due", condition=Q(sent_at=None, given_up_at=None)),
            models.Index("school", "kind", "queued_at", name="notice_by_school"),
            models.Index("address_fingerprint", "queued_at", name="notice_by_address"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Stop(models.Model):
    """Somebody wants no notice of a kind any more."""

    address_fingerprint = models.BinaryField()
    kind = models.CharField(max_length=24, choices=NoticeKind.choices)
    stopped_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("address_fingerprint", "kind", name="an_address_stops_a_kind_once"),
            models.CheckConstraint(name="stop_kind_is_known", condition=Q(kind__in=NoticeKind.values)),
        ]
