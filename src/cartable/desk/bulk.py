"""The acts on many lines: to whom each is offered, what it asks once, and in which words its page speaks.

A package that opens one more adds a line here, its judgement to `queries.bulk_verdicts` and its command to `commands.bulk_acts`.
"""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartable.accounts.access import SignedIn
from cartable.accounts.models import Role
from cartable.desk.audience import REGION, SCHOOL, SITE, TECHNICIAN
from cartable.desk.bulk_forms import AllotForm, BulkForm, SendForm, WriteOffAllForm
from cartable.desk.bulk_models import Bulk as BulkName
from cartable.desk.bulk_rules import Bulk, listed_by
from cartable.desk.rules import Listed
from cartable.organisations.queries import open_school_choices
from cartable.returns.forms import BenchForm
from cartable.returns.words import REFUSALS as RETURN_REFUSALS
from cartable.rosters.words import REFUSALS as ROSTER_REFUSALS
from cartable.supply.words import REFUSALS as SUPPLY_REFUSALS

Said = MutableMapping[str, Any] | None
FormOf = Callable[[SignedIn, Said, Said], forms.Form]
_WORKS = REGION | TECHNICIAN


@dataclass(frozen=True)
class Offer:
    """An act as it is offered: to whom, what it asks once (nothing: None), and what it says before it is done."""

    act: Bulk
    roles: frozenset[Role]
    explains: str | Promise
    form: FormOf | None = None
    # Where what was done goes on: a route and the words of its button.
    goes_on: tuple[str, str | Promise] | None = None


def _send_form(who: SignedIn, data: Said, initial: Said) -> forms.Form:
    return SendForm(data, initial=initial, schools=open_school_choices(), sees_depot=who.school_ids is None)


def _allot_form(_who: SignedIn, data: Said, initial: Said) -> forms.Form:
    return AllotForm(data, initial=initial, schools=open_school_choices())


def _bench_form(_who: SignedIn, data: Said, initial: Said) -> forms.Form:
    return BenchForm(data, initial=initial)


def _write_off_form(_who: SignedIn, data: Said, initial: Said) -> forms.Form:
    return WriteOffAllForm(data, initial=initial)


OFFERS: dict[Bulk, Offer] = {
    offer.act: offer
    for offer in (
        Offer(
            Bulk.SEND, _WORKS, _("Un transfert part de chaque compte qui perd des PC. Le lieu d’arrivée les scanne à la réception."),
            _send_form, ("supply:shipments", _("Voir les transferts")),
        ),
        Offer(
            Bulk.ALLOT, REGION, _("Les PC passent aussitôt du dépôt au lot du lycée, pour sa distribution."),
            _allot_form, ("supply:allotments", _("Voir les affectations")),
        ),
        Offer(
            Bulk.BENCH, _WORKS, _("Dites une fois ce qui a été fait sur tous ces PC de l’atelier."),
            _bench_form, ("returns:benches", _("Voir les ateliers")),
        ),
        Offer(
            Bulk.WRITE_OFF, _WORKS, _("Ces PC quittent le parc pour de bon, sous un bordereau par lycée."),
            _write_off_form, ("returns:benches", _("Voir les ateliers et leurs bordereaux")),
        ),
        Offer(
            Bulk.TAGS, SCHOOL | TECHNICIAN,
            _("L’étiquette que chaque PC porte déjà, sur des planches d’autocollants."),
        ),
        Offer(
            Bulk.LABELS, SITE, _("L’étiquette de chaque élève, pour la dernière journée dont la liste le nomme."),
        ),
        Offer(
            Bulk.REMIND, SCHOOL - REGION,
            _("Un courriel part à chaque responsable légal d’un élève dont la charte manque : un seul pour plusieurs enfants."),
        ),
        Offer(
            Bulk.LEAVE, SCHOOL,
            _("Ces élèves partent aujourd’hui, hors de la région. Qui a encore un PC attend ensuite dans « À traiter »."),
            None, ("desk:to-do", _("Voir « À traiter »")),
        ),
    )
}  # fmt: skip

# Said of one line among many; what the owning package says of one PC or one student serves as it is.
_REASONS: dict[str, str | Promise] = {
    "out_of_scope": _("N’est plus à vous : parti ailleurs depuis."),
    "ended": _("N’est plus dans le parc : volé, perdu, cédé ou éliminé."),
    "on_no_day": _("N’est sur la liste d’aucune journée de distribution."),
    "not_expected": _("N’est pas attendu à la distribution : pas concerné cette année."),
    "gone": _("A quitté le lycée."),
    "charter_there": _("La charte est déjà là."),
    "no_address": _("Aucun responsable légal n’a d’adresse de courriel."),
}
_OF_SUPPLY: dict[str, str | Promise] = {
    "in_claim": _("Déclaré volé ou perdu. Gardez-le, et prévenez la région."),
    "elsewhere": _("Chez quelqu’un, ou déjà en chemin : faites-le rendre d’abord."),
    "same_place": _("Y est déjà."),
    "not_fit": _("N’est pas en état d’être remis à un élève : envoyez-le à part, vers l’atelier."),
    "contested": _("En litige : réglez le litige d’abord."),
    "in_repair": _("En réparation : terminez son dossier d’abord."),
    "not_in_depot": _("N’est pas au dépôt : envoyez-le plutôt vers le lycée."),
}


def offered(listed: Listed, roles: frozenset[Role]) -> list[tuple[str, str]]:
    """Return the acts on a list that somebody of these roles may do, with their names."""
    return [
        (str(act), str(BulkName(act).label))
        for act, offer in OFFERS.items()
        if listed_by(act) == listed and offer.roles & roles
    ]


def bulk_bar(listed: Listed, roles: frozenset[Role]) -> BulkForm | None:
    """Return the bar under a list; None for somebody who may do nothing to many of its lines."""
    acts = offered(listed, roles)
    return BulkForm(acts=acts, initial={"action": uuid4()}) if acts else None


def reason_words(act: Bulk, code: str) -> str:
    """Say why a line is left out."""
    own = _OF_SUPPLY if act in (Bulk.SEND, Bulk.ALLOT) else {}
    words = own.get(code) or _REASONS.get(code)
    return str(words or (ROSTER_REFUSALS if act == Bulk.LEAVE else RETURN_REFUSALS).get(code, code))


def refusal_words(code: str) -> str:
    """Say why an act as a whole was not possible."""
    return str(SUPPLY_REFUSALS.get(code) or ROSTER_REFUSALS.get(code) or _STOPPED)


_STOPPED = _("Le travail s’est arrêté. Ce qui est fait est fait ; reprenez pour le reste.")
