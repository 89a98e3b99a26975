"""What a takeover says to people: why a line stays out and what to do, names of columns, refusals."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartable.organisations.words import UNREADABLE_FILE, unreadable_file
from cartable.rosters.rules.takeover import TakeoverCode
from cartable.supply.rules import LineCode
from cartable.supply.words import CAUSES as CAUSES_OF_DEVICES
from cartable.supply.words import REMEDIES as REMEDIES_OF_DEVICES

CAUSES = {
    **{str(code): words for code, words in CAUSES_OF_DEVICES.items()},
    LineCode.SERIAL_DOUBLED: gettext_lazy("Numéro de série déjà dans ce fichier"),
    LineCode.TAG_DOUBLED: gettext_lazy("Étiquette déjà dans ce fichier"),
    TakeoverCode.LOT_MISSING: gettext_lazy("Lot absent"),
    TakeoverCode.LOT_UNFIT: gettext_lazy("Lot trop long ou illisible"),
    TakeoverCode.SCHOOL_MISSING: gettext_lazy("Lycée absent"),
    TakeoverCode.SCHOOL_UNKNOWN: gettext_lazy("Lycée inconnu"),
    TakeoverCode.STATE_MISSING: gettext_lazy("Ni détenteur ni emplacement"),
    TakeoverCode.STATE_UNKNOWN: gettext_lazy("Emplacement inconnu"),
    TakeoverCode.REPAIRER_UNNAMED: gettext_lazy("Réparateur à nommer"),
    TakeoverCode.CONDITION_UNKNOWN: gettext_lazy("État du PC inconnu"),
    TakeoverCode.DATE_MISREAD: gettext_lazy("Date illisible"),
    TakeoverCode.DATE_TO_COME: gettext_lazy("Date à venir"),
    TakeoverCode.HOLDER_MISSING: gettext_lazy("Élève non nommé"),
    TakeoverCode.NAMES_ONLY: gettext_lazy("Un nom sans date de naissance ni INE"),
    TakeoverCode.STUDENT_UNKNOWN: gettext_lazy("Élève introuvable dans les listes"),
    TakeoverCode.SEVERAL_STUDENTS: gettext_lazy("Plusieurs élèves possibles"),
    TakeoverCode.INE_DISAGREES: gettext_lazy("L’INE et le nom désignent deux personnes"),
    TakeoverCode.STUDENT_TWICE: gettext_lazy("Deux PC pour un élève"),
    TakeoverCode.STUDENT_HOLDS: gettext_lazy("Cet élève a déjà un PC dans le parc"),
}
REMEDIES = {
    **{str(code): words for code, words in REMEDIES_OF_DEVICES.items()},
    LineCode.SERIAL_SPOILT: gettext_lazy(
        "La cellule est un nombre ou une date : des zéros ou des chiffres sont perdus. Refaites l’export avec une"
        " colonne au format Texte, ou saisissez le numéro lu sous le PC."
    ),
    LineCode.SERIAL_KNOWN: gettext_lazy(
        "Il est arrivé par une livraison ou une autre reprise, ou son numéro est faux. Écartez la ligne ou corrigez-la."
    ),
    LineCode.TAG_MISREAD: gettext_lazy(
        "Ce n’est pas une étiquette de Cartable. Laissez vide, ou choisissez « Aucune colonne » pour tout le fichier :"
        " Cartable en fera une."
    ),
    TakeoverCode.LOT_MISSING: gettext_lazy("Donnez le lot comptable."),
    TakeoverCode.LOT_UNFIT: gettext_lazy("Raccourcissez le lot (60 signes)."),
    TakeoverCode.SCHOOL_MISSING: gettext_lazy("Dites dans quel lycée est le PC."),
    TakeoverCode.SCHOOL_UNKNOWN: gettext_lazy(
        "Ce numéro UAI n’est pas dans l’annuaire de la région. Corrigez-le, ou mettez l’annuaire à jour."
    ),
    TakeoverCode.STATE_MISSING: gettext_lazy("Dites où est le PC, ou qui l’a."),
    TakeoverCode.STATE_UNKNOWN: gettext_lazy("Cartable ne connaît pas ce mot. Dites où est le PC."),
    TakeoverCode.REPAIRER_UNNAMED: gettext_lazy("Renvoyez le fichier en nommant le réparateur, ou dites où est le PC."),
    TakeoverCode.CONDITION_UNKNOWN: gettext_lazy("Écrivez : en état, en panne, cassé ou en remastérisation."),
    TakeoverCode.DATE_MISREAD: gettext_lazy("Écrivez la date comme 05/09/2025, ou laissez vide."),
    TakeoverCode.DATE_TO_COME: gettext_lazy("Corrigez la date, ou laissez vide."),
    TakeoverCode.HOLDER_MISSING: gettext_lazy("Dites qui a le PC, ou où il est."),
    TakeoverCode.NAMES_ONLY: gettext_lazy("Un nom seul ne suffit jamais. Choisissez l’élève, ou dites où est le PC."),
    TakeoverCode.STUDENT_UNKNOWN: gettext_lazy(
        "Chargez la liste de son lycée, ou choisissez l’élève, ou dites où est le PC."
    ),
    TakeoverCode.SEVERAL_STUDENTS: gettext_lazy("Choisissez l’élève."),
    TakeoverCode.INE_DISAGREES: gettext_lazy("Choisissez l’élève qui a le PC."),
    TakeoverCode.STUDENT_TWICE: gettext_lazy("Un élève a un PC au plus. Dites où est chacun des deux."),
    TakeoverCode.STUDENT_HOLDS: gettext_lazy("Un élève a un PC au plus. Dites où est celui-ci."),
}
FIELD_NAMES = {
    "serial": gettext_lazy("Numéro de série"),
    "asset_tag": gettext_lazy("Étiquette"),
    "model": gettext_lazy("Modèle"),
    "lot": gettext_lazy("Lot"),
    "uai": gettext_lazy("Lycée (UAI)"),
    "state": gettext_lazy("Détenteur ou emplacement"),
    "ine": gettext_lazy("INE de l’élève"),
    "family_name": gettext_lazy("Nom de l’élève"),
    "given_name": gettext_lazy("Prénom de l’élève"),
    "birth_on": gettext_lazy("Date de naissance"),
    "division": gettext_lazy("Classe"),
    "condition": gettext_lazy("État du PC"),
    "held_since": gettext_lazy("Détenu depuis"),
}
REFUSALS = {
    "device_already_known": gettext_lazy(
        "Un de ces PC vient d’entrer par ailleurs. Revoyez le fichier, puis recommencez."
    ),
    "already_equipped": gettext_lazy(
        "Un de ces élèves vient de recevoir un PC par ailleurs. Revoyez le fichier, puis recommencez."
    ),
    "zip_unfit": gettext_lazy(
        "Ce zip ne peut pas être pris : il doit contenir un seul CSV ou un seul .xlsx, sans mot de passe et de moins de"
        " 64 Mo. Envoyez plutôt le tableau lui-même."
    ),
    "column_missing": gettext_lazy("Dites quelle colonne donne le numéro de série."),
    "file_erased": gettext_lazy(
        "Le contenu de ce fichier a été effacé, 30 jours après son envoi. Envoyez un export plus récent."
    ),
    "takeover_applied": gettext_lazy("Ce fichier est déjà repris : ce qu’il dit ne change plus."),
    "student_unnamed": gettext_lazy("Choisissez l’élève, ou donnez le code de son étiquette."),
    "check_stopped": gettext_lazy("La vérification s’est arrêtée. Rien n’est entré au parc : vérifiez à nouveau."),
    "check_silent": gettext_lazy(
        "Toujours pas de réponse : le serveur a beaucoup à faire, ou la vérification a été interrompue. Rien n’est entré"
        " au parc : attendez encore, ou vérifiez à nouveau."
    ),
    "unexpected": gettext_lazy("La reprise s’est arrêtée. Rien n’est entré au parc : recommencez."),
}


def cause_of(code: str, other_line: int | None = None) -> str:
    """Say why a line stays out, and which other line it repeats."""
    if other_line is None:
        return str(CAUSES[code])
    return _("%(cause)s, ligne %(line)s") % {"cause": CAUSES[code], "line": other_line}


def remedy_of(code: str) -> str:
    """Say what to do about it."""
    return str(REMEDIES[code])


def unreadable_takeover(code: str, *, line: int | None = None, detail: str = "") -> str:
    """Say why a file could not be read, where, and what to do."""
    if code in UNREADABLE_FILE:
        return unreadable_file(code, line=line, detail=detail)
    return str(REFUSALS.get(code, REFUSALS["unexpected"]))
