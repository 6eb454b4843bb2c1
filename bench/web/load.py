"""The server's CPU time a request: the fragment of a step beside a bare JSON endpoint.

One connection is kept and the kinds take turns, so that a busy moment of the machine meets them
all. A batch of the walk goes through sentences that the server hasn't seen before, each opened at
its first step and walked from there as the page does it; no fragment is made twice. The openings
are a kind of their own: they run the model, and send what the steps leave as it is.
"""

import http.client
import itertools
import re
import time
from collections.abc import Iterator, Mapping
from urllib.parse import quote_plus

import numpy as np

from bench.web import job
from bench.web.servers import Server
from tests.server import HOST

ROUNDS = 15
WALKS = 3
STEPS = range(2, job.STEPS + 1)
BATCH = WALKS * len(STEPS)
SENTENCES = (f"The acting in {n} is superb, but thin" for n in itertools.count(1000))
GZIP = {"Accept-Encoding": "gzip"}
SHAPE = re.compile('data-shape="([0-9a-f]+)"')

Spent = dict[str, tuple[list[float], list[float]]]
Request = tuple[str, Mapping[str, str]]
Connection = http.client.HTTPConnection


def page_of(sentence: str, t: int) -> str:
    """The address of a step of the sentence model."""
    return f"/models/sentiment?text={quote_plus(sentence, safe=',')}&t={t}"


def kinds(connection: Connection) -> dict[str, Iterator[list[Request]]]:
    """What is asked for: batches without end, of each kind."""
    trace = page_of(job.SENTENCE, 1).replace("/models/sentiment", "/api/v1/models/sentiment/trace")
    return {
        "bare JSON, /healthz": itertools.repeat([("/healthz", GZIP)] * BATCH),
        "a step, made": _walks(connection),
        "a step, seen lately": itertools.repeat(_walk(connection, job.SENTENCE) * WALKS),
        "a sentence opened": _openings(),
        "the whole run as JSON": itertools.repeat([(trace.split("&t=")[0], GZIP)] * BATCH),
    }


def _walks(connection: Connection) -> Iterator[list[Request]]:
    while True:
        yield [each for _ in range(WALKS) for each in _walk(connection, next(SENTENCES))]


def _walk(connection: Connection, sentence: str) -> list[Request]:
    """Every step of a sentence after the first, from a page that was opened there."""
    connection.request("GET", page_of(sentence, 1))
    found = SHAPE.search(connection.getresponse().read().decode())
    if not found:
        raise RuntimeError("The page doesn't say its shape.")
    headers = {**GZIP, "HX-Request": "true", "Explorer-Shape": found[1]}
    return [(page_of(sentence, t), headers) for t in STEPS]


def _openings() -> Iterator[list[Request]]:
    while True:
        yield [(page_of(next(SENTENCES), 1), GZIP) for _ in range(BATCH)]


def measure(server: Server) -> Spent:
    """CPU seconds a request, one entry a round, and the seconds each request took, by kind."""
    connection = Connection(HOST, server.port, timeout=60)
    batches = kinds(connection)
    spent: Spent = {name: ([], []) for name in batches}
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
    server: Server, connection: Connection, requests: list[Request]
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
