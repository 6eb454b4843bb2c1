"""The server's CPU time a request: the fragment of a step beside a bare JSON endpoint.

One connection is kept and the kinds take turns, so that a busy moment of the machine meets them
all. A batch of the walk is whole walks through sentences that the server hasn't seen: the first
step runs the model, and no fragment is made twice.
"""

import http.client
import itertools
import time
from collections.abc import Iterator, Mapping
from urllib.parse import quote_plus

import numpy as np

from bench.web import job
from bench.web.servers import Server
from tests.server import HOST

ROUNDS = 15
WALKS = 3
BATCH = WALKS * job.STEPS
SENTENCES = (f"The acting in {n} is superb, but thin" for n in itertools.count(1000))
HTMX = {"HX-Request": "true", "Accept-Encoding": "gzip"}
JSON = {"Accept-Encoding": "gzip"}

Spent = dict[str, tuple[list[float], list[float]]]
Request = tuple[str, Mapping[str, str]]


def page_of(sentence: str, t: int) -> str:
    """The address of a step of the sentence model."""
    return f"/models/sentiment?text={quote_plus(sentence, safe=',')}&t={t}"


def walk(sentence: str) -> list[Request]:
    """Every step of a sentence, in order."""
    return [(page_of(sentence, t), HTMX) for t in range(1, job.STEPS + 1)]


def kinds() -> dict[str, Iterator[list[Request]]]:
    """What is asked for: batches without end, of each kind."""
    trace = page_of(job.SENTENCE, 1).replace("/models/sentiment", "/api/v1/models/sentiment/trace")
    return {
        "bare JSON, /healthz": itertools.repeat([("/healthz", JSON)] * BATCH),
        "a step, made": _walks(),
        "a step, seen lately": itertools.repeat(walk(job.SENTENCE) * WALKS),
        "the whole run as JSON": itertools.repeat([(trace.split("&t=")[0], JSON)] * BATCH),
    }


def _walks() -> Iterator[list[Request]]:
    while True:
        yield [request for _ in range(WALKS) for request in walk(next(SENTENCES))]


def measure(server: Server) -> Spent:
    """CPU seconds a request, one entry a round, and the seconds each request took, by kind."""
    spent: Spent = {name: ([], []) for name in kinds()}
    batches = kinds()
    connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
    for turn in range(ROUNDS + 1):
        names = list(batches)
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            cpu, latencies = _batch(server, connection, next(batches[name]))
            if turn:  # the first warms up
                spent[name][0].append(cpu)
                spent[name][1].extend(latencies)
    connection.close()
    return spent


def _batch(
    server: Server, connection: http.client.HTTPConnection, requests: list[Request]
) -> tuple[float, list[float]]:
    before, latencies = server.cpu_seconds(), []
    for path, headers in requests:
        start = time.perf_counter()
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        latencies.append(time.perf_counter() - start)
        if answer.status != 200:
            raise RuntimeError(f"{path} answers {answer.status}.")
    return (server.cpu_seconds() - before) / len(requests), latencies


def tail(seconds: list[float]) -> tuple[float, float]:
    """The latency that half of the requests stay below, and 99 of 100."""
    half, most = np.quantile(seconds, (0.5, 0.99))
    return float(half), float(most)
