"""Read the header of a SIECLE file: whose it is, of which year, exported when."""

from __future__ import annotations

import re

from lxml import etree

from cartable.kernel.uai import normalised_uai
from cartable.rosters.formats.document import line_of
from cartable.rosters.formats.records import Header, Kind, Problem
from cartable.rosters.formats.refusals import HeaderIncomplete
from cartable.rosters.formats.siecle.fields import read_timestamp, texts_of

# DATE_IMPORT: IMPORT_ELEVES.
_WANTED = frozenset({"UAJ", "ANNEE_SCOLAIRE", "DATE_EXPORT", "HORODATAGE", "DATE_IMPORT"})
_LONGEST_UAI = 20


class HeaderReader:
    """Common part of the readers: keeps the header's texts and the problems met."""

    kind: Kind

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._texts: dict[str, str] = {}
        self._line: int | None = None

    def read_header(self, parameters: etree._Element) -> None:
        """Keep the texts of PARAMETRES."""
        self._texts = texts_of(parameters, _WANTED)
        self._line = line_of(parameters)

    def header(self, version: str) -> Header:
        """Return the header; raise HeaderIncomplete where the school or the year is missing."""
        year = self._texts.get("ANNEE_SCOLAIRE", "")
        if not re.fullmatch(r"20[0-9]{2}", year):
            raise HeaderIncomplete(line=self._line, field="ANNEE_SCOLAIRE")
        uai = normalised_uai(self._texts.get("UAJ", ""))[:_LONGEST_UAI]
        if not uai:
            raise HeaderIncomplete(line=self._line, field="UAJ")
        exported = self._texts.get("HORODATAGE") or self._texts.get("DATE_EXPORT") or self._texts.get("DATE_IMPORT", "")
        return Header(self.kind, uai, int(year), read_timestamp(exported), version[:_LONGEST_UAI])

    def warn(self, code: str, line: int | None, eleve_id: str | None = None, **parameters: object) -> None:
        """Add a warning."""
        self.problems.append(Problem(code, "warn", line, parameters, eleve_id))

    def refuse_field(self, code: str, line: int | None, eleve_id: str | None, field_name: str) -> None:
        """Add the refusal of one field, left empty in a record that is kept."""
        self.problems.append(Problem(code, "refuse", line, {"field": field_name}, eleve_id, field_name))
