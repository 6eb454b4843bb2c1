"""Each contestant's server: a process of its own on the loopback, and its CPU time."""

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.server import HOST, ROOT, SERVE, free_port
from tools import htmx

SECONDS_TO_START = 90.0
QUIET = {
    "PYTHONPATH": str(ROOT),
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "STREAMLIT_SERVER_HEADLESS": "true",
    "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
}
GRADIO = (sys.executable, "-m", "bench.web.gradio_app", "{port}")
STREAMLIT = (
    *(sys.executable, "-m", "streamlit", "run", "bench/web/streamlit_app.py"),
    *("--server.address", HOST, "--server.port", "{port}"),
)


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """The address without a slash at its end."""
        return f"http://{HOST}:{self.port}"

    def cpu_seconds(self) -> float:
        """CPU time of the process and its children so far, those of its threads that ended too."""
        return sum(time.clock_gettime(_clock(pid)) for pid in (self.pid, *_children(self.pid)))


def explorer_settings() -> Mapping[str, str]:
    """The explorer serves htmx itself: the benchmark reaches no other host."""
    return {"GATE_EXPLORER_HTMX_FILE": str(htmx.CACHE / next(iter(htmx.INTEGRITY)))}


@contextmanager
def serving(command: Sequence[str] = SERVE, settings: Mapping[str, str] = {}) -> Iterator[Server]:
    """Start a server, wait until its first page answers, and end it afterwards.

    Raises: RuntimeError with the server's output if it never answers.
    """
    port = free_port()
    environment = {**os.environ, **QUIET, **settings}
    with tempfile.NamedTemporaryFile(prefix="bench-web-", suffix=".log") as log:
        words = [part.format(port=port) for part in command]
        process = subprocess.Popen(
            words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            _wait(port, process, Path(log.name))
            yield Server(port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection(HOST, port, timeout=10)
        try:
            connection.request("GET", "/")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError(f"A contestant's server doesn't answer:\n{log.read_text()}")


def _clock(pid: int) -> int:
    """Linux's clock of another process's CPU time, as clock_getcpuclockid(3) makes its number."""
    return (~pid << 3) | 2


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from _children(child)
