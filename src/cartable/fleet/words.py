"""What the ledger says to people: icons of the reasons, evidence in plain words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartable.accounts.models import ActorKind
from cartable.fleet.rules import Condition, Reason

REASON_ICONS = {
    Reason.RECEIPT: "boite",
    Reason.OPENING: "boite",
    Reason.ALLOTMENT: "camion",
    Reason.DISPATCH: "camion",
    Reason.ARRIVAL: "camion",
    Reason.CHECK_OUT: "coche",
    Reason.LOAN: "personne",
    Reason.CHECK_IN: "rouvrir",
    Reason.LEFTOVER: "reserve",
    Reason.TOP_UP: "reserve",
    Reason.FAULT: "attention",
    Reason.RMA_OUT: "cle",
    Reason.RMA_IN: "cle",
    Reason.REIMAGED: "pc",
    Reason.CLAIM: "bouclier",
    Reason.THEFT: "bouclier",
    Reason.LOSS: "bouclier",
    Reason.FOUND: "recherche",
    Reason.GIFT: "personne",
    Reason.DISPOSAL: "fermer",
    Reason.IDENTITY: "personne",
    Reason.CORRECTION: "annuler",
}
REASON_TONES = {
    Reason.CHECK_OUT: "ok",
    Reason.FAULT: "att",
    Reason.CLAIM: "att",
    Reason.THEFT: "att",
    Reason.LOSS: "att",
    Reason.CORRECTION: "att",
}
CONDITION_TONES = {
    Condition.FIT: "ok",
    Condition.FAULTY: "err",
    Condition.BROKEN: "err",
    Condition.BEING_REIMAGED: "encours",
}
_EVIDENCE = {
    "delivery": gettext_lazy("Bon de livraison %(key)s"),
    "allotment": gettext_lazy("Affectation %(key)s"),
    "shipment": gettext_lazy("Transfert %(key)s"),
    "takeover": gettext_lazy("Reprise d’un parc %(key)s"),
    "scan": gettext_lazy("Scan d’un poste"),
    "report": gettext_lazy("Compte rendu %(key)s"),
    "dispute": gettext_lazy("Litige %(key)s"),
    "exchange": gettext_lazy("Deux PC échangés"),
    "grade": gettext_lazy("Rendu dans l’état %(key)s"),
    "check_in": gettext_lazy("Restitution %(key)s"),
    "wipe": gettext_lazy("Certificat d’effacement %(key)s"),
    "slip": gettext_lazy("Bordereau de sortie %(key)s"),
}
ACTOR_NAMES: dict[str, Any] = {
    ActorKind.PERSON: gettext_lazy("Une personne sans rôle aujourd’hui"),
    ActorKind.STATION: gettext_lazy("Un poste de distribution"),
    ActorKind.SYSTEM: gettext_lazy("Cartable, sans personne"),
}


def evidence_in_words(evidence: str) -> str:
    """Say what proves a movement: "delivery:12" is « Bon de livraison 12 »; empty for nothing."""
    if not evidence:
        return ""
    kind, _colon, key = evidence.partition(":")
    words = _EVIDENCE.get(kind)
    short = key if len(key) <= 12 else key[:8]
    return str(words) % {"key": short} if words else _("Pièce %(kind)s %(key)s") % {"kind": kind, "key": short}
