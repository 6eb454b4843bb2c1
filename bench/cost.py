"""`python -m bench.cost`: what a site costs, from the trace of a real session and measured prices.

A visit is what Chromium asked the server for in one session: a link opened, four steps, a drawer, a
sentence typed, two steps of that. Its parts are priced on a real server, in CPU and in bytes sent:
the link's requests made, kept and unchanged, the typed ones always made, style sheet and script, a
picture and a file that is brought. A day of visits, whose links follow Zipf's law, is then played
through the server's own bounded memory and through a proxy that keeps answers for a while. One
measured run of visits stands against the same run simulated.
"""

import argparse
import math
import platform
import random
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate
from urllib.parse import quote_plus, urlsplit

import httpx
from playwright.sync_api import sync_playwright

from app.settings import Settings
from tests.processes import cpu_seconds, memory
from tests.server import ROOT, RunningServer, running_server
from tests.weights.samples import samples
from tools import browser, htmx

DOCUMENT = ROOT / "docs" / "cost.md"
START, END = "<!-- python -m bench.cost -->", "<!-- end -->"
DAY = 86_400
VISITS = (10**3, 10**5, 10**7)
# What nobody can measure beforehand.
LINKS, ZIPF, PEAK = 100_000, 1.0, 4.0
PICTURES, UPLOADS = 0.2, 0.01  # a visit
LIFETIME = 60.0
BUSY = 0.6  # of a core, at the peak
MOST_PLAYED = 200_000
CHECK_LINKS, CHECK_KEPT = 300, 4_000_000
LINK, TYPED = "I did not love France", "It was never good"
WORDS = (LINK + " a film that was so very bad and dull or fine we all hated it").split()
SHAPE = re.compile(r'data-shape="(\w+)"')
FRAGMENT = {"HX-Request": "true"}
OVERHEAD = 1_000  # of an answer that is kept, as the server counts it


@dataclass(frozen=True)
class Asked:
    """A request of the session: `text` stands for what was typed, lean for a named shape."""

    path: str
    part: str
    fragment: bool
    lean: bool


@dataclass(frozen=True)
class Price:
    """Of a part of a visit: milliseconds of a core, and bytes sent."""

    cpu: float
    bytes: float
    requests: int


@dataclass(frozen=True)
class Prices:
    """Of all parts of a visit; memory of the server and its processes, in MB."""

    made: Price
    kept: Price
    unchanged: Price
    typed: Price
    assets: Price
    picture: Price
    upload: Price
    memory: float

    @property
    def bytes(self) -> float:
        """Bytes sent to a visitor, whoever sends them."""
        once = (self.made, self.typed, self.assets)
        return (
            sum(each.bytes for each in once)
            + PICTURES * self.picture.bytes
            + UPLOADS * self.upload.bytes
        )


def session(server: RunningServer) -> list[Asked]:
    """What a browser asks in a session; what it keeps itself is not asked twice."""
    found: list[Asked] = []
    with sync_playwright() as playwright:
        executable = browser.find()
        opened = playwright.chromium.launch(
            executable_path=executable, args=browser.LAUNCH_ARGUMENTS
        )
        page = opened.new_page(viewport={"width": 1280, "height": 900})
        cdn = {htmx.CDN + name: htmx.cached(name) or b"" for name in htmx.INTEGRITY}
        page.route(
            lambda url: url in cdn,
            lambda route: route.fulfill(
                body=cdn[route.request.url],
                headers={
                    "access-control-allow-origin": "*",
                    "content-type": "application/javascript",
                },
            ),
        )
        page.on("request", lambda request: found.extend(_asked(request.url, request.headers)))
        page.goto(f"{server.url}/models/sentiment?text={quote_plus(LINK)}&t=1")
        for _ in range(4):
            page.wait_for_timeout(700)
            page.locator("#next").click()
        page.wait_for_timeout(700)
        page.locator("#tab-hold").click()
        page.wait_for_timeout(700)
        page.locator("#field").fill(TYPED)
        page.wait_for_timeout(1500)
        for _ in range(2):
            page.locator("#prev").click()
            page.wait_for_timeout(700)
        opened.close()
    # The browser's own cache is off while addresses are answered for.
    return list(dict.fromkeys(found))


