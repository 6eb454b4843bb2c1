"""Traces: a collector gets a span a request, with its route, and nothing that a visitor typed."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.server import HOST, ROOT, running_server
from tests.web.asking import api

SECRET = "zanzibar"
QUICK = {"OTEL_BSP_SCHEDULE_DELAY": "100"}


class Collector(ThreadingHTTPServer):
    """What a collector of OpenTelemetry is sent, as it came."""

    def __init__(self) -> None:
        super().__init__((HOST, 0), Receiver)
        self.got: list[tuple[str, bytes]] = []


class Receiver(BaseHTTPRequestHandler):
    """Takes what is posted."""

    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_requests_are_traced_by_route_and_nothing_that_was_typed_is(collector: Collector) -> None:
    endpoint = {"GATE_EXPLORER_TRACES": f"http://{HOST}:{collector.server_address[1]}"}
    told = {
        "User-Agent": SECRET, "Referer": SECRET, "baggage": f"a={SECRET}",
        "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01", "tracestate": f"a={SECRET}",
    }  # fmt: skip
    with running_server({**endpoint, **QUICK}) as server:
        with httpx.Client(base_url=server.url, headers=told, timeout=60) as client:
            client.get(f"/models/sentiment?text={SECRET}")
            client.get(f"/models/{SECRET}")
            client.get(f"/{SECRET}?{SECRET}={SECRET}")
            client.get(f"/models/sentiment?text={SECRET}&t={SECRET}")
            client.request(SECRET.upper(), "/")
            client.get("/", headers={"Host": f"{SECRET}.example"})
            client.post(api("sentiment", "/trace"), json={"text": SECRET, SECRET: 1})
            client.get("/healthz")
        assert "Traceback" not in server.output()
    # It has ended, and so everything is sent.
    assert {path for path, _ in collector.got} == {"/v1/traces"}
    sent = b"".join(body for _, body in collector.got)
    assert b"/models/{model_id}" in sent
    assert b"/api/v1/models/{model_id}/trace" in sent
    assert b"gate-explorer" in sent
    assert b"/healthz" not in sent
    assert SECRET.encode() not in sent.lower()


def test_collector_that_is_away_keeps_nobody_waiting() -> None:
    away = {"GATE_EXPLORER_TRACES": f"http://{HOST}:9", **QUICK}
    with running_server(away) as server:
        for _ in range(20):
            assert httpx.get(f"{server.url}/models/toy-rules?x=3,1,0").status_code == 200


def test_traces_without_the_extra_end_the_server_with_how_to_mend_it() -> None:
    code = (
        "import sys; sys.modules['opentelemetry.sdk'] = None\n"
        "from app.cli import main; sys.exit(main(['serve', '--port', '0']))"
    )
    environment = {**os.environ, "GATE_EXPLORER_TRACES": "http://127.0.0.1:9"}
    # What every server of the command line has; else it starts anew, and finds the module.
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "gate-explorer[telemetry]" in done.stderr
    assert "Traceback" not in done.stderr
