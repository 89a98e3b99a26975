"""What the codes of this package say to people: the cause, then what to do."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.rules import CustodianKind
from cartable.organisations.models import School
from cartable.organisations.words import unreadable_file
from cartable.supply.rules import LineCode, Remedy, ShipmentDifference

CAUSES = {
    LineCode.SERIAL_MISSING: gettext_lazy("Numéro de série absent"),
    LineCode.SERIAL_SPOILT: gettext_lazy("Numéro de série abîmé par le tableur"),
    LineCode.SERIAL_UNFIT: gettext_lazy("Ce n’est pas un numéro de série"),
    LineCode.SERIAL_DOUBLED: gettext_lazy("Numéro de série déjà sur ce bon"),
    LineCode.SERIAL_KNOWN: gettext_lazy("PC déjà dans le parc"),
    LineCode.TAG_MISREAD: gettext_lazy("Étiquette fausse"),
    LineCode.TAG_DOUBLED: gettext_lazy("Étiquette déjà sur ce bon"),
    LineCode.TAG_TAKEN: gettext_lazy("Étiquette déjà portée par un autre PC"),
    LineCode.MODEL_MISSING: gettext_lazy("Modèle absent"),
    LineCode.TEXT_UNFIT: gettext_lazy("Texte trop long ou illisible"),
    LineCode.TOO_MANY_CELLS: gettext_lazy("Plus de cellules que de colonnes"),
}
REMEDIES = {
    LineCode.SERIAL_MISSING: gettext_lazy("Lisez-le sous le PC, puis saisissez-le ici."),
    LineCode.SERIAL_SPOILT: gettext_lazy(
        "La cellule est un nombre ou une date : des zéros ou des chiffres sont perdus. Demandez au fournisseur une"
        " colonne au format Texte, ou saisissez le numéro lu sous le PC."
    ),
    LineCode.SERIAL_UNFIT: gettext_lazy(
        "Il faut 4 à 30 lettres, chiffres, tirets ou points. Lisez-le sous le PC ; écartez une ligne de titres répétée."
    ),
    LineCode.SERIAL_DOUBLED: gettext_lazy(
        "Cherchez les deux PC : corrigez le numéro de l’un, ou écartez la ligne en trop."
    ),
    LineCode.SERIAL_KNOWN: gettext_lazy(
        "Il est arrivé par un autre bon, ou son numéro est faux. Écartez la ligne ou corrigez-la."
    ),
    LineCode.TAG_MISREAD: gettext_lazy(
        "Ses chiffres de contrôle ne vont pas. Relisez-la, ou laissez vide : Cartable en fera une."
    ),
    LineCode.TAG_DOUBLED: gettext_lazy("Relisez les deux étiquettes, ou laissez vide : Cartable en fera une."),
    LineCode.TAG_TAKEN: gettext_lazy("Relisez l’étiquette, ou laissez vide : Cartable en fera une."),
    LineCode.MODEL_MISSING: gettext_lazy("Donnez le modèle."),
    LineCode.TEXT_UNFIT: gettext_lazy("Raccourcissez le modèle (100 signes), la palette ou le carton (30 signes)."),
    LineCode.TOO_MANY_CELLS: gettext_lazy("Un séparateur est sans doute dans un texte. Corrigez la ligne."),
}
WARNINGS = {
    "formulas": gettext_lazy("Le classeur a des formules : seules leurs valeurs sont lues, rien n’est recalculé."),
    "hidden_sheets": gettext_lazy("Le classeur a des feuilles masquées : elles ne sont pas lues."),
    "other_sheets": gettext_lazy("Le classeur a plusieurs feuilles : seule la première est lue."),
    "filters": gettext_lazy("La feuille a un filtre : les lignes masquées par le filtre sont lues aussi."),
    "merged_cells": gettext_lazy("La feuille a des cellules fusionnées : seule la première de chacune est lue."),
}
FIELD_NAMES = {
    "serial": gettext_lazy("Numéro de série"),
    "model": gettext_lazy("Modèle"),
    "asset_tag": gettext_lazy("Étiquette"),
    "pallet": gettext_lazy("Palette"),
    "carton": gettext_lazy("Carton"),
}
REFUSALS = {
    "device_already_known": gettext_lazy("Un de ces PC vient d’entrer par ailleurs. Revoyez le bon, puis recommencez."),
    "column_missing": gettext_lazy("Dites quelle colonne donne le numéro de série."),
    "depot_has_changed": gettext_lazy("Le dépôt a changé depuis cette page. Revoyez le choix, puis recommencez."),
    "not_enough_devices": gettext_lazy("Il n’y a pas assez de PC en état au dépôt. Choisissez-en moins."),
    "nothing_chosen": gettext_lazy("Ce choix ne désigne aucun PC du dépôt. Choisissez autrement."),
    "school_is_closed": gettext_lazy("Ce lycée est fermé. Choisissez-en un autre."),
    "id_reused": gettext_lazy("Cette affectation est déjà faite, avec un autre choix. Recommencez depuis le début."),
    "same_place": gettext_lazy("Ces PC y sont déjà. Choisissez un autre lieu d’arrivée."),
    "nothing_to_send": gettext_lazy("Aucun PC à envoyer. Scannez-les, ou dites combien."),
    "not_fit": gettext_lazy("Un de ces PC n’est pas en état d’être remis. Envoyez-le à part, vers l’atelier."),
    "unknown_place": gettext_lazy("Ce lieu n’existe pas, ou il n’est pas à vous."),
    "contested": gettext_lazy("Ces PC sont en litige : %(pcs)s. Réglez le litige, ou envoyez les autres sans eux."),
    "in_repair": gettext_lazy(
        "Ces PC sont en réparation : %(pcs)s. Terminez leur dossier d’abord, ou envoyez les autres sans eux."
    ),
    "custody_has_moved": gettext_lazy("Un de ces PC vient de partir ailleurs. Recommencez sans lui."),
    "shipment_is_closed": gettext_lazy("Ce transfert est clos : ce PC n’en était pas. Vérifiez son étiquette."),
    "shipment_has_changed": gettext_lazy(
        "Un PC est arrivé depuis cette page. Vérifiez ce qui manque, puis recommencez."
    ),
    "has_arrived": gettext_lazy("Un de ces PC est déjà arrivé, ou a bougé : l’envoi ne s’annule plus."),
    "settled_already": gettext_lazy("Cet écart est déjà réglé autrement."),
    "remedy_not_possible": gettext_lazy("Cette suite n’est plus possible : le PC a bougé. Rechargez la page."),
    "unexpected": gettext_lazy("La réception s’est arrêtée. Rien n’est entré au parc : recommencez."),
}


def refusal_in_words(code: str, asset_tags: Sequence[str] = ()) -> str:
    """Say why a shipment did not leave, and which PCs stood in the way."""
    return (
        str(REFUSALS.get(code, code)) % {"pcs": ", ".join(asset_tags)} if asset_tags else str(REFUSALS.get(code, code))
    )


def cause_of(code: LineCode, other_line: int | None) -> str:
    """Say why a line stayed out, and which other line it repeats."""
    if other_line is None:
        return str(CAUSES[code])
    return _("%(cause)s, ligne %(line)s") % {"cause": CAUSES[code], "line": other_line}


def unreadable_note(code: str, *, line: int | None, detail: str) -> str:
    """Say why a note could not be read, where, and what to do."""
    return str(REFUSALS[code]) if code in REFUSALS else unreadable_file(code, line=line, detail=detail)


def choice_in_words(reference: str) -> str:
    """Say how PCs were chosen: "count:40" is « 40 PC du dépôt »."""
    word, _colon, names = reference.partition(":")
    shown = names.replace(",", ", ")
    if word == "pallets":
        return _("Palettes : %(names)s") % {"names": shown}
    if word == "cartons":
        return _("Cartons : %(names)s") % {"names": shown}
    if word == "count":
        return _("Par nombre : %(count)s") % {"count": shown}
    return _("PC désignés un par un : %(count)s") % {"count": shown}


DIFFERENCES = {
    "due": gettext_lazy("En chemin"),
    "arrived": gettext_lazy("Arrivé"),
    ShipmentDifference.MISSING: gettext_lazy("Manquant"),
    ShipmentDifference.UNEXPECTED: gettext_lazy("Non annoncé"),
}
REMEDY_NAMES = {
    Remedy.FOUND: gettext_lazy("Retrouvé, il est arrivé"),
    Remedy.RETURNED: gettext_lazy("Revenu à l’expéditeur"),
    Remedy.CLAIMED: gettext_lazy("Déclaré perdu"),
    Remedy.MOVED_ON: gettext_lazy("Parti ailleurs"),
    Remedy.TAKEN_IN: gettext_lazy("Gardé ici"),
    Remedy.SET_ASIDE: gettext_lazy("Renvoyé d’où il vient"),
}
REMEDY_GESTURES = {
    Remedy.FOUND: gettext_lazy("Il est arrivé"),
    Remedy.RETURNED: gettext_lazy("Il est revenu au départ"),
    Remedy.CLAIMED: gettext_lazy("Le déclarer perdu"),
    Remedy.MOVED_ON: gettext_lazy("Il est parti ailleurs"),
    Remedy.TAKEN_IN: gettext_lazy("Le garder ici"),
    Remedy.SET_ASIDE: gettext_lazy("Le renvoyer"),
}


def place_in_words(kind: str, school: School | None) -> str:
    """Name the account where PCs leave or arrive: « Lycée du Warndt, Réserve (FUP) »."""
    name = str(CUSTODIAN_KIND_NAMES[CustodianKind(kind)])
    return f"{school.name}, {name}" if school is not None else name
