"""The same lycée's list two days later: somebody new, somebody gone, a class changed, one who brings a PC along."""

import zipfile
from copy import deepcopy
from datetime import date
from pathlib import Path
from random import Random

from lxml import etree

from cartable.simulation.invented_people import invented_name

_NEW_COUNT, _MOVED_COUNT = 2, 3
_FIRST_NEW_ID = 1_990_000


def write_late_list(source: Path, target: Path, *, transfer_from: Path, today: date, seed: int) -> None:
    """Write ``source`` (ElevesSansAdresses, zip) again as it would be exported today, with late changes.

    One arrival is a student of ``transfer_from``'s lycée, who holds a PC already: the distribution must not give a
    second one.
    """
    dice = Random(f"{seed}/late")
    document = _read(source)
    entrants = _entrants(document)
    dice.shuffle(entrants)
    _leave(entrants.pop(), today)
    for student in entrants[:_MOVED_COUNT]:
        _change_class(document, student)
    model = entrants.pop()
    for number in range(_NEW_COUNT):
        newcomer = _copied(document, model, _FIRST_NEW_ID + number)
        name = invented_name(dice)
        _write(newcomer, "NOM_DE_FAMILLE", name.family)
        _write(newcomer, "PRENOM", name.given)
        _write(newcomer, "ID_NATIONAL", "")
        _write(newcomer, "INE_RNIE", "")
        _write(newcomer, "DATE_ENTREE", f"{today:%d/%m/%Y}")
    _transfer(document, model, _entrants(_read(transfer_from))[0], today)
    _write(_part(document, "PARAMETRES"), "DATE_EXPORT", f"{today:%d/%m/%Y}")
    _write(_part(document, "PARAMETRES"), "HORODATAGE", f"{today:%d/%m/%Y} 07:42:10")
    _zip(document, source, target)


def _read(path: Path) -> "etree._Element":
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(archive.namelist()[0]))


def _zip(document: "etree._Element", source: Path, target: Path) -> None:
    text = etree.tostring(document, encoding="ISO-8859-15", xml_declaration=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{source.stem}.xml", text)


def _entrants(document: "etree._Element") -> list["etree._Element"]:
    """Return students of a first year who are there, with a number of their own."""
    first_years = ("20010018110", "24731202310", "24122137210")
    return [
        student
        for student in document.iterfind("DONNEES/ELEVES/ELEVE")
        if student.findtext("CODE_MEF") in first_years
        and student.findtext("CODE_STATUT") == "ST"
        and student.find("DATE_SORTIE") is None
        and student.findtext("ID_NATIONAL")
    ]


def _part(parent: "etree._Element", path: str) -> "etree._Element":
    found = parent.find(path)
    assert found is not None, f"our own files have {path}"
    return found


def _leave(student: "etree._Element", today: date) -> None:
    entered = _part(student, "DATE_ENTREE")
    for tag, text in (("CODE_MOTIF_SORTIE", "7"), ("DATE_SORTIE", f"{today:%d/%m/%Y}")):
        element = etree.Element(tag)
        element.text = text
        entered.addnext(element)


def _structure(document: "etree._Element", eleve_id: str) -> "etree._Element":
    found = document.find(f"DONNEES/STRUCTURES/STRUCTURES_ELEVE[@ELEVE_ID='{eleve_id}']")
    assert found is not None, "every student of a first year has a class"
    return found


def _change_class(document: "etree._Element", student: "etree._Element") -> None:
    for structure in _structure(document, student.get("ELEVE_ID", "")).iterfind("STRUCTURE"):
        if structure.findtext("TYPE_STRUCTURE") == "D":
            name = structure.findtext("CODE_STRUCTURE") or ""
            _write(structure, "CODE_STRUCTURE", name[:-1] + ("2" if name.endswith("1") else "1"))


def _copied(document: "etree._Element", model: "etree._Element", eleve_id: int) -> "etree._Element":
    newcomer = deepcopy(model)
    newcomer.set("ELEVE_ID", str(eleve_id))
    _part(document, "DONNEES/ELEVES").append(newcomer)
    structure = deepcopy(_structure(document, model.get("ELEVE_ID", "")))
    structure.set("ELEVE_ID", str(eleve_id))
    _part(document, "DONNEES/STRUCTURES").append(structure)
    return newcomer


def _transfer(document: "etree._Element", model: "etree._Element", elsewhere: "etree._Element", today: date) -> None:
    newcomer = _copied(document, model, _FIRST_NEW_ID + _NEW_COUNT)
    for tag in ("NOM_DE_FAMILLE", "PRENOM", "ID_NATIONAL", "INE_RNIE", "DATE_NAISS", "CODE_SEXE"):
        _write(newcomer, tag, elsewhere.findtext(tag) or "")
    _write(newcomer, "DATE_ENTREE", f"{today:%d/%m/%Y}")


def _write(parent: "etree._Element", tag: str, text: str) -> None:
    element = parent.find(tag)
    if element is not None:
        element.text = text
