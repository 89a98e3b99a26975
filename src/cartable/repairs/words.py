"""What repairs say to people: why something may not be, what a scan is worth, how far a repair is."""

from django.utils.translation import gettext_lazy as _

from cartable.emergency_stock.words import REFUSALS as RESERVE_REFUSALS
from cartable.repairs.queries.scans import Verdict
from cartable.repairs.rules import RepairStage

REFUSALS = {
    **RESERVE_REFUSALS,
    "in_claim": _("PC déclaré volé ou perdu. Gardez-le, ne le remettez à personne, et prévenez la région."),
    "not_of_this_school": _("Ce PC n’est dans aucun lycée. Sa réparation s’ouvre là où il est."),
    "ticket_is_open": _("Une réparation est déjà ouverte pour ce PC."),
    "not_in_the_lycee": _("Ce PC est en chemin ou chez le réparateur. Recevez-le d’abord."),
    "nobody_holds_it": _("Aucun élève ne détient ce PC : il n’y a rien à prêter."),
    "rules_open_no_loan": _("Les règles de la campagne de cet élève n’ouvrent pas de prêt pendant une panne."),
    "student_gone": _("Cet élève a quitté le lycée : il ne reçoit plus de PC, et rend celui qui lui est prêté."),
    "reserve_is_empty": _("La réserve (FUP) n’a plus de PC prêt à être remis. Demandez un réassort."),
    "lent_meanwhile": _("Un PC est prêté en attendant celui-ci. Rendez-le à son élève, ou finissez le prêt, d’abord."),
    "sent_already": _("Ce PC est déjà envoyé. Rechargez la page."),
    "nothing_to_send": _("Scannez au moins un PC qui peut partir."),
    "stage_has_passed": _("Ce dossier a avancé depuis : rechargez la page."),
    "quote_needed": _("Hors garantie : il faut un devis accepté par la région avant de réparer."),
    "covered": _("La garantie couvre cette panne : aucun devis n’est à envoyer."),
    "decided_already": _("Ce devis est déjà décidé."),
    "serial_unfit": _("Ce numéro de série n’est pas lisible. Scannez-le sur le PC."),
    "serial_is_the_same": _("C’est le numéro que ce PC a déjà. Scannez celui du PC qui revient."),
    "device_already_known": _("Un autre PC de la région porte ce numéro de série."),
    "nobody_waits": _("Personne n’attend ce PC."),
    "no_loan": _("Aucun PC n’est prêté à la place de celui-ci."),
    "pc_is_gone": _("Ce PC a quitté le parc : l’élève garde le PC prêté, ou le rend."),
    "pc_is_away": _("Ce PC n’est pas revenu du réparateur."),
    "another_loaner": _("Ce n’est pas le PC prêté à cet élève. Scannez celui qui est indiqué."),
    "no_such_ticket": _("Aucune réparation n’est ouverte pour ce PC."),
    "no_repairer": _("La région n’a pas encore de réparateur : elle doit en déclarer un."),
}
VERDICTS = {
    Verdict.GOOD: (_("Bon"), "ok"),
    Verdict.TWICE: (_("Déjà scanné"), "neutre"),
    Verdict.HOT: (_("PC déclaré volé ou perdu : gardez-le, prévenez la région"), "err"),
    Verdict.UNKNOWN: (_("Code inconnu"), "err"),
    Verdict.NO_TICKET: (_("Pas dans cet envoi : aucun dossier"), "err"),
    Verdict.NOT_TAKEN_IN: (_("Le dossier est ouvert, le PC n’est pas repris : commencez par « Réparer »"), "att"),
    Verdict.SENT_ALREADY: (_("Déjà envoyé"), "att"),
    Verdict.NOT_HERE: (_("Ce PC n’est plus à l’atelier"), "err"),
    Verdict.NOT_FINISHED: (_("Réparation pas terminée"), "att"),
    Verdict.RECEIVED_ALREADY: (_("Déjà reçu"), "neutre"),
    Verdict.NOT_ANNOUNCED: (_("Pas annoncé par le réparateur, reçu quand même"), "att"),
}
STAGES = {
    RepairStage.TO_TAKE_IN: (_("À reprendre"), "att"),
    RepairStage.TO_SEND: (_("À envoyer"), "att"),
    RepairStage.SENT: (_("En chemin vers le réparateur"), "encours"),
    RepairStage.TO_DIAGNOSE: (_("À diagnostiquer"), "att"),
    RepairStage.TO_DECIDE: (_("Devis à décider par la région"), "att"),
    RepairStage.TO_REPAIR: (_("En réparation"), "encours"),
    RepairStage.TO_DISPOSE: (_("Irréparable, à éliminer ou à renvoyer"), "err"),
    RepairStage.TO_SEND_BACK: (_("À renvoyer au lycée"), "att"),
    RepairStage.ON_THE_WAY_BACK: (_("En chemin vers le lycée"), "encours"),
    RepairStage.BACK: (_("Revenu, à rendre"), "att"),
    RepairStage.CLOSED: (_("Dossier fermé"), "neutre"),
}


def refusal_in_words(code: str) -> str:
    """Say why something may not be."""
    return str(REFUSALS.get(code, code))
