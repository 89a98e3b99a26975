"""The sentence behind each code, in French as gettext msgid: what happened, where, and what to do.

`gettext_noop` marks them for extraction without importing Django; whoever shows one translates it. No sentence holds
a name: the screen that shows a record's problem knows whose record it is, an error page must not.
"""

from __future__ import annotations

from collections.abc import Callable

from cartable.rosters.formats.records import Problem
from cartable.rosters.formats.refusals import FileRefused


def gettext_noop(text: str) -> str:
    """Mark a text for extraction and return it unchanged."""
    return text


# %(where)s is « Ligne 12 : » when the line is known, « Fiche 12 : » in JSON, which has no lines.
WHERE = gettext_noop("Ligne %(line)d : ")
WHERE_RECORD = gettext_noop("Fiche %(line)d : ")
# %(other)s: the record that it is compared with.
OTHER = gettext_noop("ligne %(line)s")
OTHER_RECORD = gettext_noop("fiche %(line)s")
# %(form)s: how the format writes dates.
DAY_MONTH_YEAR = gettext_noop("jj/mm/aaaa")
YEAR_MONTH_DAY = gettext_noop("aaaa-mm-jj")
_ISO_ORIGINS = frozenset({"IMPORT_ELEVES", "SYGNE", "FREGATA"})
# One file among several that were sent together.
IN_FILE = gettext_noop("« %(file)s » : %(sentence)s")

# %(origin)s: where the list comes from and can be asked for again.
ORIGINS: dict[str, str] = {
    "": gettext_noop("SIECLE"),
    "AAF": gettext_noop("l’annuaire académique (AAF)"),
    "IMPORT_ELEVES": gettext_noop("votre logiciel"),
    "SYGNE": gettext_noop("SYGNE"),
    "FREGATA": gettext_noop("FREGATA"),
    "JSON": gettext_noop("SYGNE ou FREGATA"),
    "TABLE": gettext_noop("le logiciel d’où vient ce tableau"),
}

