"""What the worker does for the lists without being asked."""

from datetime import timedelta

from django.utils import timezone
from django_scopes import scopes_disabled
from procrastinate.contrib.django import app

from cartable.rosters.commands.imports import forget_lines

KEPT_FOR = timedelta(days=30)


@app.periodic(cron="17 2 * * *")
@app.task(name="rosters.forget_lines", queue="night", queueing_lock="rosters.forget_lines")
def forget_old_lines(timestamp: int) -> None:
    """Wipe what lists said 30 days after they were read: the difference was for that day (DOMAIN 5.1)."""
    with scopes_disabled():
        forget_lines(read_before=timezone.now() - KEPT_FOR)
