"""What the reserve says to people: why a PC may not leave, and the way out."""

from django.utils.translation import gettext_lazy as _

from cartable.emergency_stock.queries.counting import Stray

REFUSALS = {
    "student_elsewhere": _("Cet élève n’est pas de votre lycée. Son lycée lui remet un PC de sa propre réserve."),
    "student_gone": _("Cet élève a quitté le lycée. Vérifiez la liste avant de remettre un PC."),
    "already_equipped": _("Cet élève a déjà un PC. Reprenez-le, ou déclarez ce qui lui est arrivé."),
    "incident_decides": _(
        "Le dernier PC de cet élève a été volé, perdu ou cassé : son incident dit ce qu’ouvrent les règles de sa campagne,"
        " et la réserve ne remet rien d’autre."
    ),
    "charter_missing": _("Pas de charte signée : recevez-la, puis confirmez."),
    "no_rules": _("Aucune règle n’est publiée pour cette année : la région doit publier la campagne."),
    "not_in_reserve": _("Ce PC n’est pas dans la réserve (FUP). Prenez-en un autre."),
    "reserve_elsewhere": _("Ce PC est de la réserve d’un autre lycée. Prenez-en un de la vôtre."),
    "not_fit": _("Ce PC n’est pas en état d’être remis. Mettez-le de côté pour l’atelier, prenez-en un autre."),
    "contested": _("Ce PC est en litige. Réglez le litige, ou prenez-en un autre."),
    "in_claim": _("PC déclaré volé ou perdu. Gardez-le, ne le remettez à personne, et prévenez la région."),
    "custody_has_moved": _("Ce PC vient de partir ailleurs. Prenez-en un autre."),
    "unknown_device": _("Aucun PC de votre lycée ne porte ce code. Vérifiez l’étiquette."),
    "unknown_student": _("Aucun élève de votre lycée ne porte ce code. Cherchez par le nom."),
    "loan_is_open": _("Un prêt est déjà ouvert pour cet élève ou ce PC. Terminez-le d’abord."),
    "same_pc": _("Le PC prêté est celui qu’il doit remplacer. Prenez-en un autre."),
    "undone_already": _("Cette remise est déjà annulée."),
    "has_moved_on": _("Ce PC a bougé depuis : la remise ne s’annule plus. Reprenez le PC."),
    "is_a_loan": _("Un prêt se termine, il ne s’annule pas."),
    "loan_has_ended": _("Ce prêt est déjà terminé."),
    "id_reused": _("Cette page a déjà servi à une autre remise : rechargez-la."),
    "asked_already": _("Ce lycée a déjà une demande en attente."),
    "count_unlikely": _("Ce nombre de PC n’est pas vraisemblable. Vérifiez-le."),
    "decided_already": _("Cette demande a déjà sa réponse."),
    "no_such_request": _("Une de ces demandes n’existe plus. Rechargez la page."),
    "not_enough_devices": _("Il n’y a pas assez de PC en état. Accordez-en moins."),
    "reason_missing": _("Dites pourquoi : le lycée lit ce motif."),
    "school_is_closed": _("Ce lycée est fermé."),
    "same_place": _("Ces PC y sont déjà."),
    "unknown_place": _("Ce lycée n’est pas à vous."),
}
# What a scan that is not of the shelf is, and what to do with it.
STRAYS = {
    Stray.HOT: (_("Déclaré volé ou perdu"), _("Gardez-le, ne le remettez à personne, et prévenez la région."), "err"),
    Stray.WITH_STUDENT: (_("Remis à un élève"), _("Reprenez-le, ou rendez-le à qui il est."), "att"),
    Stray.ON_BENCH: (
        _("À l’atelier"),
        _("Remettez-le à l’atelier, ou finissez-le : il entrera dans la réserve."),
        "att",
    ),
    Stray.ON_THE_ROAD: (_("En chemin"), _("Recevez son transfert."), "att"),
    Stray.OTHER_ACCOUNT: (_("D’un autre compte du lycée"), _("Rangez-le avec les siens."), "att"),
    Stray.ELSEWHERE: (_("D’ailleurs"), _("Mettez-le de côté, et demandez à la région."), "att"),
    Stray.UNKNOWN: (_("Code inconnu"), _("Vérifiez l’étiquette, ou scannez le numéro de série."), "att"),
}
TOP_UP_STATES = {
    "asked": (_("Demandé"), "encours"),
    "granted": (_("En chemin"), "info"),
    "received": (_("Reçu"), "ok"),
    "recalled": (_("Envoi annulé"), "att"),
    "refused": (_("Refusé"), "err"),
}
WAITING = {
    "absent_student": _("Sans PC depuis la journée"),
    "low_reserve": _("Réserve basse : PC qui manquent"),
    "overdue_loan": _("Prêts trop longs"),
    "top_up_to_decide": _("Réassorts à décider"),
    "shipment_to_receive": _("Transferts à recevoir"),
    "difference_to_settle": _("Écarts à régler"),
}