REFUSALS: dict[str, str] = {
    "file_refused": gettext_noop("Ce fichier ne peut pas être lu. Exportez-le de nouveau depuis %(origin)s."),
    "file_empty": gettext_noop("Le fichier est vide. Exportez-le de nouveau depuis %(origin)s."),
    "file_too_large": gettext_noop(
        "Le fichier dépasse %(limit_mb)s Mo : ce n’est pas la liste d’un seul lycée. Envoyez un fichier par lycée."
    ),
    "not_xml": gettext_noop(
        "Ce fichier n’est ni du XML, ni du JSON, ni un zip de l’un d’eux, ni un tableau (CSV ou .xlsx). Dans SIECLE, prenez "
        "Exploitation > Exports standard > Exports XML génériques, et envoyez le fichier sans le modifier."
    ),
    "archive_kind": gettext_noop(
        "C’est une archive %(found)s, pas un zip. Envoyez le zip donné par %(origin)s, ou le fichier XML qu’il contient."
    ),
    "archive_damaged": gettext_noop(
        "Le zip est abîmé ou incomplet. Téléchargez-le de nouveau depuis %(origin)s, puis renvoyez-le."
    ),
    "archive_encrypted": gettext_noop("Le zip est protégé par un mot de passe. Envoyez-le sans mot de passe."),
    "archive_entries": gettext_noop(
        "Le zip contient trop de fichiers (%(limit)s au plus). Envoyez le zip donné par %(origin)s, tel quel."
    ),
    "archive_bomb": gettext_noop(
        "Le contenu du zip est anormalement grand (%(limit_mb)s Mo au plus). Envoyez le zip donné par %(origin)s, tel quel."
    ),
    "archive_nested": gettext_noop(
        "Le zip contient une autre archive. Envoyez le zip donné par %(origin)s, sans le mettre dans un autre."
    ),
    "archive_names": gettext_noop(
        "Les noms de fichiers du zip ne sont pas acceptés. Envoyez le zip donné par %(origin)s, tel quel."
    ),
    "archive_without_xml": gettext_noop(
        "Le zip ne contient aucun fichier XML, ni un tableau seul. Envoyez le zip donné par SIECLE "
        "(ElevesSansAdresses.zip), ou un seul fichier CSV ou .xlsx."
    ),
    "archive_several_xml": gettext_noop(
        "Le zip contient %(count)s fichiers XML ou JSON. Un seul fichier, s’il vous plaît."
    ),
    "encoding_unknown": gettext_noop(
        "%(where)sl’encodage déclaré « %(encoding)s » n’est pas connu. Envoyez le fichier de %(origin)s sans le modifier."
    ),
    "encoding_broken": gettext_noop(
        "%(where)sdes caractères ne correspondent pas à l’encodage déclaré : le fichier a été enregistré par un autre "
        "logiciel. Envoyez le fichier de %(origin)s sans le modifier."
    ),
    "doctype_refused": gettext_noop(
        "%(where)sle fichier déclare un type de document (DOCTYPE) ou des entités inattendus. Par sécurité il est "
        "refusé. Envoyez le fichier de %(origin)s sans le modifier."
    ),
    "not_well_formed": gettext_noop(
        "%(where)sle XML est mal formé (balise fautive ou fichier coupé). Exportez-le de nouveau depuis %(origin)s."
    ),
    "character_forbidden": gettext_noop(
        "%(where)sle fichier contient un caractère interdit. Exportez-le de nouveau depuis %(origin)s."
    ),
    "record_too_large": gettext_noop(
        "%(where)sun texte est démesurément long. Ce n’est pas une liste d’élèves : exportez-la de nouveau depuis %(origin)s."
    ),
    "too_many_records": gettext_noop(
        "Le fichier contient plus de %(limit)s fiches : ce n’est pas la liste d’un seul lycée. "
        "Envoyez un fichier par lycée."
    ),
    "unknown_document": gettext_noop(
        "Ce fichier XML (« %(root)s ») n’est pas une liste d’élèves ni de responsables. Dans les exports XML "
        "génériques de SIECLE, prenez ElevesSansAdresses ou ResponsablesAvecAdresses."
    ),
    "header_incomplete": gettext_noop(
        "%(where)sl’en-tête ne dit pas %(field)s. Exportez le fichier de nouveau depuis %(origin)s."
    ),
    "no_students": gettext_noop("Le fichier ne contient aucun élève. Vérifiez l’année choisie dans %(origin)s."),
    "nothing_listed": gettext_noop(
        "Le fichier ne contient rien à reprendre. Vérifiez l’année choisie dans %(origin)s, puis exportez de nouveau."
    ),
    "too_many_files": gettext_noop("Trop de fichiers à la fois (%(limit)s au plus). Envoyez-les lycée par lycée."),
    "same_kind_twice": gettext_noop(
        "Le lycée %(uai)s a deux fois le fichier %(kind)s. Gardez le plus récent et renvoyez-le seul."
    ),
    "several_school_years": gettext_noop(
        "Le fichier mêle plusieurs années scolaires (%(years)s). Demandez à %(origin)s une seule année."
    ),
    "aaf_delta": gettext_noop(
        "%(where)sc’est une livraison partielle de l’annuaire (Delta) : elle ne liste que ce qui a changé. "
        "Demandez la livraison complète (Complet) au rectorat, et envoyez-la."
    ),
    "aaf_incomplete": gettext_noop(
        "Il manque le fichier %(missing)s de la livraison de l’annuaire (AAF). Envoyez ensemble tous les fichiers du "
        "lycée, ou leur zip."
    ),
    "aaf_kind": gettext_noop(
        "Ces fichiers de l’annuaire (%(received)s) ne listent pas d’élèves. Envoyez ensemble les fichiers Eleve, "
        "PersRelEleve, EtabEducNat et MefEducNat, ou leur zip."
    ),
    "json_broken": gettext_noop(
        "%(where)sle JSON est mal formé (signe manquant ou fichier coupé). Enregistrez de nouveau la réponse de "
        "%(origin)s."
    ),
    "json_duplicate_key": gettext_noop(
        "%(where)sla clé « %(key)s » figure deux fois dans la même fiche. Enregistrez de nouveau la réponse de "
        "%(origin)s."
    ),
    "json_value": gettext_noop(
        "%(where)sla valeur « %(value)s » n’existe pas en JSON. Enregistrez de nouveau la réponse de %(origin)s."
    ),
    "json_too_deep": gettext_noop(
        "%(where)splus de %(limit)s niveaux imbriqués : ce n’est pas une liste d’élèves. Enregistrez de nouveau la "
        "réponse de %(origin)s."
    ),
    "unknown_json": gettext_noop(
        "Ce fichier JSON n’est pas une liste d’élèves connue. Enregistrez la réponse de SYGNE qui liste les élèves du "
        "lycée, ou celle de FREGATA qui liste ses inscriptions."
    ),
    "table_needs_mapping": gettext_noop(
        "Ce tableau est à compléter avant lecture : dites quelle colonne donne le nom, le prénom et la classe, et de quel "
        "lycée il est."
    ),
    # As organisations.words says it of a directory of lycées.
    "table_file_too_big": gettext_noop("Le fichier dépasse 64 Mo. Gardez les lignes de votre région."),
    "table_old_excel": gettext_noop(
        "Ce classeur est ancien ou protégé par un mot de passe. Enregistrez-le en .xlsx, sans mot de passe."
    ),
    "table_not_a_spreadsheet": gettext_noop(
        "Ce classeur est abîmé ou n’en est pas un. Enregistrez-le à nouveau en .xlsx."
    ),
    "table_spreadsheet_locked": gettext_noop("Ce classeur demande un mot de passe. Enregistrez-le sans."),
    "table_spreadsheet_too_big": gettext_noop(
        "Ce classeur est trop grand. Gardez une seule feuille et supprimez les lignes vides."
    ),
    "table_too_many_columns": gettext_noop("Il y a plus de 256 colonnes. Vérifiez le séparateur."),
    "table_too_many_rows": gettext_noop("Il y a plus de 250 000 lignes. Coupez le fichier en plusieurs."),
    "table_cell_too_long": gettext_noop("%(where)sune cellule est bien trop longue. Corrigez cette ligne."),
    "table_unclosed_quote": gettext_noop("%(where)sun guillemet ouvert n’est jamais fermé. Corrigez cette ligne."),
    "table_header_doubled": gettext_noop(
        "Deux colonnes portent le même nom (%(detail)s). Renommez ou supprimez l’une d’elles."
    ),
    "wrong_kind": gettext_noop("C’est le fichier %(received)s ; il faut ici le fichier %(expected)s."),
    "uai_invalid": gettext_noop(
        "Le numéro d’établissement « %(uai)s » du fichier est faux : sa lettre ne correspond pas à ses chiffres. "
        "Exportez le fichier de nouveau depuis %(origin)s."
    ),
    "wrong_school": gettext_noop(
        "C’est le fichier du lycée %(received)s ; la liste attendue est celle du lycée %(expected)s. "
        "Vérifiez le lycée choisi."
    ),
    "wrong_school_year": gettext_noop(
        "C’est le fichier de l’année %(received)s ; la liste attendue est celle de %(expected)s. "
        "Choisissez l’année %(expected)s dans %(origin)s, puis exportez de nouveau."
    ),
}

