"""Write invented people in the words of SIECLE's BEE exports, record by record.

Format: 1.2 and 1.3 of the field research, after the exports kept by GEPI, Pix, pyKol and DossierSCO. `3.0` is
today's version, `2.1` the one before, `1.8` that of before the summer of 2016: NOM instead of NOM_DE_FAMILLE and
RESP_LEGAL instead of NIVEAU_RESPONSABILITE.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

from cartable.simulation.invented_students import InventedStudent

Version = Literal["3.0", "2.1", "1.8"]


class Export(NamedTuple):
    """Whose file is written: UAI, first civil year of the school year, day of the export, version of the format."""

    uai: str
    school_year: int
    exported_on: date
    version: Version


@dataclass(frozen=True, slots=True)
class InventedGuardian:
    """One PERSONNE to be written; `address_id` tells who lives together."""

    person_id: str
    title: Literal["M.", "MME"]
    family_name: str
    given_name: str
    home_phone: str
    mobile: str
    mail: str
    address_id: str


@dataclass(frozen=True, slots=True)
class InventedLink:
    """One RESPONSABLE_ELEVE to be written: level 1 legal, 2 in charge, 3 contact; kinship 10 mother, 20 father."""

    eleve_id: str
    person_id: str
    level: int
    kinship: str
    lives_with: bool


def students_xml(students: Iterable[InventedStudent], export: Export) -> Iterator[str]:
    """Yield the text of an ElevesSansAdresses file, a few kilobytes at a time."""
    yield _start("BEE_ELEVES", export, export.version)
    yield "    <ELEVES>\n"
    kept = []
    for student in students:
        kept.append((student.eleve_id, student.divisions, student.groups))
        yield _eleve(student, export)
    yield "    </ELEVES>\n    <OPTIONS>\n"
    for eleve_id, _, _ in kept:
        yield _options(eleve_id)
    yield "    </OPTIONS>\n    <STRUCTURES>\n"
    for eleve_id, divisions, groups in kept:
        if divisions or groups:
            yield _structures(eleve_id, divisions, groups)
    yield "    </STRUCTURES>\n    <BOURSES />\n"
    yield "  </DONNEES>\n</BEE_ELEVES>\n"


def guardians_xml(
    guardians: Iterable[InventedGuardian], links: Iterable[InventedLink], export: Export
) -> Iterator[str]:
    """Yield the text of a ResponsablesAvecAdresses file, a few kilobytes at a time."""
    yield _start("BEE_RESPONSABLES", export, "1.8" if export.version == "1.8" else "2.1")
    yield "    <PERSONNES>\n"
    address_ids: dict[str, None] = {}
    for guardian in guardians:
        address_ids[guardian.address_id] = None
        yield _personne(guardian)
    yield "    </PERSONNES>\n    <RESPONSABLES>\n"
    for link in links:
        yield _responsable(link, export.version)
    yield "    </RESPONSABLES>\n    <ADRESSES>\n"
    for address_id in address_ids:
        yield _adresse(address_id)
    yield "    </ADRESSES>\n  </DONNEES>\n</BEE_RESPONSABLES>\n"


def _day(day: date) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def _start(root: str, export: Export, version: str) -> str:
    return f"""<?xml version="1.0" encoding="ISO-8859-15"?>
<{root} VERSION="{version}">
  <PARAMETRES>
    <UAJ>{export.uai}</UAJ>
    <ANNEE_SCOLAIRE>{export.school_year}</ANNEE_SCOLAIRE>
    <DATE_EXPORT>{_day(export.exported_on)}</DATE_EXPORT>
    <HORODATAGE>{_day(export.exported_on)} 09:11:46</HORODATAGE>
  </PARAMETRES>
  <DONNEES>
