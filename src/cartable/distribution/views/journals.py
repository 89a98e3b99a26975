"""The leader takes the journal of a station that cannot send it itself, and sees who brought which."""

from collections import Counter
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from cartable.accounts.access import CartableRequest, open_to
from cartable.distribution.access import day_for
from cartable.distribution.api.reading import read_events, unreadable_records
from cartable.distribution.commands.journals import JournalRefused, take_journal
from cartable.distribution.commands.scans import ScanAnswer
from cartable.distribution.commands.stations import StationRefused
from cartable.distribution.forms import JournalForm
from cartable.distribution.journal_file import UnreadableJournal, read_journal
from cartable.distribution.models import DistributionDay
from cartable.distribution.protocol import LARGEST_JOURNAL
from cartable.distribution.queries.journals import brought_journals
from cartable.distribution.rules import Result
from cartable.distribution.views.days import SITE

_REFUSALS = {
    "journal_too_long": _("Ce fichier est trop long pour le journal d’un poste (5 000 lectures, 5 Mo)."),
    "journal_unreadable": _("Ce fichier n’est pas le journal d’un poste. Sur le poste : « Enregistrer le journal »."),
    "journal_station_unknown": _("Aucun poste de cette journée n’a écrit ce journal. Vérifiez le jour et le lycée du poste."),
    "journal_not_genuine": _("Ce journal a été modifié depuis que le poste l’a écrit : rien n’a été pris. Enregistrez-le de nouveau."),
    "station_waiting": _("Ce poste n’a jamais été accepté : acceptez-le d’abord dans Pilotage."),
    "station_practises": _("Ce poste s’entraîne : son journal n’enregistre rien."),
}  # fmt: skip


@open_to(*SITE)
def journal(request: CartableRequest, day_id: int) -> HttpResponse:
    """Take a journal; say what became of its events."""
    day = day_for(day_id)
    form = JournalForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return _page(request, day, form)
    if form.is_valid():
        try:
            taken = read_journal(form.cleaned_data["journal"].read(LARGEST_JOURNAL + 1))
            scans, unreadable = read_events(taken.events)
            answers = take_journal(
                day_id=day.pk,
                journal=taken,
                brought_by_id=request.signed_in.actor_id,
                scans=scans,
                unreadable=unreadable_records(unreadable),
                is_vouched=True,
            )
        except (UnreadableJournal, JournalRefused, StationRefused) as refusal:
            form.add_error("journal", _REFUSALS[refusal.code])
        else:
            return _page(request, day, JournalForm(), counts=_counts(answers, len(unreadable)))
    return _page(request, day, form, status=422)


def _counts(answers: Sequence[ScanAnswer], unreadable_count: int) -> dict[str, int]:
    found = Counter(str(answer.result) for answer in answers)
    return {
        "read": len(answers) + unreadable_count,
        "recorded": found[Result.RECORDED],
        "known": found[Result.EXISTS],
        "contested": found[Result.CONFLICT] + found[Result.REFUSED],
        "unreadable": unreadable_count,
    }


def _page(
    request: HttpRequest, day: DistributionDay, form: JournalForm, *, counts: dict[str, int] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    return render(
        request,
        "distribution/journal.html",
        {"day": day, "form": form, "counts": counts, "brought": brought_journals(day)},
        status=status,
    )
