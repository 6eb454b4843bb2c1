"""Start the real server for a test: a process of its own on a free port of the loopback."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
SECONDS_TO_START = 60.0
SECONDS_TO_END = 15.0
SERVE = (sys.executable, "-m", "app", "serve", "--host", HOST, "--port", "{port}")


@dataclass(frozen=True)
class RunningServer:
    """A server that answers: its address and what it has printed so far."""

    port: int
    pid: int
    log: Path

    @property
    def url(self) -> str:
        """The address without a slash at its end."""
        return f"http://{HOST}:{self.port}"

    def output(self) -> str:
        """Everything on stdout and stderr since the start."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def running_server(
    environment: Mapping[str, str] | None = None,
    command: Sequence[str] = SERVE,
    port: int | None = None,
    folder: Path = ROOT,
) -> Iterator[RunningServer]:
    """Start the server, wait until /healthz answers 200, and end it afterwards.

    `environment` is added to the present one; `{port}` in `command` becomes the port, a free one
    unless `port` says which; it is started in `folder`.
    Raises: RuntimeError with the server's output if it ends early or never answers.
    """
    port = port or free_port()
    with tempfile.NamedTemporaryFile(prefix="gate-explorer-", suffix=".log") as log:
        parts = [part.format(port=port) for part in command]
        process = _start(parts, environment or {}, log, folder)
        server = RunningServer(port, process.pid, Path(log.name))
        try:
            _wait_until_healthy(server, process)
            yield server
        finally:
            _end(process)


def free_port() -> int:
    """A port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _start(
    command: list[str], environment: Mapping[str, str], log: IO[bytes], folder: Path
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
    )


def _wait_until_healthy(server: RunningServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}:\n{server.output()}")
        if _is_healthy(server.port):
            return
        time.sleep(0.05)
    raise RuntimeError(f"/healthz did not answer in {SECONDS_TO_START} s:\n{server.output()}")


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
