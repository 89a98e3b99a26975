"""Read BEE_RESPONSABLES: who answers for which student.

`GuardianReader.take_person` and `take_link` serve the readers of other formats too; the names of their fields are
SIECLE's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from lxml import etree

from cartable.rosters.formats.document import RecordHandler, line_of
from cartable.rosters.formats.records import GuardianFile, GuardianLink, Header, Kind, Person, Problem
from cartable.rosters.formats.refusals import TooManyRecords
from cartable.rosters.formats.siecle.fields import (
    LONGEST_KEY,
    LONGEST_LINK_CODE,
    read_mail,
    read_name,
    read_phone,
    texts_of,
)
from cartable.rosters.formats.siecle.header import HeaderReader

MOST_RECORDS = 60_000

PERSON_FIELDS = frozenset(
    {"NOM_DE_FAMILLE", "NOM", "NOM_USAGE", "PRENOM", "TEL_PORTABLE", "TEL_PERSONNEL", "ACCEPTE_SMS", "MEL"}
)
_LINK = frozenset({"ELEVE_ID", "PERSONNE_ID", "NIVEAU_RESPONSABILITE", "RESP_LEGAL", "CODE_PARENTE"})
# A student has two legal guardians at most (GEPI alerts beyond).
_MOST_LEGAL = 2


class GuardianReader(HeaderReader):
    """Collects the records of one file; `result` keeps the links whose person was read."""

    kind: Kind = "BEE_RESPONSABLES"

    def __init__(self) -> None:
        super().__init__()
        # Links are children of RESPONSABLES whatever their name: RESPONSABLE_ELEVE in exports, RESPONSABLE by hand.
        self.sections: Mapping[str, RecordHandler] = {
            "PERSONNES": self._read_person,
            "RESPONSABLES": self._read_link,
        }
        self.persons: dict[str, Person] = {}
        self._links: dict[tuple[str, str], GuardianLink] = {}
        self._record_count = 0

    def result(self, header: Header) -> GuardianFile:
        """Return the file read; a link to a person who is not in the file becomes a warning."""
        links = [link for link in self._links.values() if self._has_person(link)]
        self._check_legal_counts(links)
        return GuardianFile(
            header=header,
            persons=tuple(self.persons.values()),
            links=tuple(links),
            problems=tuple(sorted(self.problems, key=lambda problem: problem.line or 0)),
        )

    @property
    def linked_ids(self) -> set[str]:
        """Who answers for somebody."""
        return {person_id for _, person_id in self._links}

    def _read_person(self, record: etree._Element) -> None:
        person_id = (record.get("PERSONNE_ID") or "").strip()
        self.take_person(person_id, texts_of(record, PERSON_FIELDS), line_of(record))

    def take_person(self, person_id: str, texts: dict[str, str], line: int | None) -> None:
        """Keep the person of one record, or the problem for which it is refused."""
        self._count()
        if not person_id or len(person_id) > LONGEST_KEY:
            self.problems.append(Problem("person_id_missing", "refuse", line))
            return
        try:
            usage = read_name(texts.get("NOM_USAGE", ""))
            family = read_name(texts.get("NOM_DE_FAMILLE") or texts.get("NOM", ""))
            given = read_name(texts.get("PRENOM", ""))
        except ValueError:
            self.problems.append(Problem("person_name_unfit", "refuse", line))
            return
        phones, mail = self._phones(texts, line), self._mail(texts, line)
        accepts_sms = texts.get("ACCEPTE_SMS") == "1" and bool(read_phone(texts.get("TEL_PORTABLE", "")))
        person = Person(person_id, family or usage, usage if family else "", given, phones, mail, line, accepts_sms)
        # A person stands once per child in some exports: the first is enough when they agree.
        kept = self.persons.setdefault(person_id, person)
        if kept is not person and kept != person:
            self.warn("person_differs", line, other_line=kept.line)

    def _phones(self, texts: dict[str, str], line: int | None) -> tuple[str, ...]:
        phones: list[str] = []
        for tag in ("TEL_PORTABLE", "TEL_PERSONNEL"):
            if tag not in texts:
                continue
            phone = read_phone(texts[tag])
            if phone is None:
                self.refuse_field("phone_unreadable", line, None, tag)
            elif phone not in phones:
                phones.append(phone)
        return tuple(phones)

    def _mail(self, texts: dict[str, str], line: int | None) -> str | None:
        if "MEL" not in texts:
            return None
        mail = read_mail(texts["MEL"])
        if mail is None:
            self.refuse_field("mail_unreadable", line, None, "MEL")
        return mail

    def _read_link(self, record: etree._Element) -> None:
        texts = texts_of(record, _LINK)
        level = texts.get("NIVEAU_RESPONSABILITE")
        old_level = texts.get("RESP_LEGAL", "")
        # Both may coexist; the new one rules. Old: 1 and 2 are the two legal guardians, 0 somebody else.
        is_legal = level == "1" if level is not None else old_level in ("1", "2")
        self.take_link(
            texts.get("ELEVE_ID", ""),
            texts.get("PERSONNE_ID", ""),
            line_of(record),
            is_legal=is_legal,
            level=level or old_level,
            kinship=texts.get("CODE_PARENTE", ""),
        )

    def take_link(
        self, eleve_id: str, person_id: str, line: int | None, *, is_legal: bool, level: str, kinship: str
    ) -> None:
        """Keep one link, or the problem for which it is refused; the first of a pair rules."""
        self._count()
        if not 0 < len(eleve_id) <= LONGEST_KEY or not 0 < len(person_id) <= LONGEST_KEY:
            self.problems.append(Problem("link_incomplete", "refuse", line))
            return
        raw_level, raw_kinship = level[:LONGEST_LINK_CODE], kinship[:LONGEST_LINK_CODE]
        link = GuardianLink(eleve_id, person_id, is_legal, raw_level, raw_kinship, line)
        kept = self._links.setdefault((eleve_id, person_id), link)
        if kept is not link and kept != link:
            self.warn("link_differs", line, eleve_id, other_line=kept.line)

    def _has_person(self, link: GuardianLink) -> bool:
        if link.person_id in self.persons:
            return True
        self.warn("guardian_unknown", link.line, link.eleve_id)
        return False

    def _check_legal_counts(self, links: list[GuardianLink]) -> None:
        counts = Counter(link.eleve_id for link in links if link.is_legal)
        last_line = {link.eleve_id: link.line for link in links if link.is_legal}
        for eleve_id, count in counts.items():
            if count > _MOST_LEGAL:
                self.warn("too_many_legal_guardians", last_line[eleve_id], eleve_id, count=count)

    def _count(self) -> None:
        self._record_count += 1
        if self._record_count > MOST_RECORDS:
            raise TooManyRecords(limit=MOST_RECORDS)
