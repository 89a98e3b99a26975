"""What the worker does for the other jobs."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

from cartable.config.stalled import rescue_jobs


@app.periodic(cron="* * * * *")
@app.task(name="config.rescue_jobs", queue="jobs", queueing_lock="config.rescue_jobs", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Look each minute for jobs whose worker was killed."""
    await rescue_jobs(context.app.job_manager, context.app.tasks)
