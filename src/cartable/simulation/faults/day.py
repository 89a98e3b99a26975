"""One day, played: everybody on one agenda, then the evening in which everything must come together by itself."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from django_scopes import scopes_disabled

from cartable.config.scratch import Scratch
from cartable.distribution.api.reading import read_events
from cartable.distribution.commands import closing, court
from cartable.distribution.commands.journals import take_journal
from cartable.distribution.commands.stations import revoke_station
from cartable.distribution.journal_file import read_journal
from cartable.distribution.models import Passage
from cartable.distribution.queries.closing import leftover_tags
from cartable.simulation.faults import checks
from cartable.simulation.faults.agenda import Agenda
from cartable.simulation.faults.books import ALLOTMENT, ELSEWHERE, Books
from cartable.simulation.faults.ground import Ground, StartedStation, count_rows, open_a_day
from cartable.simulation.faults.network import CUT, Link
from cartable.simulation.faults.packets import pack, unpack
from cartable.simulation.faults.people import Hall
from cartable.simulation.faults.plans import Plan
from cartable.simulation.faults.posts import Post
from cartable.simulation.faults.server import Database, Server
from cartable.simulation.faults.station import PROTOCOL, Ask, Row

# How long stations may take, all roads being good again, until nobody has anything left to say.
_EVENING_S = 4 * 3_600.0
_CLOSES_AFTER_S, _STRAGGLES_S = 900.0, 1_800.0


@dataclass(frozen=True)
class PlayedDay:
    """What a day gave."""

    violations: list[str]
    ledger_hash: str
    events: int
    met: Counter[str]


class Day:
    """A day in play."""

    def __init__(self, seed: str, number: int, plan: Plan, ground: Ground, database: Database) -> None:
        self.plan, self.database, self.agenda, self.met = plan, database, Agenda(), Counter[str]()
        self._seed, self.number = seed, number
        # A real station asks every two seconds; here some twenty-five times a day, or a day would cost a minute.
        self.pace_s = (plan.length_s + _CLOSES_AFTER_S + _STRAGGLES_S) / plan.contacts
        spare = max(8, plan.students // 10)
        self.ground = open_a_day(ground, number=number, student_count=plan.students, device_count=plan.students + spare)
        books = Books(set(self.ground.students), dict.fromkeys(self.ground.devices, ALLOTMENT))
        self.server = Server(books, self._dice("server"), self.met)
        self.server.day_id = self.ground.day.pk
        self.server.dies_after_commit, self.server.database_vanishes = plan.dies_after_commit, plan.database_vanishes
        workshops = "A" * plan.stations_a + "B" * plan.stations_b
        self.started = [self.ground.start_station(workshop) for workshop in workshops]
        self.posts = [self._post(place, started) for place, started in enumerate(self.started)]
        self.hall = Hall(self.agenda, self._dice("people"), self.posts, plan, list(self.ground.devices), self.met)
        self._copy: tuple[Scratch, Books] | None = None
        self.carried: set[int] = set()

    def play(self) -> PlayedDay:
        """Play the day, close it, let everything come together, and look."""
        self._put_down()
        self.agenda.run_until(self.plan.length_s + _CLOSES_AFTER_S)
        self._close()
        self.agenda.run_until(self.agenda.seconds + _STRAGGLES_S)
        self._calm()
        self.agenda.run_until(self.agenda.seconds + _EVENING_S, self._is_everything_told)
        with scopes_disabled():
            violations = [*self.server.violations, *checks.day_violations(self)]
            content = checks.ledger_content(self)
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        return PlayedDay(violations, digest, sum(len(post.disk.lines) for post in self.posts), self.met)

    @property
    def books(self) -> Books:
        """Return the model's books."""
        return self.server.books

    def _dice(self, what: str) -> Random:
        return Random(f"{self._seed}/{what}")

    def _post(self, place: int, started: StartedStation) -> Post:
        link = Link(self.agenda, self._dice(f"link {place}"), self.server.deliver, self.met)
        self.server.station_of[started.token] = place
        self.server.station_ids[started.station.pk] = place
        return Post(
            place, started.station.workshop, started.token, self.agenda, link, self._dice(f"station {place}"),
            self.pace_s, self.plan.tabs.get(place, 1),
        )  # fmt: skip

    def _put_down(self) -> None:
        """Put the plan on the agenda."""
        plan, at = self.plan, self.agenda.at
        for post in self.posts:
            at(-1, post.boot)
        # Once more when there are scans and hand-overs: the first day's tables were empty before.
        at(plan.length_s / 4, count_rows)
        for spell in plan.spells:
            for post in self.posts if spell.station is None else [self.posts[spell.station]]:
                post.link.spell(spell.start_s, spell.end_s, spell.weather)
        for station, when, write in plan.crashes:
            at(when, self._crashing(self.posts[station], write))
        for station, when, wrong in plan.clocks:
            at(when, lambda post=self.posts[station], to=wrong: self._met("F17 clock set wrong", post.set_clock, to))  # type: ignore[misc]
        for station in plan.tabs:
            self.met["F15 two tabs on one station"] += bool(self.posts[station])
        for away in (plan.straggler, plan.dead):
            if away is not None:
                self.posts[away].link.spell(plan.length_s / 2, plan.length_s * 2 + 90_000, CUT)
        if plan.revoked:
            at(plan.revoked[1], self._revoke)
        for when in plan.take_backs:
            at(when, self._take_a_pc_back)
        for when in plan.calls:
            at(when, self._call_the_leader)
        for when in plan.one_pc_twice:
            at(when, self.hall.give_one_pc_twice)
        for when in plan.one_student_two:
            at(when, self.hall.give_one_student_two)
        if plan.copy_at_s is not None and plan.set_back_at_s is not None:
            at(plan.copy_at_s, self._copy_database)
            at(plan.set_back_at_s - 60, lambda: setattr(self.server, "is_down", True))
            at(plan.set_back_at_s, self._set_database_back)
        if plan.disk_full:
            at(plan.disk_full[0] + 40, self._call_the_leader)
            at(plan.disk_full[0], lambda: setattr(self.server, "is_disk_full", True))
            at(plan.disk_full[1], lambda: setattr(self.server, "is_disk_full", False))
        at(plan.length_s + 300, self._exchange_what_was_swapped)
        self.hall.let_in(self.ground.students)

    def _call_the_leader(self) -> None:
        """Let every station that runs have something to send just now."""
        for post in self.posts:
            if post.is_running and not post.station.stopped:
                post.scan("call")

    def _met(self, what: str, act: Callable[..., None], *about: object) -> None:
        self.met[what] += 1
        act(*about)

    def _crashing(self, post: Post, write: str) -> Callable[[], None]:
        def crash() -> None:
            if write:  # Within the next write: before the event is on the disk, or after and before the verdict.
                self.met[f"F21 power lost {write} an event was written"] += 1
                post.disk.fails_next = write
            elif post.is_running:
                self.met["F21 power lost between two scans"] += 1
                post.crash(back_after_s=120)

        return crash

    def _revoke(self) -> None:
        assert self.plan.revoked
        self.met["station revoked"] += 1
        with scopes_disabled():
            revoke_station(station=self.started[self.plan.revoked[0]].station, now=self.agenda.now)

    def _copy_database(self) -> None:
        self._copy = self.database.take_copy(), self.books.copy()

    def _set_database_back(self) -> None:
        assert self._copy
        self.met["F29 database set back"] += 1
        copy, self.server.books = self._copy
        self.database.set_back(copy)
        self.server.is_down = False

    def _take_a_pc_back(self) -> None:
        """Let the leader take a PC back online that a student brings, while a station gives it to the next (F20).

        Either comes first; the station may be far from hearing of the other.
        """
        dice = self._dice(f"leader {self.agenda.seconds}")
        holders = sorted(holder for holder in self.books.holder.values() if holder in self.books.expected)
        if not holders:
            return
        code = dice.choice(holders)
        tag = self.books.pc_of(code)
        assert tag
        self.met["F20 PC taken back online while it was given"] += 1
        if dice.random() < 0.5:
            self.hall.give(tag)
            self._take_back(code)
        else:
            self._take_back(code)
            self.agenda.after(60, lambda: self.hall.give(tag))

    def _take_back(self, code: str) -> None:
        tag = self.books.pc_of(code)
        with scopes_disabled():
            passage = Passage.objects.get(day=self.ground.day, student__label_code=code)
            try:
                closing.take_pair_back(passage=passage, taken_back_by_id=self.ground.author_id, now=self.agenda.now)
            except closing.NothingToTakeBack:
                self.server.violations.append(f"the leader could not take {tag} back from student {code}")
                return
        assert tag
        self.books.holder[tag] = ALLOTMENT

    def _exchange_what_was_swapped(self) -> None:
        """Let the leader find, at the gate, who left with the neighbour's PC (F31), and exchange: both stories stay.

        Where the ledger has both pairs by then, one act corrects both; else the next scan finds it.
        """
        for pair in self.hall.swapped:
            student, neighbour = pair
            held = [self.books.pc_of(one.code) for one in pair]
            if None in held or held != [neighbour.device, student.device]:
                continue
            self.met["F31 found at the gate and exchanged"] += 1
            with scopes_disabled():
                passages = [Passage.objects.get(day=self.ground.day, student__label_code=one.code) for one in pair]
                try:
                    court.exchange(
                        passage=passages[0], neighbour=passages[1], settled_by_id=self.ground.author_id,
                        now=self.agenda.now,
                    )  # fmt: skip
                except (court.NotPossible, court.ThingsHaveMoved) as refusal:
                    self.server.violations.append(f"{held} could not be exchanged: {refusal!r}")
                    continue
            self.books.holder |= {one.device: one.code for one in pair}

    def _close(self) -> None:
        """Scan the leftovers away and close, as the leader does: even while a station has not come back."""
        with scopes_disabled():
            for tag, *_ in leftover_tags(self.ground.day):
                closing.send_leftover(
                    day=self.ground.day, code=tag, sent_by_id=self.ground.author_id, now=self.agenda.now
                )
                self.books.holder[tag] = ELSEWHERE
            # No two lycées close in the same microsecond.
            closed_at = self.agenda.now + timedelta(seconds=self.number)
            closing.close_day(
                day=self.ground.day, closed_by_id=self.ground.author_id, now=closed_at, leader_name="P. Meyer",
                head_name="H. Durand", draw_report=lambda _account: b"%PDF-1.7",
            )  # fmt: skip
        self.books.is_closed = True

    def _calm(self) -> None:
        """Mend every road and every machine; carry the journals of stations that cannot or may not come back."""
        self.server.dies_after_commit = self.server.database_vanishes = 0.0
        self.server.is_disk_full = False
        for post in self.posts:
            post.disk.fails_next = ""
            if post.number != self.plan.dead:
                post.link.calm()
            post.station.misses_nothing = False
        gone = {self.plan.dead, self.plan.revoked[0] if self.plan.revoked else None} - {None}
        for place in sorted(place for place in gone if place is not None):
            self._carry(self.posts[place])

    def _carry(self, absent: Post) -> None:
        """Carry the journal of an absent station on a key: another station gives it to the server."""
        self.carried.add(absent.number)
        if not absent.disk.lines:
            return
        if self.plan.revoked and absent.number == self.plan.revoked[0]:
            self._vouch(absent)
            return
        stopped = self.plan.revoked[0] if self.plan.revoked else None
        carrier = next(
            (post for post in self.posts if post.number not in {self.plan.dead, absent.number, stopped}), None
        )
        if carrier is None:
            self._vouch(absent)
            return
        self.met["journal carried by another station"] += 1
        content = self._journal_file(absent)
        answer = unpack(self.server.deliver_safely(pack(Ask("POST", "/api/v2/journal", content), carrier.token)))
        events = [line.event for line in absent.disk.lines.values()]
        if answer.status != 200 or not absent.station.take_answer(events, answer.content):
            self.server.violations.append(f"the journal of station {absent.number} was not taken: {answer}")

    def _vouch(self, stopped: Post) -> None:
        """Give the journal of a stopped station at the leader's desk: the leader answers for it."""
        self.met["journal of a stopped station vouched for"] += 1
        journal = read_journal(json.dumps(self._journal_file(stopped)).encode())
        scans, _ = read_events(journal.events)
        answers = take_journal(
            day_id=self.ground.day.pk,
            journal=journal,
            brought_by_id=self.ground.author_id,
            scans=scans,
            is_vouched=True,
        )
        verdicts = {str(one.id): (str(one.result), str(one.code)) for one in answers}
        self.server.compare(stopped.number, list(journal.events), verdicts)
        self.server.hear_of_settlements()

    def _journal_file(self, post: Post) -> Row:
        station_id = self.started[post.number].station.pk
        return {"protocol": PROTOCOL, "station": station_id, **post.station.journal_file()}

    def _is_everything_told(self) -> bool:
        return all(post.is_drained for post in self.posts if post.number not in self.carried)
