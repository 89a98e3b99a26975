"""Read an AAF delivery (annuaire académique fédérateur): several XML files that only together make a list.

Each file holds `addRequest` records of one category. A student names his structure by a number, which EtabEducNat
resolves to a UAI; guardians are named by the student and described in PersRelEleve; MefEducNat gives levels. Staff
and subjects, which a delivery holds too, are passed over unread. Sources: the importers of entcore and laclasse.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from lxml import etree

from cartable.kernel.names import folded
from cartable.kernel.uai import normalised_uai
from cartable.rosters.formats.document import RecordHandler, line_of, local_name
from cartable.rosters.formats.keys import prefixed_key
from cartable.rosters.formats.levels import level_of_mefstat, with_levels
from cartable.rosters.formats.records import GuardianFile, Header, ListPart, Problem, StudentFile
from cartable.rosters.formats.refusals import AafDelta, AafIncomplete, AafKind, TooManyRecords
from cartable.rosters.formats.siecle.guardians import GuardianReader
from cartable.rosters.formats.siecle.students import StudentReader

ROOT = "ficAlimMENESR"
MOST_DELIVERED = 60_000
# As a rectorat names what it delivers: ENT_0579901C_Complet_20260913_Eleve_0000.xml, or Delta in that place.
EXTENT = re.compile(r"(?<![a-z])(complet|delta)(?![a-z])", re.IGNORECASE)

_SOURCE = "aaf"
_DELTA = frozenset({"modifyRequest", "deleteRequest"})
# Fields as StudentReader and GuardianReader name them.
_STUDENT = {
    "ENTPersonNomPatro": "NOM_DE_FAMILLE",
    "sn": "NOM_USAGE",
    "givenName": "PRENOM",
    "ENTPersonDateNaissance": "DATE_NAISS",
    "ENTEleveINE": "ID_NATIONAL",
    "ENTEleveMEF": "CODE_MEF",
    "ENTEleveStatutEleve": "CODE_STATUT",
}
_STRUCTURE = "ENTPersonStructRattach"
_CLASSES = "ENTEleveClasses"
_LINKS = "ENTElevePersRelEleve"
_LEGAL = "ENTEleveAutoriteParentale"
_OTHERS = ("ENTEleveParents", "ENTElevePersRelEleve1", "ENTElevePersRelEleve2")
_FATHER, _MOTHER = "ENTElevePere", "ENTEleveMere"
_KEY = "ENTPersonJointure"
_STUDENT_WANTED = frozenset(
    {*_STUDENT, _KEY, _STRUCTURE, _CLASSES, _LINKS, _LEGAL, *_OTHERS, _FATHER, _MOTHER}
)  # fmt: skip
_PERSON = {
    "ENTPersonNomPatro": "NOM_DE_FAMILLE",
    "sn": "NOM_USAGE",
    "givenName": "PRENOM",
    "mobile": "TEL_PORTABLE",
    "homePhone": "TEL_PERSONNEL",
    "mail": "MEL",
}
_PERSON_WANTED = frozenset({*_PERSON, _KEY})
_SCHOOL_WANTED = frozenset({"ENTStructureJointure", "ENTStructureUAI", "ENTEtablissementUAI"})
_MEF_WANTED = frozenset({"ENTMefJointure", "ENTMEFSTAT11"})
# The link's own code: 1 father, 2 mother. SIECLE's CODE_PARENTE says 20 and 10.
_KINSHIP = {"1": "20", "2": "10"}
_STATUSES = {"SCOLAIRE": "ST", "APPRENTI": "AP"}
# As SIECLE writes whoever is neither a student nor an apprentice.
_OTHER_STATUS = "FQ"


class _Listed(NamedTuple):
    """A student as read, kept until EtabEducNat says of which lycée."""

    eleve_id: str
    texts: dict[str, str]
    line: int | None
    divisions: tuple[str, ...]
    # Of each guardian: identifier, legal ("1", "2", "0"), kinship as CODE_PARENTE.
    links: tuple[tuple[str, str, str], ...]
    file: str


class DeliveryReader:
    """Collects the records of all files of a delivery; `parts` joins them per lycée."""

    def __init__(self) -> None:
        self.sections: Mapping[str, RecordHandler] = {ROOT: self._read_record}
        # Name of the file that is being read, "" when it is the only one; and does it say that it is complete.
        self._file = ""
        self._is_complete = False
        # Whom a Delta that only adds leaves out has not gone: without the word nobody can tell it from a Complet.
        self._lists_everybody = True
        self._readers = {
            "Eleve": self._read_student,
            "PersRelEleve": self._read_person,
            "EtabEducNat": self._read_school,
            "MefEducNat": self._read_mef,
            "Mef": self._read_mef,
        }
        self._seen: set[str] = set()
        self._students: list[_Listed] = []
        self._structures: list[str] = []
        self._uais: dict[str, str] = {}
        self._levels: dict[str, str] = {}
        self._persons = GuardianReader()

    def begin(self, file: str, names: Iterable[str]) -> None:
        """Begin a file: `file` stands for it in problems, `names` are its own and its zip's; the first that tells rules.

        Raises AafDelta for one that is named so: what it adds looks like a Complet.
        """
        name, extent = next(((name, told[1].lower()) for name in names if (told := EXTENT.search(name))), ("", ""))
        if extent == "delta":
            raise AafDelta(file=name)
        self._file, self._is_complete = file, extent == "complet"

    def read_header(self, parameters: etree._Element) -> None:
        """Do nothing: an AAF file has no header."""

    def parts(self) -> Iterator[ListPart]:
        """Yield the students and then the guardians of each lycée, by UAI.

        Raises AafKind or AafIncomplete when the files do not make a list.
        """
        self._check_complete()
        schools: dict[str, list[_Listed]] = {}
        for listed, structure in zip(self._students, self._structures, strict=True):
            schools.setdefault(self._uais.get(structure, ""), []).append(listed)
        unknown = schools.pop("", [])
        if not schools:
            raise AafIncomplete(missing="EtabEducNat")
        for uai in sorted(schools):
            header = Header("AAF", uai, 0, None, "")
            yield self._student_file(header, schools[uai], unknown)
            if "PersRelEleve" in self._seen:
                yield self._guardian_file(header, schools[uai])
            # Told once, with the first lycée: nobody knows whose they are.
            unknown, self._persons.problems = [], []

    def _check_complete(self) -> None:
        wanted = self._seen & {*self._readers}
        if self._seen and not wanted:
            raise AafKind(received=", ".join(sorted(self._seen))[:100])
        for missing in ("Eleve", "EtabEducNat"):
            if missing not in wanted:
                raise AafIncomplete(missing=missing)

    def _student_file(self, header: Header, students: list[_Listed], unknown: list[_Listed]) -> StudentFile:
        reader = StudentReader()
        for eleve_id, texts, line, divisions, _links, file in students:
            before = len(reader.problems)
            reader.take(eleve_id, texts, line, divisions=divisions)
            _name_file(reader.problems, before, file)
        before = len(reader.problems)
        for listed in unknown:
            parameters = {"file": listed.file} if listed.file else {}
            problem = Problem("structure_unknown", "refuse", listed.line, parameters, listed.eleve_id)
            reader.refuse(problem, uncounted=True)
        listed_file = with_levels(reader.result(header), self._levels)
        if self._lists_everybody:
            return listed_file
        problems = (Problem("aaf_perhaps_partial", "warn"), *listed_file.problems)
        return replace(listed_file, problems=problems, lists_everybody=False)

    def _guardian_file(self, header: Header, students: list[_Listed]) -> GuardianFile:
        reader = GuardianReader()
        for listed in students:
            before = len(reader.problems)
            for person, legal, kinship in listed.links if listed.eleve_id else ():
                key = prefixed_key(_SOURCE, person)
                is_legal = legal in ("1", "2")
                reader.take_link(
                    listed.eleve_id, key, listed.line, is_legal=is_legal, level=legal, kinship=kinship
                )  # fmt: skip
            _name_file(reader.problems, before, listed.file)
        linked = reader.linked_ids
        reader.persons = {key: person for key, person in self._persons.persons.items() if key in linked}
        reader.problems += self._persons.problems
        return reader.result(header)

    def _read_record(self, record: etree._Element) -> None:
        name = local_name(record)
        if name in _DELTA:
            raise AafDelta(line=line_of(record))
        if name != "addRequest":
            return
        sections = {local_name(section): section for section in record}
        category = _category(sections.get("operationalAttributes"))
        self._seen.add(category)
        if (read := self._readers.get(category)) is not None and "attributes" in sections:
            read(sections["attributes"], _identifier(sections.get("identifier")), line_of(record))

    def _read_student(self, attributes: etree._Element, identifier: str, line: int | None) -> None:
        if len(self._students) == MOST_DELIVERED:
            raise TooManyRecords(limit=MOST_DELIVERED)
        self._lists_everybody = self._lists_everybody and self._is_complete
        values = _values(attributes, _STUDENT_WANTED)
        structure = _first(values, _STRUCTURE)
        self._structures.append(structure)
        self._students.append(
            _Listed(
                eleve_id=prefixed_key(_SOURCE, _first(values, _KEY) or identifier),
                texts=_student_texts(values),
                line=line,
                divisions=tuple(_divisions(values.get(_CLASSES, ()), structure)),
                links=tuple(_links(values)),
                file=self._file,
            )
        )

    def _read_person(self, attributes: etree._Element, identifier: str, line: int | None) -> None:
        values = _values(attributes, _PERSON_WANTED)
        texts = _texts(values, _PERSON)
        if texts.get("NOM_USAGE") == texts.get("NOM_DE_FAMILLE"):
            texts.pop("NOM_USAGE", None)
        before = len(self._persons.problems)
        self._persons.take_person(prefixed_key(_SOURCE, _first(values, _KEY) or identifier), texts, line)
        _name_file(self._persons.problems, before, self._file)

    def _read_school(self, attributes: etree._Element, identifier: str, line: int | None) -> None:
        values = _values(attributes, _SCHOOL_WANTED)
        uai = _first(values, "ENTStructureUAI") or _first(values, "ENTEtablissementUAI")
        for structure in {identifier, _first(values, "ENTStructureJointure")} - {""}:
            self._uais[structure] = normalised_uai(uai)[:20]

    def _read_mef(self, attributes: etree._Element, identifier: str, line: int | None) -> None:
        values = _values(attributes, _MEF_WANTED)
        level = level_of_mefstat(_first(values, "ENTMEFSTAT11"))
        if level is not None and (mef := _after_dollar(_first(values, "ENTMefJointure") or identifier).upper()):
            self._levels[mef] = level


def _name_file(problems: list[Problem], since: int, file: str) -> None:
    """Add the file's name to the problems met since; lines of several files would look alike."""
    if file:
        problems[since:] = [replace(p, parameters={**p.parameters, "file": file}) for p in problems[since:]]


