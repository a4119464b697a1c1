"""Coroutines for callers that are none: run in a thread of their own, heard as they tell, cancelled when unheard."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

Told = TypeVar("Told")


def yielded_by(work: Callable[[Callable[[Told], None]], Coroutine[Any, Any, None]]) -> Generator[Told]:
    """Everything that a coroutine tells, in its order; closing the iterator cancels it and waits for its end.

    The caller's thread may have a running loop itself (a notebook): it is not used.

    Args:
        work: given a function to tell something with, the coroutine. What it raises is raised here.
    """
    told: SimpleQueue[tuple[Told] | None] = SimpleQueue()
    begun: Future[Callable[[], None]] = Future()

    async def tell_all() -> None:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None
        begun.set_result(lambda: _cancel(loop, task))
        await work(lambda each: told.put((each,)))

    with ThreadPoolExecutor(1, "yielded_by") as thread:
        outcome = thread.submit(lambda: asyncio.run(tell_all()))
        outcome.add_done_callback(lambda _: told.put(None))
        try:
            while (each := told.get()) is not None:
                yield each[0]
            outcome.result()
        finally:
            # closed, or interrupted from the keyboard
            if not outcome.done():
                begun.result()()


def answer_of(work: Callable[[], Coroutine[Any, Any, Told]]) -> Told:
    """Return what a coroutine returns; what it raises is raised here."""

    async def tell(say: Callable[[Told], None]) -> None:
        say(await work())

    (answer,) = yielded_by(tell)
    return answer


async def all_or_none(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of it side by side; the first failure cancels the rest, and is raised when all have ended."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _cancel(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    # it may have ended by itself in this moment, and its loop with it
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(task.cancel)
