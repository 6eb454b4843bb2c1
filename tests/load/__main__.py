"""`make test-load`: what the server bears, as the table of docs/security.md.

Everything stays on the loopback, and is bounded in number and time: some eight minutes in all.
ARGS="--seconds 20" shortens the slow attacks, ARGS="--write" puts the table into the document.
"""

import argparse
import asyncio
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from gate_explorer.zoo import registry
from tests.load import slow, worst
from tests.load.asking import Seen, ask_all, watching
from tests.processes import cpu_seconds, forget_peak, memory, peak
from tests.server import ROOT, RunningServer, running_server

DOCUMENT = ROOT / "docs" / "security.md"
START, END = "<!-- make test-load -->", "<!-- end -->"
SLOW, AT_ONCE, OVERLOAD = 400, 20, 4
# No request is counted on the loopback; here nothing else should be turned away either.
PICTURE = "/api/v1/models/toy-rules/trace.png?x=1,1,1"
LONG_TEXT = "/api/v1/models/characters/trace.ndjson?text="


@dataclass(frozen=True)
class Row:
    """What was tried, what holds, and what came of it."""

    what: str
    promise: str
    found: str


def main(arguments: Sequence[str]) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of each slow attack")
    parser.add_argument("--write", action="store_true", help="into docs/security.md")
    options = parser.parse_args(arguments)
    lines = [machine(), "", "| tried | must hold | found |", "|---|---|---|"]
    print("\n".join(lines), flush=True)
    for row in rows(options.seconds):
        lines.append(f"| {row.what} | {row.promise} | {row.found} |")
        print(lines[-1], flush=True)
    if options.write:
        write("\n".join(lines))


def rows(seconds: float) -> Iterator[Row]:
    """Each scene has a server to itself."""
    with settled_server() as server:
        yield from dearest(server)
    with settled_server() as server:
        yield from kept(server)
    with settled_server() as server:
        yield from asyncio.run(slow_ones(server, seconds))
    with settled_server() as server:
        yield from asyncio.run(many_heavy(server))
    with settled_server() as server:
        yield from asyncio.run(overloaded(server))


@contextmanager
def settled_server() -> Iterator[RunningServer]:
    """A server that has read its models and templates, its process for heavy work too."""
    with running_server() as server, httpx.Client(base_url=server.url, timeout=60) as client:
        for path in ("/models/sentiment?text=A+film", f"{LONG_TEXT}ROMEO", "/readyz", PICTURE):
            while client.get(path).status_code != 200:
                time.sleep(0.1)
        yield server


def dearest(server: RunningServer) -> Iterator[Row]:
    """The dearest request of each kind, in CPU and memory, and the server's longest silence."""
    found: list[tuple[float, float, str]] = []
    refused = 0
    with httpx.Client(base_url=server.url, timeout=60, follow_redirects=True) as client:
        for model_id in registry.MODELS:
            for _, path in worst.requests(model_id, mark=0):
                client.get(path)  # what is read and compiled once isn't counted
            for what, path in worst.requests(model_id, mark=1):
                client.get("/healthz")
                forget_peak(server.pid)
                held, used = memory(server.pid), cpu_seconds(server.pid)
                refused += client.get(path).status_code == 422
                spent = cpu_seconds(server.pid) - used
                found.append((spent, peak(server.pid) - held, f"{what} of {model_id}"))
    cpu, size = max(found), max(found, key=lambda each: each[1])
    many = f"{len(found)} requests of {len(registry.MODELS)} models"
    yield Row(f"CPU of one request, the dearest of {many}", "1 s", f"{cpu[0]:.2f} s ({cpu[2]})")
    yield Row("memory that one request adds, the most", "64 MB", f"{size[1]:.0f} MB ({size[2]})")
    yield Row("of them refused, with what to do instead", "", str(refused))


def kept(server: RunningServer) -> Iterator[Row]:
    """What an answer that is kept costs, beside a bare request."""
    paths = {
        "bare": "/healthz",
        "page": "/models/sentiment?text=I+love+France&t=2",
        "PNG": "/api/v1/models/sentiment/trace.png?text=I+love+France&t=2",
    }
    costs = {}
    with httpx.Client(base_url=server.url) as client:
        for name, path in paths.items():
            for _ in range(50):
                client.get(path)
            used = cpu_seconds(server.pid)
            for _ in range(1000):
                client.get(path)
            costs[name] = cpu_seconds(server.pid) - used
    for name, most in (("page", 2), ("PNG", 3)):
        share = costs[name] / costs["bare"]
        words = f"{share:.1f} x of {costs['bare']:.2f} ms"
        yield Row(f"CPU of a {name} asked for again, beside a bare request", f"{most} x", words)


