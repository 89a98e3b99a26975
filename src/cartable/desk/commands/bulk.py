"""Prepare an act on many lines, confirm it once, do it: at once for a few hundred lines, by the worker for more.

What was previewed is what is done: the lines are kept when the act is prepared, and a PC that answers to the filter later is
none of them. Nothing but the act's own rows is written before it is confirmed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone, translation
from django_scopes import scope
from procrastinate.contrib.django import app

from cartable.desk import bulk_rules
from cartable.desk.bulk_rules import OF_STUDENTS, Bulk, options_mark, part_size
from cartable.desk.commands.bulk_acts import BulkRefused, Doing, do
from cartable.desk.models import BulkAct, BulkLine
from cartable.desk.queries.bulk import asked_of, waiting_lines
from cartable.desk.queries.bulk_verdicts import left_out_of

DO_TASK = "desk.do_bulk_act"
_ROWS_AT_ONCE = 2_000


@transaction.atomic
def prepare_act(
    *,
    form_id: UUID,
    act: Bulk,
    ids: Sequence[int],
    region_id: int,
    school_id: int | None,
    school_ids: Sequence[int] | None,
    language: str,
    list_url: str,
    options: Mapping[str, Any] | None,
    asked_at: datetime,
    asked_by_id: int,
) -> UUID:
    """Keep what an act is about; with ``options`` (none are empty) say what it would leave out. Return its id.

    The same form sent twice by the same person is one act.
    """
    bulk, is_new = BulkAct.objects.get_or_create(
        pk=uuid5(form_id, str(asked_by_id)),
        defaults={
            "region_id": region_id,
            "asked_by_id": asked_by_id,
            "asked_at": asked_at,
            "act": act,
            "school_id": school_id,
            "school_ids": None if school_ids is None else list(school_ids),
            "language": language,
            "list_url": list_url,
            "line_count": len(ids),
        },
    )
    if is_new:
        subject = "student_id" if act in OF_STUDENTS else "device_id"
        BulkLine.objects.bulk_create([BulkLine(act=bulk, **{subject: pk}) for pk in ids], batch_size=_ROWS_AT_ONCE)
        if options is not None:
            _judge(bulk, options, asked_at)
    return bulk.pk


@transaction.atomic
def say_options(*, act_id: UUID, options: Mapping[str, Any], now: datetime) -> None:
    """Say once what is to be done to all lines, and judge each of them; nothing where the act was confirmed meanwhile."""
    bulk = BulkAct.objects.select_for_update(of=("self",)).get(pk=act_id)
    if bulk.confirmed_at is None:
        _judge(bulk, options, now)


def _judge(bulk: BulkAct, options: Mapping[str, Any], now: datetime) -> None:
    bulk.options = dict(options)
    bulk.save(update_fields=["options"])
    lines = BulkLine.objects.filter(act=bulk)
    subject = "student_id" if Bulk(bulk.act) in OF_STUDENTS else "device_id"
    ids = list(lines.order_by("pk").values_list(subject, flat=True))
    left_out = left_out_of(Bulk(bulk.act), ids, asked_of(bulk, on=now))
    lines.update(reason="")
    for code in sorted(set(left_out.values())):
        lines.filter(**{f"{subject}__in": [pk for pk, found in left_out.items() if found == code]}).update(reason=code)


class PreviewChanged(Exception):
    """What would be done is no longer what was looked at: it was prepared anew in another window."""


@transaction.atomic
def confirm_act(*, act_id: UUID, expected_count: int, expected_options: str, now: datetime) -> None:
    """Do what was previewed: so many lines, and options of this mark (`options_mark`).

    At once, or by the worker where there are many lines. Confirmed again it changes nothing.
    An act that stopped half-way goes on with the lines that are left. Raises PreviewChanged; BulkRefused where the act as
    a whole is not possible: then nothing was done, and it may be prepared anew.
    """
    bulk = BulkAct.objects.select_for_update(of=("self",)).get(pk=act_id)
    if bulk.confirmed_at is not None and not bulk.failure:
        return
    waiting = waiting_lines(bulk).count()
    if bulk.options is None:
        raise PreviewChanged
    if bulk.confirmed_at is None and (waiting, options_mark(bulk.options)) != (expected_count, expected_options):
        raise PreviewChanged
    bulk.confirmed_at, bulk.finished_at, bulk.failure = bulk.confirmed_at or now, None, ""
    bulk.save(update_fields=["confirmed_at", "finished_at", "failure"])
    if waiting > bulk_rules.LINES_AT_ONCE:
        app.configure_task(DO_TASK).defer(region_id=bulk.region_id, act_id=str(bulk.pk))
    else:
        while _do_part(bulk.pk):
            pass


def do_act(*, act_id: UUID) -> None:
    """Do an act that was confirmed, part by part, in the scope and the language of whoever asked.

    Each part is one transaction that notes what it did: killed and begun again, it goes on after the last one.
    """
    bulk = BulkAct.objects.filter(pk=act_id).first()
    if bulk is None:
        return
    with scope(region=bulk.region_id, school=bulk.school_ids), translation.override(bulk.language):
        try:
            while _do_part(act_id):
                pass
        except BulkRefused as refusal:
            record_act_failure(act_id=act_id, code=refusal.code)


@transaction.atomic
def _do_part(act_id: UUID) -> bool:
    """Do the next lines; say whether there may be more."""
    bulk = BulkAct.objects.select_for_update(of=("self",)).get(pk=act_id)
    if bulk.confirmed_at is None or bulk.finished_at is not None:
        return False
    act, now = Bulk(bulk.act), timezone.now()
    subject = "student_id" if act in OF_STUDENTS else "device_id"
    lines = dict(waiting_lines(bulk).order_by("pk").values_list(subject, "pk")[: part_size(act)])
    if not lines:
        bulk.finished_at = now
        bulk.save(update_fields=["finished_at"])
        return False
    left_out = do(act, list(lines), Doing(bulk.pk, asked_of(bulk, on=now), now, bulk.asked_by_id))
    done = [line for pk, line in lines.items() if pk not in left_out]
    BulkLine.objects.filter(pk__in=done).update(done_at=now)
    for code in sorted(set(left_out.values())):
        late = [lines[pk] for pk, found in left_out.items() if found == code]
        BulkLine.objects.filter(pk__in=late).update(reason=code, is_late=True)
    bulk.done_count += len(done)
    bulk.save(update_fields=["done_count"])
    return True


def record_act_failure(*, act_id: UUID, code: str) -> None:
    """Say why the worker stopped, so that the page can: what is left may be asked for again."""
    BulkAct.objects.filter(pk=act_id, confirmed_at__isnull=False, finished_at=None).update(
        finished_at=timezone.now(), failure=code
    )


def forget_prepared_acts(*, asked_before: datetime) -> int:
    """Forget acts that nobody confirmed; return how many."""
    old = BulkAct.objects.filter(confirmed_at=None, asked_at__lt=asked_before)
    count = old.count()
    old.delete()
    return count
