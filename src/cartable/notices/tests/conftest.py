"""A real SMTP server and a real SMS gateway on this machine: they take, refuse or are away, as a test says."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from threading import Thread
from time import sleep
from typing import Any

import pytest
from aiosmtpd.controller import Controller


@dataclass
class MailServer:
    """What arrived, and what is refused: address → the server's answer."""

    refused: dict[str, str] = field(default_factory=dict)
    arrived: list[tuple[str, Message]] = field(default_factory=list)
    sessions: int = 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
        """Count who comes in."""
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Refuse whom the test names."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep what arrived."""
        self.arrived.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """Start the server; the product's settings point at it."""
    kept = MailServer()
    with socket() as free:  # The controller knocks at the port that it was told: 0 is none.
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield kept
    controller.stop()


@dataclass
class Answer:
    """What the gateway says: status, headers, body, and how long it thinks first."""

    status: int = 202
    headers: dict[str, str] = field(default_factory=dict)
    body: str = '{"status": "queued"}'
    after_seconds: float = 0


@dataclass
class Gateway:
    """What arrived: number → path, headers and body of its request; what is said to whom, else ``usual``."""

    port: int = 0
    usual: Answer = field(default_factory=Answer)
    answers: dict[str, Answer] = field(default_factory=dict)
    arrived: list[tuple[HTTPMessage, str]] = field(default_factory=list)

    def answer_to(self, headers: HTTPMessage, body: str) -> Answer:
        """Keep a request, and say what it is answered."""
        self.arrived.append((headers, body))
        return next((answer for number, answer in self.answers.items() if number in body), self.usual)


@pytest.fixture
def gateway(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """Start a provider's gateway on this machine; the product's settings point at it."""
    kept = Gateway()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answer = kept.answer_to(self.headers, body)
            sleep(answer.after_seconds)
            with suppress(OSError):  # Who asked may be gone.
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body.encode())

        do_GET = do_POST

        def log_message(self, *args: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    kept.port = server.server_port
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    settings.CARTABLE_SMS_URL = f"http://127.0.0.1:{kept.port}/send"
    settings.CARTABLE_SMS_ROAD = "cartable.notices.sms.http_road"
    yield kept
    server.shutdown()
    server.server_close()
