"""The roads to people, behind one port. Mail goes through Django's SMTP, SMS through a provider's gateway (`sms`).

A road takes one message at a time and raises `Undeliverable` where it was refused for good, `TryLater` otherwise, and
`RoadClosed` where the road is the trouble and not the message.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string

from cartable.notices.rules import PAUSE_OF_A_CLOSED_ROAD, Channel
from cartable.notices.words import CHOOSE


class TryLater(Exception):
    """The road says not now."""


class RoadClosed(TryLater):
    """Nothing gets through at present: everything waits for ``pause``."""

    def __init__(self, code: str, pause: timedelta = PAUSE_OF_A_CLOSED_ROAD) -> None:
        super().__init__(code)
        self.pause = pause


class Undeliverable(Exception):
    """The road said that this message will never arrive: no such address."""


@dataclass(frozen=True)
class Message:
    """What is sent, as a road needs it; ``stop_url`` lets who receives it stop this kind in one gesture (RFC 8058).

    ``key`` is the same each time a message is sent: a provider that reads it delivers it once.
    """

    key: str
    address: str
    subject: str
    body: str
    stop_url: str


class Road(Protocol):
    """An open road: one connection, many messages."""

    def send(self, message: Message) -> None:
        """Send one message. Raises TryLater or Undeliverable with a short code that names nobody."""


class MailRoad:
    """Mail over one SMTP connection."""

    def __init__(self, connection: BaseEmailBackend) -> None:
        self._connection = connection

    def send(self, message: Message) -> None:
        """Send one mail, in plain text."""
        mail = EmailMessage(
            message.subject,
            f"{message.body.rstrip()}\n\n-- \n{CHOOSE}\n{message.stop_url}\n",
            settings.DEFAULT_FROM_EMAIL,
            [message.address],
            headers={
                "List-Unsubscribe": f"<{message.stop_url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
            connection=self._connection,
        )
        try:
            mail.send()
        except SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            raise (Undeliverable if code >= 500 else TryLater)(f"smtp {code}") from None
        except SMTPResponseException as refused:
            raise (Undeliverable if refused.smtp_code in {550, 551, 553} else TryLater)(
                f"smtp {refused.smtp_code}"
            ) from None
        except (SMTPException, OSError) as error:
            raise TryLater(type(error).__name__) from None


def is_open(channel: Channel) -> bool:
    """Say whether the region has a road for a channel: without one nothing is written for it."""
    return channel == Channel.MAIL or bool(settings.CARTABLE_SMS_ROAD)


@contextmanager
def road(channel: Channel) -> Iterator[Road]:
    """Open the road of a channel. Raises RoadClosed where it cannot be opened: nothing is lost, everything waits."""
    if channel == Channel.SMS:
        if not settings.CARTABLE_SMS_ROAD:
            raise RoadClosed("no provider")
        with import_string(settings.CARTABLE_SMS_ROAD)() as provider:
            yield provider
        return
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        raise RoadClosed(type(error).__name__) from None
    try:
        yield MailRoad(connection)
    finally:
        connection.close()
