"""Words of the lists, for pages and terminal."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MATCHED_BY: dict[str, Promise | str] = {
    "": "",
    "eleve_id": _("reconnu par son numéro dans le lycée"),
    "ine": _("reconnu par l’INE"),
    "name_and_birth": _("reconnu par le nom et la date de naissance"),
    "previous_school": _("reconnu par le nom et la date de naissance ; le lycée précédent concorde"),
    "name_elsewhere": _("même nom et même date de naissance dans un autre lycée"),
    "near_name": _("presque le même nom et la même date de naissance"),
    "same_name": _("même nom dans le lycée, sans date de naissance connue"),
    "ruling": _("reconnu par une décision"),
}
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
    "walk_up_same_name": _("Même nom qu’un élève ajouté sur place sans date de naissance"),
    "enrolled_elsewhere": _("Encore inscrit dans un autre lycée"),
    "eleve_id_repeated": _("Identifiant utilisé deux fois dans le fichier"),
    "person_twice": _("Même personne deux fois dans le fichier"),
    "set_aside": _("Mis de côté à la lecture"),
}


class StandingWords(NamedTuple):
    """How a standing is shown: words, tone of the chip, icon."""

    label: Promise
    tone: str
    icon: str


STANDINGS: dict[str, StandingWords] = {
    "waiting": StandingWords(_("En attente de lecture"), "encours", "horloge"),
    "refused": StandingWords(_("Fichier refusé"), "err", "croix"),
    "stopped": StandingWords(_("Arrêté : trop de départs"), "err", "attention"),
    "review": StandingWords(_("À examiner"), "att", "attention"),
    "ready": StandingWords(_("Prêt"), "info", "info"),
    "applied": StandingWords(_("Appliqué"), "ok", "coche"),
    "abandoned": StandingWords(_("Abandonné"), "neutre", ""),
}
REFUSALS: dict[str, Promise] = {
    "lists_contradict": _(
        "Un élève aurait deux lycées à la fois : les listes des deux lycées se contredisent. Rien n’a changé."
    ),
    "import_not_open": _("Cette liste est déjà appliquée ou abandonnée."),
    "second_person_needed": _(
        "Plus d’un élève sur cinq disparaîtrait : une autre personne doit confirmer. Vérifiez d’abord que le fichier est complet."
    ),
}
