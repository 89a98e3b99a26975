"""``cartable roster review``: what waits in lists for a human, and the answers; the same road as the pages.

What a terminal prints is kept in logs, and what is typed in its history: codes alone, and names only where asked for.
"""

import json
import re
from argparse import ArgumentTypeError
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_scopes import scope

from cartable.accounts.commands import system_actor
from cartable.fleet.commands import LedgerRefusal
from cartable.organisations.models import Region, School
from cartable.organisations.queries import region_named, school_for_uai
from cartable.rosters.commands.decisions import decide, undo_decision
from cartable.rosters.commands.imports import ImportRefused
from cartable.rosters.models import Outcome, RosterLine, RosterState, Ruling
from cartable.rosters.queries.lists import imports_of
from cartable.rosters.queries.review import Candidate, ReviewCase, all_cases, line_by_id, review_cases
from cartable.rosters.queries.rulings import RulingRow, decision_by_id, rulings_about
from cartable.rosters.words import REFUSALS, REVIEW

_ANSWER = re.compile(r"(same|here|elsewhere):(E\d{10})|(other|taken|dropped)", re.IGNORECASE)
# The answers that a page offers to a question: about each of those whom the line may be, and about the line itself.
_ABOUT_EACH = {
    "who": (Ruling.SAME,),
    "where": (Ruling.HERE, Ruling.ELSEWHERE),
    "gone": (Ruling.HERE, Ruling.ELSEWHERE),
    "aside": (),
}
_ABOUT_THE_LINE = {"who": (Ruling.OTHER,), "where": (), "gone": (), "aside": (Ruling.TAKEN, Ruling.DROPPED)}


def add_review(actions: Any) -> None:
    """Declare ``roster review`` and what follows it."""
    reviewing = actions.add_parser("review", help="show what waits for a decision; decide, or take a decision back")
    reviewing.add_argument("--lycee", metavar="UAI", help="this lycée only")
    reviewing.add_argument("--region", default="", help="INSEE code, where there are several regions")
    reviewing.add_argument(
        "--names", action="store_true", help="show names and birth dates: not where output is logged"
    )
    reviewing.add_argument("--json", action="store_true", help="print one JSON object")
    gestures = reviewing.add_subparsers(dest="gesture", metavar="GESTURE")
    deciding = gestures.add_parser("decide", help="answer one case")
    deciding.add_argument("case", type=_case_number, metavar="CASE", help="its number, as `roster review` shows it")
    deciding.add_argument(
        "answer", type=_answer, metavar="ANSWER",
        help="same:LABEL, other, here:LABEL, elsewhere:LABEL, taken or dropped, as `roster review` offers it",
    )  # fmt: skip
    gestures.add_parser("decided", help="show the decisions about the lists of --lycee")
    undoing = gestures.add_parser("undo", help="take a decision back")
    undoing.add_argument(
        "decision", type=_decision_id, metavar="DECISION", help="its id, as `decide` and `decided` show it"
    )


def _case_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ArgumentTypeError(f"{text}: the number of a case, as `cartable roster review` shows it")
    return int(text)


def _answer(text: str) -> tuple[Ruling, str]:
    said = _ANSWER.fullmatch(text.strip())
    if said is None:
        raise ArgumentTypeError(
            f"{text}: one of same:LABEL, other, here:LABEL, elsewhere:LABEL, taken, dropped; LABEL as E0000000012"
        )
    about, label, alone = said.groups()
    return Ruling((about or alone).lower()), (label or "").upper()


def _decision_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text}: the id of a decision, as `roster review decided` shows it") from error


def review(options: dict[str, Any]) -> Iterator[str]:
    """Yield what the terminal prints; raise CommandError, in words, where nothing was done."""
    try:
        region = region_named(options["region"])
    except Region.DoesNotExist as error:
        raise CommandError(_("Nommez une région qui existe : --region CODE.")) from error
    with scope(region=region.pk, school=None):
        school = _school(options["lycee"])
        try:
            if options["gesture"] == "decide":
                yield _decide(options)
            elif options["gesture"] == "undo":
                yield _undo(options)
            elif options["gesture"] == "decided":
                yield from _decided(school, options)
            else:
                yield from _waiting(school, options)
        except (ImportRefused, LedgerRefusal) as refusal:
            raise CommandError(str(REFUSALS.get(refusal.code, refusal.code))) from refusal


def _school(uai: str | None) -> School | None:
    if not uai:
        return None
    school = school_for_uai(uai.strip().upper())
    if school is None:
        raise CommandError(_("Le lycée %(uai)s n’est pas dans l’annuaire.") % {"uai": uai})
    return school


def _waiting(school: School | None, options: dict[str, Any]) -> Iterator[str]:
    if options["json"]:
        cases = [_shown(case, options) for case in all_cases(school)]
        yield json.dumps({"waiting": len(cases), "cases": cases}, ensure_ascii=False)
        return
    count = 0
    for case in all_cases(school):
        count += 1
        yield from _told(case, options)
    text = ngettext("%(count)s cas à examiner", "%(count)s cas à examiner", count)
    yield text % {"count": count}


def _offers(case: ReviewCase) -> Iterator[tuple[Ruling, Candidate | None]]:
    for candidate in case.candidates:
        for ruling in _ABOUT_EACH[case.question]:
            yield ruling, candidate
    for ruling in _ABOUT_THE_LINE[case.question]:
        yield ruling, None


def _typed(ruling: Ruling, candidate: Candidate | None) -> str:
    return f"{ruling.value}:{candidate.label_code}" if candidate else ruling.value


