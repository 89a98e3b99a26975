"""Devices, the custodians that answer for them, and the movements between the two: the ledger's tables.

What Django cannot express (composite foreign keys, triggers) stands in ``migrations/0002_ledger_referee.py``.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from cartable.accounts.models import Actor
from cartable.fleet import rules
from cartable.fleet.rules import SCHOOL_KINDS, Condition, CustodianKind, Reason
from cartable.organisations.models import Contractor, Region, School

CUSTODIAN_KIND_NAMES = {
    CustodianKind.SUPPLIER: _("Fournisseur"),
    CustodianKind.DEPOT: _("Dépôt"),
    CustodianKind.TRANSIT: _("En chemin"),
    CustodianKind.SCHOOL_ALLOTMENT: _("Lot du lycée"),
    CustodianKind.EMERGENCY_STOCK: _("Réserve (FUP)"),
    CustodianKind.SCHOOL_BENCH: _("Atelier du lycée"),
    CustodianKind.STUDENT: _("Élève"),
    CustodianKind.CLAIM: _("Déclaré volé ou perdu"),
    CustodianKind.REPAIRER: _("Réparateur"),
    CustodianKind.STOLEN: _("Volé"),
    CustodianKind.LOST: _("Perdu"),
    CustodianKind.GIVEN: _("Cédé"),
    CustodianKind.DISPOSED: _("Éliminé"),
}
REASON_NAMES = {
    Reason.RECEIPT: _("Livraison"),
    Reason.OPENING: _("Reprise"),
    Reason.ALLOTMENT: _("Affectation au lycée"),
    Reason.DISPATCH: _("Expédition"),
    Reason.ARRIVAL: _("Arrivée"),
    Reason.CHECK_OUT: _("Remise"),
    Reason.LOAN: _("Prêt de secours"),
    Reason.CHECK_IN: _("Restitution"),
    Reason.LEFTOVER: _("Reste de la journée"),
    Reason.TOP_UP: _("Réassort"),
    Reason.FAULT: _("PC en défaut"),
    Reason.RMA_OUT: _("Envoi au réparateur"),
    Reason.RMA_IN: _("Retour du réparateur"),
    Reason.REIMAGED: _("Remastérisation"),
    Reason.CLAIM: _("Déclaration de vol ou de perte"),
    Reason.THEFT: _("Vol établi"),
    Reason.LOSS: _("Perte établie"),
    Reason.FOUND: _("Retrouvé"),
    Reason.GIFT: _("Cession"),
    Reason.DISPOSAL: _("Élimination"),
    Reason.IDENTITY: _("Fiche d’élève rectifiée"),
    Reason.CORRECTION: _("Correction"),
}
CONDITION_NAMES = {
    Condition.FIT: _("En état"),
    Condition.FAULTY: _("En panne"),
    Condition.BROKEN: _("Cassé"),
    Condition.BEING_REIMAGED: _("En remastérisation"),
}


class Grade(models.TextChoices):
    """The state in which a PC leaves and comes back, as people see it over the desk."""

    LIKE_NEW = rules.Grade.LIKE_NEW, _("Comme neuf")
    USED = rules.Grade.USED, _("Usagé")
    DAMAGED = rules.Grade.DAMAGED, _("Abîmé")
    UNUSABLE = rules.Grade.UNUSABLE, _("Inutilisable")


# The hash of a movement covers all that it says and the hash before it. A generated column: no code, and no role,
# can write another value. Binary send functions are immutable; the text is ASCII without backslash by constraint, so
# that its cast to bytea is its own bytes.
HASHED_CONTENT = (
    "sha256(previous_hash || uuid_send(id) || int8send(device_id) || int4send(sequence)"
    " || int8send(from_custodian_id) || int8send(to_custodian_id)"
    " || (reason || '/' || evidence)::bytea"
    " || int8send((extract(epoch FROM happened_at AT TIME ZONE 'UTC') * 1000000)::bigint)"
    " || int8send((extract(epoch FROM recorded_at AT TIME ZONE 'UTC') * 1000000)::bigint)"
    " || int8send(recorded_by_id) || coalesce(uuid_send(corrects_id), ''::bytea))"
)


class TransactionIdField(models.Field):  # type: ignore[type-arg]
    """A PostgreSQL transaction id (xid8): what changed since a snapshot, without a lock and without a clock."""

    def db_type(self, connection: object) -> str:
        """Return PostgreSQL's 64-bit transaction id."""
        return "xid8"


def current_transaction() -> models.Func:
    """Return the id of the transaction that writes."""
    return models.Func(template="pg_current_xact_id()", output_field=TransactionIdField())


class DeviceModel(models.Model):
    """A make of laptop, as the supplier names it."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    name = models.CharField(max_length=100)

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [models.UniqueConstraint("region", "name", name="a_device_model_is_named_once_in_its_region")]

    def __str__(self) -> str:
        return self.name


class Lot(models.Model):
    """An accounting batch: what was bought and delivered together."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    reference = models.CharField(max_length=60)
    received_on = models.DateField()

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [models.UniqueConstraint("region", "reference", name="a_lot_is_referenced_once_in_its_region")]

    def __str__(self) -> str:
        return self.reference