def _category(operational: etree._Element | None) -> str:
    """Return the category of a record: Eleve, PersRelEleve, EtabEducNat, Mef(EducNat), or one that is passed over."""
    if operational is None:
        return "?"
    values = (value.text or "" for attribute in operational for value in attribute)
    return next((text.strip()[:40] for text in values if text.strip()), "?")


def _identifier(identifier: etree._Element | None) -> str:
    texts = () if identifier is None else (child.text or "" for child in identifier)
    return next((text.strip() for text in texts if text.strip()), "")


def _values(attributes: etree._Element, wanted: frozenset[str]) -> dict[str, list[str]]:
    """Return the non-empty values of the wanted attributes; nothing else is ever read."""
    found: dict[str, list[str]] = {}
    for attribute in attributes:
        name = attribute.get("name")
        if name in wanted:
            texts = ((value.text or "").strip() for value in attribute)
            found.setdefault(name, []).extend(filter(None, texts))
    return found


def _first(values: Mapping[str, list[str]], name: str) -> str:
    return next(iter(values.get(name, ())), "")


def _texts(values: Mapping[str, list[str]], names: Mapping[str, str]) -> dict[str, str]:
    return {field: texts[0] for name, field in names.items() if (texts := values.get(name))}


def _student_texts(values: Mapping[str, list[str]]) -> dict[str, str]:
    texts = _texts(values, _STUDENT)
    if "CODE_MEF" in texts:
        texts["CODE_MEF"] = _after_dollar(texts["CODE_MEF"])
    if "CODE_STATUT" in texts:
        texts["CODE_STATUT"] = _STATUSES.get(folded(texts["CODE_STATUT"]), _OTHER_STATUS)
    return texts