def _is_proposed(case: ReviewCase, ruling: Ruling, candidate: Candidate | None) -> bool:
    proposed = case.proposal
    return proposed is not None and (proposed.ruling, proposed.student_id) == (
        ruling.value, candidate.student_id if candidate else None,
    )  # fmt: skip


def _shown(case: ReviewCase, options: dict[str, Any]) -> dict[str, Any]:
    who = {"name": case.name, "birth_on": _day(case.birth_on)} if options["names"] else {}
    return {
        "case": case.line_id,
        "import": str(case.import_id),
        "school": case.school,
        "line": case.line,
        **who,
        "class": case.division,
        "code": case.review_code,
        "why": str(REVIEW.get(case.review_code, case.review_code)),
        "answers": [
            {
                "answer": _typed(ruling, candidate),
                "proposed": _is_proposed(case, ruling, candidate),
                **(_candidate(candidate, options) if candidate else {}),
            }
            for ruling, candidate in _offers(case)
        ],
    }


def _candidate(candidate: Candidate, options: dict[str, Any]) -> dict[str, Any]:
    who = {"name": candidate.name, "birth_on": _day(candidate.birth_on)} if options["names"] else {}
    return {
        **who,
        "school": candidate.school,
        "class": candidate.division,
        "same_birth_date": candidate.has_same_birth,
        "pc": candidate.asset_tag,
    }


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def _told(case: ReviewCase, options: dict[str, Any]) -> Iterator[str]:
    shown = _shown(case, options)
    line = _("Ligne %(n)s") % {"n": case.line} if case.line else ""
    facts = shown.get("name"), shown.get("birth_on"), case.school, line, case.division, shown["why"]
    yield " · ".join([str(case.line_id), *(str(fact) for fact in facts if fact)])
    for (ruling, candidate), offer in zip(_offers(case), shown["answers"], strict=True):
        same_birth = _("même date de naissance") if offer.get("same_birth_date") else ""
        of_whom = [offer.get(field) for field in ("name", "birth_on", "school", "class", "pc")] if candidate else []
        proposed = _("proposé") if offer["proposed"] else ""
        words = [str(ruling.label), *of_whom, same_birth, proposed]
        yield f"  {offer['answer']}  " + " · ".join(word for word in words if word)


def _decide(options: dict[str, Any]) -> str:
    line = line_by_id(options["case"])
    if line is None:
        raise CommandError(_("Aucun cas ne porte ce numéro : voyez `cartable roster review`."))
    if line.outcome != Outcome.REVIEW:
        raise CommandError(_("Ce cas n’attend plus de décision."))
    ruling, student_id = _ruling_offered(line, *options["answer"])
    decision = decide(
        decision_id=uuid4(),
        line_id=line.pk,
        ruling=ruling,
        student_id=student_id,
        decided_by_id=system_actor().pk,
        decided_at=timezone.now(),
        today=timezone.localdate(),
    )
    line.refresh_from_db()
    is_applied = line.roster_import.state == RosterState.APPLIED
    if options["json"]:
        return json.dumps({
            "decision": str(decision.pk), "case": line.pk, "ruling": ruling.value, "applied": is_applied,
            "outcome": line.outcome,
        })  # fmt: skip
    taken = _("%(ruling)s : appliqué.") if is_applied else _("%(ruling)s : retenu.")
    return f"{taken % {'ruling': ruling.label}} {decision.pk}"


def _ruling_offered(line: RosterLine, ruling: Ruling, label: str) -> tuple[Ruling, int | None]:
    """Return an answer as `decide` takes it; what the page would not offer is refused with what it offers."""
    (case,) = review_cases([line])
    for offered, candidate in _offers(case):
        if (offered, candidate.label_code if candidate else "") == (ruling, label):
            return ruling, candidate.student_id if candidate else None
    answers = ", ".join(_typed(*offer) for offer in _offers(case))
    raise CommandError(_("Ce cas n’offre pas cette réponse. Réponses : %(answers)s.") % {"answers": answers})


def _undo(options: dict[str, Any]) -> str:
    decision = decision_by_id(options["decision"])
    if decision is None:
        raise CommandError(str(REFUSALS["decision_not_open"]))
    undo_decision(
        decision_id=decision.pk,
        undone_by_id=system_actor().pk,
        undone_at=timezone.now(),
        today=timezone.localdate(),
    )
    return json.dumps({"decision": str(decision.pk), "undone": True}) if options["json"] else _("Décision annulée.")


def _decided(school: School | None, options: dict[str, Any]) -> Iterator[str]:
    if school is None:
        raise CommandError(_("Dites de quel lycée : --lycee UAI."))
    latest = imports_of(school.pk, limit=1)
    rows = [_ruling_shown(row, options) for roster_import in latest for row in rulings_about(roster_import)]
    if options["json"]:
        yield json.dumps({"decisions": rows}, ensure_ascii=False)
        return
    for row in rows:
        state = _("annulée") if row["undone"] else _("trop tard pour l’annuler") if row["too_late"] else ""
        words = [row["decision"], row["decided_at"], str(Ruling(row["ruling"]).label), row.get("listed", ""), state]
        yield " · ".join(filter(None, words))
    yield ngettext("%(count)s décision", "%(count)s décisions", len(rows)) % {"count": len(rows)}


def _ruling_shown(row: RulingRow, options: dict[str, Any]) -> dict[str, Any]:
    who = {"listed": row.listed, "students": list(row.students)} if options["names"] else {}
    return {
        "decision": str(row.decision_id),
        "ruling": row.ruling.value,
        **who,
        "decided_at": row.decided_at.isoformat(timespec="minutes"),
        "applied": row.applied_at is not None,
        "undone": row.undone_at is not None,
        "too_late": row.is_late,
    }
