"""The three days of the demo: one closed, one running, one ready."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import uuid4

from django.utils import timezone

from cartable.distribution.commands.closing import close_day, decide_review, send_leftover
from cartable.distribution.commands.court import settle
from cartable.distribution.commands.days import freeze_list, let_pass_without_charter, open_day, plan_day
from cartable.distribution.commands.stations import accept_station, request_station, site_card_digits
from cartable.distribution.court_rules.hearing import Why
from cartable.distribution.court_rules.options import options
from cartable.distribution.court_rules.proposals import propose
from cartable.distribution.court_words import WHY_WORDS
from cartable.distribution.models import Dispute, DistributionDay, Passage, Workshop
from cartable.distribution.printing import closing_report_pdf
from cartable.distribution.queries.closing import leftover_tags
from cartable.distribution.queries.control_room import passages_of, to_review
from cartable.distribution.queries.court import docket_of
from cartable.kernel.codes import COMMAND_CODES
from cartable.simulation.demo_cast import DemoSchool
from cartable.simulation.hall import Clock, Gestures, Hall, play, work_at_a, work_at_b
from cartable.simulation.region import DemoRegion
from cartable.simulation.roads import CommandRoad
from cartable.simulation.station import Station
from cartable.simulation.visitors import Mishap, deal

_LIST_LIMIT = 5_000
# A day runs well under this, whatever its size in the demo.
_A_MORNING = timedelta(hours=12)


@dataclass
class PlayedDay:
    """A day with its gymnasium."""

    day: DistributionDay
    hall: Hall
    clock: Clock
    stations_a: list[Station]
    stations_b: list[Station]
    tokens: list[str]


def prepare_day(demo: DemoRegion, school: DemoSchool, *, held_on: date, starts_at: time) -> DistributionDay:
    """Plan a day and freeze its list, two days before."""
    day = plan_day(school=demo.schools[school.key], campaign=demo.campaign, held_on=held_on, starts_at=starts_at)
    frozen_at = timezone.make_aware(datetime.combine(held_on, time(9))) - timedelta(days=2)
    freeze_list(day=day, now=min(frozen_at, demo.now))
    return DistributionDay.objects.select_related("school", "campaign__region", "rules").get(pk=day.pk)


def start_day(
    demo: DemoRegion, school: DemoSchool, day: DistributionDay, *, opens_at: datetime, workshops: str, dice: Random
) -> PlayedDay:
    """Open a day, start a station per letter of ``workshops`` and let those who are not absent queue."""
    leader = demo.leader(school)
    clock = Clock(opens_at)
    open_day(day=day, now=opens_at)
    visitors = deal([line.code for line in passages_of(day, limit=_LIST_LIMIT) if line.is_expected], dice)

    def let_pass(code: str) -> None:
        passage = Passage.objects.select_related("day__rules").get(day_id=day.pk, student__label_code=code)
        let_pass_without_charter(
            passage=passage, reason="Charte signée vue sur le téléphone de la mère", allowed_by_id=leader.actor_id
        )

    hall = Hall(
        line_a=deque(visitor for visitor in visitors if visitor.mishap != Mishap.ABSENT),
        table=deque(tag for tag, _ in leftover_tags(day)),
        foreign_device="5CG6AUTRE1",
        now=clock.now,
        let_pass=let_pass,
    )
    played = PlayedDay(day, hall, clock, [], [], [])
    for letter in workshops:
        _start_station(played, Workshop(letter), leader.actor_id)
    return played


def _start_station(played: PlayedDay, workshop: Workshop, leader_id: int) -> None:
    now = played.clock.moment
    started = request_station(digits=site_card_digits(played.day.pk), workshop=workshop, now=now)
    accept_station(station=started.station, accepted_by_id=leader_id, now=now)
    station = Station(CommandRoad(started.token, played.clock.now), str(workshop), played.clock.now, uuid4)
    station.load()
    (played.stations_a if workshop == Workshop.A else played.stations_b).append(station)
    played.tokens.append(started.token)


def staff_of(played: PlayedDay, dice: Random) -> list[Gestures]:
    """Return somebody for each station."""
    return [
        *(work_at_a(played.hall, station, dice) for station in played.stations_a),
        *(work_at_b(played.hall, station, dice) for station in played.stations_b),
    ]


def play_finished_day(demo: DemoRegion, school: DemoSchool, day: DistributionDay, dice: Random) -> None:
    """Play a whole morning, settle what came up, scan the leftovers away and seal the report."""
    opens_at = timezone.make_aware(datetime.combine(day.held_on, day.starts_at))
    played = start_day(demo, school, day, opens_at=opens_at, workshops="ABB", dice=dice)
    play(staff_of(played, dice), played.clock, until=opens_at + _A_MORNING)
    leader_id, now = demo.leader(school).actor_id, played.clock.moment
    for line in to_review(day):
        decide_review(scan_id=line.scan_id, remedy="settled", decided_by_id=leader_id, now=now)
    _settle_disputes(day, settled_by_id=leader_id, now=now)
    day.refresh_from_db()
    for tag, _ in leftover_tags(day):
        now += timedelta(seconds=4)
        send_leftover(day=day, code=tag, sent_by_id=leader_id, now=now)
    close_day(
        day=day,
        closed_by_id=leader_id,
        now=now + timedelta(minutes=3),
        leader_name=school.leader,
        head_name=school.head,
        draw_report=closing_report_pdf,
    )


def _settle_disputes(day: DistributionDay, *, settled_by_id: int, now: datetime) -> None:
    """Settle each dispute as proposed; an unknown code stays unknown, its PC or student being sent back to the table."""
    waiting = Dispute.objects.filter(day=day, settled_at__isnull=True).select_related("day__rules", "day__campaign")
    for dispute in waiting.order_by("pk"):
        docket = docket_of(dispute, now=now)
        proposal = propose(docket.hearing)
        chosen = proposal.option if proposal.why != Why.NAME_THE_CODE else options(docket.hearing)[0]
        settle(
            dispute=dispute,
            settlement=chosen.settlement,
            reason=str(WHY_WORDS[proposal.why]),
            seen=docket.seen,
            settled_by_id=settled_by_id,
            now=now,
            testimony_id=chosen.testimony_id,
            device_id=chosen.device_id,
        )


def play_running_day(
    demo: DemoRegion, school: DemoSchool, day: DistributionDay, *, opens_at: datetime, dice: Random
) -> PlayedDay:
    """Play a day up to now; leave some scans to be reviewed and one station that waits for the leader."""
    played = start_day(demo, school, day, opens_at=opens_at, workshops="ABBB", dice=dice)
    play(staff_of(played, dice), played.clock, until=demo.now - timedelta(minutes=4))
    _refused_afterwards(played)
    request_station(digits=site_card_digits(day.pk), workshop=Workshop.B, now=demo.now - timedelta(minutes=1))
    return played


def _refused_afterwards(played: PlayedDay) -> None:
    """Let two stations meet on the same student and on the same PC before either has heard of the other."""
    played.clock.moment += timedelta(seconds=30)
    first, second, third = played.stations_b
    for station in (first, second, third):
        station.keep_up(timedelta(0))
    one, other = _between_a_and_b(first, 2)
    table = played.hall.table
    _hand_over(first, one, table[0])
    _hand_over(second, one, table[1])  # Goes through twice: a second PC for the same student.
    _hand_over(third, other, table[0])  # The label of a PC that has just gone.
    for visitor in list(played.hall.line_b):
        if visitor[1].code == one:
            played.hall.line_b.remove(visitor)
    played.hall.to_serve -= 1
    table.popleft()
    third.read(COMMAND_CODES["call"])


def _between_a_and_b(station: Station, count: int) -> Sequence[str]:
    return [code for code, row in station.students.items() if row["b"] == "ok"][:count]


def _hand_over(station: Station, student: str, device: str) -> None:
    station.read(student)
    station.read(device)
