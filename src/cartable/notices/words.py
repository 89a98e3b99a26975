"""The house's own texts, in both languages: what is sent where a campaign says nothing else."""

from cartable.notices.rules import NoticeKind

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
    }
}
