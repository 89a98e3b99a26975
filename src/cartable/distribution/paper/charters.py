"""The charter on paper: one A4 page per student, to sign at home and hand in at workshop A.

The code stands at the top right in Code 128, so that a paper charter is taken in by one scan. The text is the
campaign's; who signs is decided by the caller, by the age on the signing day (DOMAIN 5.2): the adult student,
else one legal guardian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _

from cartable.distribution.paper.document import Document
from cartable.distribution.paper.faces import Face
from cartable.distribution.paper.measures import ellipsized, fitted, wrapped
from cartable.distribution.paper.pen import POINTS_PER_MM, Pen, code128_width
from cartable.kernel.codes import STUDENT_LETTER, InvalidLabelCode, parse_label_code, spaced

_MARGIN_MM = 18.0
_WIDTH_MM = 210.0 - 2 * _MARGIN_MM
_TEXT_TOP_MM = 113.0
_SIGNER_TOP_MM = 211.0
_SIGNER_HEIGHT_MM = 68.0
# A charter is read at home by a sixteen-year-old: under this size the text is too long for its one page.
_TEXT_SIZES_PT = (11.0, 10.5, 10.0, 9.5, 9.0, 8.5, 8.0)
_LEADING = 1.36
_MOST_ITEMS = 6


class CharterTextTooLong(ValueError):
    """The campaign's text does not fit its page, even in the smallest type."""

    code = "charter_text_too_long"


@dataclass(frozen=True, slots=True)
class CharterTerms:
    """What all charters of a campaign share: title, text by paragraphs, the items lent."""

    region: str
    campaign: str
    title: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CharterForm:
    """One student's charter: `signer` is "student" for an adult; guardian names stay blank where unknown.

    Raises InvalidLabelCode for a code that is no student's.
    """

    code: str
    student_name: str
    division: str
    school: str
    signer: Literal["student", "guardian"]
    guardian_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if parse_label_code(self.code).letter != STUDENT_LETTER:
            raise InvalidLabelCode("a charter bears a student's code")


def charters(terms: CharterTerms, forms: Sequence[CharterForm], *, printed_at: datetime) -> bytes:
    """Return the PDF of all charters, one page each, in the order given; raise CharterTextTooLong."""
    text = _set_text(terms.paragraphs)
    if len(terms.items) > _MOST_ITEMS:
        raise CharterTextTooLong(f"a charter has room for {_MOST_ITEMS} items")
    document = Document(terms.title, printed_at)
    for form in forms:
        page = document.page().at(_MARGIN_MM, 0)
        _draw_head(page, terms, form)
        _draw_parties(page, terms, form)
        _draw_text(page, text)
        _draw_signer(page.at(0, _SIGNER_TOP_MM), form)
    return document.finished()


@dataclass(frozen=True, slots=True)
class _SetText:
    size: float
    paragraphs: list[list[str]]

    @property
    def line_mm(self) -> float:
        return self.size * _LEADING / POINTS_PER_MM

    @property
    def gap_mm(self) -> float:
        return self.line_mm * 0.45

    @property
    def height_mm(self) -> float:
        return sum(len(lines) * self.line_mm + self.gap_mm for lines in self.paragraphs)


def _set_text(paragraphs: Sequence[str]) -> _SetText:
    """Return the text at the largest size that leaves room to sign; its lines serve all students."""
    for size in _TEXT_SIZES_PT:
        text = _SetText(size, [wrapped(p, Face.TEXT, size, _WIDTH_MM * POINTS_PER_MM) for p in paragraphs])
        if _TEXT_TOP_MM + text.height_mm <= _SIGNER_TOP_MM - 3:
            return text
    raise CharterTextTooLong("the charter's text needs more than the room above the signature")


def _draw_head(page: Pen, terms: CharterTerms, form: CharterForm) -> None:
    bars_mm = code128_width(form.code)
    page.code128(_WIDTH_MM - bars_mm, 15, form.code)
    page.text(_WIDTH_MM - bars_mm, 31, spaced(form.code), Face.CODE, 11)
    room = (_WIDTH_MM - bars_mm - 10) * POINTS_PER_MM
    page.text(0, 19, ellipsized(terms.region, Face.STRONG, 13, room), Face.STRONG, 13)
    page.text(0, 25, ellipsized(terms.campaign, Face.TEXT, 11, room), Face.TEXT, 11)
    page.box(0, 28, 46, 6.6, thickness=0.4, radius=1.4)
    page.text(23, 32.5, _("Exemplaire à rendre"), Face.STRONG, 10, "centre")
    title = fitted(terms.title, Face.NAME, width=_WIDTH_MM * POINTS_PER_MM, height=46, largest=24, smallest=12)
    page.fitted_text(0, 43, title, Face.NAME)


