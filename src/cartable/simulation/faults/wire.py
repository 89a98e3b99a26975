"""The reference station over HTTP and real time: one connection, one thread, until the server has everything."""

import http.client
import time
from contextlib import suppress
from dataclasses import dataclass, field

from cartable.simulation.faults.packets import Reply, pack, unpack
from cartable.simulation.faults.station import Answer, Ask, Station

PATIENCE_S = 15.0


@dataclass
class Wire:
    """Drives a station's conversation with a server on this machine. ``turned_away`` counts its 503."""

    port: int
    station: Station
    turned_away: int = 0
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def run(self, *, seconds: float) -> bool:
        """Talk until nothing waits and nothing is missing, for so long at most; return whether it came to that."""
        deadline = time.monotonic() + seconds
        talk, answer = self.station.work(), None
        while time.monotonic() < deadline and not self.station.stopped:
            wish = talk.send(answer)
            if isinstance(wish, Ask):
                answer = self._ask(wish)
            elif not self.station.journal.waiting() and self.station.misses_nothing:
                return True
            else:
                time.sleep(min(wish.seconds, max(0.0, deadline - time.monotonic())))
                answer = None
        return False

    def _ask(self, ask: Ask) -> Answer | None:
        packet = pack(ask, self.station.token)
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
            self._connection.request(packet.method, packet.path, packet.body or None, packet.headers)
            reply = self._connection.getresponse()
            answer = unpack(Reply(reply.status, dict(reply.headers), reply.read()))
        except (OSError, http.client.HTTPException):
            with suppress(OSError):
                if self._connection:
                    self._connection.close()
            self._connection = None
            return None
        self.turned_away += answer.status == 503
        return answer
