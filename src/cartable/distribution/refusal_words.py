"""What each code means, in the words of the people who read it: pages, closing report."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REFUSAL_WORDS: dict[str, Promise] = {
    "charter_missing": _("Charte manquante"),
    "not_eligible": _("Élève non concerné cette année"),
    "already_equipped": _("Élève déjà équipé"),
    "already_held": _("PC déjà remis à quelqu’un d’autre"),
    "device_unknown": _("PC inconnu"),
    "student_unknown": _("Élève inconnu de la liste du jour"),
    "other_school": _("PC d’un autre lycée"),
    "other_day": _("Étiquette d’un autre jour"),
    "not_this_day": _("PC hors du lot du jour"),
    "faulty": _("PC en défaut"),
    "hot": _("PC déclaré volé ou perdu"),
    "gone": _("Élève parti du lycée"),
    "custody_has_moved": _("PC déplacé entre-temps"),
    "nothing_to_undo": _("Rien à annuler sur ce poste"),
    "id_reused": _("Lecture envoyée deux fois avec un contenu différent"),
    "unreadable": _("Lecture illisible, gardée de côté"),
    "day_closed": _("Lecture arrivée après la clôture"),
    "call": _("Le poste appelle le responsable"),
    "override": _("Passage sans charte, autorisé"),
}
WAYS_OUT: dict[str, Promise] = {
    "charter_missing": _("Renvoyez l’élève à l’atelier A, ou laissez passer avec un motif."),
    "not_eligible": _("Vérifiez la classe et le niveau dans la liste du lycée."),
    "already_equipped": _("Vérifiez l’étiquette. Si l’élève tient deux PC, annulez une remise."),
    "already_held": _("Deux élèves pour un PC : retrouvez les deux, puis annulez la remise fausse."),
    "device_unknown": _("Mettez le PC de côté et cherchez-le par son numéro de série."),
    "student_unknown": _("Cherchez l’élève par son nom, ou ajoutez-le."),
    "other_school": _("Mettez le PC de côté : il compte pour un autre lycée."),
    "not_this_day": _("Mettez le PC de côté : il n’est pas dans le lot du jour."),
    "faulty": _("Donnez un autre PC : celui-ci est à l’atelier du lycée."),
    "hot": _("Gardez le PC et prévenez la région."),
    "gone": _("L’élève n’est plus inscrit ici. Pas de remise."),
    "custody_has_moved": _("Ouvrez la fiche du PC et vérifiez qui l’a."),
    "nothing_to_undo": _("Annulez la remise depuis la liste des élèves."),
    "day_closed": _("La journée est clôturée : régularisez depuis la réserve."),
    "call": _("Allez voir le poste."),
}
REMEDY_WORDS: dict[str, Promise] = {
    "settled": _("Réglé sur place"),
    "set_aside": _("PC mis de côté"),
    "sent_back_to_a": _("Renvoyé à l’atelier A"),
    "open_dispute": _("Litige remis à la région"),
}
