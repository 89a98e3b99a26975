"""Every code has its sentence, and no sentence fails or tells about others."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cartable.rosters import formats
from cartable.rosters.formats import messages as table
from cartable.rosters.formats import refusals
from cartable.rosters.formats.records import Problem
from cartable.rosters.formats.siecle import FileRefused, message_of, read_siecle, sentence
from cartable.rosters.tests.siecle_documents import eleve, read_students

SOURCES = Path(table.__file__).parent
REFUSALS = [kind for _, kind in inspect.getmembers(refusals, inspect.isclass) if issubclass(kind, FileRefused)]


def test_every_refusal_has_a_code_of_its_own_and_a_sentence() -> None:
    assert len({kind.code for kind in REFUSALS}) == len(REFUSALS)
    assert {kind.code for kind in REFUSALS} == set(table.REFUSALS)


def test_every_problem_code_in_the_sources_has_a_sentence_and_the_reverse() -> None:
    sources = (*SOURCES.glob("*.py"), *Path(formats.__file__).parent.rglob("*.py"))
    modules = [path for path in sources if path.name not in ("messages.py", "refusals.py")]
    quoted = set(re.findall(r'"([a-z0-9]+(?:_[a-z0-9]+)+|twins)"', "".join(path.read_text() for path in modules)))
    assert set(table.PROBLEMS) <= quoted
    assert set(table.PROBLEMS).isdisjoint(table.REFUSALS)


@pytest.mark.parametrize("code", sorted({**table.REFUSALS, **table.PROBLEMS}))
def test_a_sentence_can_always_be_built(code: str) -> None:
    text = sentence(Problem(code, "warn", 12))
    assert "%" not in text
    assert text[0].isupper()
    assert text.endswith(".")
    assert (("%(where)s" in message_of(code)) and text.startswith("Ligne 12 : ")) or "%(where)s" not in message_of(code)


def test_a_sentence_without_line_begins_at_once() -> None:
    assert sentence(refusals.EncodingUnknown(encoding="x")).startswith("L’encodage déclaré « x »")


def test_a_sentence_names_line_field_and_remedy_in_words() -> None:
    (problem,) = read_students(eleve(DATE_NAISS="12/31/2009")).problems
    assert sentence(problem) == (
        "Ligne 11 : la date de naissance « 12/31/2009 » : le mois et le jour semblent inversés "
        "(attendu : jj/mm/aaaa). L’élève n’est pas repris."
    )


def test_a_sentence_is_translated_piece_by_piece() -> None:
    seen: list[str] = []

    def translate(text: str) -> str:
        seen.append(text)
        return text

    sentence(Problem("name_unfit", "refuse", 12, {"field": "PRENOM"}), translate)
    assert seen == [table.FIELDS["PRENOM"], table.WHERE, table.ORIGINS[""], table.PROBLEMS["name_unfit"]]


def test_a_sentence_names_the_software_to_ask_again() -> None:
    assert sentence(refusals.NoStudents()).endswith("dans SIECLE.")
    assert sentence(refusals.NoStudents(origin="FREGATA")).endswith("dans FREGATA.")


def test_a_sentence_counts_records_where_there_are_no_lines_and_names_one_file_among_several() -> None:
    parameters = {"unit": "record", "other_line": 3, "file": "eleves.json"}
    told = sentence(Problem("ine_shared", "warn", 12, parameters))
    assert told == (
        "« eleves.json » : Fiche 12 : ce même INE est porté fiche 3 par un autre élève ; il est laissé de côté pour "
        "les deux."
    )


def test_a_percent_sign_in_a_value_is_only_text() -> None:
    problem = Problem("date_unreadable", "refuse", 3, {"field": "DATE_NAISS", "value": "%(line)s %d 100 %"})
    assert "%(line)s %d 100 %" in sentence(problem)


def test_a_refusal_of_a_file_has_a_sentence() -> None:
    with pytest.raises(FileRefused) as refusal:
        read_siecle(b"<BEE_ELEVES>\n<oups</BEE_ELEVES>")
    assert sentence(refusal.value).startswith("Ligne 2 : le XML est mal formé")


def test_no_problem_carries_the_name_of_anybody() -> None:
    read = read_students(
        eleve(), eleve("1002", PRENOM="Alicia"), eleve("1003", PRENOM="ALICE"), eleve("1004", PRENOM="x" * 101), eleve()
    )
    told = " ".join(sentence(problem) for problem in read.problems)
    for name in ("MARCHAND", "Alic", "ALICE", "990000001"):
        assert name not in told


def test_the_readers_load_without_django() -> None:
    program = "import sys, cartable.rosters.formats.recognition; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