class Custodian(models.Model):
    """An account that answers for devices. Carries no name: ``rosters.Student`` points here, never the reverse."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    # Which school the custodian counts for today; its history is ``Affiliation``.
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, blank=True)
    contractor = models.ForeignKey(Contractor, on_delete=models.PROTECT, null=True, blank=True)
    opened_at = models.DateTimeField()

    objects = ScopedManager(region="region", school="school")

    class Meta:
        constraints = [
            # Target of the foreign keys that copy the kind into movements and devices.
            models.UniqueConstraint(fields=["id", "kind"], name="custodian_kind_can_be_referenced"),
            models.CheckConstraint(
                name="custodian_kind_is_known", condition=Q(kind__in=[str(kind) for kind in CustodianKind])
            ),
            models.CheckConstraint(
                name="a_school_custodian_names_its_school",
                condition=~Q(kind__in=sorted(map(str, SCHOOL_KINDS))) | Q(school__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["school", "kind"],
                condition=Q(kind__in=["school_allotment", "emergency_stock", "school_bench"]),
                name="a_school_has_one_account_of_each_kind",
            ),
            models.UniqueConstraint(
                fields=["region", "kind"],
                condition=Q(kind__in=["claim", "stolen", "lost", "given", "disposed"]),
                name="a_region_has_one_account_per_end",
            ),
            models.UniqueConstraint(
                fields=["contractor", "kind"],
                condition=Q(kind__in=["supplier", "repairer"]),
                name="a_contractor_has_one_account_of_each_kind",
            ),
        ]


class Affiliation(models.Model):
    """From when a custodian counts for a school: a student who changes lycée makes no movement."""

    append_only = True

    custodian = models.ForeignKey(Custodian, on_delete=models.PROTECT)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    starts_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint("custodian", "starts_at", name="a_custodian_changes_school_once_at_a_time")
        ]


class Device(models.Model):
    """One serialised laptop. Its custodian is a projection of its last movement, held to it by the database."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    asset_tag = models.CharField(max_length=11, unique=True)
    serial_number = models.CharField(max_length=30, unique=True)
    device_model = models.ForeignKey(DeviceModel, on_delete=models.PROTECT)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT)
    condition = models.CharField(max_length=20, default=Condition.FIT)
    pallet = models.CharField(max_length=30, blank=True)
    carton = models.CharField(max_length=30, blank=True)
    custodian = models.ForeignKey(Custodian, on_delete=models.PROTECT, db_constraint=False)
    custodian_kind = models.CharField(max_length=20)
    last_sequence = models.IntegerField()
    head_hash = models.BinaryField()
    # Stations ask for what changed since their last answer (distribution.queries.day_changes).
    changed_in = TransactionIdField(db_default=current_transaction())

    objects = ScopedManager(region="region", school="custodian__school")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["custodian"], condition=Q(custodian_kind="student"), name="a_student_holds_one_device"
            ),
            models.CheckConstraint(name="asset_tag_is_a_label_code", condition=Q(asset_tag__regex=r"^P\d{10}$")),
            models.CheckConstraint(
                name="serial_number_is_normalised", condition=Q(serial_number__regex=r"^[A-Z0-9][A-Z0-9/.-]{3,29}$")
            ),
            models.CheckConstraint(
                name="device_condition_is_known", condition=Q(condition__in=[str(c) for c in Condition])
            ),
        ]
        indexes = [
            models.Index(fields=["pallet"], condition=~Q(pallet=""), name="device_by_pallet"),
            models.Index(fields=["carton"], condition=~Q(carton=""), name="device_by_carton"),
            # The newest changes of the whole region: every station asks for them every two seconds.
            models.Index(fields=["changed_in"], name="device_by_change"),
        ]

    def __str__(self) -> str:
        return self.asset_tag


