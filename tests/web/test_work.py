"""Heavy work: done by processes of its own, in turn, for those who still wait for it."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.web.work import Job, Pool
from gate_explorer.errors import FieldError, InputError, OverloadError


@asynccontextmanager
async def open_pool(processes: int = 1, most_waiting: float = 1000) -> AsyncIterator[Pool]:
    """A pool whose processes are up."""
    pool = Pool(processes, most_waiting)
    pool.open()
    try:
        await pool.submit(1, os.getpid).outcome
        yield pool
    finally:
        await pool.close()


def fail(detail: str) -> None:
    """A fault of the input, as it is found in the middle of work."""
    raise InputError(detail, [FieldError(("text",), detail)])


def count_for(seconds: float, path: Path) -> None:
    """Work that never waits, and says all the time that it is still being done."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with path.open("a", encoding="utf-8") as file:
            file.write(".")
        sum(range(200_000))


def nap(seconds: float) -> int:
    """Wait, and say which process it was that waited."""
    time.sleep(seconds)
    return os.getpid()


async def done(job: Job) -> object:
    outcome = await asyncio.wait_for(job.outcome, 30)
    return outcome.get()


def test_work_is_done_by_another_process() -> None:
    async def run() -> None:
        async with open_pool() as pool:
            first, again = [await done(pool.submit(1, os.getpid)) for _ in range(2)]
            assert first == again != os.getpid()

    asyncio.run(run())


def test_work_is_spread_over_the_processes_there_are() -> None:
    async def run() -> None:
        async with open_pool(processes=2) as pool:
            for _ in range(20):  # until the second is up, the first does all of it
                jobs = [pool.submit(1, nap, 0.3) for _ in range(2)]
                if len({await done(job) for job in jobs}) == 2:
                    return
        raise AssertionError("one process does all the work")

    asyncio.run(run())


def test_error_in_the_work_comes_back_as_it_was() -> None:
    async def run() -> None:
        async with open_pool() as pool:
            with pytest.raises(InputError, match="no such word") as caught:
                await done(pool.submit(1, fail, "no such word"))
            assert caught.value.errors == (FieldError(("text",), "no such word"),)
            with pytest.raises(ZeroDivisionError):
                await done(pool.submit(1, divmod, 1, 0))

    asyncio.run(run())


def test_work_beyond_what_may_wait_is_refused_at_once_and_says_when_to_ask_again() -> None:
    async def run() -> None:
        async with open_pool(most_waiting=3000) as pool:
            jobs = [pool.submit(1000, time.sleep, 0.1) for _ in range(3)]
            begun = time.monotonic()
            with pytest.raises(OverloadError) as caught:
                pool.submit(1000, time.sleep, 0.1)
            assert time.monotonic() - begun < 0.5
            assert caught.value.retry_after == 3
            for job in jobs:
                await done(job)
            await done(pool.submit(2000, time.sleep, 0))

    asyncio.run(run())


def test_work_larger_than_the_queue_is_done_when_nothing_else_is() -> None:
    async def run() -> None:
        async with open_pool(most_waiting=10) as pool:
            assert await done(pool.submit(500, abs, -1)) == 1

    asyncio.run(run())


def test_pool_that_has_room_again_is_full_no_longer() -> None:
    async def run() -> None:
        async with open_pool(most_waiting=100) as pool:
            job = pool.submit(100, time.sleep, 0.3)
            with pytest.raises(OverloadError):
                pool.submit(1, abs, 1)
            await asyncio.sleep(0.1)
            assert pool.full_seconds > 0
            await done(job)
            await asyncio.sleep(0)
            assert pool.full_seconds == 0

    asyncio.run(run())


def test_work_that_nobody_waits_for_stops(tmp_path: Path) -> None:
    async def run() -> None:
        path = tmp_path / "beats"
        async with open_pool() as pool:
            before = await done(pool.submit(1, os.getpid))
            job = pool.submit(1, count_for, 20.0, path)
            while not path.exists():
                await asyncio.sleep(0.02)
            job.abandon()
            # The process goes on to the next job, long before the abandoned one would have ended.
            assert await done(pool.submit(1, os.getpid)) == before
            size = path.stat().st_size
            await asyncio.sleep(0.3)
            assert path.stat().st_size == size

    asyncio.run(run())


def test_work_abandoned_before_its_turn_is_never_done(tmp_path: Path) -> None:
    async def run() -> None:
        path = tmp_path / "beats"
        async with open_pool() as pool:
            first = pool.submit(1, time.sleep, 0.2)
            pool.submit(1, count_for, 1.0, path).abandon()
            await done(first)
            await done(pool.submit(1, abs, 1))
            assert not path.exists()
            assert pool.load == 0

    asyncio.run(run())


def test_process_that_is_killed_is_replaced() -> None:
    async def run() -> None:
        async with open_pool() as pool:
            before = await done(pool.submit(1, os.getpid))
            assert isinstance(before, int)
            job = pool.submit(1, time.sleep, 10)
            await asyncio.sleep(0.1)
            os.kill(before, signal.SIGKILL)
            with pytest.raises(OverloadError):
                await done(job)
            assert await done(pool.submit(1, os.getpid)) != before

    asyncio.run(run())


def test_process_ends_with_the_pool() -> None:
    async def run() -> int:
        async with open_pool() as pool:
            found = await done(pool.submit(1, os.getpid))
            assert isinstance(found, int)
            return found

    gone = asyncio.run(run())
    with pytest.raises(ProcessLookupError):
        os.kill(gone, 0)
