"""What the worker does without being asked."""

from django.utils import timezone
from procrastinate.contrib.django import app

from cartable.fleet.commands import read_stocks


@app.periodic(cron="* * * * *")
@app.task(name="fleet.read_stocks", queue="readings", queueing_lock="fleet.read_stocks")
def read_stocks_of_regions(timestamp: int) -> None:
    """Count the stocks of each region: a million devices take half a second, every minute."""
    read_stocks(now=timezone.now())
