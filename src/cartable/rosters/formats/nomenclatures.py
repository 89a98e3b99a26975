"""Read BEE_NOMENCLATURES: the level of every line of study (MEF) that the lycée's software knows."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from cartable.kernel.names import cleaned
from cartable.rosters.formats.document import RecordHandler, line_of
from cartable.rosters.formats.levels import level_of_mefstat
from cartable.rosters.formats.records import Header, Kind, LevelFile, MefLevel, Problem
from cartable.rosters.formats.refusals import NothingListed, TooManyRecords
from cartable.rosters.formats.siecle.fields import LONGEST_MEF, LONGEST_NAME, texts_of
from cartable.rosters.formats.siecle.header import HeaderReader

MOST_MEFS = 20_000

_WANTED = frozenset({"CODE_MEFSTAT", "LIBELLE_EDITION", "LIBELLE_LONG", "FORMATION"})


class LevelReader(HeaderReader):
    """Collects the lines of study of one file; subjects, programmes and options are not read."""

    kind: Kind = "BEE_NOMENCLATURES"

    def __init__(self) -> None:
        super().__init__()
        self.sections: Mapping[str, RecordHandler] = {"MEFS": self._read_mef}
        self._levels: dict[str, MefLevel] = {}
        self._record_count = 0

    def result(self, header: Header) -> LevelFile:
        """Return the file read; raise NothingListed when it holds no line of study."""
        if not self._record_count:
            raise NothingListed
        return LevelFile(header, tuple(self._levels.values()), tuple(self.problems))

    def _read_mef(self, record: etree._Element) -> None:
        self._record_count += 1
        if self._record_count > MOST_MEFS:
            raise TooManyRecords(limit=MOST_MEFS)
        line = line_of(record)
        mef = (record.get("CODE_MEF") or "").strip().upper()
        if not mef or len(mef) > LONGEST_MEF:
            self.problems.append(Problem("mef_missing", "refuse", line))
            return
        texts = texts_of(record, _WANTED)
        level = level_of_mefstat(texts.get("CODE_MEFSTAT", ""))
        if level is None:
            self.warn("mefstat_unreadable", line, mef=mef)
        label = texts.get("LIBELLE_EDITION") or texts.get("LIBELLE_LONG") or texts.get("FORMATION", "")
        read = MefLevel(mef, level, cleaned(label)[:LONGEST_NAME], line)
        if self._levels.setdefault(mef, read) is not read:
            self.warn("mef_repeated", line)
