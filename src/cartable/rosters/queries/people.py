"""Find students, and say who somebody is."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from cartable.accounts.models import Person
from cartable.fleet.models import Device
from cartable.kernel.codes import has_student_label_shape
from cartable.kernel.names import folded
from cartable.rosters.models import Enrolment, Student

# Of a name that more people bear, some are shown: who looks for one of them types more of it. To sort all Marchands of a
# region for the first twenty would cost more than to find them.
MOST_NAMED = 500


@dataclass(frozen=True)
class StudentLine:
    """A student whom a search found."""

    id: int
    name: str
    division: str
    school: str
    label_code: str
    asset_tag: str


def student_by_label(label_code: str) -> Student | None:
    """Return the student in scope whom a label names; that of a merged record names whoever stays."""
    if not has_student_label_shape(label_code):
        return None
    named = Q(label_code=label_code, merged_into__isnull=True)
    found = Student.objects.select_related("custodian__school")
    return found.filter(named).first() or found.filter(aliases__label_code=label_code).first()


def find_students(text: str, *, limit: int) -> list[StudentLine]:
    """Return the students in scope whose label is `text` or whose names hold its words, by name; at least two letters.

    Labels and names of a merged record find whoever stays.
    """
    words = folded(text).split()
    if by_label := student_by_label("".join(text.split()).upper()):
        chosen = Student.objects.filter(pk=by_label.pk)
    elif len("".join(words)) > 1:
        named = Student.objects.filter(*(Q(folded_name__contains=word) for word in words))
        some = named.values_list(Coalesce("merged_into_id", "pk"))[:MOST_NAMED]
        chosen = Student.objects.filter(pk__in=some, merged_into__isnull=True)
    else:
        return []
    latest = Enrolment.objects.filter(student=OuterRef("pk")).order_by("-first_year", "-starts_on")
    held = Device.objects.filter(custodian=OuterRef("custodian_id"))
    found = chosen.select_related("custodian__school").annotate(
        division=Subquery(latest.values("division")[:1]), asset_tag=Subquery(held.values("asset_tag")[:1])
    )
    return [
        StudentLine(
            student.pk,
            student.display_name,
            student.division or "",
            str(student.custodian.school or ""),
            student.label_code,
            student.asset_tag or "",
        )
        for student in found.order_by("folded_name", "pk")[:limit]
    ]


def actor_names(actor_ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of the people among these actors: stations and the software have none."""
    wanted = {actor_id for actor_id in actor_ids if actor_id is not None}
    return dict(Person.objects.filter(actor__in=wanted).values_list("actor_id", "full_name")) if wanted else {}


@dataclass(frozen=True)
class Holder:
    """The student behind an account, in words: "Alice Marchand, TG3"."""

    words: str
    label_code: str


def holder_of(custodian_id: int) -> Holder | None:
    """Return the student in scope behind an account; None for any other account."""
    student = Student.objects.filter(custodian_id=custodian_id).first()
    if student is None:
        return None
    latest = Enrolment.objects.filter(student=student).order_by("-first_year", "-starts_on").first()
    words = ", ".join(part for part in (student.display_name, latest.division if latest else "") if part)
    return Holder(words, student.label_code)