def _draw_parties(page: Pen, terms: CharterTerms, form: CharterForm) -> None:
    page.box(0, 62, _WIDTH_MM, 44, thickness=0.4, radius=3)
    page.text(6, 69, _("Bénéficiaire"), Face.TEXT, 10)
    half = _WIDTH_MM / 2 - 10
    name = fitted(form.student_name, Face.NAME, width=half * POINTS_PER_MM, height=38, largest=18, smallest=9)
    page.fitted_text(6, 73, name, Face.NAME)
    _draw_fact(page, 91, _("Classe"), form.division, half, line_count=1)
    _draw_fact(page, 98.5, _("Lycée"), form.school, half, line_count=2)
    page.line(_WIDTH_MM / 2, 66, _WIDTH_MM / 2, 102)
    left = _WIDTH_MM / 2 + 6
    page.text(left, 69, _("Prêté"), Face.TEXT, 10)
    pitch = min(6.2, 28 / len(terms.items)) if terms.items else 0
    for i, item in enumerate(terms.items):
        y = 76 + i * pitch
        page.circle(left + 1, y - 1.3, 0.8)
        page.text(left + 4.5, y, ellipsized(item, Face.STRONG, 11, (half - 6) * POINTS_PER_MM), Face.STRONG, 11)


def _draw_fact(page: Pen, y: float, word: str, value: str, width: float, *, line_count: int) -> None:
    page.text(6, y, word, Face.TEXT, 10)
    room = (width - 16) * POINTS_PER_MM
    fact = fitted(value, Face.STRONG, width=room, height=20, largest=11, smallest=7.5, line_count=line_count)
    # One line stands on the word's baseline; of two, the first stands where the word's capitals begin.
    page.fitted_text(22, y - fact.first_baseline / POINTS_PER_MM, fact, Face.STRONG)


def _draw_text(page: Pen, text: _SetText) -> None:
    y = _TEXT_TOP_MM + text.size / POINTS_PER_MM
    for lines in text.paragraphs:
        for line in lines:
            page.text(0, y, line, Face.TEXT, text.size)
            y += text.line_mm
        y += text.gap_mm


def _draw_signer(box: Pen, form: CharterForm) -> None:
    box.box(0, 0, _WIDTH_MM, _SIGNER_HEIGHT_MM, thickness=0.6, radius=3)
    if form.signer == "student":
        _draw_signer_words(box, _("L’élève signe"), _("L’élève est majeur : sa signature suffit."))
        _draw_line_to_fill(box, 27, _("Nom"), form.student_name)
    else:
        _draw_signer_words(
            box,
            _("Un responsable légal signe"),
            _("Une seule signature suffit. L’élève majeur le jour de la signature signe lui-même."),
        )
        _draw_guardians(box, form.guardian_names)
    _draw_line_to_fill(box, 51, _("À"))
    _draw_line_to_fill(box, 61, _("Le"))
    box.text(_WIDTH_MM / 2 + 6, 27, _("Signature"), Face.TEXT, 10)
    box.box(_WIDTH_MM / 2 + 6, 30, _WIDTH_MM / 2 - 12, 32, thickness=0.25, radius=2)


def _draw_signer_words(box: Pen, title: str, note: str) -> None:
    box.text(6, 9, title, Face.NAME, 15)
    for i, line in enumerate(wrapped(note, Face.TEXT, 10, (_WIDTH_MM - 12) * POINTS_PER_MM)[:2]):
        box.text(6, 15.5 + i * 4.6, line, Face.TEXT, 10)


def _draw_guardians(box: Pen, names: Sequence[str]) -> None:
    """Draw the known names: to tick where several (three at most), a line to fill where none."""
    if len(names) < 2:
        _draw_line_to_fill(box, 27, _("Nom"), *names)
        return
    for i, name in enumerate(names[:3]):
        y = 27 + i * 7.5
        box.tick_box(6, y - 3.8)
        room = (_WIDTH_MM / 2 - 20) * POINTS_PER_MM
        box.text(13, y, ellipsized(name, Face.STRONG, 11.5, room), Face.STRONG, 11.5)


def _draw_line_to_fill(box: Pen, y: float, word: str, known: str = "") -> None:
    box.text(6, y, word, Face.TEXT, 10)
    if known:
        room = (_WIDTH_MM / 2 - 24) * POINTS_PER_MM
        box.text(18, y, ellipsized(known, Face.STRONG, 11.5, room), Face.STRONG, 11.5)
    else:
        box.line(18, y + 0.8, _WIDTH_MM / 2 - 4, y + 0.8)
