"""Heavy work, out of the event loop's way: `await heavy(request, cost, function, *arguments)`.

What is estimated to be light is done where it is; the rest goes to processes of its own, so that
neither the event loop nor Python's lock is held for long. Few may wait: for others there is no
room, and they are told so at once. Work for a client that has left stops. What may wait is measured
in milliseconds of estimated work, not in requests (see `app.views.cost`).
"""

import asyncio
import contextlib
import logging
import math
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple, cast

from starlette.requests import ClientDisconnect, Request

from gate_explorer.errors import OverloadError

from ..settings import settings
from ..views.cost import check_budget
from .limits import Place
from .rates import charge
from .worker import LENGTH, Outcome, framed

Arguments = TypeVarTuple("Arguments")
T = TypeVar("T")

LIGHT = 10.0
# What may wait is measured by what it is estimated to take; a machine may be slower than that.
LONGEST_WAIT_SECONDS = 25.0
# No job takes that long, nor does a process to start; one that does is ended.
LONGEST_SECONDS = 60.0
# Refused for so long without a pause, the pool is full rather than busy.
FULL_SECONDS, FORGOTTEN_SECONDS = 10.0, 5.0
# By import, so that both sides know the classes of the messages by one name.
START = f"from {__package__}.worker import main; main()"
# Where the packages lie: the checkout, or site-packages.
ROOT = Path(__file__).parents[len((__package__ or "").split("."))]
NOTHING = pickle.dumps((int, ()))
NO_ROOM = "Much is being worked on; please try again in a moment."

log = logging.getLogger("uvicorn.error")


class Job:
    """A function with what it is called with, pickled; its outcome comes as a future."""

    def __init__(self, cost: float, function: Callable[..., object], arguments: object) -> None:
        self.cost = cost
        self.payload = pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL)
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.worker: Worker | None = None

    def abandon(self) -> None:
        """Nobody waits for it any more: it won't be started, or stops."""
        self.outcome.cancel()
        if self.worker is not None and self.worker.at_work:
            self.worker.interrupt()


class Worker:
    """One process beside the server, started when it is first needed, and again if it ends."""

    def __init__(self) -> None:
        self.process: asyncio.subprocess.Process | None = None
        self.at_work = False

    async def start(self) -> asyncio.subprocess.Process:
        """The process, ready for a job."""
        if self.process is None or self.process.returncode is not None:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                START,
                cwd=ROOT,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            self.process = process
            await _receive(process)
        return self.process

    async def work(self, payload: bytes) -> Outcome:
        """The outcome of a job: OverloadError if the process ended, or had to, before that."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                process = await self.start()
            async with asyncio.timeout(LONGEST_SECONDS):
                self.at_work = True
                await _send(process, payload)
                return await _receive(process)
        except Exception:
            log.exception("A process for heavy work was lost; another is started for the next job")
            await self.end()
            return Outcome(error=OverloadError(NO_ROOM))
        finally:
            self.at_work = False

    def interrupt(self) -> None:
        """Stop the job that runs."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGUSR1)

    async def end(self) -> None:
        """End the process."""
        process, self.process = self.process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class Pool:
    """So many processes, and a short queue before them."""

    def __init__(self, processes: int, most_waiting: float) -> None:
        """most_waiting: most milliseconds of estimated work that may wait or run for each."""
        self.workers = [Worker() for _ in range(processes)]
        self.most = most_waiting * processes
        self.load = 0.0
        self._turned_away: tuple[float, float] | None = None
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._runners: list[asyncio.Task[None]] = []

    @property
    def full_seconds(self) -> float:
        """For how long the pool has been turning work away, and done too little to have room."""
        if self._turned_away is None:
            return 0.0
        first, last = self._turned_away
        now = time.monotonic()
        return 0.0 if now - last > FORGOTTEN_SECONDS else now - first

    def open(self) -> None:
        """Start the processes, without waiting for them; in a running event loop."""
        if not self._runners:
            self._runners = [asyncio.create_task(self._run(worker)) for worker in self.workers]

    async def close(self) -> None:
        """End the processes."""
        for runner in self._runners:
            runner.cancel()
        await asyncio.gather(*self._runners, return_exceptions=True)
        self._runners = []
        await asyncio.gather(*(worker.end() for worker in self.workers))

    def submit(
        self, cost: float, function: Callable[[*Arguments], object], *arguments: *Arguments
    ) -> Job:
        """A job, in the queue.

        cost: in milliseconds, as estimated. function: one that its module holds by name; what it
        is called with, and what it gives, is pickled. Raises: OverloadError if there is no room.
        """
        if self.load and self.load + cost > self.most:
            self.turn_away()
            wait = math.ceil(self.load / len(self.workers) / 1000)
            raise OverloadError(NO_ROOM, retry_after=max(1, wait))
        self.open()
        job = Job(cost, function, arguments)
        self.load += cost
        job.outcome.add_done_callback(lambda _: self._settle(job))
        self._queue.put_nowait(job)
        return job

    def turn_away(self) -> None:
        """Note that work found no room."""
        now = time.monotonic()
        first = now if self.full_seconds == 0 or not self._turned_away else self._turned_away[0]
        self._turned_away = (first, now)

    def _settle(self, job: Job) -> None:
        self.load = max(0.0, self.load - job.cost)
        if self.load < self.most / 2 and not job.outcome.cancelled():
            self._turned_away = None

    async def _run(self, worker: Worker) -> None:
        """Give one worker job after job; it is started before the first comes."""
        await worker.work(NOTHING)
        while True:
            job = await self._next()
            job.worker = worker
            outcome = await worker.work(job.payload)
            if not job.outcome.done():
                job.outcome.set_result(outcome)

    async def _next(self) -> Job:
        """The next job that is still waited for."""
        while True:
            job = await self._queue.get()
            if not job.outcome.done():
                return job


