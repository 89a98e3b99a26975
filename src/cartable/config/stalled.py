"""Jobs whose worker was killed: done again by the next one, or given up where they kill it each time (RELIABILITY F25).

Every task of the house may be done again: it is one transaction, or settles each of its parts in one. So a job that was
left in the middle is a job that has not begun. What a page waits for has a second task, ``<name>.given_up`` with the same
arguments: it says on the page that nobody works on it any more, and gives the button back.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.tasks import Task

AnyTask = Task[Any, Any, Any]
# A file that ends three workers in a row ends the fourth one too.
ENDS_AT_MOST = 3
GIVEN_UP = ".given_up"


@dataclass(frozen=True)
class Rescued:
    """What became of the jobs that nobody worked on any more."""

    done_again: int = 0
    superseded: int = 0
    given_up: int = 0


async def rescue_jobs(manager: JobManager, tasks: dict[str, AnyTask]) -> Rescued:
    """Put back what a killed worker left; a worker is dead when it has not been heard of for 30 seconds.

    Where the same job waits already, that one does the work. A job that its worker ended meanwhile stops the round; the
    next minute goes on.
    """
    found = [await _rescue(job, manager, tasks) for job in await manager.get_stalled_jobs()]
    return Rescued(*(found.count(fate) for fate in ("done_again", "superseded", "given_up")))


async def _rescue(job: Job, manager: JobManager, tasks: dict[str, AnyTask]) -> str:
    try:
        if job.attempts + 1 >= ENDS_AT_MOST:
            if remedy := tasks.get(job.task_name + GIVEN_UP):
                await _defer_remedy(remedy, job)
            await manager.finish_job(job, Status.FAILED, delete_job=False)
            return "given_up"
        await manager.retry_job(job)
    except UniqueViolation:  # Of the queueing lock: the same job waits already.
        await manager.finish_job(job, Status.FAILED, delete_job=False)
        return "superseded"
    return "done_again"


async def _defer_remedy(remedy: AnyTask, job: Job) -> None:
    with suppress(AlreadyEnqueued):
        await remedy.configure(queueing_lock=f"{remedy.name}:{job.id}").defer_async(**job.task_kwargs)
