"""What the re-entry screen answers to a line, in words: what is, then what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartable.distribution.refusal_words import REFUSAL_WORDS, WAYS_OUT
from cartable.distribution.rules import Result, ScanKind

UNREAD_WORDS: dict[str, Promise] = {
    "student_missing": _("Élève manquant : scannez ou tapez son code."),
    "student_misread": _("Code de l’élève mal lu : retapez la ligne."),
    "device_before_student": _("C’est un PC : commencez par l’élève."),
    "device_missing": _("Il manque le PC. Sans PC, cochez « Charte seule »."),
    "device_misread": _("Code du PC mal lu : retapez la ligne."),
    "student_instead_of_device": _("C’est un autre élève : le PC de cette ligne manque."),
    "nothing_to_record": _("Ni charte ni PC : rien à enregistrer."),
    "time_misread": _("Heure illisible. Écrivez 8:42 ou 842."),
    "time_to_come": _("Cette heure n’est pas encore passée."),
}
_DONE: dict[ScanKind, Promise] = {
    ScanKind.PAIR: _("Remis"),
    ScanKind.ARRIVAL: _("Charte reçue"),
    ScanKind.UNDO: _("Ligne annulée"),
}
_BEFORE: dict[str, Promise] = {
    "already_equipped": _("Déjà fait : même élève, même PC"),
    "already_arrived": _("Charte déjà reçue"),
}


def line_words(kind: ScanKind, result: Result, code: str) -> tuple[str, str, str]:
    """Return tone, headline and way out of an answer."""
    if result in {Result.CONFLICT, Result.REFUSED} or code not in {"", *_BEFORE}:
        headline = str(REFUSAL_WORDS.get(code, code))
        return "err", f"{headline} · {_('Litige')}", str(WAYS_OUT.get(code, ""))
    if code:
        return "info", str(_BEFORE[code]), ""
    if result == Result.EXISTS:
        return "info", str(_("Ligne déjà enregistrée")), ""
    return "ok", str(_DONE[kind]), ""