async def heavy(
    request: Request, cost: float, function: Callable[[*Arguments], T], *arguments: *Arguments
) -> T:
    """What the function gives; done here if it is light, else by a process for heavy work.

    cost: milliseconds of one core, as estimated. function: one that its module holds by name, and
    everything that it takes and gives can be pickled; it takes its arguments by place.
    Raises: LimitError beyond the budget; OverloadError if there is no room; ClientDisconnect if
    whoever asks has left, and then the work stops; what the function raises.
    """
    check_budget(cost)
    if cost <= LIGHT:
        return function(*arguments)
    await charge(request, cost)
    pool: Pool = request.app.state.pool
    job = pool.submit(cost, function, *arguments)
    # Those who wait for heavy work have a queue of their own.
    place: Place | None = request.scope.get("state", {}).get("place")
    if place:
        place.leave()
    gone = asyncio.create_task(_gone(request))
    try:
        await _first(job.outcome, gone, LONGEST_WAIT_SECONDS)
        if job.worker is None and not (job.outcome.done() or gone.done()):
            pool.turn_away()
            raise OverloadError(NO_ROOM)
        await _first(job.outcome, gone, LONGEST_SECONDS)
        if not job.outcome.done():
            raise ClientDisconnect
        return cast(T, job.outcome.result().get())
    finally:
        gone.cancel()
        if not job.outcome.done():
            job.abandon()


def make_pool() -> Pool:
    """The pool that the settings ask for."""
    return Pool(settings().heavy_processes, 1000 * settings().heavy_seconds)


async def _first(
    outcome: asyncio.Future[Outcome], gone: asyncio.Task[None], seconds: float
) -> None:
    """Wait until the outcome is there or the client gone, but no longer."""
    futures: set[asyncio.Future[Any]] = {outcome, gone}
    await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


async def _receive(process: asyncio.subprocess.Process) -> Outcome:
    if process.stdout is None:
        raise RuntimeError("the process has no pipes")
    (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    outcome = pickle.loads(await process.stdout.readexactly(length))
    if not isinstance(outcome, Outcome):
        raise RuntimeError("the process sent something else")
    return outcome


async def _send(process: asyncio.subprocess.Process, payload: bytes) -> None:
    if process.stdin is None:
        raise RuntimeError("the process has no pipes")
    process.stdin.write(framed(payload))
    await process.stdin.drain()


async def _gone(request: Request) -> None:
    """Come back once the client has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
