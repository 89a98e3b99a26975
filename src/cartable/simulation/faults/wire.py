"""The reference station over HTTP and real time: one connection, one thread, until the server has everything."""

import http.client
import time
from contextlib import suppress
from dataclasses import dataclass, field

from cartable.simulation.faults.packets import Packet, Reply, pack, unpack
from cartable.simulation.faults.station import Answer, Ask, Station

PATIENCE_S = 15.0


@dataclass
class Wire:
    """Drives a station's conversation with a server on this machine. ``turned_away`` counts its 503.

    ``failures``: whatever came that was not a 200.
    """

    port: int
    station: Station
    turned_away: int = 0
    failures: list[str] = field(default_factory=list)
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def run(self, *, seconds: float) -> bool:
        """Talk until nothing waits and nothing is missing, for so long at most; return whether it came to that."""
        deadline = time.monotonic() + seconds
        talk, answer = self.station.work(), None
        while time.monotonic() < deadline and not self.station.stopped:
            wish = talk.send(answer)
            if isinstance(wish, Ask):
                answer = self.ask(wish)
            elif not self.station.journal.waiting() and self.station.misses_nothing:
                return True
            else:
                time.sleep(min(wish.seconds, max(0.0, deadline - time.monotonic())))
                answer = None
        return False

    def ask(self, ask: Ask) -> Answer | None:
        """Send a request; None where no answer came."""
        packet = pack(ask, self.station.token)
        is_reused = self._connection is not None
        try:
            answer = self._exchange(packet)
        except (OSError, http.client.HTTPException) as failure:
            self._hang_up()
            # A server may close a connection that rests; like every browser, ask once more on a new one.
            if is_reused and isinstance(failure, ConnectionError):
                return self.ask(ask)
            self.failures.append(repr(failure))
            return None
        self.turned_away += answer.status == 503
        if answer.status != 200:
            self.failures.append(f"{answer.status} {answer.content}")
        return answer

    def _exchange(self, packet: Packet) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        self._connection.request(packet.method, packet.path, packet.body or None, packet.headers)
        reply = self._connection.getresponse()
        return unpack(Reply(reply.status, dict(reply.headers), reply.read()))

    def _hang_up(self) -> None:
        with suppress(OSError):
            if self._connection:
                self._connection.close()
        self._connection = None
