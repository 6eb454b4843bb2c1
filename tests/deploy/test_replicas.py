"""Two replicas behind the nginx of the repository: its cache, and a replica that is killed."""

import itertools
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.deploy.services import running_nginx, shipped
from tests.server import RunningServer, free_port, running_server
from tests.weights.samples import samples

LIFETIME = 4
KILLS, READERS = 20, 6
BETWEEN_KILLS, AWAY = 10.0, 1.0  # seconds
PAGE = "/models/sentiment?text=The+movie+was+not+good.&t=3"
HTMX = {"HX-Request": "true"}
# What different browsers say that they read; nginx asks for one of two.
BROWSERS = ("gzip, deflate, br, zstd", "gzip, deflate, br", "gzip;q=1.0", "gzip")


@dataclass(frozen=True)
class Site:
    """The proxy's address, and the replicas behind it."""

    url: str
    replicas: tuple[RunningServer, ...]

    def asked(self, route: str) -> int:
        """How often the replicas were asked for a route, by their own counts."""
        return sum(_asked(each, route) for each in self.replicas)


def _settings(folder: Path) -> dict[str, str]:
    return {
        "GATE_EXPLORER_PUBLIC_URL": "https://gates.example",
        "GATE_EXPLORER_SHARED_SECONDS": str(LIFETIME),
        "GATE_EXPLORER_TRUSTED_PROXIES": "127.0.0.0/8",
        "GATE_EXPLORER_UPLOADS": str(folder / "uploads"),
        "GATE_EXPLORER_METRICS": "1",
    }


def _asked(server: RunningServer, route: str) -> int:
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    name = f'gate_explorer_request_seconds_count{{route="{route}"}} '
    return sum(int(float(line.removeprefix(name))) for line in lines if line.startswith(name))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    with ExitStack() as stack:
        replicas = tuple(stack.enter_context(running_server(_settings(folder))) for _ in range(2))
        configuration = shipped(folder, [each.port for each in replicas], port)
        url = stack.enter_context(running_nginx(folder, configuration, port))
        yield Site(url, replicas)
        assert all("Traceback" not in each.output() for each in replicas)


def test_hot_link_reaches_the_replicas_at_most_once_in_its_lifetime(site: Site) -> None:
    before, begun = site.asked("/models/{model_id}"), time.monotonic()
    statuses: Counter[int] = Counter()

    def read(n: int) -> None:
        headers = {"Accept-Encoding": BROWSERS[n % len(BROWSERS)], "User-Agent": f"browser {n}"}
        while time.monotonic() - begun < 3 * LIFETIME:
            statuses[httpx.get(f"{site.url}{PAGE}", headers=headers).status_code] += 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read, range(8)))

    lived = time.monotonic() - begun
    asked = site.asked("/models/{model_id}") - before
    assert statuses.keys() == {200}
    assert statuses[200] > 50 * asked
    # nginx counts whole seconds, so that a lifetime may be one shorter.
    assert 1 <= asked <= 1 + lived / (LIFETIME - 1)


def test_page_and_fragments_of_one_address_are_never_taken_for_one_another(site: Site) -> None:
    address = f"{PAGE}&unit=7"
    page = httpx.get(f"{site.replicas[0].url}{address}").text
    shape = page.split('data-shape="')[1].split('"')[0]
    kinds = {
        "page": {},
        "fragment": HTMX,
        "step": {**HTMX, "Explorer-Shape": shape},
        "restored": {**HTMX, "HX-History-Restore-Request": "true"},
        "other shape": {**HTMX, "Explorer-Shape": "00000000"},
    }
    expected = {
        kind: httpx.get(f"{site.replicas[0].url}{address}", headers=headers).content
        for kind, headers in kinds.items()
    }
    assert len(set(expected.values())) == 3  # restored is the page, another shape the fragment
    found: Counter[str] = Counter()
    for order in itertools.permutations(kinds):
        for kind in order:
            answer = httpx.get(f"{site.url}{address}", headers=kinds[kind])
            assert answer.content == expected[kind], kind
            found[answer.headers["x-cache"]] += 1
    assert found["HIT"] > 5 * found["MISS"]


