"""What the worker does without being asked."""

from django.utils import timezone
from django_scopes import scopes_disabled
from procrastinate.contrib.django import app

from cartable.returns.commands import reminders


@app.periodic(cron="13 8 * * *")
@app.task(name="returns.remind_of_returns", queue="notices", queueing_lock="returns.remind_of_returns")
def remind_of_returns(timestamp: int) -> None:
    """Write to families each morning about what is overdue; the same morning twice writes once."""
    with scopes_disabled():
        reminders.remind_of_returns(now=timezone.now())
