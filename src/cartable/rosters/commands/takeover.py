"""Open the books with the fleet of another tool: matched lines enter at once, the others wait for somebody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from cartable.fleet.commands import (
    BirthOrder,
    enter_devices,
    name_device_models,
    open_contractor_account,
    open_lot,
    open_region_accounts,
    open_school_accounts,
    set_condition,
)
from cartable.fleet.rules import SCHOOL_KINDS, Condition, CustodianKind, Reason
from cartable.organisations.models import School
from cartable.rosters.models import KeptCheck, Takeover, TakeoverCount, TakeoverLine
from cartable.rosters.queries.takeovers import content_of_takeover, judged_lines, read_lines
from cartable.rosters.rules.takeover import Opening, Place, TakeoverJudgement, WaitingLine
from cartable.supply.commands.births import completed_tags, wait_for_other_entries

TAKEOVER_TASK = "rosters.open_books"
# More lines than this take longer than a page may (2 s), to check as to enter.
LINES_ENTERED_AT_ONCE = 5_000
_KEPT_TEXT = 120


@dataclass(frozen=True)
class TakenOver:
    """What a takeover did; the same answer when it is asked again."""

    read_count: int
    entered_count: int
    queued_count: int
    refused_count: int
    already_applied: bool


@transaction.atomic
def open_books(*, takeover_id: UUID, applied_at: datetime, applied_by_id: int) -> TakenOver:
    """Enter the PCs whose holder is beyond doubt and keep the other lines; all of it or nothing.

    Whoever asks meanwhile waits, then gets the first answer. Raises kernel.tables.UnreadableTable,
    documents.queries.FileErased, fleet.commands.DeviceAlreadyKnown and StudentAlreadyHolds.
    """
    takeover = Takeover.objects.select_for_update(of=("self",)).get(pk=takeover_id)
    if takeover.applied_at is not None:
        return _answer(takeover, already_applied=True)
    wait_for_other_entries()
    lines, _warnings = read_lines(takeover, content_of_takeover(takeover))
    judgement = judged_lines(takeover, lines, today=timezone.localdate(applied_at))
    takeover.applied_at, takeover.applied_by_id, takeover.read_count = applied_at, applied_by_id, len(lines)
    takeover.queued_at, takeover.failure = None, ""
    takeover.save(update_fields=["applied_at", "applied_by", "read_count", "queued_at", "failure"])
    KeptCheck.objects.filter(takeover=takeover).delete()
    enter_openings(takeover, judgement.entered, now=applied_at, actor_id=applied_by_id)
    counts = _kept_counts(takeover, judgement)
    TakeoverLine.objects.bulk_create(_kept(takeover, counts, judgement.waiting), batch_size=2_000)
    close_if_settled(takeover, applied_at)
    return _answer(takeover, already_applied=False)


@transaction.atomic
def ask_for_opening(*, takeover_id: UUID, asked_at: datetime, asked_by_id: int) -> TakenOver | None:
    """Open the books now, or hand a long file to the worker and return None. Raises what `open_books` raises."""
    takeover = Takeover.objects.select_for_update(of=("self",)).get(pk=takeover_id)
    if takeover.applied_at is None and is_long(takeover):
        content_of_takeover(takeover)  # What is gone is said at once.
        _hand_to_worker(takeover, asked_at, asked_by_id)
        return None
    return open_books(takeover_id=takeover_id, applied_at=asked_at, applied_by_id=asked_by_id)


def is_long(takeover: Takeover) -> bool:
    """Say whether the file has more lines than a page may wait for."""
    return takeover.line_count > LINES_ENTERED_AT_ONCE


def _hand_to_worker(takeover: Takeover, asked_at: datetime, asked_by_id: int) -> None:
    if takeover.queued_at is not None:
        return
    takeover.queued_at, takeover.failure = asked_at, ""
    takeover.save(update_fields=["queued_at", "failure"])
    app.configure_task(TAKEOVER_TASK, queueing_lock=f"{TAKEOVER_TASK}:{takeover.pk}").defer(
        region_id=takeover.region_id, takeover_id=str(takeover.pk), actor_id=asked_by_id
    )


def record_takeover_failure(*, takeover_id: UUID, code: str) -> None:
    """Say why the worker stopped, so that the page can: it may be asked again."""
    Takeover.objects.filter(pk=takeover_id, applied_at=None).update(queued_at=None, failure=code)


def enter_openings(
    takeover: Takeover, openings: Sequence[Opening], *, now: datetime, actor_id: int
) -> tuple[list[str], list[int]]:
    """Enter PCs through the ledger, in one statement. Return their asset tags and ids.

    Ids of movements follow from the takeover's id and the line: a line enters once, whoever repeats it.
    """
    if not openings:
        return [], []
    region_id = takeover.region_id
    supplier = open_contractor_account(
        region_id=region_id, contractor_id=takeover.supplier_id, kind=CustodianKind.SUPPLIER, opened_at=now
    )
    accounts = _accounts(takeover, openings, now)
    models = name_device_models(region_id=region_id, names={opening.device.model for opening in openings})
    lots = _lots(region_id, {opening.place.lot for opening in openings}, _noon(takeover.counted_on, now))
    tags = completed_tags([opening.device.asset_tag for opening in openings])
    evidence = f"takeover:{takeover.pk}"
    ids = enter_devices(
        [
            BirthOrder(
                uuid5(takeover.pk, f"line:{opening.device.line}"), tag, opening.device.serial,
                models[opening.device.model], lots[opening.place.lot], region_id, "", "", supplier,
                _custodian(opening, accounts), Reason.OPENING,
                _noon(opening.held_since or takeover.counted_on, now), actor_id, evidence,
            )
            for opening, tag in zip(openings, tags, strict=True)
        ]
    )  # fmt: skip
    for condition in Condition:
        chosen = [pk for pk, one in zip(ids, openings, strict=True) if one.condition == condition]
        if chosen and condition != Condition.FIT:
            set_condition(device_ids=chosen, condition=condition)
    return tags, ids


def close_if_settled(takeover: Takeover, at: datetime) -> None:
    """Close a takeover when each of its lines is settled."""
    if takeover.closed_at is None and not takeover.lines.filter(settled_at__isnull=True).exists():
        takeover.closed_at = at
        takeover.save(update_fields=["closed_at"])


_Accounts = Mapping[tuple[str, CustodianKind], int]


def _accounts(takeover: Takeover, openings: Iterable[Opening], now: datetime) -> _Accounts:
    """Return (uai, kind) → custodian id for all accounts but those of students; the region's have no lycée."""
    region_id = takeover.region_id
    region = open_region_accounts(region_id=region_id, opened_at=now)
    accounts = {("", kind): pk for kind, pk in region.items()}
    if takeover.repairer_id is not None:
        accounts["", CustodianKind.REPAIRER] = open_contractor_account(
            region_id=region_id, contractor_id=takeover.repairer_id, kind=CustodianKind.REPAIRER, opened_at=now
        )
    uais = {one.place.uai for one in openings if one.kind in SCHOOL_KINDS - {CustodianKind.STUDENT}}
    for school in School.objects.filter(region_id=region_id, uai__in=uais):
        of_school = open_school_accounts(region_id=region_id, school_id=school.pk, opened_at=now)
        accounts |= {(school.uai, kind): pk for kind, pk in of_school.items()}
    return accounts