"""


def _eleve(student: InventedStudent, export: Export) -> str:
    uai = export.uai
    elenoet = student.eleve_id[-4:]
    ine = f"        <ID_NATIONAL>{student.ine}</ID_NATIONAL>\n        <INE_RNIE>{student.ine}</INE_RNIE>\n"
    family = "NOM" if export.version == "1.8" else "NOM_DE_FAMILLE"
    usage = f"        <NOM_USAGE>{escape(student.usage_name)}</NOM_USAGE>\n" if student.usage_name else ""
    leaving = (
        f"        <DATE_SORTIE>{_day(student.left_on)}</DATE_SORTIE>\n"
        f"        <CODE_MOTIF_SORTIE>{student.exit_reason}</CODE_MOTIF_SORTIE>\n"
        if student.left_on
        else ""
    )
    return f"""      <ELEVE ELEVE_ID="{student.eleve_id}" ELENOET="{elenoet}">
{ine if student.ine else "        <ID_NATIONAL></ID_NATIONAL>" + chr(10)}        <ELENOET>{elenoet}</ELENOET>
        <ID_ELEVE_ETAB>0{elenoet}{uai[1:7]}</ID_ELEVE_ETAB>
        <{family}>{escape(student.family_name)}</{family}>
{usage}        <PRENOM>{escape(student.given_name)}</PRENOM>
        <PRENOM2></PRENOM2>
        <DATE_NAISS>{_day(student.birth_on)}</DATE_NAISS>
        <DOUBLEMENT>0</DOUBLEMENT>
        <CODE_PAYS>100</CODE_PAYS>
        <ACCEPTE_SMS>0</ACCEPTE_SMS>
        <DATE_MODIFICATION>{_day(export.exported_on)}</DATE_MODIFICATION>
        <CODE_REGIME>2</CODE_REGIME>
        <DATE_ENTREE>{_day(student.entered_on)}</DATE_ENTREE>
{leaving}        <VILLE_NAISS></VILLE_NAISS>
        <CODE_SEXE>{student.sex}</CODE_SEXE>
        <CODE_PAYS_NAT>100</CODE_PAYS_NAT>
        <CODE_STATUT>{student.status}</CODE_STATUT>
        <CODE_MEF>{student.mef}</CODE_MEF>
        <CODE_DEPARTEMENT_NAISS>{uai[:3]}</CODE_DEPARTEMENT_NAISS>
        <CODE_COMMUNE_INSEE_NAISS>{uai[1:3]}999</CODE_COMMUNE_INSEE_NAISS>
        <ADHESION_TRANSPORT>0</ADHESION_TRANSPORT>
        <CODE_PROVENANCE>1</CODE_PROVENANCE>
{_last_year(student)}      </ELEVE>
"""


def _last_year(student: InventedStudent) -> str:
    if not student.previous_uai:
        return ""
    uai = student.previous_uai
    return f"""        <SCOLARITE_AN_DERNIER>
          <CODE_MEF>{"10310019110" if student.is_new_in_school else student.mef}</CODE_MEF>
          <CODE_STRUCTURE>{student.previous_division}</CODE_STRUCTURE>
          <CODE_RNE>{uai}</CODE_RNE>
          <CODE_NATURE>{340 if student.is_new_in_school else 302}</CODE_NATURE>
          <SIGLE>{"CLG" if student.is_new_in_school else "LGT"}</SIGLE>
          <DENOM_PRINC>ETABLISSEMENT INVENTE</DENOM_PRINC>
          <DENOM_COMPL>LES MIRABELLIERS</DENOM_COMPL>
          <LIGNE1_ADRESSE>1 rue des Écoles</LIGNE1_ADRESSE>
          <BOITE_POSTALE></BOITE_POSTALE>
          <MEL>ce.{uai}@courriel.example</MEL>
          <TELEPHONE>0353010000</TELEPHONE>
          <CODE_COMMUNE_INSEE>{uai[1:3]}999</CODE_COMMUNE_INSEE>
          <LL_COMMUNE_INSEE>VILLE-INVENTÉE</LL_COMMUNE_INSEE>
        </SCOLARITE_AN_DERNIER>
"""


def _options(eleve_id: str) -> str:
    options = "".join(
        f"""        <OPTIONS_ELEVE>
          <NUM_OPTION>{number}</NUM_OPTION>
          <CODE_MODALITE_ELECT>{"O" if number < 3 else "F"}</CODE_MODALITE_ELECT>
          <CODE_MATIERE>{subject}</CODE_MATIERE>
        </OPTIONS_ELEVE>