def test_cache_of_the_proxy_tells_plain_from_compressed(site: Site) -> None:
    for _ in range(3):
        plain = httpx.get(f"{site.url}{PAGE}", headers={"Accept-Encoding": "identity"})
        packed = httpx.get(f"{site.url}{PAGE}", headers={"Accept-Encoding": "gzip, br"})
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert plain.content == packed.content


def test_page_that_a_browser_has_costs_304(site: Site) -> None:
    tag = httpx.get(f"{site.url}{PAGE}").headers["etag"]
    again = httpx.get(f"{site.url}{PAGE}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_errors_uploads_and_counts_are_not_kept(site: Site) -> None:
    files = {"file": ("mine.npz", samples()["stacked.npz"])}
    brought = httpx.post(f"{site.url}/api/v1/models", files=files, timeout=60)
    assert brought.status_code == 201, brought.text
    links = brought.json()["links"]
    for path in (links["page"], links["self"], "/models/none", "/healthz"):
        for _ in range(3):
            assert httpx.get(f"{site.url}{path}").headers["x-cache"] != "HIT"
    bearer = {"Authorization": f"Bearer {brought.json()['token']}"}
    assert httpx.delete(f"{site.url}{links['self']}", headers=bearer).status_code == 204
    for _ in range(4):
        assert httpx.get(f"{site.url}{links['page']}").status_code == 404
    assert httpx.get(f"{site.url}/metrics").status_code == 404


def test_visitors_named_by_what_ends_tls_in_front_have_a_rate_each(tmp_path: Path) -> None:
    settings, port = {**_settings(tmp_path), "GATE_EXPLORER_RATE": "5"}, free_port()
    statuses: dict[str, Counter[int]] = {}
    with running_server(settings) as server:
        configuration = shipped(tmp_path, [server.port], port)
        with running_nginx(tmp_path, configuration, port) as url:
            for visitor, asked in (("203.0.113.1", 8), ("203.0.113.2", 5)):
                headers = {"X-Forwarded-For": visitor}
                paths = (f"/models/toy-rules?x={asked},1,0;{k},0,1" for k in range(asked))
                answers = [httpx.get(f"{url}{path}", headers=headers) for path in paths]
                statuses[visitor] = Counter(each.status_code for each in answers)
    assert statuses["203.0.113.1"] == {200: 5, 429: 3}
    assert statuses["203.0.113.2"] == {200: 5}


def test_replica_killed_again_and_again_under_load_is_hardly_noticed(tmp_path: Path) -> None:
    settings, port, doomed = _settings(tmp_path), free_port(), free_port()
    wrong: list[str] = []
    outcomes: Counter[str] = Counter()
    ended = threading.Event()
    with running_server(settings) as steady:
        configuration = shipped(tmp_path, [steady.port, doomed], port)
        with running_nginx(tmp_path, configuration, port) as url:

            def read(n: int) -> None:
                with httpx.Client(timeout=30) as client:
                    for k in itertools.count():
                        if ended.is_set():
                            return
                        path = f"/models/toy-rules?x={n % 9},1,0;{k % 99},0,1&t=2&unit=1"
                        outcomes[_outcome(client, url, path, steady, wrong)] += 1

            with ThreadPoolExecutor(READERS) as pool:
                readers = [pool.submit(read, n) for n in range(READERS)]
                try:
                    for _ in range(KILLS):
                        begun = time.monotonic()
                        with running_server(settings, port=doomed) as server:
                            # It answers for a while, however long its start took.
                            started = time.monotonic() - begun
                            time.sleep(max(BETWEEN_KILLS - AWAY - started, 2.0))
                            os.kill(server.pid, signal.SIGKILL)
                            time.sleep(AWAY)
                finally:
                    ended.set()
                for reader in readers:
                    reader.result()
    total = outcomes.total()
    assert wrong == []
    assert total > 50 * KILLS
    assert outcomes["ok"] >= 0.99 * total, outcomes


def _outcome(
    client: httpx.Client, url: str, path: str, steady: RunningServer, wrong: list[str]
) -> str:
    """How a request ended; a body that isn't the one of a replica that nobody kills is noted."""
    try:
        answer = client.get(f"{url}{path}")
    except httpx.TransportError as error:
        return type(error).__name__
    if answer.status_code != 200:
        return str(answer.status_code)
    if answer.content != client.get(f"{steady.url}{path}").content:
        wrong.append(path)
    return "ok"