class Movement(models.Model):
    """One row of the ledger: custody of one device passed from one custodian to another. Never edited."""

    append_only = True

    id = models.UUIDField(primary_key=True)
    # Server order over all devices; a daily root says up to which position it speaks.
    position = models.BigIntegerField(
        db_default=models.Func(template="nextval('fleet_movement_position')", output_field=models.BigIntegerField())
    )
    device = models.ForeignKey(
        Device, on_delete=models.PROTECT, related_name="movements", db_index=False, db_constraint=False
    )
    sequence = models.IntegerField()
    previous_sequence = models.IntegerField(null=True)
    from_custodian = models.ForeignKey(
        Custodian, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    from_kind = models.CharField(max_length=20)
    to_custodian = models.ForeignKey(
        Custodian, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    to_kind = models.CharField(max_length=20)
    reason = models.CharField(max_length=20)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=models.functions.Now())
    recorded_by = models.ForeignKey(Actor, on_delete=models.PROTECT, db_index=False)
    # What proves it, as "table:key" (scan:…, delivery:…): never a name.
    evidence = models.CharField(max_length=80, blank=True, default="")
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="corrected_by", db_constraint=False
    )
    previous_hash = models.BinaryField(default=b"")
    hash = models.GeneratedField(
        expression=models.Func(template=HASHED_CONTENT, output_field=models.BinaryField()),
        output_field=models.BinaryField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "sequence"], name="a_device_makes_one_movement_at_a_time"),
            models.CheckConstraint(
                name="a_chain_has_no_hole",
                # "Is not null" is no luxury: a CHECK that is unknown passes, and so does a foreign key with a null in it.
                condition=Q(sequence=1, previous_sequence__isnull=True)
                | Q(sequence__gt=1, previous_sequence__isnull=False, previous_sequence=F("sequence") - 1),
            ),
            models.CheckConstraint(
                name="a_device_is_born_once",
                condition=Q(sequence=1, reason__in=["receipt", "opening"], previous_hash=b"")
                | (Q(sequence__gt=1) & ~Q(reason__in=["receipt", "opening"])),
            ),
            models.CheckConstraint(
                name="only_a_correction_names_a_movement",
                condition=Q(reason="correction", corrects__isnull=False)
                | (~Q(reason="correction") & Q(corrects__isnull=True)),
            ),
            models.CheckConstraint(
                name="a_movement_goes_somewhere_else", condition=~Q(from_custodian=F("to_custodian"))
            ),
            models.CheckConstraint(
                name="evidence_is_a_reference", condition=Q(evidence__regex=r"^([a-z_]+:[A-Za-z0-9._/-]+)?$")
            ),
        ]
        indexes = [
            # What came into a school's allotment: read at closing, never on the way of a check-out.
            models.Index(
                fields=["to_custodian", "recorded_at"],
                condition=Q(to_kind="school_allotment"),
                name="movement_into_allotments",
            ),
            # Which PCs a student ever had: the page of a student, on 10⁷ movements.
            models.Index(fields=["to_custodian"], condition=Q(to_kind="student"), name="movement_into_students"),
        ]


class SerialChange(models.Model):
    """A repairer gave a PC another mainboard, or another PC in its place: its identity stays, its serial number does not.

    The old one still names the PC wherever it is scanned (`queries.exact_device`).
    """

    append_only = True

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="serial_changes")
    old_serial = models.CharField(max_length=30, db_index=True)
    new_serial = models.CharField(max_length=30)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Actor, on_delete=models.PROTECT)
    evidence = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint("device", "changed_at", name="a_pc_changes_its_serial_once_at_a_time"),
            models.CheckConstraint(name="a_serial_changes_to_another_one", condition=~Q(old_serial=F("new_serial"))),
            models.CheckConstraint(
                name="changed_serials_are_normalised",
                condition=Q(old_serial__regex=r"^[A-Z0-9][A-Z0-9/.-]{3,29}$")
                & Q(new_serial__regex=r"^[A-Z0-9][A-Z0-9/.-]{3,29}$"),
            ),
            models.CheckConstraint(
                name="a_serial_change_names_its_paper", condition=Q(evidence__regex=r"^[a-z_]+:[A-Za-z0-9._/-]+$")
            ),
        ]


class DailyRoot(models.Model):
    """The hash over all chains at one moment, printed on paper: a tail cut off later shows."""

    append_only = True

    taken_at = models.DateTimeField()
    last_position = models.BigIntegerField()
    device_count = models.IntegerField()
    root = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint("taken_at", name="a_root_is_taken_once_at_a_time")]


class StockReading(models.Model):
    """How many devices of a region were with each kind of custodian at ``read_at``. No gesture relies on it."""

    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24)
    device_count = models.IntegerField()
    read_at = models.DateTimeField()

    objects = ScopedManager(region="region")

    class Meta:
        constraints = [
            models.UniqueConstraint("region", "kind", name="a_stock_is_read_once_per_kind"),
            models.CheckConstraint(
                name="a_stock_that_is_read_is_known", condition=Q(kind__in=[str(kind) for kind in CustodianKind])
            ),
            models.CheckConstraint(name="a_stock_that_is_read_holds_something", condition=Q(device_count__gt=0)),
        ]


class TagChange(models.Model):
    """A worn tag was replaced: the PC answers to the new one, and whoever scans the old one still finds it."""

    append_only = True

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="tag_changes")
    old_tag = models.CharField(max_length=11)
    new_tag = models.CharField(max_length=11)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Actor, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint("old_tag", name="an_old_tag_names_one_pc"),
            models.CheckConstraint(name="a_tag_changes_to_another_one", condition=~Q(old_tag=F("new_tag"))),
            models.CheckConstraint(
                name="changed_tags_are_label_codes",
                condition=Q(old_tag__regex=r"^P\d{10}$") & Q(new_tag__regex=r"^P\d{10}$"),
            ),
        ]