def _custodian(opening: Opening, accounts: _Accounts) -> int:
    if opening.holder is not None:
        return opening.holder.custodian_id
    return accounts[opening.place.uai if opening.kind in SCHOOL_KINDS else "", opening.kind]


def _lots(region_id: int, references: set[str], received_on: datetime) -> dict[str, int]:
    return {
        reference: open_lot(region_id=region_id, reference=reference, received_on=received_on).pk
        for reference in sorted(references)
    }


def _kept_counts(takeover: Takeover, judgement: TakeoverJudgement) -> dict[Place, TakeoverCount]:
    rows = {
        place: TakeoverCount(
            takeover=takeover, lot=place.lot, uai=place.uai, kind=place.kind, read=tally.read, entered=tally.entered,
            queued=tally.queued, refused=tally.refused,
        )
        for place, tally in judgement.tallies().items()
    }  # fmt: skip
    TakeoverCount.objects.bulk_create(rows.values(), batch_size=2_000)
    return rows


def _kept(
    takeover: Takeover, counts: Mapping[Place, TakeoverCount], waiting: Iterable[WaitingLine]
) -> Iterable[TakeoverLine]:
    texts = (
        "serial", "asset_tag", "model", "lot", "uai", "state", "condition", "held_since", "family_name", "given_name",
        "division",
    )  # fmt: skip
    for one in waiting:
        yield TakeoverLine(
            takeover=takeover, count=counts[one.place], line=one.said.line, code=one.code, is_queued=one.is_queued,
            other_line=one.other_line, birth_on=one.said.birth_on, ine_fingerprint=one.said.ine_fingerprint,
            **{name: str(getattr(one.said, name))[:_KEPT_TEXT] for name in texts},
        )  # fmt: skip


def _answer(takeover: Takeover, *, already_applied: bool) -> TakenOver:
    counts = TakeoverCount.objects.filter(takeover=takeover).values_list("entered", "queued", "refused")
    entered, queued, refused = (sum(column) for column in zip(*counts, strict=True))
    return TakenOver(takeover.read_count, entered, queued, refused, already_applied)


def _noon(day: date, now: datetime) -> datetime:
    """Return noon of a day, or now where that is earlier."""
    return min(datetime.combine(day, time(12), tzinfo=timezone.get_default_timezone()), now)
