"""Words of the lists, for pages and terminal."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cartable.kernel.levels import LEVEL_LABELS
from cartable.rosters.queries.differences import DifferenceLine
from cartable.rosters.rules.differences import FROM_SCHOOL
from cartable.ui.figures import short_date

MATCHED_BY: dict[str, Promise | str] = {
    "": "",
    "eleve_id": _("reconnu par son numéro dans le lycée"),
    "ine": _("reconnu par l’INE"),
    "name_and_birth": _("reconnu par le nom et la date de naissance"),
    "previous_school": _("reconnu par le nom et la date de naissance ; le lycée précédent concorde"),
    "name_elsewhere": _("même nom et même date de naissance dans un autre lycée"),
    "near_name": _("presque le même nom et la même date de naissance"),
    "name_alone": _("même nom et même prénom"),
    "ruling": _("reconnu par une décision"),
}
# What a line changes, and what its list tells of it; "from:<UAI>" is said by `kind_name`.
KINDS: dict[str, Promise] = {
    "surname": _("Nom de famille"),
    "usage_name": _("Nom d’usage"),
    "given_name": _("Prénom"),
    "spelling": _("Écriture du nom"),
    "birth_date": _("Date de naissance"),
    "ine_arrived": _("INE arrivé"),
    "ine_changed": _("INE changé"),
    "class": _("Classe"),
    "level": _("Niveau"),
    "status": _("Statut"),
    "programme": _("Formation (MEF)"),
    "number": _("Numéro dans le lycée"),
    "new_year": _("Nouvelle année"),
    "returning": _("De retour"),
    "leaving": _("Départ annoncé"),
    "left": _("Départ passé"),
    "twin": _("Jumeau"),
    "homonym": _("Homonyme"),
    "ine_missing": _("Sans INE"),
    "ine_doubtful": _("INE douteux"),
}
OUTCOME_TONES = {
    "arrival": "info", "transfer": "info", "change": "encours", "same": "neutre", "departure": "att", "absent": "att",
    "review": "att", "dropped": "neutre",
}  # fmt: skip
REVIEW: dict[str, Promise] = {
    "several_students": _("Plusieurs élèves connus lui ressemblent"),
    "student_twice": _("Deux lignes désignent le même élève"),
    "somebody_else": _("L’identifiant est celui d’une autre personne"),
    "two_ine": _("Deux INE pour une personne"),
    "one_ine_two_people": _("Un INE pour deux personnes"),
    "keys_disagree": _("Le numéro du lycée et l’INE désignent deux élèves différents"),
    "another_given_name": _("Autre prénom, le reste concorde : peut-être un jumeau"),
    "known_elsewhere": _("Ressemble à un élève d’un autre lycée"),
    "near_name": _("Peut-être un élève connu, à une faute de frappe ou un changement de nom près"),
    "same_name_no_birth_date": _("Même nom et même prénom, mais une date de naissance manque"),
    "enrolled_elsewhere": _("Encore inscrit dans un autre lycée"),
    "said_gone": _("Déclaré parti, et pourtant dans la liste"),
    "eleve_id_repeated": _("Identifiant utilisé deux fois dans le fichier"),
    "person_twice": _("Même personne deux fois dans le fichier"),
    "set_aside": _("Mis de côté à la lecture"),
}


def kind_name(code: str, schools: Mapping[str, str]) -> str:
    """Return a code of change or mark in words; ``schools`` are the names of the lycées of "from:" codes."""
    if code.startswith(FROM_SCHOOL):
        uai = code.removeprefix(FROM_SCHOOL)
        return gettext("Vient de : %(school)s") % {"school": schools.get(uai, uai)}
    return str(KINDS.get(code, code))


def change_in_words(code: str, line: DifferenceLine, schools: Mapping[str, str]) -> str:
    """Return what a line changes, with what it was and becomes where both are known: « Classe : 2DE7 → 2DE3 »."""
    name = kind_name(code, schools)
    before, after = _shown(code, line.before.get(code)), _shown(code, line.after.get(code))
    if before and after:
        return gettext("%(what)s : %(before)s → %(after)s") % {"what": name, "before": before, "after": after}
    return gettext("%(what)s : %(value)s") % {"what": name, "value": after} if after else name


def _shown(code: str, value: str | date | None) -> str:
    if isinstance(value, date):
        return short_date(value)
    label = LEVEL_LABELS.get(value or "") if code == "level" else None
    if label is not None:
        return label.french if (get_language() or "fr").startswith("fr") else label.english
    return value or ""


class StandingWords(NamedTuple):
    """How a standing is shown: words, tone of the chip, icon."""

    label: Promise
    tone: str
    icon: str


STANDINGS: dict[str, StandingWords] = {
    "waiting": StandingWords(_("En attente de lecture"), "encours", "horloge"),
    "mapping": StandingWords(_("Colonnes à choisir"), "att", "attention"),
    "refused": StandingWords(_("Fichier refusé"), "err", "croix"),
    "stopped": StandingWords(_("Arrêté : trop de départs"), "err", "attention"),
    "review": StandingWords(_("À examiner"), "att", "attention"),
    "ready": StandingWords(_("Prêt"), "info", "info"),
    "applied": StandingWords(_("Appliqué"), "ok", "coche"),
    "abandoned": StandingWords(_("Abandonné"), "neutre", ""),
}
# The fields of a table (`formats.table.FIELDS`), in the order in which they are asked for.
FIELD_NAMES = {
    "family_name": _("Nom de famille"),
    "usage_name": _("Nom d’usage"),
    "given_name": _("Prénom"),
    "birth_on": _("Date de naissance"),
    "division": _("Classe"),
    "ine": _("INE"),
    "number": _("N° interne"),
    "mef": _("MEF"),
    "level": _("Niveau"),
    "status": _("Statut"),
    "entered_on": _("Date d’entrée"),
    "left_on": _("Date de sortie"),
    "previous_uai": _("Lycée précédent (UAI)"),
}
REFUSALS: dict[str, Promise] = {
    "not_here": _("Cet élève n’est plus de ce lycée. Rechargez la page."),
    "left_already": _("Cet élève a déjà quitté le lycée."),
    "same_school": _("C’est déjà son lycée. Choisissez-en un autre."),
    "school_closed": _("Ce lycée est fermé. Choisissez-en un autre."),
    "left_school_closed": _("Le lycée quitté a fermé depuis : l’élève ne peut plus y revenir."),
    "undo_instead": _("Cet élève en vient aujourd’hui même : annulez plutôt son départ."),
    "departure_id_reused": _("Cette page a déjà servi à un autre départ : rechargez-la."),
    "overtaken_departure": _("Une information plus récente dit autre chose : ce départ ne s’annule plus."),
    "listed_there": _("La liste du nouveau lycée nomme déjà cet élève : déclarez plutôt un nouveau départ."),
    "lists_contradict": _(
        "Un élève aurait deux lycées à la fois : les listes des deux lycées se contredisent. Rien n’a changé."
    ),
    "overtaken": _("Un autre lycée vient d’inscrire le même élève : rien n’a changé ici. Recommencez."),
    "not_a_candidate": _("La question a changé entre-temps : relisez le cas."),
    "already_ruled": _(
        "Une autre personne vient de répondre autrement : sa décision tient tant qu’elle n’est pas annulée."
    ),
    "decision_not_open": _("Cette décision n’existe plus."),
    "too_late_to_part": _(
        "La liste est appliquée depuis plus de 30 jours : ce qui précédait est effacé. Ajoutez l’autre élève à la main."
    ),
    "custody_has_moved": _("Le PC a changé de mains depuis : rendez-le d’abord, puis recommencez."),
    "same_student": _("Ces deux fiches sont déjà réunies, ou l’une l’est avec une troisième."),
    "both_hold_device": _("Chacune des deux fiches a un PC : faites-en rendre un d’abord."),
    "merge_not_open": _(
        "Cette réunion n’existe plus, ou une réunion plus récente s’y appuie : annulez celle-là d’abord."
    ),
    "merge_id_reused": _("Cette page a déjà servi : ouvrez-la de nouveau."),
    "import_not_open": _("Cette liste est déjà appliquée ou abandonnée."),
    "second_person_needed": _(
        "Plus d’un élève sur cinq disparaîtrait : une autre personne doit confirmer. Vérifiez d’abord que le fichier est complet."
    ),
}