PROBLEMS: dict[str, str] = {
    "bom_disagrees": gettext_noop(
        "Le fichier annonce deux encodages différents ; le premier (BOM) a été suivi. Vérifiez quelques accents."
    ),
    "eleve_id_missing": gettext_noop(
        "%(where)sun élève n’a pas d’identifiant utilisable ; il n’est pas repris. Saisissez-le à la main."
    ),
    "eleve_id_repeated": gettext_noop(
        "%(where)sle même identifiant sert déjà %(other)s. Ces fiches attendent votre décision."
    ),
    "person_twice": gettext_noop(
        "%(where)smême nom, même prénom et même date de naissance que %(other)s. Dites si c’est la même personne."
    ),
    "twins": gettext_noop(
        "%(where)smême nom, même date de naissance et prénom proche que %(other)s : sans doute "
        "des jumeaux. Attention au moment de remettre les PC."
    ),
    "name_unfit": gettext_noop(
        "%(where)s%(field)s contient un caractère impossible dans un nom, ou dépasse 100 caractères ; l’élève n’est "
        "pas repris. Corrigez sa fiche dans %(origin)s ou saisissez-le à la main."
    ),
    "family_name_missing": gettext_noop(
        "%(where)sl’élève n’a pas de nom ; il n’est pas repris. Complétez sa fiche dans %(origin)s."
    ),
    "given_name_missing": gettext_noop("%(where)sle prénom manque ; l’élève est repris avec son seul nom."),
    "ine_missing": gettext_noop("%(where)spas d’INE ; l’élève est repris. C’est fréquent pour un nouvel arrivant."),
    "ine_unreadable": gettext_noop("%(where)sl’INE n’a pas la forme d’un INE ; il est laissé de côté."),
    "ine_key_wrong": gettext_noop("%(where)sla clé de l’INE semble fausse ; l’élève est repris. Vérifiez sa fiche."),
    "ine_shared": gettext_noop(
        "%(where)sce même INE est porté %(other)s par un autre élève ; il est laissé de côté pour les deux."
    ),
    "birth_date_missing": gettext_noop(
        "%(where)sla date de naissance manque ; l’élève est repris, un responsable devra signer la charte."
    ),
    "birth_date_unlikely": gettext_noop("%(where)sannée de naissance %(year)s peu vraisemblable. Vérifiez la fiche."),
    "date_swapped": gettext_noop(
        "%(where)s%(field)s « %(value)s » : le mois et le jour semblent inversés (attendu : %(form)s). L’élève n’est "
        "pas repris."
    ),
    "date_two_digit_year": gettext_noop(
        "%(where)s%(field)s « %(value)s » : l’année n’a que deux chiffres (attendu : %(form)s). L’élève n’est pas "
        "repris."
    ),
    "date_excel_serial": gettext_noop(
        "%(where)s%(field)s « %(value)s » : c’est un nombre de jours d’Excel, pas une date (attendu : %(form)s). "
        "L’élève n’est pas repris. N’enregistrez pas le fichier avec Excel."
    ),
    "date_impossible": gettext_noop(
        "%(where)s%(field)s « %(value)s » : ce jour n’existe pas. L’élève n’est pas repris."
    ),
    "date_unreadable": gettext_noop(
        "%(where)s%(field)s « %(value)s » n’est pas une date (attendu : %(form)s). L’élève n’est pas repris."
    ),
    "entry_date_unreadable": gettext_noop("%(where)sla date d’entrée est illisible ; elle est laissée vide."),
    "level_unknown": gettext_noop(
        "%(where)sle MEF « %(mef)s » n’a pas de niveau connu (%(count)s élèves). Choisissez leur niveau à la main."
    ),
    "division_missing": gettext_noop("%(where)sl’élève n’est dans aucune classe ; il est repris « sans classe »."),
    "two_divisions": gettext_noop(
        "%(where)sl’élève est dans plusieurs classes (%(divisions)s) ; il est repris une fois, dans la première."
    ),
    "several_schoolings": gettext_noop(
        "%(where)sl’élève a plusieurs inscriptions ; il est repris une fois, avec celle qui est en cours."
    ),
    "aaf_perhaps_partial": gettext_noop(
        "Rien ne dit que cette livraison de l’annuaire est complète : aucun nom de fichier ne porte « Complet ». Les élèves "
        "qu’elle ne nomme pas ne sont donc pas comptés absents. Pour qu’ils le soient, envoyez les fichiers du rectorat "
        "sous leur nom d’origine."
    ),
    "structure_unknown": gettext_noop(
        "%(where)sl’élève est rattaché à un établissement qui n’est pas dans le fichier EtabEducNat ; il n’est pas "
        "repris. Demandez une livraison complète."
    ),
    "school_missing": gettext_noop(
        "%(where)sla fiche ne dit pas de quel lycée est l’élève, et le fichier en compte plusieurs ; il n’est pas repris."
    ),
    "record_unreadable": gettext_noop("%(where)sce n’est pas la fiche d’un élève ; elle n’est pas reprise."),
    "type_unexpected": gettext_noop(
        "%(where)s%(field)s n’est pas du texte ; l’élève n’est pas repris. Corrigez sa fiche dans %(origin)s."
    ),
    "value_unfit": gettext_noop(
        "%(where)s%(field)s contient un caractère impossible ; l’élève n’est pas repris. Corrigez sa fiche dans "
        "%(origin)s."
    ),
    "too_many_cells": gettext_noop(
        "%(where)splus de cellules que de colonnes ; l’élève n’est pas repris. Un séparateur est sans doute dans un texte."
    ),
    "cell_spoilt": gettext_noop(
        "%(where)sle tableur a abîmé %(field)s : des zéros ou des chiffres sont perdus, ou c’est devenu une date. L’élève "
        "n’est pas repris. Envoyez le fichier sans l’enregistrer avec Excel, ou mettez la colonne au format Texte."
    ),
    "sheet_formulas": gettext_noop(
        "Le classeur a des formules : seules leurs valeurs sont lues, rien n’est recalculé."
    ),
    "sheet_hidden_sheets": gettext_noop("Le classeur a des feuilles masquées : elles ne sont pas lues."),
    "sheet_other_sheets": gettext_noop("Le classeur a plusieurs feuilles : seule la première est lue."),
    "sheet_filters": gettext_noop("La feuille a un filtre : les lignes masquées par le filtre sont lues aussi."),
    "sheet_merged_cells": gettext_noop("La feuille a des cellules fusionnées : seule la première de chacune est lue."),
    "class_code_missing": gettext_noop("%(where)sune classe n’a pas de code utilisable ; elle n’est pas reprise."),
    "class_repeated": gettext_noop("%(where)scette classe figure deux fois ; la première est gardée."),
    "count_unreadable": gettext_noop(
        "%(where)sl’effectif prévu « %(value)s » n’est pas un nombre entier ; il est laissé vide."
    ),
    "mef_missing": gettext_noop("%(where)sun MEF n’a pas de code utilisable ; il n’est pas repris."),
    "mef_repeated": gettext_noop("%(where)sce MEF figure deux fois ; le premier est gardé."),
    "mefstat_unreadable": gettext_noop(
        "%(where)sle niveau (CODE_MEFSTAT) du MEF « %(mef)s » est illisible ; il est laissé vide."
    ),
    "person_id_missing": gettext_noop("%(where)sun responsable n’a pas d’identifiant ; il n’est pas repris."),
    "person_name_unfit": gettext_noop(
        "%(where)sle nom d’un responsable contient un caractère impossible ou dépasse 100 caractères ; il n’est pas "
        "repris. Corrigez sa fiche dans %(origin)s."
    ),
    "person_differs": gettext_noop(
        "%(where)sce responsable figure aussi %(other)s avec d’autres coordonnées ; les premières sont gardées."
    ),
    "phone_unreadable": gettext_noop("%(where)sun numéro de téléphone est illisible ; il est laissé vide."),
    "mail_unreadable": gettext_noop(
        "%(where)sl’adresse électronique n’est pas une seule adresse valable ; elle est laissée vide."
    ),
    "link_incomplete": gettext_noop("%(where)sun lien entre responsable et élève est incomplet ; il n’est pas repris."),
    "link_differs": gettext_noop(
        "%(where)sce lien figure aussi %(other)s avec une autre responsabilité ; le premier est gardé."
    ),
    "guardian_unknown": gettext_noop("%(where)sle responsable de cet élève n’est pas dans le fichier."),
    "too_many_legal_guardians": gettext_noop(
        "%(where)scet élève a %(count)s responsables légaux ; la loi en connaît deux. Vérifiez sa fiche dans %(origin)s."
    ),
}

