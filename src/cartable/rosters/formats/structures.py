"""Read BEE_STRUCTURES: the classes of a lycée, how many students each is planned for, its lines of study."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from cartable.kernel.names import cleaned
from cartable.rosters.formats.document import RecordHandler, line_of, local_name
from cartable.rosters.formats.records import ClassFile, Header, Kind, Problem, SchoolClass
from cartable.rosters.formats.refusals import NothingListed, TooManyRecords
from cartable.rosters.formats.siecle.fields import LONGEST_CODE, LONGEST_DIVISION, LONGEST_MEF, LONGEST_NAME, texts_of
from cartable.rosters.formats.siecle.header import HeaderReader

MOST_CLASSES = 2_000

_WANTED = frozenset({"LIBELLE_LONG", "EFFECTIF_PREVU"})
_MEF = frozenset({"CODE_MEF"})
_MEFS = "MEFS_APPARTENANCE"
_COUNT = re.compile(r"[0-9]{1,4}")
_NO_CLASS = "INACTIFS"


class ClassReader(HeaderReader):
    """Collects the classes of one file; groups, a section of their own, are not read."""

    kind: Kind = "BEE_STRUCTURES"

    def __init__(self) -> None:
        super().__init__()
        self.sections: Mapping[str, RecordHandler] = {"DIVISIONS": self._read_class}
        self._classes: dict[str, SchoolClass] = {}
        self._record_count = 0

    def result(self, header: Header) -> ClassFile:
        """Return the file read; raise NothingListed when it holds no class."""
        if not self._record_count:
            raise NothingListed
        return ClassFile(header, tuple(self._classes.values()), tuple(self.problems))

    def _read_class(self, record: etree._Element) -> None:
        self._record_count += 1
        if self._record_count > MOST_CLASSES:
            raise TooManyRecords(limit=MOST_CLASSES)
        line = line_of(record)
        # Cut as the class of a student is, so that both stay equal.
        code = " ".join((record.get("CODE_STRUCTURE") or "").split())[:LONGEST_DIVISION]
        if not code:
            self.problems.append(Problem("class_code_missing", "refuse", line))
            return
        if code.upper() == _NO_CLASS:
            return
        texts = texts_of(record, _WANTED)
        label = cleaned(texts.get("LIBELLE_LONG", ""))[:LONGEST_NAME]
        read = SchoolClass(code, label, self._planned_count(texts, line), _mefs(record), line)
        if self._classes.setdefault(code, read) is not read:
            self.warn("class_repeated", line)

    def _planned_count(self, texts: dict[str, str], line: int | None) -> int | None:
        text = texts.get("EFFECTIF_PREVU")
        if text is None:
            return None
        if _COUNT.fullmatch(text):
            return int(text)
        parameters = {"value": text[:LONGEST_CODE]}
        self.problems.append(Problem("count_unreadable", "refuse", line, parameters, None, "EFFECTIF_PREVU"))
        return None


def _mefs(record: etree._Element) -> tuple[str, ...]:
    """Return the codes of a class's lines of study, each once, in the file's order."""
    codes = (
        texts_of(membership, _MEF).get("CODE_MEF", "").upper()[:LONGEST_MEF]
        for section in record
        if local_name(section) == _MEFS
        for membership in section
    )
    return tuple(dict.fromkeys(filter(None, codes)))
