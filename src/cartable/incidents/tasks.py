"""What the worker does without being asked."""

from django.utils import timezone
from django_scopes import scopes_disabled
from procrastinate.contrib.django import app

from cartable.incidents.commands import reminders


@app.periodic(cron="8 8 * * *")
@app.task(name="incidents.remind_of_receipts", queue="notices", queueing_lock="incidents.remind_of_receipts")
def remind_of_receipts(timestamp: int) -> None:
    """Write to families each morning about what is overdue; the same morning twice writes once."""
    with scopes_disabled():
        reminders.remind_of_receipts(now=timezone.now())
