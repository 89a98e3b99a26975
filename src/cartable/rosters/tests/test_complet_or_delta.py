"""Whether an AAF delivery is whole or only what has changed stands in its names alone."""

import pytest

from cartable.rosters.formats.recognition import sentence
from cartable.rosters.formats.refusals import AafDelta
from cartable.rosters.tests.format_documents import (
    NamedFile,
    aaf_document,
    aaf_files,
    aaf_school,
    aaf_student,
    problem_codes,
    student_file,
)
from cartable.rosters.tests.siecle_documents import UAI, zipped
from cartable.rosters.tests.test_aaf import refused


def renamed(extent: str) -> dict[str, bytes]:
    return {name.replace("Complet", extent): content for name, content in aaf_files().items()}


def test_a_delta_that_only_adds_is_refused_by_its_name() -> None:
    name = f"ENT_{UAI}_Delta_20260910_Eleve_0000.xml"
    sources = [NamedFile(content, name) for name, content in renamed("Delta").items()]
    for source in (zipped(renamed("Delta")), sources, NamedFile(aaf_document(aaf_student(), aaf_school()), name)):
        told = sentence(refused(source, AafDelta))
        assert "_Delta_2026" in told
        assert "Demandez la livraison complète (Complet) au rectorat" in told


def test_one_delta_among_the_files_of_a_complet_is_refused() -> None:
    files = aaf_files() | {f"ENT_{UAI}_Delta_20260912_Eleve_0000.xml": aaf_document(aaf_student("2"))}
    assert "_Delta_20260912_Eleve_" in sentence(refused(zipped(files), AafDelta))


def test_the_name_of_a_zip_tells_where_those_of_its_files_do_not() -> None:
    neutral = zipped(renamed("Liste"))
    assert student_file(NamedFile(neutral, "ENT_Complet.zip")).lists_everybody
    refused(NamedFile(neutral, "ENT_Delta.zip"), AafDelta)
    assert student_file(NamedFile(zipped(aaf_files()), "ENT_Delta.zip")).lists_everybody


@pytest.mark.parametrize("extent", ["Complet", "COMPLET", "complet"])
def test_a_complet_lists_everybody(extent: str) -> None:
    read = student_file(zipped(renamed(extent)))
    assert (read.lists_everybody, read.problems) == (True, ())


@pytest.mark.parametrize("extent", ["", "Completude", "Deltaplane"])
def test_a_delivery_that_does_not_say_what_it_is_is_read_with_a_warning(extent: str) -> None:
    read = student_file(zipped(renamed(extent)))
    assert (len(read.students), read.lists_everybody) == (1, False)
    assert problem_codes(read, "warn") == ["aaf_perhaps_partial"]
    assert "Complet" in sentence(read.problems[0])
