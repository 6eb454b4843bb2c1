"""nginx and Redis for a test: each with its own folder, on a free port of the loopback."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import redis

from tests.server import HOST, ROOT, free_port
from tools import services

SECONDS_TO_START = 20.0
SHIPPED = ROOT / "deploy" / "nginx.conf"
# A site below a path, as a school's proxy has it: the path is taken off.
BELOW = """
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen {host}:{port};
        location {path}/ {{
            proxy_pass http://{upstream}/;
            proxy_set_header Host $http_host;
        }}
        location / {{ return 404; }}
    }}
}}
"""


@dataclass(frozen=True)
class RunningRedis:
    """A Redis that answers."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """As the settings name it."""
        return f"redis://{HOST}:{self.port}/0"

    def pause(self) -> None:
        """Let it answer nobody, its connections open."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it answer again."""
        os.kill(self.process.pid, signal.SIGCONT)


@contextmanager
def running_redis(folder: Path, port: int = 0, *options: str) -> Iterator[RunningRedis]:
    """A Redis that keeps nothing on the disk, unless options say otherwise."""
    port = port or free_port()
    command = [_found("redis-server"), "--bind", HOST, "--port", str(port), "--dir", str(folder)]
    with _running([*command, "--save", "", *options], folder / "redis.log") as process:
        started = RunningRedis(port, process)
        _wait(process, lambda: _answers(started), folder / "redis.log")
        yield started


@contextmanager
def running_nginx(folder: Path, configuration: str, port: int) -> Iterator[str]:
    """An nginx of this configuration; its address."""
    file = folder / "nginx.conf"
    file.write_text(configuration, encoding="utf-8")
    command = [_found("nginx"), "-p", str(folder), "-c", str(file), "-e", "stderr"]
    log = folder / "nginx.log"
    # As root it would give its rights up, and these folders are root's.
    more = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    with _running([*command, "-g", more], log) as process:
        url = f"http://{HOST}:{port}"
        _wait(process, lambda: httpx.get(url, timeout=5).status_code > 0, log)
        yield url


def below(folder: Path, path: str, upstream: int, port: int) -> str:
    """The configuration of a proxy that has the site below a path."""
    return BELOW.format(
        folder=folder, path=path, port=port, upstream=f"{HOST}:{upstream}", host=HOST
    )


def shipped(folder: Path, upstreams: Sequence[int], port: int) -> str:
    """The configuration that the repository has, with these replicas and its files in a folder."""
    text = SHIPPED.read_text(encoding="utf-8")
    servers = "\n".join(
        f"        server {HOST}:{each} max_fails=2 fail_timeout=5s;" for each in upstreams
    )
    text, count = re.subn(
        r"        resolver [^\n]*\n        server explorer:8000[^\n]*", servers, text
    )
    assert count == 1
    for shipped_, here in (
        ("listen 8080;", f"listen {HOST}:{port};"),
        ("set_real_ip_from 172.28.0.1;", f"set_real_ip_from {HOST};"),
        ("/tmp/", f"{folder}/"),
        ("/var/cache/nginx/", f"{folder}/"),
    ):
        assert shipped_ in text
        text = text.replace(shipped_, here)
    return text


def _found(command: str) -> str:
    found = services.find(command)
    if found is None:
        raise RuntimeError(f"There is no {command}: run make test-deploy, which fetches it.")
    return str(found)


@contextmanager
def _running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, **services.environment()}
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGCONT)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(started: RunningRedis) -> bool:
    with redis.Redis(host=HOST, port=started.port, socket_timeout=2) as client:
        return bool(client.ping())


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with suppress(httpx.TransportError, redis.RedisError):
            if ready():
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} doesn't answer:\n{log.read_text(errors='replace')}")
