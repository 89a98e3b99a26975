"""Read an act on many lines: what it would do, what it did, line by line, and the labels that it prints."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils import timezone
from django_scopes import scope

from cartable.desk.bulk_rules import LINES_SHOWN, OF_STUDENTS, Bulk, LeftOut, left_out
from cartable.desk.models import BulkAct, BulkLine
from cartable.desk.queries.bulk_verdicts import Asked
from cartable.fleet.models import Device

_CODE = {True: "student__label_code", False: "device__asset_tag"}


@dataclass(frozen=True)
class BulkPage:
    """What the page of an act shows; ``waiting`` is what would be done, or is still to be done."""

    waiting: int
    done: int
    left_out: tuple[LeftOut, ...]

    @property
    def left_out_count(self) -> int:
        """Return how many lines are left out."""
        return sum(one.count for one in self.left_out)


@dataclass(frozen=True)
class ResultLine:
    """One line as the file gives it; the name of a student only."""

    code: str
    name: str
    reason: str
    is_late: bool
    is_done: bool


def asked_of(bulk: BulkAct, *, on: datetime) -> Asked:
    """Return what is said once for all lines of an act."""
    return Asked(bulk.region_id, bulk.school_id, bulk.options or {}, timezone.localdate(on))


def waiting_lines(bulk: BulkAct) -> "QuerySet[BulkLine]":
    """Return the lines that an act has still to settle."""
    return BulkLine.objects.filter(act=bulk, done_at=None, reason="")


def bulk_page(bulk: BulkAct) -> BulkPage:
    """Return how the lines of an act stand: three statements for ten lines and for thousands."""
    lines = BulkLine.objects.filter(act=bulk)
    states = lines.order_by().values_list("reason", "is_late").annotate(every=Count("pk"), done=Count("done_at"))
    counts = {(reason, is_late): (every, done) for reason, is_late, every, done in states}
    kept, done = counts.pop(("", False), (0, 0))
    code = _CODE[Bulk(bulk.act) in OF_STUDENTS]
    named = lines.exclude(reason="").order_by("-is_late", "reason", "pk")
    # Lines were found in scope; one that has left it since is still named by its code, as it was.
    with scope(region=bulk.region_id, school=None):
        sample = list(named.values_list("reason", "is_late", code)[:LINES_SHOWN])
    found = {reason: every for reason, (every, _done) in counts.items()}
    return BulkPage(kept - done, done, left_out(found, sample))


def result_lines(bulk: BulkAct) -> Iterator[ResultLine]:
    """Yield every line of an act in the order of its list; a few thousand are held at once."""
    is_of_students = Bulk(bulk.act) in OF_STUDENTS
    fields = ["reason", "is_late", "done_at", _CODE[is_of_students]]
    if is_of_students:
        fields += ["student__family_name", "student__usage_name", "student__given_name"]
    lines = BulkLine.objects.filter(act=bulk).order_by("pk")
    for reason, is_late, done_at, code, *names in lines.values_list(*fields).iterator(2_000):
        family, usage, given = names or ("", "", "")
        yield ResultLine(code, f"{usage or family} {given}".strip(), reason, is_late, done_at is not None)


def holders_among(bulk: BulkAct) -> int:
    """Return how many of the students to whom an act would be done hold a PC."""
    return waiting_lines(bulk).filter(student__custodian__device__isnull=False).count()


def done_student_ids(bulk: BulkAct) -> list[int]:
    """Return the students of an act to whom it was done."""
    done = BulkLine.objects.filter(act=bulk, done_at__isnull=False).order_by("pk")
    return [pk for pk in done.values_list("student_id", flat=True) if pk is not None]


def done_asset_tags(bulk: BulkAct) -> list[str]:
    """Return the tags of the PCs of an act to which it was done, those in scope, as they are now."""
    done = BulkLine.objects.filter(act=bulk, done_at__isnull=False).values("device_id")
    return list(Device.objects.filter(pk__in=done).order_by("asset_tag").values_list("asset_tag", flat=True))
