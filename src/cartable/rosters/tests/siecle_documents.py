"""Small SIECLE documents for the tests: invented people, one detail wrong at a time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from cartable.rosters.formats.records import GuardianFile, StudentFile
from cartable.rosters.formats.siecle import read_siecle

UAI = "0670080Y"
YEAR = 2026

HEADER = f"""  <PARAMETRES>
    <UAJ>{UAI}</UAJ>
    <ANNEE_SCOLAIRE>{YEAR}</ANNEE_SCOLAIRE>
    <DATE_EXPORT>10/09/2026</DATE_EXPORT>
    <HORODATAGE>10/09/2026 09:11:46</HORODATAGE>
  </PARAMETRES>
"""

ALICE = {
    "ID_NATIONAL": "990000001EB",
    "NOM_DE_FAMILLE": "MARCHAND",
    "PRENOM": "Alice",
    "DATE_NAISS": "14/09/2008",
    "CODE_STATUT": "ST",
    "CODE_MEF": "20010018110",
    "DATE_ENTREE": "01/09/2026",
}


def element(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>"


def eleve(eleve_id: str = "1001", *, raw: str = "", **changes: str | None) -> str:
    """One ELEVE like Alice, with the changes; None leaves the tag out, `raw` is added as it is."""
    fields: Mapping[str, str | None] = {**ALICE, **changes}
    body = "".join(f"        {element(tag, text)}\n" for tag, text in fields.items() if text is not None)
    return f'      <ELEVE ELEVE_ID="{eleve_id}" ELENOET="5396">\n{body}{raw}      </ELEVE>\n'


def placed(eleve_id: str, *codes: str, kind: str = "D") -> str:
    """One STRUCTURES_ELEVE that puts a student into classes (D) or groups (G)."""
    structures = "".join(
        f"<STRUCTURE>{element('CODE_STRUCTURE', code)}<TYPE_STRUCTURE>{kind}</TYPE_STRUCTURE></STRUCTURE>"
        for code in codes
    )
    return f'      <STRUCTURES_ELEVE ELEVE_ID="{eleve_id}">{structures}</STRUCTURES_ELEVE>\n'


def students_text(*eleves: str, structures: str | None = None, header: str = HEADER, version: str = "3.0") -> str:
    """A whole BEE_ELEVES document without XML declaration; by default student 1001 is in class 2DE 7."""
    structures = placed("1001", "2DE 7") if structures is None else structures
    return (
        f'<BEE_ELEVES VERSION="{version}">\n{header}  <DONNEES>\n    <ELEVES>\n{"".join(eleves)}    </ELEVES>\n'
        f"    <STRUCTURES>\n{structures}    </STRUCTURES>\n  </DONNEES>\n</BEE_ELEVES>\n"
    )


def encoded(text: str, encoding: str = "ISO-8859-15", declared: str | None = None) -> bytes:
    """The document in bytes, with its declaration."""
    declaration = f'<?xml version="1.0" encoding="{declared or encoding}"?>\n'
    return (declaration + text).encode(encoding)


def students_document(*eleves: str, structures: str | None = None) -> bytes:
    return encoded(students_text(*(eleves or (eleve(),)), structures=structures))


def personne(person_id: str = "501", **changes: str | None) -> str:
    fields = {
        "NOM_DE_FAMILLE": "MARCHAND",
        "PRENOM": "Hélène",
        "TEL_PERSONNEL": "0353010001",
        "TEL_PORTABLE": "+33639980001",
        "MEL": "helene@courriel.example",
        **changes,
    }
    body = "".join(element(tag, text) for tag, text in fields.items() if text is not None)
    return f'      <PERSONNE PERSONNE_ID="{person_id}">{body}</PERSONNE>\n'


def responsable(
    eleve_id: str = "1001", person_id: str = "501", *, tag: str = "RESPONSABLE_ELEVE", **fields: str
) -> str:
    fields = fields or {"NIVEAU_RESPONSABILITE": "1", "CODE_PARENTE": "10"}
    body = element("ELEVE_ID", eleve_id) + element("PERSONNE_ID", person_id)
    body += "".join(element(name, text) for name, text in fields.items())
    return f"      <{tag}>{body}</{tag}>\n"


def guardians_document(persons: str, links: str) -> bytes:
    return encoded(
        f'<BEE_RESPONSABLES VERSION="2.1">\n{HEADER}  <DONNEES>\n    <PERSONNES>\n{persons}    </PERSONNES>\n'
        f"    <RESPONSABLES>\n{links}    </RESPONSABLES>\n  </DONNEES>\n</BEE_RESPONSABLES>\n"
    )


def zipped(entries: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of the entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 9, 10, 9, 0, 0)), content, method)
    return buffer.getvalue()


def read_students(*eleves: str, structures: str | None = None) -> StudentFile:
    return as_students(students_document(*eleves, structures=structures))


def as_students(document: bytes) -> StudentFile:
    read = read_siecle(document)
    assert isinstance(read, StudentFile)
    return read


def read_guardians(persons: str, links: str) -> GuardianFile:
    read = read_siecle(guardians_document(persons, links))
    assert isinstance(read, GuardianFile)
    return read


def codes(read: StudentFile | GuardianFile, severity: str | None = None) -> list[str]:
    """Codes of the problems, in the order of their lines."""
    return [problem.code for problem in read.problems if severity in (None, problem.severity)]
