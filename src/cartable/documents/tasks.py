"""What the worker does for stored files without being asked."""

from django.utils import timezone
from django_scopes import scopes_disabled
from procrastinate.contrib.django import app

from cartable.documents.commands import erase_files_due


@app.periodic(cron="7 2 * * *")
@app.task(name="documents.erase_due", queue="night", queueing_lock="documents.erase_due")
def erase_due(timestamp: int) -> None:
    """Erase the content of files that have reached their day."""
    with scopes_disabled():
        erase_files_due(today=timezone.localdate(), erased_at=timezone.now())
