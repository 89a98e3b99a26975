"""Read an answer of FREGATA (agriculture ministry) that lists the inscriptions of a lycée, saved as a file.

One record is one inscription: a student who changes class has an ended one and a new one. Field names, codes of
status and numbers of school years: aplypro.
"""

from __future__ import annotations

import re

from cartable.kernel.ine import normalised_ine
from cartable.kernel.names import folded
from cartable.rosters.formats.json_students import JsonStudents, Listed, Record, object_of, texts_of, uai_of, year_of
from cartable.rosters.formats.keys import prefixed_key
from cartable.rosters.formats.records import Kind, Problem

_SOURCE = "fregata"
_STUDENT = {
    "nomUsuel": "NOM_DE_FAMILLE",
    "prenomUsuel": "PRENOM",
    "dateNaissance": "DATE_NAISS",
    "ine": "ID_NATIONAL",
}
_KEY = {"id": "KEY"}
_INSCRIPTION = {
    "dateEntreeFormation": "DATE_ENTREE",
    "dateSortieFormation": "DATE_SORTIE",
    "dateSortieEtablissement": "DATE_SORTIE",
}
_SCHOOL = {"codeUai": "CODE_UAI"}
_SECTION = {"codeMef": "CODE_MEF"}
_DIVISION = {"code": "CODE_DIVISION", "libelle": "CODE_DIVISION"}
_STATUS = {"code": "CODE_STATUT"}
# 2502 adult, 2504 at a distance, 2505 not at school, 2506 VAE, 0000 post-bac: they stay as they are, none is eligible.
_STATUSES = {"2501": "ST", "2503": "AP"}
# anneeScolaireId 30 is 2026-2027.
_YEAR_OF_ID_0 = 1996
_YEAR_ID = re.compile(r"[1-9][0-9]")


class FregataStudents(JsonStudents):
    """Collects the records of FREGATA."""

    kind: Kind = "FREGATA"

    @staticmethod
    def knows(record: Record) -> bool:
        """Tell whether a record is one of FREGATA's inscriptions."""
        return "apprenant" in record

    def listed(self, record: Record, rank: int, file: str) -> Listed:
        """Return what a record means; raise RecordRefused."""
        student = object_of(record, "apprenant", "NOM_DE_FAMILLE")
        section = object_of(record, "sectionReference", "CODE_MEF")
        division = object_of(record, "division", "CODE_DIVISION")
        texts = texts_of(student, _STUDENT) | texts_of(record, _INSCRIPTION) | texts_of(section, _SECTION)
        status = texts_of(object_of(record, "statutApprenant", "CODE_STATUT"), _STATUS).get("CODE_STATUT", "")
        texts["CODE_STATUT"] = _STATUSES.get(status, status)
        # Which of the objects says it varies from version to version.
        for owner in (division, section, student, record):
            texts |= texts_of(owner, _SCHOOL)
            self._add_year(_year_of_id(owner.get("anneeScolaireId")))
        # The student's own number where it is told, else that of the inscription, which holds for a school year.
        key = texts_of(student, _KEY).get("KEY") or texts_of(record, _KEY).get("KEY", "")
        divisions = (texts_of(division, _DIVISION).get("CODE_DIVISION", ""),)
        return Listed(prefixed_key(_SOURCE, key), texts, divisions, None, uai_of(texts), rank, file)

    def merged(self, listed: list[Listed]) -> tuple[list[Listed], list[Problem]]:
        """Return each student once, with the inscription that goes on; only the same INE, names and date are one."""
        chosen: dict[object, Listed] = {}
        several: set[object] = set()
        for one in listed:
            person = _person(one)
            known = chosen.setdefault(person, one)
            if known is not one:
                several.add(person)
                chosen[person] = max(known, one, key=_lasting)
        problems = [_several(chosen[person]) for person in chosen if person in several]
        return list(chosen.values()), problems

    def _year_beside(self, context: Record) -> int | None:
        return _year_of_id(context.get("anneeScolaireId"))


def _person(listed: Listed) -> object:
    ine = normalised_ine(listed.texts.get("ID_NATIONAL", ""))
    names = (folded(listed.texts.get(tag, "")) for tag in ("NOM_DE_FAMILLE", "PRENOM"))
    return (ine, *names, listed.texts.get("DATE_NAISS"), listed.uai) if ine else (listed.file, listed.rank)


def _lasting(listed: Listed) -> tuple[bool, str]:
    """Order inscriptions: one that goes on after those that end, and those by their end."""
    end = listed.texts.get("DATE_SORTIE", "")
    return not end, end


def _several(listed: Listed) -> Problem:
    unit = {"unit": "record", "file": listed.file} if listed.file else {"unit": "record"}
    return Problem("several_schoolings", "warn", listed.rank, unit, listed.key or None)


def _year_of_id(value: object) -> int | None:
    if (year := year_of(value)) is not None:
        return year
    return _YEAR_OF_ID_0 + int(value) if isinstance(value, str) and _YEAR_ID.fullmatch(value) else None
