"""Try what is installed: the server starts, opens a file of every kind and draws a picture of each.

`python -m tools.smoke`; the Dockerfile runs it, so that an image that lacks something isn't built,
and what is imported on the way is compiled in it. It needs nothing but the site and what that
needs. Ends with 0, or with 1 and what went wrong.
"""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gate_explorer.zoo.samples import SAMPLES, Sample

HOST = "127.0.0.1"
SECONDS_TO_START, SECONDS_TO_ANSWER = 120.0, 120.0
# What a setting brings in. Nothing answers at that Redis, so that rates are counted here.
SETTINGS = {"GATE_EXPLORER_METRICS": "1", "GATE_EXPLORER_RATE_STORAGE": "redis://127.0.0.1:1/0"}
PAGES = ("/", "/docs", "/open", "/metrics", "/models/sentiment?text=I+love+it&t=2")
ENDINGS = (".csv", ".npz", ".svg", ".png", ".gif")


class AnswerError(Exception):
    """An answer that isn't the expected one."""


def main() -> int:
    """Start a server, ask it, end it."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        free.close()
        settings = {**os.environ, **SETTINGS, "GATE_EXPLORER_UPLOADS": f"{folder}/uploads"}
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "app", "serve", "--host", HOST, "--port", str(port)]
        with log.open("wb") as out:
            server = subprocess.Popen(command, env=settings, stdout=out, stderr=out)
        try:
            _wait(port, server)
            for path in PAGES:
                _ask(port, "GET", path, 200)
            for one in SAMPLES:
                _open(port, one)
        except (AnswerError, OSError) as error:
            print(f"{error}\n{log.read_text(errors='replace')}", file=sys.stderr)
            return 1
        finally:
            server.terminate()
            server.wait(30)
    print(f"{len(PAGES)} pages, {len(SAMPLES)} files opened and drawn")
    return 0


def _open(port: int, one: Sample) -> None:
    """Bring a file, look at it in every way, take it back."""
    brought = json.loads(_ask(port, "POST", "/api/v1/models", 201, *_form(one)))
    links, query = brought["links"], brought["examples"][0]
    _ask(port, "GET", f"{links['page']}?{query}", 200)
    for ending in ("", *ENDINGS):
        _ask(port, "GET", f"{links['trace']}{ending}?{query}", 200)
    _ask(
        port, "DELETE", links["self"], 204, headers={"Authorization": f"Bearer {brought['token']}"}
    )


def _form(one: Sample) -> tuple[bytes, dict[str, str]]:
    """A form with a file, as browsers send it."""
    mark = secrets.token_hex(16)
    head = f'Content-Disposition: form-data; name="file"; filename="{one.name}"'
    body = f"--{mark}\r\n{head}\r\n\r\n".encode() + one.data + f"\r\n--{mark}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={mark}"}


def _ask(
    port: int,
    method: str,
    path: str,
    expected: int,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> bytes:
    """The body of an answer. Raises: AnswerError where its status isn't the expected one."""
    connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS_TO_ANSWER)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.status != expected:
        raise AnswerError(f"{method} {path}: {answer.status}, not {expected}: {text[:500]!r}")
    return text


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            _ask(port, "GET", "/readyz", 200)
            return
        except (AnswerError, OSError):
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
