"""Many requests at once, each with what came of it; and those who watch how others fare."""

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import repeat

import httpx
import numpy as np

TIMEOUT = httpx.Timeout(60)
WATCHER = "tests.load.asking"
WATCHED = ("health", "readiness", "pages")
LIMITS = httpx.Limits(max_connections=None)


@dataclass
class Seen:
    """What came of requests of one kind."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def add(self, status: int, seconds: float) -> None:
        """Note one; status 0 is no answer."""
        self.statuses[status] += 1
        self.seconds.append(seconds)

    def percentile(self, share: float) -> float:
        """So many of a hundred took no longer, in seconds."""
        return float(np.percentile(self.seconds, share)) if self.seconds else 0.0

    @property
    def longest(self) -> float:
        """In seconds."""
        return max(self.seconds, default=0.0)

    def answered(self, *statuses: int) -> float:
        """The share that got one of these statuses."""
        return sum(self.statuses[each] for each in statuses) / max(1, len(self.seconds))


def client(url: str) -> httpx.AsyncClient:
    """A client without a limit to its connections."""
    return httpx.AsyncClient(base_url=url, timeout=TIMEOUT, limits=LIMITS)


async def ask(to: httpx.AsyncClient, path: str, seen: Seen) -> None:
    """Ask once."""
    begun = time.perf_counter()
    try:
        status = (await to.get(path)).status_code
    except httpx.HTTPError:
        status = 0
    seen.add(status, time.perf_counter() - begun)


async def ask_all(url: str, paths: Iterable[str]) -> Seen:
    """Ask for all at once."""
    seen = Seen()
    async with client(url) as to:
        await asyncio.gather(*(ask(to, path, seen) for path in paths))
    return seen


async def keep_asking(url: str, paths: Iterable[str], every: float, seen: Seen) -> None:
    """Ask for one after the other, without waiting for answers, until cancelled."""
    asked: set[asyncio.Task[None]] = set()
    async with client(url) as to:
        try:
            for path in paths:
                task = asyncio.create_task(ask(to, path, seen))
                asked.add(task)
                task.add_done_callback(asked.discard)
                await asyncio.sleep(every)
        finally:
            await asyncio.gather(*asked, return_exceptions=True)


@asynccontextmanager
async def watching(url: str) -> AsyncIterator[dict[str, Seen]]:
    """Ask after health, readiness and for pages all the while, ten times a second each.

    By a process of its own: whoever makes many requests at once is late in noting the answers.
    """
    seen = {name: Seen() for name in WATCHED}
    watcher = await asyncio.create_subprocess_exec(
        sys.executable, "-m", WATCHER, url, stdin=PIPE, stdout=PIPE
    )
    try:
        yield seen
    finally:
        told, _ = await watcher.communicate(b"")
        for name, (statuses, seconds) in json.loads(told).items():
            seen[name].statuses.update({int(status): n for status, n in statuses.items()})
            seen[name].seconds += seconds


async def watch(url: str) -> None:
    """Ask until the standard input ends, and print what was seen."""
    seen = {name: Seen() for name in WATCHED}
    pages = (f"/models/sentiment?text=A+watched+film+{n}&t=2" for n in range(10**9))
    paths = {"health": repeat("/healthz"), "readiness": repeat("/readyz"), "pages": pages}
    tasks = [
        asyncio.create_task(keep_asking(url, paths[name], 0.1, seen[name])) for name in WATCHED
    ]
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps({name: (each.statuses, each.seconds) for name, each in seen.items()}))


if __name__ == "__main__":
    asyncio.run(watch(sys.argv[1]))
