"""Paper sheets typed in again: a line at a time by keys alone, or a whole sheet pasted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.distribution.access import day_for
from cartable.distribution.commands import reentry
from cartable.distribution.commands.reentry import LineAnswer
from cartable.distribution.forms import PaperLineForm, PastedSheetForm
from cartable.distribution.models import DayState, DistributionDay
from cartable.distribution.queries import reentry as reads
from cartable.distribution.reentry_rules import (
    MOST_LINES,
    LineUnread,
    PaperLine,
    TypedLine,
    pasted_lines,
    read_clock,
    read_line,
)
from cartable.distribution.reentry_words import UNREAD_WORDS, line_words
from cartable.distribution.rules import Result, ScanKind
from cartable.distribution.views.days import SITE


@dataclass(frozen=True)
class AnsweredLine:
    """A line as the screen shows it: what was typed, who that is, what became of it."""

    tone: str
    headline: str
    way_out: str
    student: str
    division: str
    student_code: str
    device_code: str


@open_to(*SITE)
@never_cache
def page(request: CartableRequest, day_id: int) -> HttpResponse:
    """Show the screen; take a line that was sent."""
    day = day_for(day_id)
    if request.method == "POST" and day.state == DayState.OPEN:
        return _take_line(request, day)
    return _render(request, day)


def _take_line(request: CartableRequest, day: DistributionDay) -> HttpResponse:
    form = PaperLineForm(request.POST)
    if not form.is_valid():
        return _render(request, day, line_form=form, status=422)
    said = form.cleaned_data
    typed = TypedLine(said["student"], said["device"], said["clock"], said["has_charter"], said["is_without_device"])
    try:
        line = _read(typed, day, said["sheet_clock"])
    except LineUnread as unread:
        answered = _unread(typed, unread.code)
        if request.headers.get("HX-Request"):
            return _fragment(request, day, answered, 422)
        # Without script Enter sends the form after the student already: the PC is asked for, the student stays.
        again = PaperLineForm(initial={**said, "line_id": uuid4()})
        waiting = "device" if unread.code == "device_missing" else "student"
        return _render(request, day, answered=[answered], line_form=again, focus=waiting, status=422)
    [answer] = reentry.record_lines(
        day=day, typist_id=request.signed_in.actor_id, lines=[(said["line_id"], line)], now=timezone.now()
    )
    [answered] = _answered(day, [answer])
    if request.headers.get("HX-Request"):
        return _fragment(request, day, answered, 200)
    return _render(request, day, answered=[answered], line_form=_fresh(said["sheet_clock"]))


def _read(typed: TypedLine, day: DistributionDay, sheet_clock: str) -> PaperLine:
    return read_line(typed, held_on=day.held_on, sheet_clock=read_clock(sheet_clock), now=timezone.now())


@open_to(*SITE)
@require_POST
def sheet(request: CartableRequest, day_id: int) -> HttpResponse:
    """Take a pasted sheet; what could not be read stays in the field, to be put right and sent again."""
    day = day_for(day_id)
    form = PastedSheetForm(request.POST)
    if day.state != DayState.OPEN:
        return redirect("distribution:reentry", day.pk)
    if not form.is_valid():
        return _render(request, day, sheet_form=form, status=422)
    said = form.cleaned_data
    typed = list(pasted_lines(said["lines"], has_charter=said["has_charter"]))
    if len(typed) > MOST_LINES:
        form.add_error("lines", _("Au plus %(count)s lignes à la fois.") % {"count": MOST_LINES})
        return _render(request, day, sheet_form=form, status=422)
    read: list[tuple[UUID, PaperLine]] = []
    unread: list[tuple[TypedLine, str]] = []
    for line in typed:
        try:
            read.append((said["sheet_id"], _read(line, day, said["sheet_clock"])))
        except LineUnread as reason:
            unread.append((line, reason.code))
    answers = reentry.record_lines(
        day=day, typist_id=request.signed_in.actor_id, lines=_numbered(read), now=timezone.now()
    ) if read else []  # fmt: skip
    shown = [*(_unread(line, code) for line, code in unread), *_answered(day, answers)]
    left = "\n".join(
        "\t".join(filter(None, [line.student, line.device or "sans", line.clock])) for line, _code in unread
    )
    again = PastedSheetForm(
        initial={"sheet_id": uuid4(), "has_charter": True, "lines": left, "sheet_clock": said["sheet_clock"]}
    )
    return _render(request, day, answered=shown, sheet_form=again, summary=_summary(len(read), len(unread)))


def _numbered(lines: Sequence[tuple[UUID, PaperLine]]) -> list[tuple[UUID, PaperLine]]:
    """Give each line of a sheet an id of its own; the same line written twice on it is two lines."""
    seen: dict[tuple[str, str], int] = {}
    numbered = []
    for sheet_id, line in lines:
        key = (line.student_code, line.device_code)
        seen[key] = seen.get(key, 0) + 1
        numbered.append((uuid5(sheet_id, f"{line.student_code} {line.device_code} {seen[key]}"), line))
    return numbered


def _summary(read: int, unread: int) -> str:
    taken = ngettext("%(count)s ligne lue.", "%(count)s lignes lues.", read) % {"count": read}
    left = ngettext(
        "%(count)s ligne reste à corriger.", "%(count)s lignes restent à corriger.", unread
    ) % {"count": unread}  # fmt: skip
    return f"{taken} {left}" if unread else taken


@open_to(*SITE)
@require_POST
def undo(request: CartableRequest, day_id: int) -> HttpResponse:
    """Take back the last line."""
    day = day_for(day_id)
    if day.state != DayState.OPEN:
        return redirect("distribution:reentry", day.pk)
    try:
        answer = reentry.undo_last_line(
            day=day, typist_id=request.signed_in.actor_id, undo_id=uuid4(), now=timezone.now()
        )
        [answered] = _answered(day, [answer])
    except reentry.NothingToUndo:
        answered = AnsweredLine("info", _("Aucune ligne à annuler"), "", "", "", "", "")
    return _render(request, day, answered=[answered])


def _answered(day: DistributionDay, answers: Sequence[LineAnswer]) -> list[AnsweredLine]:
    names = reads.names_of(day_id=day.pk, codes={answer.student_code for answer in answers})
    return [_shown(names, a.kind, a.result, a.code, a.student_code, a.device_code) for a in answers]


def _shown(
    names: dict[str, tuple[str, str]], kind: ScanKind, result: Result, code: str, student_code: str, device_code: str
) -> AnsweredLine:
    name, division = names.get(student_code, ("", ""))
    return AnsweredLine(*line_words(kind, result, code), name, division, student_code, device_code)


def _unread(typed: TypedLine, code: str) -> AnsweredLine:
    return AnsweredLine("err", str(UNREAD_WORDS[code]), "", "", "", typed.student, typed.device)


def _fresh(sheet_clock: str = "") -> PaperLineForm:
    return PaperLineForm(initial={"line_id": uuid4(), "has_charter": True, "sheet_clock": sheet_clock})


def _fragment(request: HttpRequest, day: DistributionDay, line: AnsweredLine, status: int) -> HttpResponse:
    return render(
        request,
        "distribution/reentry.html#line",
        {"line": line, "typed_count": reads.typed_count(day_id=day.pk)},
        status=status,
    )


def _render(
    request: CartableRequest,
    day: DistributionDay,
    *,
    answered: Sequence[AnsweredLine] = (),
    line_form: PaperLineForm | None = None,
    sheet_form: PastedSheetForm | None = None,
    focus: str = "student",
    summary: str = "",
    status: int = 200,
) -> HttpResponse:
    last = reads.last_lines(day_id=day.pk, typist_id=request.signed_in.actor_id)
    names = reads.names_of(day_id=day.pk, codes={line.student_code for line in last})
    form = line_form or _fresh()
    form.fields[focus].widget.attrs["autofocus"] = True
    context: dict[str, Any] = {
        "day": day,
        "is_open": day.state == DayState.OPEN,
        "line_form": form,
        "sheet_form": sheet_form or PastedSheetForm(initial={"sheet_id": uuid4(), "has_charter": True}),
        "has_sheet": sheet_form is not None,
        "answered": answered,
        "summary": summary,
        "last": [
            _shown(names, ScanKind(p.kind), Result(p.result), p.code, p.student_code, p.device_code) for p in last
        ],
        "words": {
            "sending": _("{count} à envoyer."),
            "waiting": _("Le serveur ne répond pas : continuez, la page réessaie. Ne la fermez pas."),
        },
        "typed_count": reads.typed_count(day_id=day.pk),
    }
    return render(request, "distribution/reentry.html", context, status=status)
