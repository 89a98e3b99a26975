"""What returns say to people: why a gesture may not be made, and the way on."""

from django.utils.translation import gettext_lazy as _

from cartable.returns.rules import BenchStage

_ALARM = _("PC déclaré volé ou perdu. Gardez-le, ne le rendez à personne, et prévenez la région.")
_CONTESTED = _("Ce PC est en litige. Réglez le litige, puis recommencez.")

REFUSALS = {
    "in_claim": _ALARM,
    "not_held": _("Ce PC n’est chez aucun élève : il n’y a rien à reprendre."),
    "somebody_elses": _("Ce PC n’est pas celui de cet élève."),
    "contested": _CONTESTED,
    "custody_has_moved": _("Ce PC vient de bouger. Scannez-le de nouveau."),
    "unknown_code": _("Aucun PC ni élève de votre lycée ne porte ce code. Cherchez par le nom."),
    "unknown_device": _("Aucun PC de votre lycée ne porte ce code. Vérifiez l’étiquette."),
    "not_of_this_class": _("Ce PC n’est pas d’un élève de cette classe."),
    "not_on_bench": _("Ce PC n’est pas à l’atelier. Reprenez-le d’abord, ou vérifiez l’étiquette."),
    "in_repair": _("Ce PC a une réparation en cours : terminez-la d’abord, son élève l’attend."),
    "not_fit": _(
        "Ce PC est en panne ou cassé : il ne va pas dans la réserve. Ouvrez une réparation, ou sortez-le du parc."
    ),
    "no_disk": _("Ce PC n’a plus de disque : il ne se remastérise pas. Ouvrez une réparation, ou sortez-le du parc."),
    "done_already": _("C’est déjà fait pour ce PC."),
    "not_wiped": _("Ce PC n’est pas effacé. Effacez-le d’abord."),
    "not_imaged": _("Ce PC n’a pas reçu l’image. Installez-la d’abord."),
    "not_checked": _("Ce PC n’est pas contrôlé. Contrôlez-le d’abord."),
    "no_image_named": _("Dites quelle version de l’image a été installée."),
    "checks_missing": _("Tous les contrôles doivent être faits. Sinon, ouvrez une réparation."),
    "too_old_for_reuse": _("Ce PC a plus de dix ans : il part au recyclage."),
    "elsewhere": _("Ce PC est à l’atelier d’un autre lycée."),
    "not_shelved": _("Ce PC est encore à l’atelier."),
    "tag_taken": _("Cette étiquette est déjà celle d’un PC, ou l’a été. Prenez-en une autre."),
    "same_tag": _("C’est l’étiquette que ce PC porte déjà."),
    "holds_nothing": _("Cet élève n’a pas de PC : il n’y a rien à reprendre."),
    "undone_already": _("C’est déjà annulé."),
    "has_moved_on": _("Ce PC a bougé depuis, ou l’élève en a un autre : cela ne s’annule plus."),
    "ended_a_loan": _("Le prêt est terminé et ne se rouvre pas. Prêtez de nouveau un PC de la réserve."),
    "id_reused": _("Cette page a déjà servi à un autre geste : rechargez-la."),
    "already_equipped": _("Cet élève a un autre PC : la restitution ne s’annule plus."),
}

STAGE_NAMES = {
    BenchStage.RETURNED: _("À effacer"),
    BenchStage.WIPED: _("À remastériser"),
    BenchStage.IMAGED: _("À contrôler"),
    BenchStage.CHECKED: _("À ranger"),
}
STAGE_TONES = {
    BenchStage.RETURNED: "att",
    BenchStage.WIPED: "encours",
    BenchStage.IMAGED: "encours",
    BenchStage.CHECKED: "ok",
}


def refusal_words(code: str) -> str:
    """Say a refusal; a code without words is shown as it is."""
    return str(REFUSALS.get(code, code))