"""
        for number, subject in enumerate(("030201", "030602", "061300"), start=1)
    )
    return f'      <OPTION ELEVE_ID="{eleve_id}" ELENOET="{eleve_id[-4:]}">\n{options}      </OPTION>\n'


def _structures(eleve_id: str, divisions: list[str], groups: list[str]) -> str:
    structures = "".join(
        f"""        <STRUCTURE>
          <CODE_STRUCTURE>{escape(code)}</CODE_STRUCTURE>
          <TYPE_STRUCTURE>{kind}</TYPE_STRUCTURE>
        </STRUCTURE>
"""
        for kind, codes in (("D", divisions), ("G", groups))
        for code in codes
    )
    return (
        f'      <STRUCTURES_ELEVE ELEVE_ID="{eleve_id}" ELENOET="{eleve_id[-4:]}">\n{structures}'
        "      </STRUCTURES_ELEVE>\n"
    )


def _personne(guardian: InventedGuardian) -> str:
    return f"""      <PERSONNE PERSONNE_ID="{guardian.person_id}">
        <LC_CIVILITE>{guardian.title}</LC_CIVILITE>
        <LL_CIVILITE>{"MONSIEUR" if guardian.title == "M." else "MADAME"}</LL_CIVILITE>
        <NOM_DE_FAMILLE>{escape(guardian.family_name)}</NOM_DE_FAMILLE>
        <PRENOM>{escape(guardian.given_name)}</PRENOM>
        <TEL_PERSONNEL>{guardian.home_phone}</TEL_PERSONNEL>
        <TEL_PORTABLE>{guardian.mobile}</TEL_PORTABLE>
        <ACCEPTE_SMS>1</ACCEPTE_SMS>
        <TEL_PROFESSIONNEL></TEL_PROFESSIONNEL>
        <MEL>{guardian.mail}</MEL>
        <COMMUNICATION_ADRESSE>1</COMMUNICATION_ADRESSE>
        <ADRESSE_ID>{guardian.address_id}</ADRESSE_ID>
        <CODE_PROFESSION>99</CODE_PROFESSION>
      </PERSONNE>
"""


def _responsable(link: InventedLink, version: Version) -> str:
    legal = (
        f"<RESP_LEGAL>{int(link.level == 1)}</RESP_LEGAL>"
        if version == "1.8"
        else f"<NIVEAU_RESPONSABILITE>{link.level}</NIVEAU_RESPONSABILITE>"
    )
    # Both writings of booleans stand in one file, as in the real ones.
    return f"""      <RESPONSABLE_ELEVE>
        <ELEVE_ID>{link.eleve_id}</ELEVE_ID>
        <PERSONNE_ID>{link.person_id}</PERSONNE_ID>
        {legal}
        <CODE_PARENTE>{link.kinship}</CODE_PARENTE>
        <PAIE_FRAIS_SCOLAIRES>{int(link.level == 1)}</PAIE_FRAIS_SCOLAIRES>
        <PERCOIT_LES_AIDES>false</PERCOIT_LES_AIDES>
        <HEBERGE_ELEVE>{str(link.lives_with).lower()}</HEBERGE_ELEVE>
        <A_CONTACTER_EN_PRIORITE>{str(link.lives_with).lower()}</A_CONTACTER_EN_PRIORITE>
      </RESPONSABLE_ELEVE>
"""


def _adresse(address_id: str) -> str:
    return f"""      <ADRESSE ADRESSE_ID="{address_id}">
        <LIGNE1_ADRESSE>{int(address_id) % 97 + 1} rue des Mirabelliers</LIGNE1_ADRESSE>
        <LIGNE2_ADRESSE></LIGNE2_ADRESSE>
        <LIGNE3_ADRESSE></LIGNE3_ADRESSE>
        <LIGNE4_ADRESSE></LIGNE4_ADRESSE>
        <COMMUNE_ETRANGERE></COMMUNE_ETRANGERE>
        <CODE_POSTAL>99999</CODE_POSTAL>
        <CODE_PAYS>100</CODE_PAYS>
        <CODE_COMMUNE_INSEE>99999</CODE_COMMUNE_INSEE>
        <LL_PAYS>FRANCE</LL_PAYS>
        <CODE_DEPARTEMENT>099</CODE_DEPARTEMENT>
        <LIBELLE_POSTAL>VILLE INVENTEE</LIBELLE_POSTAL>
      </ADRESSE>
"""