def _asked(url: str, headers: Mapping[str, str]) -> Iterator[Asked]:
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1":
        return
    path = f"{parts.path}?{parts.query}"
    texts = {"link": quote_plus(LINK), "typed": quote_plus(TYPED)}
    part = next((name for name, text in texts.items() if f"text={text}" in path), "assets")
    path = path.replace(f"text={texts.get(part)}", "text={text}")
    yield Asked(path, part, "hx-request" in headers, "explorer-shape" in headers)


class Visitor:
    """Asks what a session asked, about another text, and counts what comes."""

    def __init__(self, server: RunningServer, asked: Sequence[Asked]) -> None:
        self.server, self.asked = server, asked
        self.client = httpx.Client(base_url=server.url, timeout=60)
        self.tags: dict[tuple[str, str], str] = {}
        self.bytes = 0

    def visit(self, part: str, text: str, again: bool = False) -> None:
        """All requests of a part; again: those of a proxy that asks whether they still hold."""
        shape = ""
        for each in self.asked:
            if each.part != part:
                continue
            headers = {"Accept-Encoding": "gzip", **(FRAGMENT if each.fragment else {})}
            if each.lean and shape:
                headers["Explorer-Shape"] = shape
            path = each.path.replace("{text}", quote_plus(text))
            key = (path, headers.get("Explorer-Shape", str(each.fragment)))
            if again and key in self.tags:
                headers["If-None-Match"] = self.tags[key]
            shape = self._ask(path, headers, key) or shape

    def settle(self) -> None:
        """Visit until everything is loaded, in the process for heavy work too."""
        for path in ("/readyz", "/api/v1/models/sentiment/trace.png?text=settled&t=1"):
            while self.client.get(path).status_code != 200:
                time.sleep(0.1)
        for number in range(10):
            self.visit("link", sentence(10**6 + number))
            self.visit("typed", sentence(2 * 10**6 + number))
        time.sleep(1)

    def _ask(self, path: str, headers: dict[str, str], key: tuple[str, str]) -> str:
        with self.client.stream("GET", path, headers=headers) as answer:
            raw = b"".join(answer.iter_raw())
            self.bytes += len(raw) + sum(len(k) + len(v) + 4 for k, v in answer.headers.raw)
            self.tags[key] = answer.headers.get("etag", "")
            if answer.status_code == 304:
                return _shapes.get(key, "")
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code}")
            text = httpx.Response(200, headers=answer.headers, content=raw).text
        found = SHAPE.search(text)
        _shapes[key] = found[1] if found else ""
        return _shapes[key]


_shapes: dict[tuple[str, str], str] = {}


def sentence(number: int) -> str:
    """A link's text, five words, no two alike."""
    draw = random.Random(number)
    return " ".join([*draw.choices(WORDS, k=4), f"{WORDS[number % len(WORDS)]}{number}"])


def priced(server: RunningServer, asked: Sequence[Asked], visits: int) -> Prices:
    """The price of every part, over so many visits."""
    visitor = Visitor(server, asked)
    visitor.settle()
    texts = [sentence(number) for number in range(visits)]

    def price(part: str, offset: int = 0, again: bool = False) -> Price:
        begun, sent = cpu_seconds(server.pid), visitor.bytes
        for number, text in enumerate(texts):
            visitor.visit(part, sentence(offset + number) if offset else text, again)
        cpu = 1000 * (cpu_seconds(server.pid) - begun) / visits
        count = sum(each.part == part for each in asked)
        return Price(cpu, (visitor.bytes - sent) / visits, count)

    made, kept = price("link"), price("link")
    unchanged = price("link", again=True)
    typed, assets = price("typed", offset=3 * 10**6), price("assets")
    return Prices(
        made, kept, unchanged, typed, assets,
        picture=_picture(server, visitor.client, visits),
        upload=_upload(server, visitor.client, visits),
        memory=memory(server.pid),
    )  # fmt: skip


