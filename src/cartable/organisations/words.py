"""What the codes of this package say to people: the cause, then what to do."""

from django.utils.translation import gettext_lazy as _

UNREADABLE_FILE = {
    "empty_file": _("Le fichier est vide."),
    "file_too_big": _("Le fichier dépasse 64 Mo. Gardez les lignes de votre région."),
    "not_text": _("Ce fichier n’est ni un CSV ni un classeur .xlsx. Enregistrez-le dans l’un de ces formats."),
    "old_excel": _(
        "Ce classeur est ancien ou protégé par un mot de passe. Enregistrez-le en .xlsx, sans mot de passe."
    ),
    "not_a_spreadsheet": _("Ce classeur est abîmé ou n’en est pas un. Enregistrez-le à nouveau en .xlsx."),
    "spreadsheet_locked": _("Ce classeur demande un mot de passe. Enregistrez-le sans."),
    "spreadsheet_too_big": _("Ce classeur est trop grand. Gardez une seule feuille et supprimez les lignes vides."),
    "too_many_columns": _("Il y a plus de 256 colonnes. Le séparateur est-il le bon ?"),
    "too_many_rows": _("Il y a plus de 250 000 lignes. Coupez le fichier en plusieurs."),
    "cell_too_long": _("Une cellule est bien trop longue. Corrigez cette ligne."),
    "unclosed_quote": _("Un guillemet ouvert n’est jamais fermé. Corrigez cette ligne."),
    "header_doubled": _("Deux colonnes portent le même nom. Renommez ou supprimez l’une d’elles."),
    "header_ambiguous": _("Deux colonnes peuvent dire la même chose. Gardez une seule des deux."),
    "no_row": _("Le fichier n’a que ses titres de colonnes."),
    "uai_column_missing": _(
        "Aucune colonne ne donne le numéro UAI. Son titre attendu : Identifiant_de_l_etablissement."
    ),
}
REFUSED_LINE = {
    "uai_missing": _("Numéro UAI absent. Complétez-le."),
    "uai_wrong": _("Numéro UAI faux : sa lettre ne va pas avec ses chiffres. Vérifiez-le."),
    "uai_doubled": _("Numéro UAI déjà lu plus haut. Gardez une seule des deux lignes."),
    "too_many_cells": _("La ligne a plus de cellules que de titres. Un séparateur est sans doute dans un texte."),
    "text_unfit": _("Un nom est trop long ou contient un signe qui n’a rien à y faire. Corrigez-le."),
    "name_missing": _("Nouveau lycée sans nom. Complétez la colonne Nom_etablissement."),
    "town_missing": _("Nouveau lycée sans commune. Complétez la colonne Nom_commune."),
    "sector_missing": _("Nouveau lycée ni public ni privé. Complétez la colonne Statut_public_prive."),
    "departement_unknown": _("Département inconnu. Ajoutez la colonne Libelle_departement."),
    "academy_unknown": _("Académie inconnue. Ajoutez les colonnes Code_academie et Libelle_academie."),
}
REFUSED_CHANGE = {
    "uai_wrong": _("Numéro UAI faux : sept chiffres et leur lettre. Vérifiez-le."),
    "uai_taken": _(
        "Ce numéro est, ou a été, celui d’un autre lycée. Si l’annuaire l’a déjà créé, fermez l’ancien lycée vers le nouveau."
    ),
    "id_reused": _("Cette page a déjà servi : ouvrez-la de nouveau."),
    "uai_same": _("Le lycée porte déjà ce numéro."),
    "school_closed": _("Ce lycée est fermé : il ne change plus."),
}
FIELD_NAMES = {
    "name": _("Nom"),
    "town": _("Commune"),
    "postal_code": _("Code postal"),
    "sector": _("Secteur"),
    "ministry": _("Ministère"),
    "departement": _("Département"),
    "is_closed": _("État"),
}
VALUE_NAMES = {
    "public": _("Public"),
    "private": _("Privé"),
    "education": _("Éducation nationale"),
    "agriculture": _("Agriculture"),
    "open": _("Ouvert"),
    "closed": _("Fermé"),
}


def unreadable_file(code: str, *, line: int | None, detail: str) -> str:
    """Say why a file could not be read, where, and what to do."""
    words = str(UNREADABLE_FILE[code])
    if detail and code.startswith("header"):
        words = _("%(words)s Colonnes : %(names)s.") % {"words": words, "names": detail[:200]}
    return _("Ligne %(line)s : %(words)s") % {"line": line, "words": words} if line and line > 1 else str(words)
