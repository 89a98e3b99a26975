"""What the worker does without being asked."""

from django.utils import timezone
from django_scopes import scopes_disabled
from procrastinate.contrib.django import app

from cartable.emergency_stock.commands import reminders


@app.periodic(cron="3 8 * * *")
@app.task(name="emergency_stock.remind_of_loans", queue="notices", queueing_lock="emergency_stock.remind_of_loans")
def remind_of_loans(timestamp: int) -> None:
    """Write to families each morning about what is overdue; the same morning twice writes once."""
    with scopes_disabled():
        reminders.remind_of_loans(now=timezone.now())
