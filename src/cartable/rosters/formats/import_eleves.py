"""Read IMPORT_ELEVES 3.0 and 3.1: what private software hands to SIECLE, students and guardians in one file.

Dates are ISO but for the header's. Both versions differ only in fields that nobody reads here (FINANCIER became
PAIE_FRAIS_SCOLAIRES). Source: the schemas that the ministry gives to publishers.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from cartable.rosters.formats.document import RecordHandler, line_of, local_name
from cartable.rosters.formats.keys import prefixed_key
from cartable.rosters.formats.records import GuardianFile, Header, Kind, StudentFile
from cartable.rosters.formats.siecle.fields import texts_of
from cartable.rosters.formats.siecle.guardians import GuardianReader
from cartable.rosters.formats.siecle.header import HeaderReader
from cartable.rosters.formats.siecle.students import StudentReader, valid_uai

# ID_PRV_ELE and ID_PRV_PER, "identifiant du privé": at most five digits, the publisher's own.
_SOURCE = "prv"
_STUDENT = frozenset(
    {
        "ID_PRV_ELE",
        "ID_NATIONAL",
        "INE_RNIE",
        "INE_BEA",
        "NOM_DE_FAMILLE",
        "NOM_USAGE",
        "PRENOM",
        "DATE_NAISS",
        "DATE_ENTREE",
        "DATE_SORTIE",
        "CODE_MOTIF_SORTIE",
    }
)
_SCHOOLING = frozenset({"CODE_MEF", "CODE_DIVISION", "CODE_STATUT", "DATE_DEB_SCO"})
_LAST_YEAR = frozenset({"CODE_RNE"})
_PERSON = frozenset({"ID_PRV_PER", "NOM_DE_FAMILLE", "NOM_USAGE", "PRENOM", "TEL_PORTABLE", "TEL_PERSONNEL", "EMAIL"})
_LINK = frozenset({"ID_PRV_PER", "CODE_PARENTE"})
# As NIVEAU_RESPONSABILITE says it.
_LEVELS = {"LEGAL": "1", "PERSONNE_EN_CHARGE": "2", "CONTACT": "3"}


class ImportElevesReader(HeaderReader):
    """Collects the students and guardians of one file."""

    kind: Kind = "IMPORT_ELEVES"

    def __init__(self) -> None:
        super().__init__()
        self.sections: Mapping[str, RecordHandler] = {"PERSONNES": self._read_person, "ELEVES": self._read_student}
        self._students = StudentReader()
        self._guardians = GuardianReader()

    def result(self, header: Header) -> tuple[StudentFile, GuardianFile]:
        """Return what the file says of students and of guardians; raise NoStudents when it holds none."""
        return self._students.result(header), self._guardians.result(header)

    def _read_person(self, record: etree._Element) -> None:
        texts = texts_of(record, _PERSON)
        if "EMAIL" in texts:
            texts["MEL"] = texts.pop("EMAIL")
        self._guardians.take_person(prefixed_key(_SOURCE, texts.get("ID_PRV_PER", "")), texts, line_of(record))

    def _read_student(self, record: etree._Element) -> None:
        texts = texts_of(record, _STUDENT)
        parts = {local_name(child): child for child in record if len(child)}
        schooling = texts_of(parts["SCOLARITE_ACTIVE"], _SCHOOLING) if "SCOLARITE_ACTIVE" in parts else {}
        if "DATE_DEB_SCO" in schooling:
            texts.setdefault("DATE_ENTREE", schooling["DATE_DEB_SCO"])
        last_year = (
            texts_of(parts["ETABLISSEMENT_AN_DERNIER"], _LAST_YEAR) if "ETABLISSEMENT_AN_DERNIER" in parts else {}
        )
        eleve_id = prefixed_key(_SOURCE, texts.get("ID_PRV_ELE", ""))
        self._students.take(
            eleve_id,
            texts | {tag: schooling[tag] for tag in ("CODE_MEF", "CODE_STATUT") if tag in schooling},
            line_of(record),
            previous_uai=valid_uai(last_year.get("CODE_RNE", "")),
            divisions=(schooling.get("CODE_DIVISION", ""),),
        )
        if "RESPONSABLES_ELEVE" in parts and eleve_id:
            self._read_links(parts["RESPONSABLES_ELEVE"], eleve_id)

    def _read_links(self, responsible: etree._Element, eleve_id: str) -> None:
        for link in responsible:
            level = _LEVELS.get(local_name(link))
            if level is not None:
                texts = texts_of(link, _LINK)
                self._guardians.take_link(
                    eleve_id,
                    prefixed_key(_SOURCE, texts.get("ID_PRV_PER", "")),
                    line_of(link),
                    is_legal=level == "1",
                    level=level,
                    kinship=texts.get("CODE_PARENTE", ""),
                )