def _picture(server: RunningServer, client: httpx.Client, visits: int) -> Price:
    begun, sent = cpu_seconds(server.pid), 0
    for number in range(visits):
        text = quote_plus(sentence(4 * 10**6 + number))
        answer = client.get(f"/api/v1/models/sentiment/trace.png?text={text}&t=3")
        sent += len(answer.raise_for_status().content)
    return Price(1000 * (cpu_seconds(server.pid) - begun) / visits, sent / visits, 1)


def _upload(server: RunningServer, client: httpx.Client, visits: int) -> Price:
    begun, sent = cpu_seconds(server.pid), 0
    for _ in range(visits):
        files = {"file": ("mine.npz", samples()["stacked.npz"])}
        answer = client.post("/api/v1/models", files=files)
        brought = answer.raise_for_status().json()
        bearer = {"Authorization": f"Bearer {brought['token']}"}
        client.delete(brought["links"]["self"], headers=bearer)
        sent += len(answer.content)
    return Price(1000 * (cpu_seconds(server.pid) - begun) / visits, sent / visits, 2)


def drawn(visits: int, links: int, seed: int = 1) -> list[int]:
    """Which link each visit opens: the k-th most popular as often as 1/k^s says."""
    weights = list(accumulate((k + 1) ** -ZIPF for k in range(links)))
    return random.Random(seed).choices(range(links), cum_weights=weights, k=visits)


@dataclass(frozen=True)
class Day:
    """What a server did: milliseconds of a core a visit, and of all visits the share whose link
    reached it, and the share whose link it made.
    """

    cpu: float
    reached: float
    made: float


class Memory:
    """What a server keeps: the answers asked for last, within a bound of bytes."""

    def __init__(self, most: float) -> None:
        self.most, self.held = most, 0.0
        self.sizes: OrderedDict[int, float] = OrderedDict()

    def has(self, name: int) -> bool:
        """Whether it is kept; then it was asked for last."""
        if name in self.sizes:
            self.sizes.move_to_end(name)
        return name in self.sizes

    def keep(self, name: int, price: Price) -> None:
        """Keep the answers of a part, in the place of others."""
        self.sizes[name] = price.bytes + OVERHEAD * price.requests
        self.held += self.sizes[name]
        while self.held > self.most:
            self.held -= self.sizes.popitem(last=False)[1]


def played(
    links: Sequence[int], prices: Prices, most: int, seconds: float, shared: float = 0.0
) -> Day:
    """A run of visits, so many seconds apart, through what the server keeps and a proxy before it.

    most: bytes that the server keeps. shared: how long the proxy keeps a page; 0 without one. It
    keeps style sheet and script for good.
    """
    here, asked_at = Memory(most), dict[int, float]()
    always = prices.typed.cpu + UPLOADS * prices.upload.cpu + prices.assets.cpu * (not shared)
    cpu, reached, made = 0.0, 0, 0
    for n, link in enumerate(links):
        now = n * seconds
        cpu += always
        if not shared or now - asked_at.get(link, -math.inf) >= shared:
            reached += 1
            if here.has(link):
                cpu += (prices.unchanged if shared else prices.kept).cpu
            else:
                made += 1
                here.keep(link, prices.made)
                cpu += prices.made.cpu + PICTURES * prices.picture.cpu
            asked_at[link] = now
        here.keep(-n - 1, prices.typed)  # what is typed takes the place of links
    count = len(links)
    return Day(cpu / count, reached / count, made / count)


def between(one: Prices, other: Prices) -> Prices:
    """The means of two rounds of prices."""

    def mean(name: str) -> Price:
        a, b = getattr(one, name), getattr(other, name)
        return Price((a.cpu + b.cpu) / 2, (a.bytes + b.bytes) / 2, a.requests)

    parts = [field.name for field in fields(Prices) if field.name != "memory"]
    return Prices(**{name: mean(name) for name in parts}, memory=max(one.memory, other.memory))


