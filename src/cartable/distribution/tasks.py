"""What the worker does for the day without being asked."""

from django_scopes import scopes_disabled
from procrastinate.contrib.django import app

from cartable.distribution.commands.days import follow_list
from cartable.distribution.models import DayState, DistributionDay


@app.periodic(cron="* * * * *")
@app.task(name="distribution.follow_lists", queue="day", queueing_lock="distribution.follow_lists")
def follow_lists(timestamp: int) -> None:
    """Let late changes of the lists flow into prepared and open days, every minute."""
    with scopes_disabled():
        for day in DistributionDay.objects.filter(state__in=[DayState.FROZEN, DayState.OPEN]):
            follow_list(day=day)
