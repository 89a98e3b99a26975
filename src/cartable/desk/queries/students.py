"""Read the page of one student: how they stand, what happened, what may be done now."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartable.accounts.models import ActorKind
from cartable.desk.queries.closings import closings_of_accounts
from cartable.desk.rules import Owes, Standing, standing, what_a_leaver_owes
from cartable.desk.timeline import Moment, latest_first, moments_of, of_closing, on_day
from cartable.distribution.models import CharterProof
from cartable.distribution.queries.charters import rules_of_student
from cartable.distribution.queries.court import OpenDispute, dispute_of_student
from cartable.distribution.queries.students import LatestPassage, latest_passage
from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.queries.gesture import StudentFacts, student_facts
from cartable.emergency_stock.queries.papers import open_loan_of
from cartable.fleet.queries.device import events_of_accounts, roles_of_actors
from cartable.fleet.words import ACTOR_NAMES
from cartable.incidents.queries.subject import incidents_of_student
from cartable.programme.models import KeepPolicy
from cartable.rosters.models import Departure, Student
from cartable.rosters.queries.departures import departures_of
from cartable.rosters.queries.reach import region_wide
from cartable.rosters.queries.students import StudentSheet, student_sheet
from cartable.rosters.rules.needs import has_finished
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
    dispute: OpenDispute | None
    incident_id: UUID | None
    passage: LatestPassage | None
    departure: Departure | None
    moments: tuple[Moment, ...]


def student_page(student: Student, *, today: date, school_ids: tuple[int, ...] | None) -> StudentPage:
    """Return the page of a student whom `access` found in scope; a fixed number of queries."""
    sheet = student_sheet(student)
    incidents = incidents_of_student(student.pk)
    facts = student_facts(student, today=today, has_undecided_incident=incidents.decides)
    loan = open_loan_of(student.pk)
    dispute = dispute_of_student(student.pk)
    said = departures_of(student)
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
        incident_id=incidents.open_id,
        passage=latest_passage(student.pk),
        departure=next(
            (d for d in sorted(said, key=lambda d: d.declared_at, reverse=True) if d.undone_at is None), None
        ),
        moments=_moments(student, sheet, school_ids, said),
    )


def owed_by(student: Student, page: StudentPage, *, today: date) -> Owes:
    """Return what a student, whose page this is, owes who leaves the region."""
    rules = rules_of_student(student.pk, today=today)
    last = next((row for row in page.sheet.enrolments if row.is_home), None)
    return what_a_leaver_owes(
        holds=page.facts.holds_device,
        is_loan=page.loan is not None,
        has_finished=last is not None and has_finished(last.level),
        is_given_unless_refused=rules is not None and rules.keep_policy == KeepPolicy.UNLESS_REFUSED,
    )


def _loan_note(loan: Loan, today: date) -> str:
    words = {"own": loan.stands_in_for.asset_tag, "since": moment(loan.lent_at), "due": short_date(loan.due_on)}
    if loan.due_on < today:
        return _("Prêté le %(since)s à la place de %(own)s ; attendu depuis le %(due)s.") % words
    return _("Prêté le %(since)s à la place de %(own)s ; attendu avant le %(due)s.") % words


def _moments(
    student: Student, sheet: StudentSheet, school_ids: tuple[int, ...] | None, said: list[Departure]
) -> tuple[Moment, ...]:
    with region_wide(student.region_id):
        signed = CharterProof.objects.filter(student_id__in=list(sheet.accounts))
        charters = list(signed.select_related("received_by"))
    accounts = list(sheet.accounts.values())
    actors = {charter.received_by_id for charter in charters} | {one.declared_by_id for one in said}
    roles = roles_of_actors(actors | {one.undone_by_id for one in said if one.undone_by_id is not None})
    events = events_of_accounts(accounts, school_ids=school_ids)
    found = moments_of(events, names_the_pc=True)
    found += [one for charter in charters for one in _of_charter(charter, roles)]
    found += [moment_said for one in said for moment_said in _of_departure(one, roles)]
    declared = {(one.from_school.name, one.left_on) for one in said if one.undone_at is None}
    declared |= {(one.to_school.name, one.left_on) for one in said if one.to_school is not None}
    closings = closings_of_accounts(accounts)
    found += [of_closing(one) for one in closings]
    declared |= {(s.name, one.closed_on) for one in closings for s in (one.school, one.successor) if s is not None}
    for row in sheet.enrolments:
        text = ", ".join(part for part in (row.school, row.division, row.year) if part)
        for title, day in ((_("Inscrit au lycée"), row.starts_on), (_("Sorti du lycée"), row.ends_on)):
            if day is not None:
                # What somebody said stands there by itself, with who said it.
                proof = "" if (row.school, day) in declared else _("Liste du lycée")
                found.append(on_day(title, day, "ecole", text=text, proof=proof))
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


def _of_departure(one: Departure, roles: dict[int, str]) -> list[Moment]:
    if one.to_school is None:
        title, text = _("Départ hors de la région"), one.from_school.name
    else:
        title, text = _("Changement de lycée"), f"{one.from_school.name} → {one.to_school.name}"
    found = [_at(title, one.declared_at, "ecole", text, roles.get(one.declared_by_id, ""))]
    if one.undone_at is not None:
        found.append(_at(_("Départ annulé"), one.undone_at, "annuler", text, roles.get(one.undone_by_id or 0, "")))
    return found


def _at(title: str, at: datetime, icon: str, text: str, who: str = "") -> Moment:
    return Moment(title, at, moment(at), icon, text=text, who=who)
