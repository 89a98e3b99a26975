"""What the worker does for the outbox."""

from django.utils import timezone
from django_scopes import scopes_disabled
from procrastinate.contrib.django import app

from cartable.notices import commands
from cartable.notices.channels import is_open
from cartable.notices.commands import ROUND_LASTS, SEND_SMS_TASK, SEND_TASK
from cartable.notices.rules import Channel


@app.task(name=SEND_TASK, queue="notices", queueing_lock=SEND_TASK)
def send_due() -> None:
    """Send a round of mails."""
    _send(Channel.MAIL)


@app.task(name=SEND_SMS_TASK, queue="notices", queueing_lock=SEND_SMS_TASK)
def send_due_sms() -> None:
    """Send a round of SMS."""
    _send(Channel.SMS)


def _send(channel: Channel) -> None:
    """Send a round; ask for the next one while something is due. The outbox is one for all regions."""
    with scopes_disabled():
        if commands.send_due(channel, now=timezone.now()):
            commands.ask_for_sending(channel, after=ROUND_LASTS)


@app.periodic(cron="*/5 * * * *")
@app.task(name="notices.wake", queue="notices", queueing_lock="notices.wake")
def wake(timestamp: int) -> None:
    """Look for what has become due again."""
    for channel in Channel:
        if is_open(channel):
            commands.ask_for_sending(channel)


@app.periodic(cron="27 2 * * *")
@app.task(name="notices.forget_words", queue="night", queueing_lock="notices.forget_words")
def forget_words(timestamp: int) -> None:
    """Wipe addresses and words after 30 days."""
    with scopes_disabled():
        commands.forget_words(now=timezone.now())
