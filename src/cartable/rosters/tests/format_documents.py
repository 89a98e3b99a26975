"""Small documents of the formats beside SIECLE's two lists: invented people, one detail wrong at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

from cartable.rosters.formats.recognition import Source, read_list
from cartable.rosters.formats.records import ClassFile, GuardianFile, LevelFile, ListPart, StudentFile
from cartable.rosters.tests.siecle_documents import HEADER, UAI, YEAR, element, encoded

OTHER_UAI = "0670081Z"
STRUCTURE = "2741"

DOCTYPE = '<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">'


def student_file(source: Source | Sequence[Source]) -> StudentFile:
    """The only list of students in the sources."""
    (part,) = (part for part in read_list(source) if isinstance(part, StudentFile))
    return part


def guardian_file(source: Source | Sequence[Source]) -> GuardianFile:
    (part,) = (part for part in read_list(source) if isinstance(part, GuardianFile))
    return part


def class_file(source: Source) -> ClassFile:
    (part,) = read_list(source)
    assert isinstance(part, ClassFile)
    return part


def level_file(source: Source) -> LevelFile:
    (part,) = read_list(source)
    assert isinstance(part, LevelFile)
    return part


def problem_codes(part: ListPart, severity: str | None = None) -> list[str]:
    return [problem.code for problem in part.problems if severity in (None, problem.severity)]


# BEE_STRUCTURES and BEE_NOMENCLATURES


def division(code: str = "2DE 7", *mefs: str, raw: str = "", **fields: str | None) -> str:
    wanted = {"LIBELLE_LONG": "SECONDE 7", "EFFECTIF_PREVU": "35", **fields}
    body = "".join(element(tag, text) for tag, text in wanted.items() if text is not None)
    members = "".join(f"<MEF_APPARTENANCE>{element('CODE_MEF', mef)}</MEF_APPARTENANCE>" for mef in mefs)
    code_attribute = quoteattr(code)
    return (
        f"      <DIVISION CODE_STRUCTURE={code_attribute}>{body}"
        f"<MEFS_APPARTENANCE>{members}</MEFS_APPARTENANCE>{raw}</DIVISION>\n"
    )


GROUP = (
    '      <GROUPE CODE_STRUCTURE="2AGL1"><LIBELLE_LONG>ANGLAIS 1</LIBELLE_LONG><EFFECTIF_PREVU>18</EFFECTIF_PREVU>'
    "<DIVISIONS_APPARTENANCE><DIVISION_APPARTENANCE><CODE_STRUCTURE>2DE 7</CODE_STRUCTURE></DIVISION_APPARTENANCE>"
    "</DIVISIONS_APPARTENANCE></GROUPE>\n"
)


def structures_document(*divisions: str, version: str = "2.0", header: str = HEADER) -> bytes:
    return encoded(
        f'<BEE_STRUCTURES VERSION="{version}">\n{header}  <DONNEES>\n    <DIVISIONS>\n{"".join(divisions)}'
        f"    </DIVISIONS>\n    <GROUPES>\n{GROUP}    </GROUPES>\n  </DONNEES>\n</BEE_STRUCTURES>\n"
    )


def mef(code: str = "20010018110", mefstat: str | None = "22111101110", **fields: str | None) -> str:
    wanted = {"FORMATION": "2NDE GT", "LIBELLE_LONG": "SECONDE GENERALE ET TECHNO", "STATUT_MEF": "N", **fields}
    wanted = {**wanted, "CODE_MEFSTAT": mefstat}
    body = "".join(element(tag, text) for tag, text in wanted.items() if text is not None)
    return f"      <MEF CODE_MEF={quoteattr(code)}>{body}</MEF>\n"


def nomenclatures_document(*mefs: str, version: str = "3.1") -> bytes:
    return encoded(
        f'<BEE_NOMENCLATURES VERSION="{version}">\n{HEADER}  <DONNEES>\n    <MATIERES>\n'
        '      <MATIERE CODE_MATIERE="030201"><LIBELLE_LONG>ANGLAIS LV1</LIBELLE_LONG></MATIERE>\n    </MATIERES>\n'
        f"    <MEFS>\n{''.join(mefs)}    </MEFS>\n  </DONNEES>\n</BEE_NOMENCLATURES>\n"
    )


# IMPORT_ELEVES


def private_person(person_id: str = "51", **changes: str | None) -> str:
    fields = {
        "ID_PRV_PER": person_id,
        "CODE_CIVILITE": "2",
        "NOM_DE_FAMILLE": "MARCHAND",
        "PRENOM": "Hélène",
        "CODE_PROFESSION": "99",
        "TEL_PERSONNEL": "0353010001",
        "TEL_PORTABLE": "0639980001",
        "EMAIL": "helene@courriel.example",
        **changes,
    }
    body = "".join(element(tag, text) for tag, text in fields.items() if text is not None)
    return f"      <PERSONNE>{body}</PERSONNE>\n"


def private_link(tag: str = "LEGAL", person_id: str = "51", kinship: str = "10") -> str:
    return f"<{tag}>{element('ID_PRV_PER', person_id)}{element('CODE_PARENTE', kinship)}</{tag}>"


def private_student(student_id: str = "17", *links: str, schooling: str | None = None, **changes: str | None) -> str:
    """One ELEVE like Alice; `schooling` replaces the content of SCOLARITE_ACTIVE, "" leaves it out."""
    fields = {
        "CODE_MOTIF_SORTIE": None,
        "DATE_SORTIE": None,
        "ID_PRV_ELE": student_id,
        "ID_NATIONAL": "990000001EB",
        "NOM_DE_FAMILLE": "MARCHAND",
        "PRENOM": "Alice",
        "CODE_PAYS_NAT": "100",
        "DATE_NAISS": "2008-09-14",
        **changes,
    }
    body = "".join(element(tag, text) for tag, text in fields.items() if text is not None)
    if schooling is None:
        schooling = (
            "<CODE_MEF>20010018110</CODE_MEF><CODE_DIVISION>2DE 7</CODE_DIVISION><CODE_STATUT>ST</CODE_STATUT>"
            "<DATE_DEB_SCO>2026-09-01</DATE_DEB_SCO>"
        )
    responsible = f"<RESPONSABLES_ELEVE>{''.join(links or (private_link(),))}</RESPONSABLES_ELEVE>"
    active = f"<SCOLARITE_ACTIVE>{schooling}</SCOLARITE_ACTIVE>" if schooling else ""
    last_year = f"<ETABLISSEMENT_AN_DERNIER><CODE_RNE>{OTHER_UAI}</CODE_RNE></ETABLISSEMENT_AN_DERNIER>"
    return f"      <ELEVE>{body}{responsible}{active}{last_year}</ELEVE>\n"


def import_eleves_document(
    *students: str, persons: str | None = None, version: str = "3.1", uai: str = UAI, year: int = YEAR
) -> bytes:
    persons = private_person() if persons is None else persons
    return encoded(
        f'<IMPORT_ELEVES VERSION="{version}">\n  <PARAMETRES><UAJ>{uai}</UAJ><ANNEE_SCOLAIRE>{year}</ANNEE_SCOLAIRE>'
        "<DATE_IMPORT>10/09/2026</DATE_IMPORT><NUM_ENVOI>3</NUM_ENVOI><LOGICIEL>ECOLE-X</LOGICIEL></PARAMETRES>\n"
        f"  <DONNEES>\n    <PERSONNES>\n{persons}    </PERSONNES>\n    <ELEVES>\n{''.join(students)}    </ELEVES>\n"
        "  </DONNEES>\n</IMPORT_ELEVES>\n"
    )


# AAF


def attributes(values: Mapping[str, str | Sequence[str] | None]) -> str:
    """The attributes of a record; None leaves one out, a sequence gives several values."""
    lines = []
    for name, value in values.items():
        if value is not None:
            texts = [value] if isinstance(value, str) else value
            lines.append(f'<attr name="{name}">{"".join(element("value", text) for text in texts)}</attr>\n')
    return "".join(lines)


def add_request(category: str, identifier: str, values: Mapping[str, str | Sequence[str] | None]) -> str:
    kind = "categorieStructure" if category == "EtabEducNat" else "categoriePersonne"
    return (
        f'<addRequest>\n<operationalAttributes><attr name="{kind}"><value>{category}</value></attr>'
        f"</operationalAttributes>\n<identifier><id>{identifier}</id></identifier>\n"
        f"<attributes>\n{attributes(values)}</attributes>\n</addRequest>\n"
    )


def aaf_student(key: str = "748220", **changes: str | Sequence[str] | None) -> str:
    """One Eleve record like Alice."""
    return add_request(
        "Eleve",
        key,
        {
            "ENTPersonJointure": key,
            "ENTPersonDateNaissance": "14/09/2008",
            "ENTPersonNomPatro": "MARCHAND",
            "sn": "MARCHAND",
            "givenName": "Alice",
            "ENTPersonAutresPrenoms": ["Alice", "Odile"],
            "personalTitle": "Mlle",
            "ENTEleveINE": "990000001EB",
            "ENTEleveBoursier": "N",
            "ENTEleveStatutEleve": "SCOLAIRE",
            "ENTEleveMEF": "20010018110",
            "ENTEleveLibelleMEF": "SECONDE GENERALE ET TECHNO",
            "ENTPersonStructRattach": STRUCTURE,
            "ENTEleveClasses": f"{STRUCTURE}$2DE 7",
            "ENTEleveGroupes": f"{STRUCTURE}$2AGL1",
            "ENTElevePersRelEleve": "748501$2$1$1$1$0",
            **changes,
        },
    )


def aaf_person(key: str = "748501", **changes: str | None) -> str:
    return add_request(
        "PersRelEleve",
        key,
        {
            "ENTPersonJointure": key,
            "ENTPersonNomPatro": "MARCHAND",
            "sn": "MARCHAND",
            "givenName": "Hélène",
            "homePhone": "0353010001",
            "telephoneNumber": "0388000000",
            "ENTPersonAdresse": "1 rue des Mirabelliers",
            "mobile": "0639980001",
            "mail": "helene@courriel.example",
            **changes,
        },
    )


def aaf_school(structure: str = STRUCTURE, uai: str = UAI) -> str:
    values = {"ENTStructureJointure": structure, "ENTStructureUAI": uai, "ENTStructureNomCourant": "LYCEE"}
    return add_request("EtabEducNat", structure, values)


def aaf_mef(code: str = "20010018110", mefstat: str = "22111101110") -> str:
    values = {"ENTMefJointure": code, "ENTLibelleMef": "SECONDE", "ENTMEFRattach": code, "ENTMEFSTAT11": mefstat}
    return add_request("MefEducNat", code, values)


def aaf_teacher(key: str = "748900") -> str:
    return add_request("PersEducNat", key, {"ENTPersonJointure": key, "sn": "ROTH", "givenName": "Karim"})


def aaf_document(*records: str, encoding: str = "UTF-8", doctype: str = DOCTYPE) -> bytes:
    return encoded(
        f"{doctype}\n<!-- versionAAF=1.7 -->\n<ficAlimMENESR>\n{''.join(records)}</ficAlimMENESR>\n", encoding
    )


class NamedFile(io.BytesIO):
    """A file as somebody sends it: bytes with a name."""

    def __init__(self, content: bytes, name: str = f"ENT_{UAI}_Complet_20260910_Eleve_0000.xml") -> None:
        super().__init__(content)
        self.name = name


def aaf_files(*students: str, persons: str | None = None, schools: str | None = None) -> dict[str, bytes]:
    """A delivery of one lycée, as the rectorat names its files."""
    name = f"ENT_{UAI}_Complet_20260910_%s_0000.xml"
    return {
        name % "EtabEducNat": aaf_document(aaf_school() if schools is None else schools),
        name % "Eleve": aaf_document(*(students or (aaf_student(),))),
        name % "PersRelEleve": aaf_document(aaf_person() if persons is None else persons),
        name % "MefEducNat": aaf_document(aaf_mef()),
        name % "PersEducNat": aaf_document(aaf_teacher()),
    }


def aaf_sources(*students: str, persons: str | None = None, schools: str | None = None) -> list[NamedFile]:
    files = aaf_files(*students, persons=persons, schools=schools)
    return [NamedFile(content, name) for name, content in files.items()]


# SYGNE and FREGATA


def sygne_student(**changes: object) -> dict[str, object]:
    return {
        "ine": "990000001EB",
        "nom": "MARCHAND",
        "prenom": "Alice",
        "dateNaissance": "2008-09-14",
        "codeSexe": "2",
        "codeUai": UAI,
        "anneeScolaire": YEAR,
        "niveau": "2211",
        "libelleNiveau": "2NDE G-T",
        "codeMef": "20010018110",
        "codeMefRatt": "20010018110",
        "classe": "2DE 7",
        "codeRegime": "2",
        "codeStatut": "ST",
        "dateDebSco": "2026-09-01",
        "adhesionTransport": False,
        **changes,
    }


def fregata_inscription(person: Mapping[str, object] | None = None, **changes: object) -> dict[str, object]:
    return {
        "id": 90417,
        "anneeScolaireId": YEAR - 1996,
        "dateEntreeEtablissement": "2026-09-01",
        "dateEntreeFormation": "2026-09-01",
        "dateSortieFormation": None,
        "dateSortieEtablissement": None,
        "statutApprenant": {"code": "2501", "libelleCourt": "Elève"},
        "division": {"code": "2PRO A", "libelle": "2NDE JARDINERIE"},
        "sectionReference": {"codeMef": "27621407310", "codeUai": UAI},
        "apprenant": {
            "nomUsuel": "MARCHAND",
            "prenomUsuel": "Alice",
            "dateNaissance": "2008-09-14",
            "ine": "990000001EB",
            "adressesApprenant": [{"estPrioritaire": True, "adresseIndividu": {"ligne2": "1 rue des Mirabelliers"}}],
            **(person or {}),
        },
        **changes,
    }


def json_document(records: object) -> bytes:
    return json.dumps(records).encode()