def measured(asked: Sequence[Asked], links: Sequence[int], most: int) -> float:
    """CPU of a visit on a server that keeps so many bytes, in milliseconds."""
    settings = {"GATE_EXPLORER_MAX_KEPT": str(most)}
    with running_server(settings) as server:
        visitor = Visitor(server, asked)
        visitor.settle()
        begun = cpu_seconds(server.pid)
        for n, link in enumerate(links):
            visitor.visit("assets", "")
            visitor.visit("link", sentence(6 * 10**6 + link))
            visitor.visit("typed", sentence(7 * 10**6 + n))
        return 1000 * (cpu_seconds(server.pid) - begun) / len(links)


def simulated(prices: Prices, links: Sequence[int], most: int) -> float:
    """The same, from prices."""
    alone = Prices(**{**vars(prices), "picture": Price(0, 0, 0), "upload": Price(0, 0, 0)})
    return played(links, alone, most, 1.0).cpu


def lines(asked: Sequence[Asked], prices: Prices, check: tuple[float, float]) -> Iterator[str]:
    """The tables."""
    count = len(asked)
    yield (
        f"Python {platform.python_version()}, {platform.machine()}. A visit: {count} requests,"
        f" {prices.bytes / 1000:,.0f} kB sent."
    )
    yield ""
    yield "| part of a visit | requests | CPU, ms | sent, kB |"
    yield "|---|---|---|---|"
    names = {
        "made": "the link's page, steps and drawer, made",
        "kept": "the same, kept by the server",
        "unchanged": "the same, asked whether they still hold",
        "typed": "the typed sentence and its steps",
        "assets": "style sheet, script, icon",
        "picture": f"a picture ({PICTURES:g} a visit)",
        "upload": f"a file brought and taken back ({UPLOADS:g} a visit)",
    }
    for name, words in names.items():
        price: Price = getattr(prices, name)
        yield f"| {words} | {price.requests} | {price.cpu:.1f} | {price.bytes / 1000:.1f} |"
    yield ""
    yield (
        "| visits a day | proxy keeps pages | links reach the server, are made | cores, mean"
        " | cores, peak | replicas | memory, GB | to visitors, GB a day | at the peak, Mbit/s |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for visits in VISITS:
        for shared in (0.0, LIFETIME):
            yield _row(visits, shared, prices)
    yield ""
    found, told = check
    yield (
        f"Checked, {CHECK_LINKS} links and {CHECK_KEPT / 1e6:g} MB kept: {found:.1f} ms of CPU a"
        f" visit measured, {told:.1f} simulated ({told / found:.2f} of it)."
    )


def _row(visits: int, shared: float, prices: Prices) -> str:
    links = drawn(min(visits, MOST_PLAYED), LINKS)
    day = played(links, prices, Settings.model_fields["max_kept"].default, DAY / visits, shared)
    mean = day.cpu / 1000 * visits / DAY
    peak = mean * PEAK
    replicas = max(1, math.ceil(peak / BUSY))
    traffic = prices.bytes * visits
    return (
        f"| {visits:,} | {f'{shared:g} s' if shared else 'nothing'} | {day.reached:.0%},"
        f" {day.made:.0%} | {mean:.3g} | {peak:.3g} | {replicas}"
        f" | {replicas * prices.memory / 1000:.1f} | {traffic / 1e9:,.1f}"
        f" | {traffic * 8 / DAY * PEAK / 1e6:,.2f} |"
    )


def write(text: str) -> None:
    """Put the tables into the document."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Measure, simulate, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description=__doc__)
    parser.add_argument("--visits", type=int, default=60, help="that a price is measured over")
    parser.add_argument("--write", action="store_true", help="into docs/cost.md")
    options = parser.parse_args(arguments)
    folder = ROOT / ".cache" / "cost"
    links = drawn(4 * options.visits, CHECK_LINKS, seed=2)
    # The machine's mood changes: prices before and after what is held against them.
    with running_server({"GATE_EXPLORER_UPLOADS": str(folder)}) as server:
        asked = session(server)
        before = priced(server, asked, options.visits)
        found = measured(asked, links, CHECK_KEPT)
        _shapes.clear()
    with running_server({"GATE_EXPLORER_UPLOADS": str(folder)}) as server:
        prices = between(before, priced(server, asked, options.visits))
    text = "\n".join(lines(asked, prices, (found, simulated(prices, links, CHECK_KEPT))))
    print(text)
    if options.write:
        write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