async def slow_ones(server: RunningServer, seconds: float) -> list[Row]:
    """Slow headers, bodies and readers, while others are watched."""
    text = "".join(f"Long answers {n} are read slowly. " for n in range(20))[:500]
    path = LONG_TEXT + text.replace(" ", "+")
    attacks: dict[str, Callable[[], Awaitable[slow.Attack]]] = {
        "headers": lambda: slow.slow_headers(server.port, SLOW, seconds),
        "bodies": lambda: slow.slow_bodies(server.port, SLOW, seconds),
        "readers": lambda: slow.slow_readers(server.port, SLOW, seconds, path),
    }
    found = []
    for name, attack in attacks.items():
        forget_peak(server.pid)
        async with watching(server.url) as seen:
            ended, honest = await asyncio.gather(
                attack(), slow.honest_reader(server.port, path, 20_000, min(seconds, 30))
            )
        what = f"{SLOW} slow {name} for {seconds:g} s"
        found.append(Row(f"{what}: cut off after", "15 s", f"{ended.longest:.1f} s"))
        found += others(what, seen)
        found.append(
            Row(f"{what}: memory of all processes", "350 MB", f"{peak(server.pid):.0f} MB")
        )
        kept_on = f"{honest / 1000:.0f} KB in {min(seconds, 30):g} s"
        found.append(Row(f"{what}: an honest line of 20 KB/s goes on", "", kept_on))
    return found


def others(what: str, seen: dict[str, Seen]) -> list[Row]:
    """How the others fared meanwhile."""
    pages, health = seen["pages"], seen["health"]
    answered = f"{pages.answered(200):.1%} of {len(pages.seconds)}"
    longest = max(health.longest, seen["readiness"].longest)
    return [
        Row(f"{what}: others' pages answered", "99 %", answered),
        Row(f"{what}: 99 of 100 of them within", "1 s", f"{pages.percentile(99):.2f} s"),
        Row(f"{what}: health and readiness within", "0.5 s", f"{longest:.2f} s"),
    ]


async def many_heavy(server: RunningServer) -> list[Row]:
    """So many at once of each heavy kind, every one different."""
    kinds: dict[str, list[str]] = {}
    for mark in range(AT_ONCE):
        for what, path in worst.requests("characters", mark):
            if what.startswith("trace") or what in {"gradients", "interventions", "written"}:
                kinds.setdefault(what, []).append(path)
    found = []
    for what, paths in kinds.items():
        async with watching(server.url) as seen:
            came = await ask_all(server.url, paths)
            await asyncio.sleep(1)
        words = f"{AT_ONCE} of {what} at once"
        statuses = ", ".join(f"{n} x {status}" for status, n in sorted(came.statuses.items()))
        pages = f"{seen['pages'].percentile(99):.2f} s"
        found.append(Row(f"{words}: 99 of 100 pages within", "1 s", f"{pages} ({statuses})"))
        longest = max(seen["health"].longest, seen["readiness"].longest)
        found.append(Row(f"{words}: health within", "0.5 s", f"{longest:.2f} s"))
    return found


async def overloaded(server: RunningServer) -> list[Row]:
    """Four times the places there are, of pages, pictures and runs, each of them different."""
    places = OVERLOAD * 64
    seen = Seen()
    begun = time.monotonic()
    while time.monotonic() - begun < 10:
        mark = round(1000 * (time.monotonic() - begun))
        paths = [_mixed(n, mark) for n in range(places)]
        came = await ask_all(server.url, paths)
        seen.statuses += came.statuses
        seen.seconds += came.seconds
    over = time.monotonic()
    recovered = 0.0
    while not recovered:
        after = await ask_all(server.url, ["/models/toy-rules?x=1,1,1", _mixed(1, 10**6)])
        if after.answered(200) == 1 and after.longest < 1:
            recovered = time.monotonic() - over
    statuses = ", ".join(f"{n} x {status}" for status, n in sorted(seen.statuses.items()))
    what = f"{places} at once for 10 s"
    return [
        Row(f"{what}: answers", "only 200, 429, 503", statuses),
        Row(f"{what}: all is well again after", "5 s", f"{recovered:.1f} s"),
    ]


def _mixed(n: int, mark: int) -> str:
    pages = f"/models/sentiment?text=Overload+{mark}+{n}"
    others_ = (
        f"/api/v1/models/toy-rules/trace.png?x={mark}.{n},1,1",
        f"/api/v1/models/sentiment/trace.csv?text=Overload+{mark}+{n}",
        f"/api/v1/models/characters/gradients?text=Overload+{mark}+{n}",
    )
    return pages if n % 2 else others_[n // 2 % len(others_)]


def machine() -> str:
    """Where and when this was measured."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    name = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")
    when = time.strftime("%Y-%m-%d %H:%M")
    busy = f"load {os.getloadavg()[0]:.1f} before it began"
    return (
        f"{when}, {os.cpu_count()} cores of {name or platform.machine()}, Python"
        f" {platform.python_version()}, {busy}."
    )


def write(table: str) -> None:
    """The table into its place in the document."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{START}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
