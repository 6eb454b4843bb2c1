"""Who is slow on purpose is cut off; who has a slow line is not, and nobody waits for either."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.load import slow
from tests.server import RunningServer, running_server
from tests.web.asking import api

pytestmark = pytest.mark.slow

MANY, SECONDS = 40, 30.0
# Within 15 s on an idle machine.
CUT_OFF = 25.0
LONG = api("characters", "/trace.ndjson?text=" + "A+long+answer+is+read+slowly.+" * 16)

ATTACKS: dict[str, Callable[[int], Awaitable[slow.Attack]]] = {
    "headers": lambda port: slow.slow_headers(port, MANY, SECONDS),
    "bodies": lambda port: slow.slow_bodies(port, MANY, SECONDS),
    "readers": lambda port: slow.slow_readers(port, MANY, SECONDS, LONG),
}


async def pages(server: RunningServer) -> set[int]:
    """What pages answer meanwhile."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        statuses = set()
        for n in range(20):
            statuses.add((await client.get(f"/models/toy-rules?x={n},1,1")).status_code)
            await asyncio.sleep(0.2)
        return statuses


def test_slow_ones_are_cut_off_and_a_slow_line_is_not() -> None:
    async def run(server: RunningServer) -> None:
        *attacks, honest, statuses = await asyncio.gather(
            *(attack(server.port) for attack in ATTACKS.values()),
            slow.honest_reader(server.port, LONG, 20_000, SECONDS),
            pages(server),
        )
        for name, attack in zip(ATTACKS, attacks, strict=True):
            assert isinstance(attack, slow.Attack)
            assert attack.longest < CUT_OFF, name
        # It would have been cut off with the others, after some ten seconds.
        assert isinstance(honest, int)
        assert honest > 20_000 * (CUT_OFF - 10)
        assert statuses == {200}

    with running_server() as server:
        assert httpx.get(server.url + LONG, timeout=60).status_code == 200
        asyncio.run(run(server))
        assert "Traceback" not in server.output()


def test_slow_readers_are_borne_where_the_setting_says_so() -> None:
    async def run(server: RunningServer) -> float | None:
        attack = await slow.slow_readers(server.port, 1, 18, LONG)
        return attack.ended[0]

    with running_server({"GATE_EXPLORER_SLOWEST": "0"}) as server:
        assert asyncio.run(run(server)) is None
