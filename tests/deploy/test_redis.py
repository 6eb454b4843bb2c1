"""Rates that replicas count in one Redis: shared while it is there, and nobody fails without it."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.web.rates import AWAY_SECONDS
from tests.deploy.services import RunningRedis, running_redis
from tests.server import RunningServer, free_port, running_server

RATE = 30
# Of a network for documentation, as a proxy on this machine would pass them on.
VISITORS = (f"203.0.113.{n}" for n in range(1, 255))


@pytest.fixture
def visitor() -> dict[str, str]:
    """Somebody new."""
    return {"X-Forwarded-For": next(VISITORS)}


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def replicas(port: int) -> Iterator[tuple[RunningServer, RunningServer]]:
    settings = {
        "GATE_EXPLORER_RATE": str(RATE),
        "GATE_EXPLORER_RATE_STORAGE": f"redis://127.0.0.1:{port}/0",
        "GATE_EXPLORER_TRUSTED_PROXIES": "127.0.0.0/8",
    }
    with running_server(settings) as one, running_server(settings) as other:
        yield one, other
        assert all("Traceback" not in each.output() for each in (one, other))


@pytest.fixture
def shared(port: int, tmp_path: Path) -> Iterator[RunningRedis]:
    with running_redis(tmp_path, port) as started:
        yield started


def ask(server: RunningServer, visitor: dict[str, str], times: int) -> Counter[int]:
    with httpx.Client(base_url=server.url, headers=visitor, timeout=30) as client:
        return Counter(client.get("/models/toy-rules?x=3,1,0").status_code for _ in range(times))


def wait_until_asked_again() -> None:
    """Wait until a server asks a Redis again that was away."""
    time.sleep(AWAY_SECONDS + 0.5)


def test_replicas_count_a_visitor_together(
    replicas: tuple[RunningServer, RunningServer], shared: RunningRedis, visitor: dict[str, str]
) -> None:
    wait_until_asked_again()
    one, other = (ask(each, visitor, RATE - 5) for each in replicas)
    assert one == {200: RATE - 5}
    assert other == {200: 5, 429: RATE - 10}


def test_nobody_fails_while_redis_is_slow_or_gone_and_rates_hold(
    replicas: tuple[RunningServer, RunningServer], port: int, tmp_path: Path
) -> None:
    found: dict[str, Counter[int]] = {}
    with running_redis(tmp_path, port) as started:
        wait_until_asked_again()
        started.pause()
        found["slow"] = _ask_both(replicas)
        started.resume()
        found["back"] = _ask_both(replicas)
        started.process.kill()
        started.process.wait()
        found["gone"] = _ask_both(replicas)
    with running_redis(tmp_path, port):
        found["there again"] = _ask_both(replicas)
    for when, statuses in found.items():
        assert statuses.keys() == {200, 429}, when
        # Each may count for itself, and both begin anew once it is there: three rates at most.
        assert statuses[200] <= 3 * RATE, when


def _ask_both(replicas: tuple[RunningServer, RunningServer]) -> Counter[int]:
    """What somebody new is answered by both, each asked more than its rate."""
    visitor = {"X-Forwarded-For": next(VISITORS)}
    return sum((ask(each, visitor, RATE + 10) for each in replicas), Counter())
