"""Read an answer of SYGNE (education ministry) that lists the students of a lycée, saved as a file.

Its only identifier is the INE, which Cartable never keeps: students have no key (""), and are found again by INE, or by
names and birth date. Field names: aplypro and other public users of the interface.
"""

from __future__ import annotations

import re

from cartable.kernel.levels import level_of_mef
from cartable.rosters.formats.json_students import JsonStudents, Listed, Record, object_of, texts_of, uai_of, year_of
from cartable.rosters.formats.levels import level_of_mefstat
from cartable.rosters.formats.records import Kind

_FIELDS = {
    "nom": "NOM_DE_FAMILLE",
    "nomUsage": "NOM_USAGE",
    "prenom": "PRENOM",
    "prenom1": "PRENOM",
    "dateNaissance": "DATE_NAISS",
    "ine": "ID_NATIONAL",
    "codeUai": "CODE_UAI",
    "codeMef": "CODE_MEF",
    "codeStatut": "CODE_STATUT",
    "dateDebSco": "DATE_ENTREE",
    "dateFinSco": "DATE_SORTIE",
}
_OTHERS = {"niveau": "niveau", "codeMefRatt": "MEF_RATTACHEMENT", "classe": "CODE_DIVISION"}
# From June on a schooling ends because the year does. SYGNE is unreliable then anyway (aplypro stops asking).
_ORDINARY_END = re.compile(r"[0-9]{4}-0[678]-[0-9]{2}")
_SIGNS = frozenset({"codeUai", "codeMef", "codeStatut", "niveau", "classe"})


class SygneStudents(JsonStudents):
    """Collects the records of SYGNE."""

    kind: Kind = "SYGNE"
    has_keys = False

    @staticmethod
    def knows(record: Record) -> bool:
        """Tell whether a record is one of SYGNE's students."""
        return "nom" in record and ("prenom" in record or "prenom1" in record) and not _SIGNS.isdisjoint(record)

    def listed(self, record: Record, rank: int, file: str) -> Listed:
        """Return what a record means; raise RecordRefused."""
        # The answer about one student nests his schooling, the list does not.
        record = {**record, **object_of(record, "scolarite", "CODE_DIVISION")}
        texts, others = texts_of(record, _FIELDS), texts_of(record, _OTHERS)
        if _ORDINARY_END.fullmatch(texts.get("DATE_SORTIE", "")):
            del texts["DATE_SORTIE"]
        self._add_year(year_of(record.get("anneeScolaire")))
        # A MEF of the lycée's own has a national one that it is attached to.
        level = level_of_mefstat(others.get("niveau", ""))
        if level is None and level_of_mef(texts.get("CODE_MEF", "")) is None:
            level = level_of_mef(others.get("MEF_RATTACHEMENT", ""))
        return Listed("", texts, (others.get("CODE_DIVISION", ""),), level, uai_of(texts), rank, file)

    def _year_beside(self, context: Record) -> int | None:
        return year_of(context.get("anneeScolaire"))
