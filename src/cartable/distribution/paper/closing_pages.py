"""The pages of the closing report, from its plain values to the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartable.distribution.paper.closing_report import ClosingReport, HandedDevice
from cartable.distribution.paper.document import A4_MM, Document
from cartable.distribution.paper.faces import Face
from cartable.distribution.paper.flow import (
    Block,
    Column,
    dealt,
    draw_blocks,
    gap,
    paragraph_block,
    table_blocks,
    title_block,
)
from cartable.distribution.paper.measures import ellipsized, fitted, wrapped
from cartable.distribution.paper.pen import POINTS_PER_MM, Pen
from cartable.distribution.paper.words import clock, day_and_clock, figure, long_day
from cartable.kernel.codes import InvalidLabelCode, spaced

_MARGIN_MM = 18.0
_WIDTH_MM = A4_MM[0] - 2 * _MARGIN_MM
_TOP_MM = 17.0
_PAGE_ROOM_MM = A4_MM[1] - _TOP_MM - 19.0
# Two columns of PCs on a page: as many lines as fit under the section's title.
_DEVICES_PER_COLUMN = 44


def closing_report_pdf(report: ClosingReport, *, printed_at: datetime) -> bytes:
    """Return the PDF of the report: the page to sign, then its lists, each saying so where it is empty."""
    pages = dealt(_list_blocks(report), _PAGE_ROOM_MM)
    document = Document(f"{_('Rapport de clôture')} · {report.school} · {long_day(report.day)}", printed_at)
    first = document.page().at(_MARGIN_MM, 0)
    _draw_first_page(first, report)
    _draw_foot(first, report, 1, len(pages) + 1)
    for number, blocks in enumerate(pages, start=2):
        page = document.page().at(_MARGIN_MM, 0)
        draw_blocks(page.at(0, _TOP_MM), blocks)
        _draw_foot(page, report, number, len(pages) + 1)
    return document.finished()


def _draw_first_page(page: Pen, report: ClosingReport) -> None:
    _draw_head(page, report)
    _draw_figures(page.at(0, 62), report)
    _draw_account(page.at(0, 96), report)
    _draw_root(page.at(0, 164), report)
    _draw_signatures(page.at(0, 216), report)


def _draw_head(page: Pen, report: ClosingReport) -> None:
    width = _WIDTH_MM * POINTS_PER_MM
    page.text(0, 20, ellipsized(f"{report.region} · {report.campaign}", Face.STRONG, 11, width), Face.STRONG, 11)
    page.text(0, 33, _("Rapport de clôture"), Face.NAME, 28)
    school = fitted(
        f"{report.school} ({report.uai})",
        Face.STRONG,
        width=width,
        height=18,
        largest=15,
        smallest=9,
        line_count=1,
    )
    page.fitted_text(0, 39, school, Face.STRONG)
    hours = _("%(day)s, de %(start)s à %(end)s") % {
        "day": long_day(report.day),
        "start": clock(report.opened_at),
        "end": clock(report.closed_at),
    }
    page.text(0, 52, hours, Face.TEXT, 12)


def _draw_figures(page: Pen, report: ClosingReport) -> None:
    """Draw four key figures with what they mean: read first, from across a table."""
    handed = len(report.handed)
    share = round(100 * handed / report.expected) if report.expected else 0
    charters = _("%(paper)s sur papier, %(online)s en ligne") % {
        "paper": figure(report.paper_charters),
        "online": figure(report.online_charters),
    }
    of_expected = _("sur %(expected)s élèves attendus, soit %(share)s %%")
    at_best = _("au plus %(best)s ; %(count)s postes")
    figures = [
        (figure(handed), _("PC remis"), of_expected % {"expected": figure(report.expected), "share": share}),
        (figure(len(report.absents)), _("absents"), _("dont les noms suivent")),
        (
            figure(report.mean_rate),
            _("PC par heure"),
            at_best % {"best": figure(report.best_rate), "count": report.station_count},
        ),
        (figure(report.paper_charters + report.online_charters), _("chartes"), charters),
    ]
    width = _WIDTH_MM / len(figures)
    page.line(0, 0, _WIDTH_MM, 0, 0.5)
    for i, (value, word, detail) in enumerate(figures):
        cell = page.at(i * width, 0)
        cell.text(0, 12.5, value, Face.NAME, 27)
        cell.text(0, 18.5, word, Face.STRONG, 11)
        for j, line in enumerate(wrapped(detail, Face.TEXT, 8.5, (width - 4) * POINTS_PER_MM)[:3]):
            cell.text(0, 23 + j * 3.9, line, Face.TEXT, 8.5)


def _draw_account(page: Pen, report: ClosingReport) -> None:
    """Draw the allotment as an account that must end at zero."""
    page.text(0, 6, _("Compte des PC"), Face.NAME, 14)
    lines = [
        (_("Arrivés pour la journée"), report.allotted),
        (_("Remis aux élèves"), -len(report.handed)),
        *((destination, -count) for destination, count in report.destinations[:4]),
    ]
    others = len(report.leftovers) - sum(count for _name, count in report.destinations[:4])
    if others:
        lines.append((_("Autres destinations"), -others))
    for i, (word, count) in enumerate(lines):
        _draw_account_line(page, 13.5 + i * 6.2, word, count, Face.TEXT)
    y = 13.5 + len(lines) * 6.2
    page.line(0, y - 4.4, _WIDTH_MM, y - 4.4, 0.4)
    _draw_account_line(page, y + 0.6, _("Reste à justifier"), report.unaccounted, Face.STRONG)
    if report.without_device:
        text = ngettext(
            "%(count)s élève attendu est reparti sans PC, présent ou refusé : voir les faits à part.",
            "%(count)s élèves attendus sont repartis sans PC, présents ou refusés : voir les faits à part.",
            report.without_device,
        ) % {"count": figure(report.without_device)}
        page.text(0, y + 8, ellipsized(text, Face.TEXT, 9.5, _WIDTH_MM * POINTS_PER_MM), Face.TEXT, 9.5)


def _draw_account_line(page: Pen, y: float, word: str, count: int, face: Face) -> None:
    sign = "\N{MINUS SIGN}\N{NARROW NO-BREAK SPACE}" if count < 0 else ""
    page.text(0, y, ellipsized(word, face, 11, (_WIDTH_MM - 30) * POINTS_PER_MM), face, 11)
    page.text(_WIDTH_MM, y, sign + figure(abs(count)), face, 11, "right")


def _draw_root(page: Pen, report: ClosingReport) -> None:
    page.box(0, 0, _WIDTH_MM, 43, thickness=0.6, radius=3)
    page.text(6, 9, _("Racine du registre"), Face.NAME, 14)
    moment = _("%(moment)s · %(count)s mouvements") % {
        "moment": day_and_clock(report.ledger_root_at),
        "count": figure(report.movement_count),
    }
    page.text(_WIDTH_MM - 6, 9, moment, Face.TEXT, 9.5, "right")
    for i in range(2):
        half = report.ledger_root[i * 32 : (i + 1) * 32]
        grouped = " ".join(half[j : j + 4] for j in range(0, 32, 4))
        page.text(6, 18.5 + i * 7.5, grouped, Face.CODE, 18)
    meaning = _(
        "Empreinte SHA-256 du registre entier. Une écriture ôtée ou changée après coup donne une autre "
        "racine : gardez cette page."
    )
    for i, line in enumerate(wrapped(meaning, Face.TEXT, 9.5, (_WIDTH_MM - 12) * POINTS_PER_MM)):
        page.text(6, 33.5 + i * 4.4, line, Face.TEXT, 9.5)


def _draw_signatures(page: Pen, report: ClosingReport) -> None:
    half = _WIDTH_MM / 2
    for x, role, name in (
        (0.0, _("Le responsable de la distribution"), report.leader_name),
        (half + 3, _("Le chef d’établissement"), report.head_name),
    ):
        width = half - 3
        page.box(x, 0, width, 58, thickness=0.6, radius=3)
        page.text(x + 5, 8, ellipsized(role, Face.STRONG, 11, (width - 10) * POINTS_PER_MM), Face.STRONG, 11)
        page.text(x + 5, 14, ellipsized(name, Face.TEXT, 11, (width - 10) * POINTS_PER_MM), Face.TEXT, 11)
        page.text(x + 5, 23, _("Le"), Face.TEXT, 9.5)
        page.line(x + 12, 23.6, x + width - 5, 23.6)
        page.text(x + 5, 30, _("Signature"), Face.TEXT, 9.5)


def _draw_foot(page: Pen, report: ClosingReport, number: int, total: int) -> None:
    y = A4_MM[1] - 11
    page.line(0, y - 5, _WIDTH_MM, y - 5, 0.2)
    count = _("page %(number)s/%(total)s") % {"number": number, "total": total}
    root = _("racine %(start)s…") % {"start": report.ledger_root[:16]}
    page.text(_WIDTH_MM, y, count, Face.TEXT, 8.5, "right")
    where = ellipsized(f"{report.school} · {long_day(report.day)}", Face.TEXT, 8.5, 105 * POINTS_PER_MM)
    page.text(0, y, f"{where} · {root}", Face.TEXT, 8.5)


def _list_blocks(report: ClosingReport) -> list[Block]:
    """Return the lists after the first page; a list with nothing in it says so."""
    return [
        *_section(_("Par classe"), _class_table(report), _("Aucune classe.")),
        *_section(_("Absents"), _absent_table(report), _("Tous les élèves attendus sont venus.")),
        *_section(_("Faits à part"), _exception_table(report), _("Rien à signaler.")),
        *_section(_("PC non remis"), _leftover_table(report), _("Tous les PC ont été remis.")),
        *_section(_("PC remis"), _handed_table(report.handed), _("Aucun PC n’a été remis."), starts_page=True),
    ]


def _section(title: str, table: list[Block], nothing: str, *, starts_page: bool = False) -> list[Block]:
    content = table or [paragraph_block(nothing, _WIDTH_MM)]
    return [title_block(title, starts_page=starts_page and bool(table)), *content, gap(5)]


def _class_table(report: ClosingReport) -> list[Block]:
    columns = [
        Column(_("Classe"), 84),
        Column(_("Attendus"), 30, "right"),
        Column(_("Équipés"), 30, "right"),
        Column(_("Absents"), 30, "right"),
    ]
    rows = [(c.division, figure(c.expected), figure(c.equipped), figure(c.absent)) for c in report.classes]
    total = (
        _("Ensemble"),
        figure(sum(c.expected for c in report.classes)),
        figure(sum(c.equipped for c in report.classes)),
        figure(sum(c.absent for c in report.classes)),
    )
    return table_blocks(columns, [*rows, total], is_last_total=True) if rows else []


def _absent_table(report: ClosingReport) -> list[Block]:
    columns = [Column(_("Élève"), 114, face=Face.STRONG), Column(_("Classe"), 60)]
    return table_blocks(columns, [(student.name, student.division) for student in report.absents])


def _exception_table(report: ClosingReport) -> list[Block]:
    columns = [
        Column(_("Heure"), 14),
        Column(_("Fait"), 52, wraps=True),
        Column(_("Élève"), 31, face=Face.CODE),
        Column(_("PC"), 31, face=Face.CODE),
        Column(_("Suite donnée"), 46, wraps=True),
    ]
    rows = [
        (
            clock(e.happened_at),
            e.what,
            _spaced(e.student_code),
            _spaced(e.device_code),
            e.settlement or _("à revoir"),
        )
        for e in report.exceptions
    ]
    return table_blocks(columns, rows)


def _leftover_table(report: ClosingReport) -> list[Block]:
    columns = [
        Column(_("PC"), 44, face=Face.CODE),
        Column(_("N° de série"), 50, face=Face.CODE, wraps=True),
        Column(_("Envoyé vers"), 80, wraps=True),
    ]
    rows = [(_spaced(d.device_code), d.serial_number, d.destination) for d in report.leftovers]
    return table_blocks(columns, rows)


def _handed_table(devices: Sequence[HandedDevice]) -> list[Block]:
    """Return the PCs handed out in two columns, read down the left one first, a page at a time."""
    half = [
        Column(_("Heure"), 10, size=8),
        Column(_("Élève"), 27, face=Face.CODE, size=8),
        Column(_("PC"), 27, face=Face.CODE, size=8),
        Column(_("N° de série"), 20.5, face=Face.CODE, size=8, wraps=True),
    ]
    rows: list[tuple[str, ...]] = []
    for start in range(0, len(devices), 2 * _DEVICES_PER_COLUMN):
        page = [_handed_cells(device) for device in devices[start : start + 2 * _DEVICES_PER_COLUMN]]
        left, right = page[:_DEVICES_PER_COLUMN], page[_DEVICES_PER_COLUMN:]
        rows += [(*a, "", *b) for a, b in zip_longest(left, right, fillvalue=("", "", "", ""))]
    return table_blocks([*half, Column("", 5), *half], rows, rows_a_page=_DEVICES_PER_COLUMN)


def _handed_cells(device: HandedDevice) -> tuple[str, ...]:
    return (
        clock(device.handed_at),
        _spaced(device.student_code),
        _spaced(device.device_code),
        device.serial_number,
    )


def _spaced(code: str) -> str:
    """Return a label code as people read it; anything else (a serial number, a misread) as it is."""
    try:
        return spaced(code)
    except InvalidLabelCode:
        return code
