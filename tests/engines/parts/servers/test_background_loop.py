"""Coroutines heard from outside: in order, with their failures, cancelled when nobody listens."""

import asyncio
import threading
from contextlib import closing

import pytest

from engines.parts.servers.background_loop import all_or_none, answer_of, yielded_by


async def count(say, most: int = 3) -> None:
    for number in range(most):
        say(number)
        await asyncio.sleep(0)


def test_everything_is_heard_in_order():
    assert list(yielded_by(count)) == [0, 1, 2]


def test_what_it_raises_is_raised_after_what_it_told():
    async def fail(say) -> None:
        say(1)
        raise KeyError("gone")

    heard = []
    with pytest.raises(KeyError, match="gone"):
        for each in yielded_by(fail):
            heard.append(each)
    assert heard == [1]


def test_closing_cancels_it_and_waits_for_its_end():
    ended = threading.Event()

    async def wait(say) -> None:
        say("begun")
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            ended.set()

    with closing(yielded_by(wait)) as heard:
        assert next(heard) == "begun"
    assert ended.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("yielded_by")]


def test_closing_after_its_end_is_no_failure():
    heard = yielded_by(count)
    assert next(heard) == 0
    while len(list(heard)) != 2:
        pytest.fail("it told something else")
    heard.close()


def test_it_works_inside_a_running_loop():
    async def answer() -> int:
        return 7

    async def outside() -> int:
        return answer_of(answer)

    assert asyncio.run(outside()) == 7


def test_the_first_failure_cancels_the_others():
    cancelled = []

    async def wait() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(1)
            raise

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        asyncio.run(all_or_none([wait(), fail(), wait()]))
    assert cancelled == [1, 1]