FIELDS: dict[str, str] = {
    "NOM": gettext_noop("le nom"),
    "NOM_DE_FAMILLE": gettext_noop("le nom de famille"),
    "NOM_USAGE": gettext_noop("le nom d’usage"),
    "PRENOM": gettext_noop("le prénom"),
    "DATE_NAISS": gettext_noop("la date de naissance"),
    "DATE_ENTREE": gettext_noop("la date d’entrée"),
    "DATE_SORTIE": gettext_noop("la date de sortie"),
    "UAJ": gettext_noop("de quel lycée il vient (UAJ)"),
    "ANNEE_SCOLAIRE": gettext_noop("l’année scolaire (ANNEE_SCOLAIRE)"),
    "BEE_ELEVES": gettext_noop("des élèves (ElevesSansAdresses)"),
    "BEE_RESPONSABLES": gettext_noop("des responsables (ResponsablesAvecAdresses)"),
    "BEE_STRUCTURES": gettext_noop("des classes (Structures)"),
    "BEE_NOMENCLATURES": gettext_noop("des nomenclatures (Nomenclature)"),
    "AAF": gettext_noop("de l’annuaire académique (AAF)"),
    "IMPORT_ELEVES": gettext_noop("d’un logiciel privé (IMPORT_ELEVES)"),
    "SYGNE": gettext_noop("de SYGNE"),
    "FREGATA": gettext_noop("de FREGATA"),
    "TABLE": gettext_noop("d’un tableau (CSV ou classeur)"),
    "LEVEL": gettext_noop("le niveau"),
    "CODE_RNE": gettext_noop("le lycée précédent"),
    "CODE_UAI": gettext_noop("le numéro d’établissement"),
    "CODE_DIVISION": gettext_noop("la classe"),
    "CODE_MEF": gettext_noop("le MEF"),
    "CODE_STATUT": gettext_noop("le statut"),
    "ID_NATIONAL": gettext_noop("l’INE"),
    "KEY": gettext_noop("l’identifiant"),
}


