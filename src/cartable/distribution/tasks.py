"""What the worker does for the day: what it was asked to, and what nobody asks."""

from django.utils import timezone
from django_scopes import scopes_disabled
from procrastinate.contrib.django import app

from cartable.distribution.commands import days, readings
from cartable.distribution.commands.days import FOLLOW_TASK


@app.task(name=FOLLOW_TASK, queue="day")
def follow_school(*, school_id: int) -> None:
    """Let what a list has just changed flow into the prepared and open days of its lycée."""
    with scopes_disabled():
        days.follow_lists(school_id=school_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="distribution.follow_lists", queue="day", queueing_lock="distribution.follow_lists")
def follow_lists(timestamp: int) -> None:
    """Bring all prepared and open days to what the lists say: what no list announced (ADR 0031)."""
    with scopes_disabled():
        days.follow_lists()


@app.periodic(cron="*/5 * * * *")
@app.task(name="distribution.freeze_due_lists", queue="day", queueing_lock="distribution.freeze_due_lists")
def freeze_due_lists(timestamp: int) -> None:
    """Freeze the lists of the days that are two days away."""
    with scopes_disabled():
        days.freeze_due_lists(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="distribution.read_days", queue="readings", queueing_lock="distribution.read_days")
def read_days(timestamp: int) -> None:
    """Count the days of all regions, as far as their counts are due: two milliseconds for each."""
    with scopes_disabled():
        readings.read_days(now=timezone.now())
