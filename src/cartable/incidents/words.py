"""What incidents say to people: what they open, why something may not be done, and what to do with a hot PC."""

from django.utils.translation import gettext_lazy as _

from cartable.emergency_stock.words import REFUSALS as RESERVE_REFUSALS

# Said wherever such a PC is scanned.
ALARM = _("Ce PC est déclaré volé ou perdu.")
WHAT_TO_DO = (
    _("Gardez le PC. Ne le rendez à personne, et ne l’allumez pas."),
    _("Notez qui l’a apporté, sans l’accuser : il l’a peut-être trouvé."),
    _("Prévenez la direction, qui dit ici qu’il est retrouvé."),
)
REFUSALS = {
    **RESERVE_REFUSALS,
    "unknown_code": _("Aucun élève et aucun PC de votre lycée ne porte ce code. Cherchez l’élève par son nom."),
    "unknown_device": _("Aucun PC de votre lycée ne porte ce code. Vérifiez l’étiquette."),
    "no_device": _("Cet élève n’a pas de PC : il n’y a rien à déclarer."),
    "not_at_a_school": _("Ce PC n’est pas dans un lycée. La région déclare ce qui arrive au dépôt et en chemin."),
    "already_hot": _("Ce PC est déjà déclaré volé ou perdu. Cherchez-le dans la liste d’alerte."),
    "incident_is_open": _("Un incident est déjà ouvert pour ce PC."),
    "not_yet": _("Cette date est à venir. Corrigez-la."),
    "no_rules": _("Aucune règle n’est publiée pour cette année : la région doit publier la campagne."),
    "incident_is_closed": _("Cet incident est clos."),
    "not_a_theft": _("Seul un vol demande une plainte."),
    "complaint_known": _("Le récépissé de la plainte est déjà là."),
    "complaint_missing": _("Le récépissé de la plainte manque : numéro, date, service et fichier. Rien ne sort de la réserve avant."),
    "no_student": _("Ce PC n’était chez aucun élève : personne n’est à équiper."),
    "nothing_opens": _("Les règles de la campagne de cet élève n’ouvrent rien après cet incident."),
    "door_closed": _("Les règles de la campagne de cet élève ouvrent autre chose après cet incident."),
    "door_used": _("L’élève a déjà reçu un PC de la réserve pour cet incident."),
    "door_unused": _("Un PC de la réserve attend cet élève : remettez-le, l’incident sera clos."),
    "not_hot": _("Ce PC n’est pas déclaré volé ou perdu."),
    "has_moved_on": _("Le PC a bougé depuis : la déclaration ne se retire plus. Dites qu’il est retrouvé."),
    "in_repair": _("Une réparation est ouverte pour ce PC : terminez-la, puis retirez la déclaration."),
    "device_already_known": _("Ce numéro de série ou cette étiquette est déjà dans le parc. Vérifiez-le."),
    "custody_has_moved": _("Ce PC vient de bouger. Rechargez la page."),
    "id_reused": _("Cette page a déjà servi : rechargez-la."),
}  # fmt: skip
# What a door means for the family, in the words of the page.
OPENS = {
    "nothing": _("Rien : aucun autre PC n’est donné, prêté ni vendu."),
    "rebuy": _("La famille rachète le même PC au prix négocié."),
    "replacement": _("Un PC de la réserve (FUP), pour de bon."),
    "loan": _("Un PC de la réserve (FUP), en prêt, si la direction est d’accord."),
}
HAPPENINGS = {
    "declared": _("Déclaré"),
    "accepted": _("Plainte reçue"),
    "found": _("PC retrouvé"),
    "closed_replaced": _("Remplacé depuis la réserve (FUP)"),
    "closed_rebought": _("Racheté par la famille"),
    "closed_lent": _("PC de secours prêté"),
    "closed_nothing": _("Clos, sans autre PC"),
    "closed_found": _("PC retrouvé"),
    "closed_withdrawn": _("Déclaration retirée"),
}
WAIT_NAMES = {
    "receipt": _("Plainte attendue"),
    "door": _("Suite à donner"),
    "closing": _("À clore"),
}
