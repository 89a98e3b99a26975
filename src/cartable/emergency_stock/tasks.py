"""What the worker does without being asked."""

from django.utils import timezone
from django_scopes import scope, scopes_disabled
from procrastinate.contrib.django import app

from cartable.emergency_stock.commands import readings, reminders
from cartable.organisations.models import Region


@app.periodic(cron="3 8 * * *")
@app.task(name="emergency_stock.remind_of_loans", queue="notices", queueing_lock="emergency_stock.remind_of_loans")
def remind_of_loans(timestamp: int) -> None:
    """Write to families each morning about what is overdue; the same morning twice writes once."""
    with scopes_disabled():
        reminders.remind_of_loans(now=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="emergency_stock.read_reserves", queue="readings", queueing_lock="emergency_stock.read_reserves")
def read_reserves(timestamp: int) -> None:
    """Read the reserves of each region, by its own rules."""
    for region_id in Region.objects.values_list("pk", flat=True):
        with scope(region=region_id, school=None):
            readings.read_reserves(now=timezone.now())
