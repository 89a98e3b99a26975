"""The house's own texts, in both languages: what is sent where a campaign says nothing else. And the words of the pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartable.notices.rules import NoticeKind

LANGUAGE_NAMES: dict[str, Promise] = {"fr": _("Français"), "en": _("Anglais")}
PLACEHOLDER_NAMES: dict[str, Promise] = {
    "lycee": _("le lycée"),
    "eleve": _("l’élève"),
    "classe": _("sa classe"),
    "charte": _("le titre de la charte"),
    "pc": _("le PC"),
    "date": _("la date"),
}
REFUSALS: dict[str, Promise] = {
    "text_has_changed": _("Quelqu’un d’autre a publié ce texte entre-temps. Rechargez la page, puis recommencez."),
}

HOUSE_TEXTS: dict[NoticeKind, dict[str, tuple[str, str]]] = {
    NoticeKind.CHARTER_REMINDER: {
        "fr": (
            "Charte de l’ordinateur portable à signer",
            "Bonjour,\n\n"
            "Le lycée ${lycee} attend encore la charte signée de ${eleve} (${classe}) : « ${charte} ».\n"
            "Sans elle, l’ordinateur ne peut pas être remis. L’élève majeur la signe lui-même ; sinon, un responsable légal.\n\n"
            "Merci de la remettre au secrétariat du lycée.\n",
        ),
        "en": (
            "Laptop charter to be signed",
            "Hello,\n\n"
            "${lycee} still waits for the signed charter of ${eleve} (${classe}): “${charte}”.\n"
            "Without it the laptop cannot be handed over. An adult student signs; otherwise a legal guardian does.\n\n"
            "Please bring it to the office of the school.\n",
        ),
    },
    NoticeKind.PC_HANDED_OVER: {
        "fr": (
            "Ordinateur portable remis",
            "Bonjour,\n\n"
            "Le lycée ${lycee} a remis l’ordinateur ${pc} à ${eleve}. La charte signée dit ce qui est permis, et quoi faire"
            " en cas de vol, de perte ou de casse.\n\n"
            "Si cet ordinateur n’a pas été reçu, prévenez le lycée.\n",
        ),
        "en": (
            "Laptop handed over",
            "Hello,\n\n"
            "${lycee} has handed laptop ${pc} over to ${eleve}. The signed charter says what is allowed, and what to do about"
            " theft, loss or breakage.\n\n"
            "If this laptop was not received, please tell the school.\n",
        ),
    },
    NoticeKind.LOAN_BEGUN: {
        "fr": (
            "Ordinateur portable prêté",
            "Bonjour,\n\n"
            "Le lycée ${lycee} prête l’ordinateur ${pc} à ${eleve}, en attendant le sien.\n"
            "À rendre au lycée avec son chargeur, au plus tard le ${date}, ou dès que le sien est de retour.\n",
        ),
        "en": (
            "Laptop on loan",
            "Hello,\n\n"
            "${lycee} lends laptop ${pc} to ${eleve} until their own one is back.\n"
            "It is to be returned to the school with its charger by ${date}, or as soon as their own one is back.\n",
        ),
    },
    NoticeKind.LOAN_OVERDUE: {
        "fr": (
            "Ordinateur prêté à rendre",
            "Bonjour,\n\n"
            "L’ordinateur ${pc}, prêté à ${eleve} par le lycée ${lycee}, était à rendre le ${date}.\n"
            "Merci de le rapporter avec son chargeur, ou de dire au lycée ce qui l’empêche.\n",
        ),
        "en": (
            "Laptop on loan to be returned",
            "Hello,\n\n"
            "Laptop ${pc}, lent to ${eleve} by ${lycee}, was due on ${date}.\n"
            "Please bring it back with its charger, or tell the school what stands in the way.\n",
        ),
    },
    NoticeKind.THEFT_DECLARED: {
        "fr": (
            "Vol déclaré : récépissé de plainte à apporter",
            "Bonjour,\n\n"
            "Le vol de l’ordinateur ${pc} de ${eleve} est déclaré au lycée ${lycee}.\n"
            "Déposez plainte au commissariat ou à la gendarmerie, puis apportez le récépissé au lycée : il doit porter le"
            " numéro, la date et le service. Sans lui, l’ordinateur n’est pas remplacé.\n",
        ),
        "en": (
            "Theft declared: please bring the receipt of the complaint",
            "Hello,\n\n"
            "The theft of laptop ${pc} of ${eleve} is declared at ${lycee}.\n"
            "File a complaint with the police or the gendarmerie, then bring its receipt to the school: it must show number,"
            " date and office. Without it the laptop is not replaced.\n",
        ),
    },
    NoticeKind.RECEIPT_AWAITED: {
        "fr": (
            "Récépissé de plainte attendu",
            "Bonjour,\n\n"
            "Le lycée ${lycee} attend encore le récépissé de plainte pour l’ordinateur ${pc} de ${eleve}, dont le vol est"
            " déclaré depuis le ${date}.\n"
            "Sans lui, l’ordinateur n’est pas remplacé.\n",
        ),
        "en": (
            "Receipt of the complaint awaited",
            "Hello,\n\n"
            "${lycee} still waits for the receipt of the complaint about laptop ${pc} of ${eleve}, declared stolen since"
            " ${date}.\n"
            "Without it the laptop is not replaced.\n",
        ),
    },
    NoticeKind.REPAIRED_PC_BACK: {
        "fr": (
            "Ordinateur réparé, de retour au lycée",
            "Bonjour,\n\n"
            "L’ordinateur ${pc} de ${eleve} est de retour de réparation au lycée ${lycee}.\n"
            "Venez le chercher ; si un autre ordinateur a été prêté, rapportez-le avec son chargeur.\n",
        ),
        "en": (
            "Laptop back from repair",
            "Hello,\n\n"
            "Laptop ${pc} of ${eleve} is back from repair at ${lycee}.\n"
            "Please come for it; if another laptop was lent, bring that one back with its charger.\n",
        ),
    },
    NoticeKind.RETURN_DUE: {
        "fr": (
            "Ordinateur portable à rendre",
            "Bonjour,\n\n"
            "${eleve} a quitté le lycée ${lycee} le ${date} et a encore l’ordinateur ${pc}.\n"
            "Merci de le rapporter au lycée avec son chargeur : un quitus vous sera remis.\n",
        ),
        "en": (
            "Laptop to be returned",
            "Hello,\n\n"
            "${eleve} left ${lycee} on ${date} and still has laptop ${pc}.\n"
            "Please bring it back to the school with its charger: you will be given a receipt.\n",
        ),
    },
}

# Invented, for the preview.
EXAMPLES = {
    "lycee": "Lycée des Trois-Rivières",
    "eleve": "Alix Exemple",
    "classe": "2DE7",
    "charte": "Charte de prêt",
    "pc": "P 0042 1187 59",
    "date": "30/06/2027",
}
