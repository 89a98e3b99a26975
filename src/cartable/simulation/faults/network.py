"""A network that fails: between a station and the server, requests and answers are late, lost, doubled, cut, replaced."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from cartable.simulation.faults.agenda import Agenda
from cartable.simulation.faults.packets import Packet, Reply

Deliver = Callable[[Packet], Reply | None]
PATIENCE_S = 15.0
# What a hotel's, a school's or a telephone company's box says in the server's place (F13).
PORTALS = (
    Reply(200, {"Content-Type": "text/html"}, b"<!doctype html><title>Portail</title><form action=/login>"),
    Reply(200, {"Content-Type": "application/json"}, b"{}"),
    Reply(200, {"Content-Type": "application/json"}, json.dumps({"protocol": 2, "results": []}).encode()),
    Reply(204, {}, b""),
    Reply(302, {"Location": "http://portal.example/"}, b""),
    Reply(407, {"Content-Type": "text/html"}, b"<h1>Proxy Authentication Required</h1>"),
    Reply(502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>"),
    Reply(511, {"Content-Type": "text/html"}, b"<h1>Network Authentication Required</h1>"),
)


@dataclass(frozen=True)
class Weather:
    """How a link is for a while. Shares are of requests."""

    name: str
    delay_s: tuple[float, float] = (0.02, 0.3)
    request_lost: float = 0.0
    answer_lost: float = 0.0
    doubled: float = 0.0
    copies: int = 2
    request_cut: float = 0.0
    answer_cut: float = 0.0
    is_portal: bool = False


FAIR = Weather("fair")
CUT = Weather("F12 road cut", request_lost=1.0)
PORTAL = Weather("F13 captive portal", is_portal=True)
SLOW = Weather("F11 slow road", delay_s=(0.5, 12.0), request_lost=0.05, answer_lost=0.05)
LOSSY = Weather("F11 lossy road", delay_s=(0.1, 4.0), request_lost=0.25, answer_lost=0.25)
DOUBLING = Weather("F14 doubling road", delay_s=(0.1, 20.0), doubled=0.7, copies=5, answer_lost=0.1)
DAMAGING = Weather("F16 damaging road", delay_s=(0.05, 2.0), request_cut=0.3, answer_cut=0.3)
BAD_WEATHER = (CUT, PORTAL, SLOW, LOSSY, DOUBLING, DAMAGING)


@dataclass
class Link:
    """The road between one station and the server; its weather changes with the hours."""

    agenda: Agenda
    dice: Random
    deliver: Deliver
    met: Counter[str]
    weather: Weather = FAIR
    _spells: list[Weather] = field(default_factory=list)
    _is_calm: bool = False

    def spell(self, start_s: float, end_s: float, weather: Weather) -> None:
        """Put a spell of weather down; where two overlap, the later one is felt."""

        def begin() -> None:
            if self._is_calm:
                return
            self._spells.append(weather)
            self.weather = weather
            self.met[weather.name] += 1

        def end() -> None:
            if self._is_calm:
                return
            self._spells.remove(weather)
            self.weather = self._spells[-1] if self._spells else FAIR

        self.agenda.at(start_s, begin)
        self.agenda.at(end_s, end)

    def calm(self) -> None:
        """End the bad weather, for good."""
        self.weather, self._is_calm = FAIR, True

    def carry(self, packet: Packet, hear: Callable[[Reply], None]) -> None:
        """Send a request; ``hear`` is called for each answer that comes through, never where none does."""
        weather, dice = self.weather, self.dice
        if weather.is_portal:
            self.met["F13 portal answered"] += 1
            answer = dice.choice(PORTALS)
            self.agenda.after(0.1, lambda: hear(answer))
            return
        copies = weather.copies if dice.random() < weather.doubled else 1
        self.met["F14 request doubled"] += copies > 1
        for _ in range(copies):
            if dice.random() < weather.request_lost:
                self.met["request lost"] += 1
                continue
            arriving = packet
            if packet.body and dice.random() < weather.request_cut:
                self.met["F16 request cut short"] += 1
                arriving = _cut(packet, dice)
            self.agenda.after(dice.uniform(*weather.delay_s), lambda sent=arriving: self._arrive(sent, weather, hear))  # type: ignore[misc]

    def _arrive(self, packet: Packet, weather: Weather, hear: Callable[[Reply], None]) -> None:
        reply = self.deliver(packet)
        if reply is None:
            return
        if self.weather is CUT or self.dice.random() < weather.answer_lost:
            self.met["answer lost"] += 1
            return
        if reply.body and self.dice.random() < weather.answer_cut:
            self.met["F16 answer cut short"] += 1
            reply = Reply(reply.status, reply.headers, reply.body[: int(self.dice.random() * len(reply.body))])
        self.agenda.after(self.dice.uniform(*weather.delay_s), lambda: hear(reply))


def _cut(packet: Packet, dice: Random) -> Packet:
    """Cut a body short, or spoil a byte of it: wrong gzip either way (F16)."""
    # Within the compressed stream, and one chance each: lengths vary with ids of the database, what happens must not.
    place = 10 + int(dice.random() * (len(packet.body) - 20))
    if dice.random() < 0.5:
        spoiled = packet.body[:place]
    else:
        spoiled = packet.body[:place] + bytes([packet.body[place] ^ 0x55]) + packet.body[place + 1 :]
    return Packet(packet.method, packet.path, packet.token, spoiled)
