"""The counts at /metrics: what was asked by route, and nothing that a visitor typed or named."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server import RunningServer, running_server
from tests.web.asking import api, problem
from tests.weights.samples import samples

SECRET = "zanzibar"
LINE = re.compile(r"^(gate_explorer_\w+)(?:\{(.*)\})? ([\d.e+-]+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
Counts = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    settings = {
        "GATE_EXPLORER_METRICS": "1",
        "GATE_EXPLORER_UPLOADS": str(tmp_path_factory.mktemp("uploads")),
        "GATE_EXPLORER_ALLOWED_HOSTS": "127.0.0.1",
    }
    with running_server(settings) as running:
        yield running
        assert "Traceback" not in running.output()


def counts(server: RunningServer) -> Counts:
    text = httpx.get(f"{server.url}/metrics", headers={"Host": "10.0.0.9"}).text
    return {
        (name, frozenset(LABEL.findall(labels))): float(value)
        for name, labels, value in LINE.findall(text)
    }


def grown(before: Counts, after: Counts, name: str, **labels: str) -> float:
    """By how much a count grew, over all that has these labels."""
    wanted = set(labels.items())
    pairs = [key for key in after if key[0] == f"gate_explorer_{name}" and wanted <= key[1]]
    return sum(after[key] - before.get(key, 0.0) for key in pairs)


def test_counts_are_not_there_unless_a_setting_asks_for_them(client: httpx.Client) -> None:
    problem(client.get("/metrics"), 404)


def test_requests_are_counted_by_route_method_and_status(counting: RunningServer) -> None:
    before = counts(counting)
    for n in range(3):
        httpx.get(f"{counting.url}/models/sentiment?text=counted+{n}")
    httpx.get(f"{counting.url}/models/none")
    httpx.post(f"{counting.url}{api('toy-rules', '/trace')}", json={"vectors": [[3, 1, 0]]})
    httpx.get(f"{counting.url}/static/icon.svg")
    after = counts(counting)

    def asked(route: str, method: str, status: int) -> float:
        return grown(
            before, after, "requests_total", route=route, method=method, status=str(status)
        )

    assert asked("/models/{model_id}", "GET", 200) == 3
    assert asked("/models/{model_id}", "GET", 404) == 1
    assert asked("/api/v1/models/{model_id}/trace", "POST", 200) == 1
    assert asked("/static", "GET", 200) == 1
    route = "/models/{model_id}"
    assert grown(before, after, "request_seconds_count", route=route) == 4
    assert grown(before, after, "request_seconds_bucket", route=route, le="+Inf") == 4
    assert grown(before, after, "sent_bytes_total", route=route) > 3000


def test_answers_are_counted_by_how_they_came_about(counting: RunningServer) -> None:
    before = counts(counting)
    address = f"{counting.url}/models/sentiment?text=kept+or+made"
    tag = httpx.get(address).headers["etag"]
    httpx.get(address)
    httpx.get(address, headers={"If-None-Match": tag})
    after = counts(counting)
    found = {how: grown(before, after, "answers_total", how=how)
             for how in ("made", "kept", "unchanged")}  # fmt: skip
    assert found == {"made": 1, "kept": 1, "unchanged": 1}


def test_refusals_are_counted_by_reason(counting: RunningServer) -> None:
    before = counts(counting)
    httpx.get(f"{counting.url}/", headers={"Host": "evil.example"})
    httpx.post(f"{counting.url}{api('toy-rules', '/trace')}", content=b"x" * 300_000)
    httpx.get(f"{counting.url}/models/none")
    after = counts(counting)
    assert grown(before, after, "refusals_total", reason="other-host") == 1
    assert grown(before, after, "refusals_total", reason="too-large") == 1
    assert grown(before, after, "refusals_total") == 2


def test_uploads_are_counted_by_outcome(counting: RunningServer) -> None:
    before = counts(counting)
    address = f"{counting.url}/api/v1/models"
    for data in (samples()["stacked.npz"], b"not weights"):
        httpx.post(address, files={"file": ("a.npz", data)}, timeout=60)
    after = counts(counting)
    assert grown(before, after, "uploads_total", outcome="opened") == 1
    assert grown(before, after, "uploads_total", outcome="refused") == 1


def test_gauges_have_the_queue_and_what_is_being_answered(counting: RunningServer) -> None:
    found = {name: value for (name, _), value in counts(counting).items()}
    assert found["gate_explorer_requests_running"] == 1  # this one
    assert found["gate_explorer_heavy_queue_seconds"] == 0
    assert found["gate_explorer_heavy_queue_most_seconds"] == 4


def test_nothing_that_a_visitor_sent_is_in_a_count(counting: RunningServer) -> None:
    paths = [
        f"/models/sentiment?text={SECRET}",
        api("sentiment", f"/trace.png?text={SECRET}"),
        f"/models/{SECRET}", f"/{SECRET}", f"/static/{SECRET}.css", f"/compare?a={SECRET}",
        f"/oembed?url=/models/sentiment%3Ftext={SECRET}", f"/models/toy-rules?x={SECRET}",
        f"/?{SECRET}={SECRET}", f"/models/own-{SECRET}", f"/api/v1/{SECRET}",
    ]  # fmt: skip
    headers = dict.fromkeys(("User-Agent", "Referer", "Cookie", "X-Forwarded-For"), SECRET)
    with httpx.Client(base_url=counting.url, headers=headers, timeout=60) as client:
        for path in paths:
            client.get(path)
        client.request(SECRET.upper(), "/")
        client.get("/", headers={"Host": f"{SECRET}.example"})
        client.post(api("sentiment", "/trace"), json={"text": SECRET, SECRET: SECRET})
        client.post(api("sentiment", "/step"), json={"token": SECRET})
        client.post("/api/v1/models", files={"file": (f"{SECRET}.npz", samples()["stacked.npz"])})
        client.post("/open", files={"file": (f"{SECRET}.bin", SECRET.encode())})
        client.delete(f"/api/v1/models/{SECRET}", headers={"Authorization": f"Bearer {SECRET}"})
        text = client.get("/metrics").text
    assert "gate_explorer_requests_total" in text
    assert SECRET not in text.lower()


def test_dashboard_asks_for_counts_that_are_there(counting: RunningServer) -> None:
    counts(counting)
    text = httpx.get(f"{counting.url}/metrics").text
    there = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    board = Path(__file__).parents[2] / "deploy" / "grafana.json"
    asked = set(re.findall(r"\b((?:gate_explorer|process)_\w+)", board.read_text(encoding="utf-8")))
    assert asked
    whole = there | {f"{name}{end}" for name in there for end in ("_bucket", "_sum", "_count")}
    assert asked <= whole
