"""One student: how they stand, what may be done, what happened."""

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from cartable.accounts.access import CartableRequest, open_to
from cartable.desk.audience import SCHOOL, SITE
from cartable.desk.forms import MoveForm
from cartable.desk.gestures import STUDENT_GESTURES, gestures
from cartable.desk.queries.students import student_page
from cartable.desk.views.departures import lycees_to_leave_for
from cartable.rosters.access import student_for
from cartable.rosters.models import Student


@open_to(*sorted(SITE))
def student(request: CartableRequest, label_code: str) -> HttpResponse:
    """Show a student; the label of a merged record leads to whoever stays."""
    found = student_for(label_code)
    if found.label_code != label_code:
        return redirect("rosters:student", found.label_code)
    signed_in = request.signed_in
    page = student_page(found, today=timezone.localdate(), school_ids=signed_in.school_ids)
    values = {
        "page": page,
        "sheet": page.sheet,
        "gestures": gestures(STUDENT_GESTURES, page, signed_in.roles),
        "movement_id": uuid4(),
        "may_say_gone": bool(SCHOOL & signed_in.roles),
        "move_form": _move_form(found) if SCHOOL & signed_in.roles else None,
    }
    return render(request, "desk/student.html", values)


def _move_form(student: Student) -> MoveForm:
    school = student.custodian.school
    given = {"depart": uuid4(), "de": school.uai if school else ""}
    return MoveForm(initial=given, schools=lycees_to_leave_for(student))
