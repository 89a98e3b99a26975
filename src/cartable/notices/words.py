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
    "prix": _("le prix"),
    "lien": _("l’adresse de la page"),
}
# The foot of every mail, whatever its language.
CHOOSE = "Choisir ce que vous recevez / Choose what you receive:"
# What each kind is about, in one sentence for whoever receives it.
ABOUT: dict[NoticeKind, Promise] = {
    NoticeKind.CHARTER_REMINDER: _("Une charte reste à signer avant la remise de l’ordinateur."),
    NoticeKind.PC_HANDED_OVER: _("Un ordinateur a été remis à l’élève."),
    NoticeKind.LOAN_BEGUN: _("Un ordinateur est prêté à l’élève, avec la date à laquelle le rendre."),
    NoticeKind.LOAN_OVERDUE: _("Un ordinateur prêté n’a pas été rendu à sa date."),
    NoticeKind.THEFT_DECLARED: _("Un vol est déclaré, et quel récépissé de plainte apporter."),
    NoticeKind.RECEIPT_AWAITED: _("Le récépissé d’une plainte manque encore. Sans lui, rien n’est remplacé."),
    NoticeKind.REPAIRED_PC_BACK: _("L’ordinateur est revenu de réparation et attend au lycée."),
    NoticeKind.RETURN_DUE: _("L’élève a quitté le lycée et a encore son ordinateur."),
    NoticeKind.DAMAGE_QUOTED: _("Une réparation hors garantie a un prix, et la région doit en décider."),
    NoticeKind.QUOTE_TO_DECIDE: _("Un devis de réparation attend votre décision."),
}
REFUSALS: dict[str, Promise] = {
    "text_has_changed": _("Quelqu’un d’autre a publié ce texte entre-temps. Rechargez la page, puis recommencez."),
}

HOUSE_TEXTS: dict[NoticeKind, dict[str, tuple[str, str]]] = {
    NoticeKind.CHARTER_REMINDER: {
        "fr": (
            "Charte de l’ordinateur portable à signer",
            "Bonjour,\n\n"
            "${lycee} attend encore la charte signée de ${eleve} (${classe}) : « ${charte} ».\n"
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
            "${lycee} a remis l’ordinateur ${pc} à ${eleve}. La charte signée dit ce qui est permis, et quoi faire"
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
            "${lycee} prête l’ordinateur ${pc} à ${eleve}, en attendant le sien.\n"
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
            "L’ordinateur ${pc}, prêté à ${eleve} par ${lycee}, était à rendre le ${date}.\n"
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
            "Le vol de l’ordinateur ${pc} de ${eleve} est déclaré (${lycee}).\n"
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
            "${lycee} attend encore le récépissé de plainte pour l’ordinateur ${pc} de ${eleve}, dont le vol est"
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
            "L’ordinateur ${pc} de ${eleve} est de retour de réparation (${lycee}).\n"
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
            "${eleve} a quitté ${lycee} le ${date} et a encore l’ordinateur ${pc}.\n"
            "Merci de le rapporter au lycée avec son chargeur : un quitus vous sera remis.\n",
        ),
        "en": (
            "Laptop to be returned",
            "Hello,\n\n"
            "${eleve} left ${lycee} on ${date} and still has laptop ${pc}.\n"
            "Please bring it back to the school with its charger: you will be given a receipt.\n",
        ),
    },
    NoticeKind.DAMAGE_QUOTED: {
        "fr": (
            "Ordinateur portable cassé : devis de réparation",
            "Bonjour,\n\n"
            "Le réparateur a trouvé sur l’ordinateur ${pc} de ${eleve} un dégât que la garantie ne couvre pas.\n"
            "Réparation proposée : ${prix}. La région décide si elle se fait ; rien n’est à payer pour l’instant.\n"
            "Si l’ordinateur n’est pas réparé, la charte signée prévoit que la famille rachète le même. ${lycee} vous"
            " dira la suite.\n",
        ),
        "en": (
            "Broken laptop: price of its repair",
            "Hello,\n\n"
            "The repairer found damage on laptop ${pc} of ${eleve} that the warranty does not cover.\n"
            "Proposed repair: ${prix}. The region decides whether it is done; nothing is to be paid for now.\n"
            "If the laptop is not repaired, the signed charter says that the family buys the same one again. ${lycee} will"
            " tell you what comes next.\n",
        ),
    },
    NoticeKind.QUOTE_TO_DECIDE: {
        "fr": (
            "Devis de réparation à décider",
            "Bonjour,\n\n"
            "Un devis de ${prix} attend la décision de la région, pour l’ordinateur ${pc} de ${lycee}. Tant qu’elle"
            " manque, l’ordinateur reste chez le réparateur.\n\n"
            "Tous les devis qui attendent : ${lien}\n",
        ),
        "en": (
            "Repair quote to be decided",
            "Hello,\n\n"
            "A quote of ${prix} waits for the region’s decision, for laptop ${pc} of ${lycee}. Until then the laptop stays"
            " with the repairer.\n\n"
            "All quotes that wait: ${lien}\n",
        ),
    },
}

# The short form, in the alphabet of SMS where French allows it; one message with names of usual length.
HOUSE_SMS: dict[NoticeKind, dict[str, str]] = {
    NoticeKind.PC_HANDED_OVER: {
        "fr": "${lycee} : PC ${pc} remis à ${eleve}. Pas reçu ? Dites-le.",
        "en": "${lycee}: PC ${pc} given to ${eleve}. Not received? Tell us.",
    },
    NoticeKind.LOAN_BEGUN: {
        "fr": "${lycee} : PC ${pc} prêté à ${eleve}, à rendre le ${date}.",
        "en": "${lycee}: PC ${pc} lent to ${eleve}, due on ${date}.",
    },
    NoticeKind.LOAN_OVERDUE: {
        "fr": "${lycee} : PC ${pc} prêté à ${eleve}, dû depuis le ${date}.",
        "en": "${lycee}: PC ${pc} lent to ${eleve} was due on ${date}.",
    },
    NoticeKind.THEFT_DECLARED: {
        "fr": "${lycee} : PC ${pc} de ${eleve} déclaré volé. Apportez la plainte.",
        "en": "${lycee}: PC ${pc} of ${eleve} declared stolen. Bring the receipt.",
    },
    NoticeKind.RECEIPT_AWAITED: {
        "fr": "${lycee} : PC ${pc} de ${eleve} : récépissé de plainte attendu.",
        "en": "${lycee}: PC ${pc} of ${eleve}: receipt of the complaint awaited.",
    },
    NoticeKind.REPAIRED_PC_BACK: {
        "fr": "${lycee} : PC ${pc} de ${eleve} réparé, venez le chercher.",
        "en": "${lycee}: PC ${pc} of ${eleve} is repaired, come for it.",
    },
    NoticeKind.RETURN_DUE: {
        "fr": "${lycee} : rendez le PC ${pc} de ${eleve} et son chargeur.",
        "en": "${lycee}: return PC ${pc} of ${eleve} with its charger.",
    },
    NoticeKind.DAMAGE_QUOTED: {
        "fr": "${lycee} : PC ${pc} de ${eleve}, devis hors garantie : ${prix}.",
        "en": "${lycee}: PC ${pc} of ${eleve}, repair quoted at ${prix}.",
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
    "prix": "120,00 €",
    "lien": "https://cartable.example/reparations/decisions/",
}
