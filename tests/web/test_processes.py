"""The server's processes: several behind a port, how they end, and that they answer alike."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import httpx
import numpy as np
import pytest

from tests.processes import children, cpu_seconds
from tests.server import HOST, SERVE, RunningServer, running_server
from tests.web.asking import api, problem

pytestmark = pytest.mark.slow

HEAVY = (*SERVE, "--workers", "2")
LONG = "x=" + ";".join(["1,1,1"] * 18)
ALIKE = (
    "/models/sentiment?text=I+love+France&t=2",
    api("sentiment", "/trace?text=I+love+France"),
    api("characters", "/trace.npz?text=ROMEO"),
    api("characters", "/continuation.ndjson?text=ROMEO&count=40"),
    api("toy-lstm", "/trace.png?x=3,1,0;5,0,1"),
    api("counter", "/gradients?text=aaabbb"),
)


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_several_processes_answer_on_one_port_and_say_so() -> None:
    with running_server(command=HEAVY) as server:
        until(lambda: server.output().count("Application startup complete") == 2, 60)
        warm(server)
        assert "2 processes answer on one port" in server.output()
        first = [httpx.get(f"{server.url}{path}", timeout=30).content for path in ALIKE]
        for _ in range(3):
            assert [httpx.get(f"{server.url}{p}", timeout=30).content for p in ALIKE] == first
        below = children(server.pid)
    assert len(below) >= 2
    until(lambda: all(is_gone(pid) for pid in below))


def test_replicas_answer_byte_for_byte_alike() -> None:
    with running_server() as one, running_server() as other:
        for path in ALIKE:
            answers = [
                httpx.get(f"{server.url}{path}", headers={"Host": HOST}, timeout=30)
                for server in (one, other)
            ]
            assert answers[0].content == answers[1].content
            assert answers[0].headers["etag"] == answers[1].headers["etag"]


def test_kernels_can_be_pinned() -> None:
    """Pinned, the arithmetic is the same on any x86 server; unpinned, tags tell kinds apart."""
    mine = set(np.show_config(mode="dicts")["SIMD Extensions"]["found"])
    path = api("sentiment", "/trace?text=I+love+France")
    with (
        running_server({"GATE_EXPLORER_KERNELS": "portable"}) as pinned,
        running_server() as free,
    ):
        answers = [httpx.get(f"{server.url}{path}", timeout=30) for server in (pinned, free)]
    steps = [answer.json()["steps"][-1]["layers"][0]["cell_state"] for answer in answers]
    assert steps[0] == pytest.approx(steps[1], abs=1e-5)
    has_more = bool(mine & {"X86_V4", "AVX512_ICL", "AVX512_SPR"})
    assert (answers[0].headers["etag"] != answers[1].headers["etag"]) == has_more


def connected(server: RunningServer) -> contextlib.closing[http.client.HTTPConnection]:
    """A connection that is closed at the end."""
    return contextlib.closing(http.client.HTTPConnection(HOST, server.port, timeout=60))


def warm(server: RunningServer) -> None:
    """Wait until heavy work is done."""
    picture = f"{server.url}{api('toy-rules', '/trace.png?x=1,1,1')}"
    until(lambda: httpx.get(picture, timeout=60).status_code == 200, 60)


def end(server: RunningServer) -> None:
    os.kill(server.pid, signal.SIGTERM)


def test_work_under_way_at_the_end_is_finished_first() -> None:
    with running_server() as server, connected(server) as connection:
        warm(server)
        (worker,) = children(server.pid)
        before = cpu_seconds(worker)
        connection.request("GET", api("toy-rules", f"/trace.gif?{LONG}"))
        until(lambda: cpu_seconds(worker) > before)
        end(server)
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.getheader("content-type") == "image/gif"
        assert len(answer.read()) > 10_000
        until(lambda: has_ended(server.pid))
        assert "Traceback" not in server.output()


def test_serving_ends_soon_though_a_connection_is_open() -> None:
    with running_server() as server, httpx.Client(base_url=server.url) as client:
        client.get("/healthz")
        below = children(server.pid)
        begun = time.monotonic()
        end(server)
        until(lambda: has_ended(server.pid))
        assert time.monotonic() - begun < 10
        until(lambda: all(is_gone(pid) for pid in below))
        assert "Traceback" not in server.output()


def test_processes_for_heavy_work_end_with_a_server_that_is_killed() -> None:
    with running_server() as server:
        below = children(server.pid)
        assert below
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: all(has_ended(pid) for pid in below))


def has_ended(pid: int) -> bool:
    """Whether a process has ended, even if nobody has asked for its status yet."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() in {"", "Z"} or done.stdout.startswith("Z")


def test_readiness_says_so_when_heavy_work_finds_no_room_for_long() -> None:
    """The process for heavy work is stopped, so that nothing is done; then it goes on."""

    def ready_after_another_picture() -> bool:
        with contextlib.suppress(httpx.TimeoutException):
            picture = api("toy-rules", f"/trace.png?x={time.monotonic()},1,1")
            assert client.get(picture, timeout=0.5).status_code in {200, 503}
        return client.get("/readyz").status_code == 200

    with (
        running_server({"GATE_EXPLORER_HEAVY_SECONDS": "0.05"}) as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
        connected(server) as stuck,
    ):
        warm(server)
        (worker,) = children(server.pid)
        os.kill(worker, signal.SIGSTOP)
        # The first waits for the stopped process; all others find no room.
        stuck.request("GET", api("toy-rules", "/trace.png?x=2,1,1"))
        until(lambda: not ready_after_another_picture(), 40)
        problem(client.get("/readyz"), 503)
        assert client.get("/healthz").status_code == 200
        assert client.get("/models/toy-rules?x=2,1,1").status_code == 200
        os.kill(worker, signal.SIGCONT)
        until(ready_after_another_picture, 40)


def test_number_of_processes_that_is_none_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "serve", "--workers", "0"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--workers" in done.stderr