def _after_dollar(text: str) -> str:
    return text.rpartition("$")[2].strip()


def _divisions(classes: Collection[str], structure: str) -> list[str]:
    """Return the classes in the student's own structure: `structureId$code`, or a bare code."""
    pairs = (text.rpartition("$") for text in classes)
    return [code for owner, _, code in pairs if owner in ("", structure)]


def _links(values: Mapping[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    """Yield (person, legal, kinship) of a student's guardians, in either encoding.

    Six fields `personId$link$pays$legal$contact$payment`, or before them one attribute per quality.
    """
    for text in values.get(_LINKS, ()):
        fields = text.split("$")
        # What has not six fields names nobody: GuardianReader refuses the link.
        yield (fields[0], fields[3], _KINSHIP.get(fields[1], "")) if len(fields) == 6 else ("", "", "")
    if not values.get(_LINKS):
        legal = dict.fromkeys(values.get(_LEGAL, ()))
        others = dict.fromkeys(person for name in _OTHERS for person in values.get(name, ()))
        for person in {**legal, **others}:
            yield person, "1" if person in legal else "0", _kinship(person, values)


def _kinship(person: str, values: Mapping[str, list[str]]) -> str:
    if person in values.get(_FATHER, ()):
        return _KINSHIP["1"]
    return _KINSHIP["2"] if person in values.get(_MOTHER, ()) else ""
