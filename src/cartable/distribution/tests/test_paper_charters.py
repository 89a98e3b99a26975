"""Charters on paper: the right person signs, the code is scanned, the text stays on its page."""

from dataclasses import replace

import pytest

from cartable.distribution.paper.charters import CharterForm, CharterTerms, CharterTextTooLong, charters
from cartable.distribution.tests.paper_reading import (
    HARD_NAMES,
    PRINTED_AT,
    codes_by_page,
    device_code,
    student_code,
    texts,
)
from cartable.kernel.codes import InvalidLabelCode

TERMS = CharterTerms(
    region="Région Grand Est",
    campaign="Campagne 2026-2027",
    title="Charte de prêt d’un ordinateur portable",
    paragraphs=("Le prêt est gratuit.", "L’élève en prend soin : il est seul responsable.") * 3,
    items=("Un ordinateur portable", "Une clé USB", "Une pochette"),
)
ALICE = CharterForm(student_code(0), "Alice Petit", "TSTMG2", "Lycée des Trois-Rivières, Metz", "student")
BILAL = CharterForm(
    student_code(1),
    "Bilal Benali",
    "2de 7",
    "Lycée des Trois-Rivières, Metz",
    "guardian",
    ("Nadia Benali", "Karim Œil"),
)


def page_of(form: CharterForm, terms: CharterTerms = TERMS) -> str:
    [page] = texts(charters(terms, [form], printed_at=PRINTED_AT))
    return page


def test_the_adult_student_signs_and_no_guardian_is_asked() -> None:
    page = page_of(ALICE)
    assert "L’élève signe" in page
    assert "responsable légal" not in page
    assert page.count("Alice Petit") == 2


def test_a_guardian_signs_for_a_minor_and_both_known_ones_are_named() -> None:
    page = page_of(BILAL)
    assert "Un responsable légal signe" in page
    assert "L’élève signe" not in page
    assert "Nadia Benali" in page
    assert "Karim Œil" in page
    assert page.count("Bilal Benali") == 1


def test_without_a_known_guardian_the_name_is_left_to_write() -> None:
    chloe = replace(BILAL, student_name="Chloé Lefèvre", guardian_names=())
    page = page_of(chloe)
    assert "Un responsable légal signe" in page
    assert "Nom" in page
    assert page.count("Chloé Lefèvre") == 1


def test_the_charter_says_what_is_lent_to_whom_and_under_which_terms() -> None:
    page = page_of(BILAL)
    for words in (TERMS.region, TERMS.campaign, TERMS.title, "Exemplaire à rendre", "2de 7", "Trois-Rivières"):
        assert words in page
    for words in (*TERMS.items, "Le prêt est gratuit."):
        assert words in page


def test_one_page_a_student_each_with_its_code_at_the_top_right() -> None:
    forms = [replace(ALICE, code=student_code(i)) for i in range(5)]
    pages = codes_by_page(charters(TERMS, forms, printed_at=PRINTED_AT))
    assert [[code.text for code in page] for page in pages] == [[form.code] for form in forms]
    assert all(code.x_mm > 105 and code.y_mm < 30 for page in pages for code in page)


@pytest.mark.parametrize("name", HARD_NAMES, ids=ascii)
def test_no_name_breaks_a_charter_or_hides_its_code(name: str) -> None:
    form = CharterForm(student_code(0), name, name, name, "guardian", (name, name))
    pdf = charters(replace(TERMS, region=name, title=name or "Charte"), [form], printed_at=PRINTED_AT)
    assert [[code.text for code in page] for page in codes_by_page(pdf)] == [[form.code]]


def test_markup_in_a_name_or_text_stays_text() -> None:
    page = page_of(replace(ALICE, student_name="<b>Bobby</b>"), replace(TERMS, paragraphs=('<a href="x">&amp;</a>',)))
    assert "<b>Bobby</b>" in page
    assert '<a href="x">&amp;</a>' in page


def test_a_long_text_is_set_smaller_and_one_too_long_is_refused() -> None:
    paragraph = "L’élève prend soin de l’équipement qui lui est confié, et le rend en bon état. " * 6
    assert page_of(ALICE, replace(TERMS, paragraphs=(paragraph,) * 3)).count("Signature") == 1
    with pytest.raises(CharterTextTooLong):
        charters(replace(TERMS, paragraphs=(paragraph,) * 12), [ALICE], printed_at=PRINTED_AT)


def test_an_item_is_never_left_out_for_lack_of_room() -> None:
    items = tuple(f"Objet {i}" for i in range(6))
    page = page_of(ALICE, replace(TERMS, items=items))
    assert all(item in page for item in items)
    with pytest.raises(CharterTextTooLong):
        charters(replace(TERMS, items=(*items, "Objet 6")), [ALICE], printed_at=PRINTED_AT)


def test_a_charter_bears_a_student_code_only() -> None:
    with pytest.raises(InvalidLabelCode):
        replace(ALICE, code=device_code(0))
