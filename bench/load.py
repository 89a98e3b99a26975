"""Load over HTTP that costs little itself: requests rendered beforehand, raw sockets, one epoll loop.

One keep-alive connection per client; a client sends its next request when the answer to the last one is complete.
On two shared cores a heavier client would be measured instead of the server: its own share is part of the result.
"""

import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.figures import median_of, percentile

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True)
class Drive:
    """What one window of load gave; ``latencies_ms`` in no particular order."""

    seconds: float
    latencies_ms: list[float]
    answers: list[bytes]
    own_cpu_share: float

    @property
    def per_second(self) -> float:
        return len(self.latencies_ms) / self.seconds


class _Client:
    """One connection and the requests that it still has to send."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.waiting = iter(requests)
        self.sent_at = 0.0
        self.received = b""

    def send_next(self) -> bool:
        request = next(self.waiting, None)
        if request is None:
            return False
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)
        return True

    def read(self) -> bytes | None:
        """Return the answer where it is complete now."""
        part = self.socket.recv(262_144)
        if not part:
            raise RuntimeError("the server closed a connection")
        self.received += part
        return self.received if is_complete(self.received) else None


def is_complete(answer: bytes) -> bool:
    """Say whether head and body of an HTTP answer are all there."""
    head_end = answer.find(_HEAD_END)
    if head_end < 0:
        return False
    head = answer[:head_end].lower()
    start = head.index(_LENGTH) + len(_LENGTH)
    length = int(head[start : head.find(b"\r\n", start) if b"\r\n" in head[start:] else None])
    return len(answer) >= head_end + len(_HEAD_END) + length


def post(port: int, path: str, token: str, body: bytes) -> bytes:
    """Render a request of a station."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def drive(port: int, requests_by_client: Sequence[Sequence[bytes]]) -> Drive:
    """Send every client's requests one after the other, all clients at once; return what was seen."""
    clients = {client.socket.fileno(): client for client in (_Client(port, r) for r in requests_by_client)}
    poll = select.epoll()
    latencies: list[float] = []
    answers: list[bytes] = []
    cpu_before, started_at = time.process_time(), time.perf_counter()
    for number, client in clients.items():
        poll.register(number, select.EPOLLIN)
        client.send_next()
    busy = len(clients)
    while busy:
        for number, _ in poll.poll():
            client = clients[number]
            answer = client.read()
            if answer is None:
                continue
            latencies.append((time.perf_counter() - client.sent_at) * 1000)
            answers.append(answer)
            if not client.send_next():
                busy -= 1
    seconds = time.perf_counter() - started_at
    own_cpu = (time.process_time() - cpu_before) / seconds
    poll.close()
    for client in clients.values():
        client.socket.close()
    return Drive(seconds, latencies, answers, own_cpu)


def paced(port: int, requests: Sequence[bytes], per_second: float) -> Drive:
    """Send requests at a steady pace over one connection; latency counts from when each was due, so waiting shows."""
    client = _Client(port, requests)
    latencies: list[float] = []
    answers: list[bytes] = []
    started_at = time.perf_counter()
    for place in range(len(requests)):
        due = started_at + place / per_second
        time.sleep(max(0.0, due - time.perf_counter()))
        client.send_next()
        while (answer := client.read()) is None:
            pass
        latencies.append((time.perf_counter() - due) * 1000)
        answers.append(answer)
    client.socket.close()
    return Drive(time.perf_counter() - started_at, latencies, answers, 0.0)


def accepted(driven: Drive, scans_per_answer: int) -> Drive:
    """Return a window in which every answer was 200 and every scan recorded; raise otherwise."""
    for answer in driven.answers:
        recorded = answer.count(b'"recorded"') == scans_per_answer
        if not answer.startswith(b"HTTP/1.1 200") or not recorded or b'"code"' in answer:
            raise RuntimeError(f"not recorded: {answer[:600]!r}")
    return driven


def compared(drives: Sequence[Drive], limits: Sequence[float]) -> dict[str, float]:
    """Return the medians of windows, each beside the limit of the window at its side."""
    return {
        "figure": median_of([drive.per_second for drive in drives]),
        "limit": median_of(limits),
        # Of windows side by side, not of medians far apart: the machine's mood cancels out.
        "ratio": round(median(drive.per_second / limit for drive, limit in zip(drives, limits, strict=True)), 3),
        "p50_ms": median_of([percentile(drive.latencies_ms, 50) for drive in drives], 2),
        "p95_ms": median_of([percentile(drive.latencies_ms, 95) for drive in drives], 2),
        "p99_ms": median_of([percentile(drive.latencies_ms, 99) for drive in drives], 2),
        "client_cpu_share": median_of([drive.own_cpu_share for drive in drives], 3),
    }
