"""A student leaves: for another lycée of the region, from the student's page, or outside it, once what they owe was shown."""

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.desk.audience import SCHOOL
from cartable.desk.forms import LeaveForm, MoveForm
from cartable.desk.queries.students import owed_by, student_page
from cartable.desk.rules import Owes
from cartable.organisations.models import School
from cartable.organisations.queries import open_school_choices, school_for_uai
from cartable.rosters.access import student_for
from cartable.rosters.commands.departures import DepartureRefused, declare_departure
from cartable.rosters.models import Departure, Student
from cartable.rosters.queries.reach import region_wide
from cartable.rosters.words import REFUSALS

OWED = {
    Owes.NOTHING: gettext_lazy("Cet élève n’a pas de PC : rien à rendre."),
    Owes.OWN_PC: gettext_lazy("Les études ne sont pas finies : l’élève rend son PC avant de partir."),
    Owes.ASKS_TO_KEEP: gettext_lazy("Fin des études : l’élève rend son PC, ou demande à le garder."),
    Owes.MAY_REFUSE: gettext_lazy("Fin des études : le PC est donné à l’élève. S’il le refuse, il le rend."),
    Owes.LOANER: gettext_lazy("Le PC est un prêt de la réserve : l’élève le rend, quelle que soit la campagne."),
}


@open_to(*sorted(SCHOOL))
@require_POST
def student_moves(request: CartableRequest, label_code: str) -> HttpResponse:
    """Say that a student leaves for another lycée of the region; both lycées then read it."""
    student = student_for(label_code)
    form = MoveForm(request.POST, schools=lycees_to_leave_for(student))
    if not form.is_valid():
        for error in form.errors.get("vers") or [str(REFUSALS["not_here"])]:
            messages.error(request, str(error))
        return redirect("rosters:student", student.label_code)
    with region_wide(student.region_id):
        left, goal = school_for_uai(form.cleaned_data["de"]), school_for_uai(form.cleaned_data["vers"])
    try:
        if left is None:
            raise DepartureRefused("not_here")
        _declare(request, form, student, left, goal)
    except DepartureRefused as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
        return redirect("rosters:student", student.label_code)
    words = {"name": student.display_name, "school": goal}
    messages.success(request, _("%(name)s est maintenant élève de : %(school)s. L’élève garde le PC qu’il a.") % words)
    return redirect("rosters:departures")


@open_to(*sorted(SCHOOL))
def student_leaves(request: CartableRequest, label_code: str) -> HttpResponse:
    """Show what a student owes who leaves the region; say it when confirmed."""
    student = student_for(label_code)
    if request.method == "POST":
        return _leaves(request, student)
    today = timezone.localdate()
    page = student_page(student, today=today, school_ids=request.signed_in.school_ids)
    owes = owed_by(student, page, today=today)
    values = {
        "page": page,
        "sheet": page.sheet,
        "owed": OWED[owes],
        "is_owed": owes != Owes.NOTHING,
        "form": LeaveForm(initial={"depart": uuid4()}),
        "refusal": str(REFUSALS["left_already"]) if page.facts.has_left else "",
    }
    return render(request, "desk/student_leaves.html", values)


def _leaves(request: CartableRequest, student: Student) -> HttpResponse:
    form, school = LeaveForm(request.POST), student.custodian.school
    if not form.is_valid() or school is None:
        raise Http404
    try:
        _declare(request, form, student, school, None)
    except DepartureRefused as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
    else:
        messages.success(request, _("Départ noté. Ce que l’élève doit encore attend dans « À traiter »."))
    return redirect("rosters:student", student.label_code)


def lycees_to_leave_for(student: Student) -> list[tuple[str, str]]:
    """Return the lycées of the region that are open, without the student's own: whoever asks may see one of them only."""
    own = student.custodian.school.uai if student.custodian.school else ""
    with region_wide(student.region_id):
        return [(uai, name) for uai, name in open_school_choices() if uai != own]


def _declare(
    request: CartableRequest, form: LeaveForm, student: Student, left: School, goal: School | None
) -> Departure:
    return declare_departure(
        departure_id=form.cleaned_data["depart"],
        student=student,
        from_school_id=left.pk,
        to_school_id=goal.pk if goal else None,
        declared_at=timezone.now(),
        declared_by_id=request.signed_in.actor_id,
    )
