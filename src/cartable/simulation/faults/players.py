"""Processes that play days beside each other. Nothing here needs Django's models: a new process loads them after it is set up."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Event
from typing import Any, TypeVar

import django

from cartable.config.scratch import Scratch

IsOver = Callable[[], bool]
Batch = TypeVar("Batch")
_over: Event | None = None


def never() -> bool:
    """Play on: what ends a batch in this very process is Ctrl-C itself."""
    return False


def play_in_processes(
    batches: Sequence[range], play: Callable[[range, IsOver], Batch], empty: Scratch, processes: int
) -> Iterator[Batch]:
    """Play batches in so many processes; give them in their order. Ctrl-C lets each process end its present day."""
    # Spawned, not forked: a copy of this process would share its connections and its embedded server.
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    with ProcessPoolExecutor(
        processes, mp_context=context, initializer=_start, initargs=(empty.environment, over)
    ) as pool:
        waiting = [pool.submit(_play, play, numbers) for numbers in batches]
        try:
            while waiting:
                yield _outlasting_ctrl_c(waiting.pop(0).result, over)
        finally:
            over.set()
            pool.shutdown(cancel_futures=True)


def _outlasting_ctrl_c(result: Callable[[], Batch], over: Event) -> Batch:
    try:
        return result()
    except KeyboardInterrupt:
        over.set()
        return result()


def _start(environment: Mapping[str, str], over: Event) -> None:
    """Make a new process ready: the parent's database server, and the parent alone decides what Ctrl-C does."""
    global _over
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ |= environment
    django.setup()
    _over = over


def _play(play: Any, numbers: range) -> Any:
    assert _over
    return play(numbers, _over.is_set)
