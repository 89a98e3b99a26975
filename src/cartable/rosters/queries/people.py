"""Find students, and say who somebody is."""

from dataclasses import dataclass

from django.db.models import Q

from cartable.fleet.models import Device
from cartable.kernel.names import folded
from cartable.rosters.models import Enrolment, Student


@dataclass(frozen=True)
class StudentLine:
    """A student whom a search found."""

    id: int
    name: str
    division: str
    school: str
    label_code: str
    asset_tag: str


def find_students(text: str, *, limit: int) -> list[StudentLine]:
    """Return the students in scope whose label is `text` or whose names hold its words, by name; at least two letters."""
    words, code = folded(text).split(), "".join(text.split()).upper()
    named = Q()
    for word in words:
        named &= Q(folded_name__contains=word)
    wanted = Q(label_code=code) | named if len("".join(words)) > 1 else Q(label_code=code)
    found = list(
        Student.objects.filter(wanted).select_related("custodian__school").order_by("folded_name", "pk")[:limit]
    )
    latest = Enrolment.objects.filter(student__in=found).order_by("first_year", "starts_on")
    divisions = dict(latest.values_list("student_id", "division"))
    held = Device.objects.filter(custodian__in=[student.custodian_id for student in found])
    tags = dict(held.values_list("custodian_id", "asset_tag"))
    return [
        StudentLine(
            student.pk,
            student.display_name,
            divisions.get(student.pk, ""),
            str(student.custodian.school or ""),
            student.label_code,
            tags.get(student.custodian_id, ""),
        )
        for student in found
    ]


def holder_in_words(custodian_id: int) -> str:
    """Return "Alice Marchand, TG3" for the account of a student in scope; empty for any other."""
    student = Student.objects.filter(custodian_id=custodian_id).first()
    if student is None:
        return ""
    latest = Enrolment.objects.filter(student=student).order_by("-first_year", "-starts_on").first()
    return ", ".join(part for part in (student.display_name, latest.division if latest else "") if part)
