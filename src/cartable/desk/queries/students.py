"""Read the page of one student: how they stand, what happened, what may be done now."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartable.accounts.models import ActorKind
from cartable.desk.rules import Standing, standing
from cartable.desk.timeline import Moment, latest_first, moments_of, on_day
from cartable.distribution.court_models import Dispute
from cartable.distribution.models import CharterProof
from cartable.distribution.queries.court import dispute_of_student
from cartable.distribution.queries.students import latest_days
from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.queries.gesture import StudentFacts, student_facts
from cartable.emergency_stock.queries.papers import open_loan_of
from cartable.fleet.queries import events_of_accounts, roles_of_actors
from cartable.fleet.words import ACTOR_NAMES
from cartable.incidents.models import Incident
from cartable.incidents.queries.subject import open_incident_of_student
from cartable.rosters.models import Student
from cartable.rosters.queries.reach import region_wide
from cartable.rosters.queries.students import StudentSheet, student_sheet
from cartable.ui.figures import moment, short_date

STANDINGS = {
    Standing.CONTESTED: (gettext_lazy("En litige : des scans se contredisent."), "err"),
    Standing.MUST_RETURN: (gettext_lazy("A quitté le lycée et doit rendre son PC."), "err"),
    Standing.ON_LOAN: (gettext_lazy("A un PC en prêt, en attendant le sien."), "att"),
    Standing.EQUIPPED: (gettext_lazy("A son PC."), "ok"),
    Standing.GONE: (gettext_lazy("A quitté le lycée, sans PC."), "neutre"),
    Standing.ABSENT: (gettext_lazy("Attend un PC : absent le jour de la distribution."), "att"),
    Standing.WAITS: (gettext_lazy("N’a pas encore de PC."), "neutre"),
}


@dataclass(frozen=True)
class StudentPage:
    """All that the desk knows of one student."""

    sheet: StudentSheet
    facts: StudentFacts
    standing: str
    tone: str
    note: str
    loan: Loan | None
    dispute: Dispute | None
    incident: Incident | None
    day_id: int | None
    moments: tuple[Moment, ...]


def student_page(student: Student, *, today: date, school_ids: tuple[int, ...] | None) -> StudentPage:
    """Return the page of a student whom `access` found in scope; a fixed number of queries."""
    sheet = student_sheet(student)
    facts = student_facts(student, today=today)
    loan = open_loan_of(student.pk)
    dispute = dispute_of_student(student.pk)
    one = standing(
        is_contested=dispute is not None,
        holds=facts.holds_device,
        is_loan=loan is not None,
        has_left=facts.has_left,
        was_absent=facts.was_expected,
    )
    words, tone = STANDINGS[one]
    return StudentPage(
        sheet=sheet,
        facts=facts,
        standing=str(words),
        tone=tone,
        note=_loan_note(loan, today) if loan else "",
        loan=loan,
        dispute=dispute,
        incident=open_incident_of_student(student),
        day_id=latest_days([student.pk]).get(student.pk),
        moments=_moments(student, sheet, school_ids),
    )


def _loan_note(loan: Loan, today: date) -> str:
    words = {"own": loan.stands_in_for.asset_tag, "since": moment(loan.lent_at), "due": short_date(loan.due_on)}
    if loan.due_on < today:
        return _("Prêté le %(since)s à la place de %(own)s ; attendu depuis le %(due)s.") % words
    return _("Prêté le %(since)s à la place de %(own)s ; attendu avant le %(due)s.") % words


def _moments(student: Student, sheet: StudentSheet, school_ids: tuple[int, ...] | None) -> tuple[Moment, ...]:
    with region_wide(student.region_id):
        together = [(student.pk, student.custodian_id), *student.aliases.values_list("pk", "custodian_id")]
        signed = CharterProof.objects.filter(student_id__in=[pk for pk, _account in together])
        charters = list(signed.select_related("received_by"))
    roles = roles_of_actors({charter.received_by_id for charter in charters})
    events = events_of_accounts([account for _pk, account in together], school_ids=school_ids)
    found = moments_of(events, names_the_pc=True)
    found += [one for charter in charters for one in _of_charter(charter, roles)]
    for row in sheet.enrolments:
        text = ", ".join(part for part in (row.school, row.division, row.year) if part)
        found.append(on_day(_("Inscrit au lycée"), row.starts_on, "ecole", text=text, proof=_("Liste du lycée")))
        if row.ends_on:
            found.append(on_day(_("Sorti du lycée"), row.ends_on, "ecole", text=text, proof=_("Liste du lycée")))
    for merge in sheet.merges:
        found.append(_at(_("Fiche réunie"), merge.decided_at, "personnes", merge.name, merge.decided_by))
        if merge.undone_at:
            found.append(_at(_("Réunion annulée"), merge.undone_at, "annuler", merge.name, merge.undone_by))
    return latest_first(found)


def _of_charter(charter: CharterProof, roles: dict[int, str]) -> list[Moment]:
    who = roles.get(charter.received_by_id) or str(ACTOR_NAMES[ActorKind(charter.received_by.kind)])
    text = f"{charter.get_medium_display()}, {charter.get_signer_kind_display()}"
    found = [_at(_("Charte reçue"), charter.received_at, "charte", text, who)]
    if charter.withdrawn_at:
        found.append(_at(_("Charte retirée : prise par erreur"), charter.withdrawn_at, "annuler", text))
    return found


def _at(title: str, at: datetime, icon: str, text: str, who: str = "") -> Moment:
    return Moment(title, at, moment(at), icon, text=text, who=who)
