"""What the court says: rulings as verbs, why one is proposed, why one is closed."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartable.distribution.court_rules.hearing import Because, Option, Settlement, Why
from cartable.distribution.queries.court import Docket
from cartable.kernel.codes import spaced

SETTLEMENT_WORDS: dict[str, Promise] = {
    Settlement.STANDS: gettext_lazy("Rien ne change"),
    Settlement.CLAIM_HOLDS: gettext_lazy("La lecture contestée est vraie"),
    Settlement.EXCHANGED: gettext_lazy("Les deux PC ont été échangés"),
    Settlement.ACCEPTED: gettext_lazy("Acceptée malgré le refus"),
    Settlement.SET_ASIDE: gettext_lazy("PC mis de côté"),
    Settlement.MISSING: gettext_lazy("PC déclaré introuvable"),
    Settlement.IDENTIFIED: gettext_lazy("Code identifié"),
}
BECAUSE_WORDS: dict[str, Promise] = {
    Because.HAS_IT_ALREADY: gettext_lazy("C’est déjà le cas."),
    Because.STUDENT_UNKNOWN: gettext_lazy("Dites d’abord de quel élève il s’agit."),
    Because.DEVICE_UNKNOWN: gettext_lazy("Dites d’abord de quel PC il s’agit."),
    Because.DEVICE_IS_GONE: gettext_lazy("Ce PC n’est plus prêté : il est cédé, éliminé ou pas encore reçu."),
    Because.HELD_ELSEWHERE: gettext_lazy("Un élève d’un autre lycée détient ce PC : voyez avec ce lycée."),
    Because.CHARTER_NEEDED: gettext_lazy(
        "Pas de charte, et les règles de la campagne ne laissent passer personne sans elle."
    ),
    Because.NOBODY_TO_EXCHANGE_WITH: gettext_lazy("Il faut deux élèves qui détiennent chacun un PC."),
    Because.IS_A_LOAN: gettext_lazy("L’un des deux PC est prêté : terminez le prêt, puis prêtez le bon."),
    Because.IS_ASIDE_ALREADY: gettext_lazy("Ce PC est déjà à l’atelier du lycée."),
    Because.IS_MISSING_ALREADY: gettext_lazy("Ce PC est déjà déclaré volé ou perdu."),
    Because.NOTHING_TO_TAKE_BACK: gettext_lazy("Cet élève n’a plus rien à rendre de cette lecture."),
}
WHY_WORDS: dict[str, Promise] = {
    Why.TRUE_BY_NOW: gettext_lazy("Ce qui était contesté est vrai aujourd’hui : il reste à le dire."),
    Why.NAME_THE_CODE: gettext_lazy("Personne ne connaît ce code : scannez ou cherchez le bon."),
    Why.FOUND_AGAIN: gettext_lazy("Ce PC était déclaré volé ou perdu, et il est là : gardez-le à l’atelier."),
    Why.UNDO_IS_NEWER: gettext_lazy("L’annulation a été faite après la remise."),
    Why.CROSSED: gettext_lazy("Chacun des deux élèves détient un PC, et l’un a été lu avec celui de l’autre."),
    Why.READ_LAST: gettext_lazy("Cette lecture est la plus récente : le PC y était."),
    Why.READ_BEFORE: gettext_lazy("Ce qui tient est plus récent que la lecture contestée."),
    Why.UNDECIDABLE: gettext_lazy(
        "Les deux lectures sont à moins d’une minute : regardez l’étiquette du PC de chaque élève."
    ),
    Why.KEEPS_THE_FIRST: gettext_lazy("Un élève garde un seul PC : le second revient sur la table."),
    Why.DOES_NOT_WORK: gettext_lazy("Ce PC ne marche pas : il ne repart pas avec un élève."),
    Why.CHARTER_CAME: gettext_lazy("La charte est arrivée depuis."),
    Why.CHARTER_FIRST: gettext_lazy("Il n’y a toujours pas de charte : l’élève passe d’abord à l’atelier A."),
    Why.LIST_CHANGED: gettext_lazy("La liste a changé depuis : l’élève y a droit."),
    Why.NO_RIGHT: gettext_lazy("L’élève n’est pas attendu ici : reprenez le PC s’il est parti avec."),
    Why.IS_HERE: gettext_lazy("Le PC est ici, dans la main de l’élève : le registre le fait venir."),
    Why.HANDED_AFTER_RETURN: gettext_lazy("Le PC a été rendu, puis remis : la remise est la plus récente."),
    Why.CHARTER_IN_HAND: gettext_lazy("La charte a été reçue à l’atelier A."),
    Why.NOTHING_MOVES: gettext_lazy("Rien ne permet d’en décider autrement."),
}


def option_title(option: Option, docket: Docket) -> str:
    """Return a ruling as what the button does, with the student and the PC."""
    said = {
        "student": docket.people[option.student_id].name if option.student_id in docket.people else _("cet élève"),
        "pc": spaced(docket.tags[option.device_id]) if option.device_id in docket.tags else _("ce PC"),
        "other": docket.people[option.others[0]].name if option.others and option.others[0] in docket.people else "",
    }
    return str(_TITLES[_shape(option)]) % said


def _shape(option: Option) -> str:
    if option.settlement in {Settlement.CLAIM_HOLDS, Settlement.ACCEPTED}:
        if any(step.student_id for step in option.steps) or option.impossible:
            return "override" if option.needs_override else "hand_over"
        return "charter" if option.takes_charter and not option.steps else "take_back"
    if option.settlement == Settlement.EXCHANGED and not option.others:
        return "exchange"
    return str(option.settlement)


_TITLES: dict[str, Promise] = {
    "stands": gettext_lazy("Garder ce qui tient"),
    "hand_over": gettext_lazy("%(student)s a le PC %(pc)s"),
    "override": gettext_lazy("%(student)s garde le PC %(pc)s, sans charte"),
    "charter": gettext_lazy("%(student)s a remis sa charte"),
    "take_back": gettext_lazy("%(student)s n’a pas de PC"),
    "exchange": gettext_lazy("Échanger deux PC"),
    "exchanged": gettext_lazy("Échanger les PC de %(student)s et de %(other)s"),
    "set_aside": gettext_lazy("Mettre de côté le PC %(pc)s"),
    "missing": gettext_lazy("Déclarer introuvable le PC %(pc)s"),
    "identified": gettext_lazy("C’était ce code"),
}


def option_effect(option: Option, docket: Docket) -> str:
    """Return what else must be done, with people."""
    names = ", ".join(docket.people[pk].name for pk in option.others if pk in docket.people)
    if not names or option.impossible:
        return ""
    if option.settlement == Settlement.EXCHANGED:
        return _("Les deux remises sont corrigées et refaites ; tout reste au registre.")
    return _("À rappeler : %(names)s, pour un autre PC.") % {"names": names}
