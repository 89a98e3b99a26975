"""Write invented people as the files of an AAF Complet feed (Annuaire académique fédérateur), record by record.

Format: 1.8 of the field research, after the test files of Entcore. One feed holds three files that need each other:
EtabEducNat gives a structure's id its UAI, Eleve points to structures and guardians, PersRelEleve names guardians.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from cartable.kernel.levels import level_label, level_of_mef
from cartable.simulation.invented_students import InventedStudent
from cartable.simulation.siecle_xml import InventedGuardian, InventedLink

_STATUSES = {"ST": "SCOLAIRE", "AP": "APPRENTI"}
# SIECLE's kinship to AAF's: 2 mother, 1 father.
_LINKS = {"10": "2", "20": "1"}
_OTHER_LINK = "4"


def write_feed(
    directory: Path,
    *,
    uai: str,
    exported_on: date,
    students: list[InventedStudent],
    guardians: Iterable[InventedGuardian],
    links: Iterable[InventedLink],
) -> list[Path]:
    """Write the three files of one lycée; return their paths."""
    relations: dict[str, list[InventedLink]] = defaultdict(list)
    for link in links:
        relations[link.eleve_id].append(link)
    files = {
        "EtabEducNat": [_school(uai)],
        "Eleve": (_student(student, uai, relations[student.eleve_id]) for student in students),
        "PersRelEleve": map(_guardian, guardians),
    }
    return [_write(directory, uai, exported_on, kind, records) for kind, records in files.items()]


def _write(directory: Path, uai: str, exported_on: date, kind: str, records: Iterable[str]) -> Path:
    path = directory / f"ENT_{uai}_Complet_{exported_on:%Y%m%d}_{kind}_0000.xml"
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(_document(records))
    return path


def _document(records: Iterable[str]) -> Iterator[str]:
    # The DTD stands nowhere: a reader that fetches it never comes back.
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">\n'
    yield "<!-- versionAF = 2205 -->\n<ficAlimMENESR>\n"
    yield from records
    yield "</ficAlimMENESR>\n"


def _record(category: str, identifier: str, attributes: dict[str, str | list[str]]) -> str:
    kind = "categorieStructure" if category == "EtabEducNat" else "categoriePersonne"
    lines = [
        "<addRequest>",
        f'<operationalAttributes><attr name="{kind}"><value>{category}</value></attr></operationalAttributes>',
        f"<identifier><id>{escape(identifier)}</id></identifier>",
        "<attributes>",
    ]
    for name, value in attributes.items():
        values = [value] if isinstance(value, str) else value
        inner = "".join(f"<value>{escape(one)}</value>" for one in values) or "<value/>"
        lines.append(f"<attr name={quoteattr(name)}>{inner}</attr>")
    return "\n".join([*lines, "</attributes>", "</addRequest>", ""])


def _structure_id(uai: str) -> str:
    # The ministry's own number of a school, which is not its UAI.
    return str(int(uai[:7]) % 10_000 + 1)


def _school(uai: str) -> str:
    return _record(
        "EtabEducNat",
        _structure_id(uai),
        {
            "ENTStructureJointure": _structure_id(uai),
            "ENTStructureUAI": uai,
            "ENTEtablissementUAI": uai,
            "ENTStructureNomCourant": f"LYCEE INVENTE {uai}",
            "ENTStructureTypeStruct": "LYCEE POLYVALENT",
            "ENTEtablissementMinistereTutelle": "MINISTERE DE L'EDUCATION NATIONALE",
            "ENTEtablissementContrat": "PU",
            "ENTServAcAcademie": "NANCY-METZ",
        },
    )


def _student(student: InventedStudent, uai: str, links: list[InventedLink]) -> str:
    structure, level = _structure_id(uai), level_label(level_of_mef(student.mef) or "")
    return _record(
        "Eleve",
        student.eleve_id,
        {
            "ENTPersonJointure": student.eleve_id,
            "ENTEleveINE": student.ine,
            "ENTPersonDateNaissance": f"{student.birth_on:%d/%m/%Y}",
            "ENTPersonNomPatro": student.family_name,
            "sn": student.usage_name or student.family_name,
            "givenName": student.given_name,
            "ENTPersonAutresPrenoms": student.given_name,
            "personalTitle": "M." if student.sex == 1 else "Mme",
            "ENTElevePersRelEleve": [_relation(link) for link in links],
            "ENTEleveBoursier": "N",
            "ENTEleveRegime": "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT",
            "ENTEleveStatutEleve": _STATUSES.get(student.status, "AUTRE"),
            "ENTEleveMEF": student.mef,
            "ENTEleveLibelleMEF": level,
            "ENTEleveNivFormation": level,
            "ENTEleveClasses": [f"{structure}${division}" for division in student.divisions],
            "ENTEleveGroupes": [f"{structure}${group}" for group in student.groups],
            "ENTPersonStructRattach": structure,
            "ENTEleveDateEntreeClasses": f"{student.entered_on:%d/%m/%Y}",
        },
    )


def _relation(link: InventedLink) -> str:
    """Return personId$link$pays$legal$contact$payment; legal guardians are numbered, which no invented file needs."""
    kinship = _LINKS.get(link.kinship, _OTHER_LINK)
    legal = int(link.level == 1)
    return f"{link.person_id}${kinship}${legal}${legal}${int(link.lives_with)}${legal}"


def _guardian(guardian: InventedGuardian) -> str:
    return _record(
        "PersRelEleve",
        guardian.person_id,
        {
            "ENTPersonJointure": guardian.person_id,
            "sn": guardian.family_name,
            "givenName": guardian.given_name,
            "personalTitle": "M." if guardian.title == "M." else "Mme",
            "homePhone": guardian.home_phone,
            "mobile": guardian.mobile,
            "mail": guardian.mail,
        },
    )