def message_of(code: str) -> str:
    """Return the msgid of a code of a refusal or a problem; its placeholders are the parameters, `where`, `field`."""
    return REFUSALS.get(code) or PROBLEMS[code]


def sentence(about: Problem | FileRefused, translate: Callable[[str], str] = str) -> str:
    """Return the finished sentence, in French or by `translate` (Django's gettext) in the user's language."""
    parameters = {name: _shown(value, translate) for name, value in about.parameters.items()}
    is_record = about.parameters.get("unit") == "record"
    if about.line is not None:
        parameters["where"] = translate(WHERE_RECORD if is_record else WHERE) % {"line": about.line}
    if "other_line" in parameters:
        parameters["other"] = translate(OTHER_RECORD if is_record else OTHER) % {"line": parameters["other_line"]}
    message, origin = message_of(about.code), str(about.parameters.get("origin", ""))
    if "%(form)s" in message:
        parameters["form"] = translate(YEAR_MONTH_DAY if origin in _ISO_ORIGINS else DAY_MONTH_YEAR)
    if "%(origin)s" in message:
        parameters["origin"] = translate(ORIGINS.get(origin, ORIGINS[""]))
    text = translate(message) % _Complete({"where": "", **parameters})
    text = text[:1].upper() + text[1:]
    if "file" in parameters:
        text = translate(IN_FILE) % {"file": parameters["file"], "sentence": text}
    return text


def _shown(value: object, translate: Callable[[str], str]) -> str:
    text = str(value)
    return translate(FIELDS[text]) if text in FIELDS else text


class _Complete(dict[str, str]):
    """Parameters in which a missing one is a dash: a sentence must never fail on its way to the user."""

    def __missing__(self, key: str) -> str:
        return "—"
