"""/metrics: what the server does, in numbers that Prometheus reads; off unless a setting says so.

Counts go by route (`/models/{model_id}`), method, status and kind of refusal alone: nothing that a
visitor typed is in a name or a label. Each process counts for itself. A proxy in front keeps the
address from visitors.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.responses import Response
from starlette.types import Scope

from gate_explorer.errors import NotFoundError

from ..settings import settings
from .errors import TYPES
from .limits import HEALTH, METRICS, UPLOADS

METHODS = {"GET", "HEAD", "POST", "DELETE", "OPTIONS"}
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
# Beside these a status of 400 and more is the asker's, or ours.
REFUSALS = {408, 413, 421, 429, 431, 503, 507}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Answered:
    """What is known of a request once it is over; route: its template, None if it has none;
    status: 0 for who left before there was one."""

    route: str | None
    status: int
    seconds: float
    bytes: int


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
            self.registry.register(collector)
        self.requests = self._counter("requests", "Requests", "method", "route", "status")
        self.seconds = Histogram(
            "gate_explorer_request_seconds",
            "From a request's head to the end of its answer",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.sent = self._counter("sent_bytes", "Bytes of answers", "route")
        self.answers = self._counter("answers", "GET: kept, unchanged (304), or made", "how")
        self.refusals = self._counter("refusals", "Requests that were refused", "reason")
        self.uploads = self._counter("uploads", "Files that were brought", "outcome")
        self.running = self._gauge("requests_running", "Requests that are being answered")
        self.queue = self._gauge("heavy_queue_seconds", "Estimated work that waits or runs")
        self.most = self._gauge("heavy_queue_most_seconds", "The most of it that is taken")

    def begin(self, scope: Scope) -> None:
        """Count a request that has come."""
        scope.setdefault("state", {})["metrics"] = self
        self.running.inc()

    def end(self, scope: Scope, answered: Answered) -> None:
        """Count a request that is over."""
        self.running.dec()
        if scope["path"] in HEALTH:
            return
        route, status = answered.route or "none", answered.status
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.requests.labels(method, route, str(status or "left")).inc()
        self.seconds.labels(route).observe(answered.seconds)
        self.sent.labels(route).inc(answered.bytes)
        how = scope.get("state", {}).get("answer")
        if how:
            self.answers.labels(how).inc()
        if status in REFUSALS:
            self.refusals.labels(TYPES[status]).inc()
        if method == "POST" and scope["path"] in UPLOADS:
            self.uploads.labels("opened" if status == 201 else "refused").inc()

    def text(self, load: float, most: float) -> bytes:
        """All of it as Prometheus reads it; load and most: the queue of heavy work, in seconds."""
        self.queue.set(load)
        self.most.set(most)
        return generate_latest(self.registry)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"gate_explorer_{name}", words, labels, registry=self.registry)

    def _gauge(self, name: str, words: str) -> Gauge:
        return Gauge(f"gate_explorer_{name}", words, registry=self.registry)


def make() -> Metrics | None:
    """The counters, if the settings ask for them."""
    return Metrics() if settings().metrics else None


@router.get(METRICS)
def metrics(request: Request) -> Response:
    """The counters. Raises: NotFoundError unless a setting asks for them."""
    found: Metrics | None = request.scope.get("state", {}).get("metrics")
    if found is None:
        raise NotFoundError("This server counts nothing: GATE_EXPLORER_METRICS is off.")
    pool: Any = request.app.state.pool
    text = found.text(pool.load / 1000, pool.most / 1000)
    return Response(
        text, headers={"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_LATEST}
    )
