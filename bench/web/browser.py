"""What a person waits for, measured inside one Chromium: opening, and the next step.

Both clocks are the page's own: a script looks at the document once a frame, or at each change, so
that nothing of Playwright's is timed. Every opening has a context of its own, and so a cold cache.
Nothing but the loopback can be reached.
"""

import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from bench.web import job
from bench.web.servers import Server
from tools import browser as browsers

LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
PRESSES = 5
# Between two presses a person looks; what is loaded ahead is loaded then.
LOOK_SECONDS = 1
PATIENCE = 20_000

# The moment at which all bars are drawn and the control is alive, from the start of navigation.
READY = """(() => {
  const [bars, count, control] = %s;
  const look = () => {
    const all = document.querySelectorAll(bars).length >= count;
    if (all && document.querySelector(control)) window.readyAfter = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""
# From the press of a key to the change that leaves caption and last panel at the step.
STEP = """([bars, last, caption, words]) => {
  const drawn = () => [...document.querySelectorAll(bars)].slice(-last)
    .map((bar) => (bar.getAttribute("d") ?? "") + bar.getAttribute("class")).join();
  const before = drawn();
  window.shownAfter = new Promise((resolve) => addEventListener("keydown", (event) => {
    const look = () => {
      const at = [...document.querySelectorAll(caption)].some((e) => e.textContent.includes(words));
      if (!at || drawn() === before) return;
      resolve(performance.now() - event.timeStamp);
      observer.disconnect();
    };
    const observer = new MutationObserver(look);
    const all = { subtree: true, childList: true, characterData: true, attributes: true };
    observer.observe(document.body, all);
    setTimeout(resolve, 20000, null);
  }, { capture: true, once: true }));
}"""
SAVES_DATA = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"


@dataclass(frozen=True)
class Contestant:
    """Where a page's bars, caption and control are.

    count: how many elements the bars are; last: how many of them are the last panel's.
    saves_data: it may load nothing ahead.
    """

    server: Server
    bars: str
    caption: str
    control: str
    count: int = len(job.PANELS) * job.UNITS
    last: int = job.UNITS
    focused: str | None = None
    saves_data: bool = False


@dataclass(frozen=True)
class Visit:
    """One opening and some steps: seconds, requests, bytes, and the server's seconds a step."""

    opening: float
    requests: int
    sent: int
    step: float
    cpu: float


class Traffic:
    """The requests of a page, and the bytes they and its sockets took over the wire."""

    def __init__(self, session: CDPSession) -> None:
        self.requests = self.sent = 0
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._came)
        session.on("Network.webSocketFrameReceived", self._told)
        session.send("Network.enable")

    def _asked(self, event: dict[str, dict[str, str]]) -> None:
        self.requests += event["request"]["url"].startswith("http")

    def _came(self, event: dict[str, int]) -> None:
        self.sent += event["encodedDataLength"]

    def _told(self, event: dict[str, dict[str, str]]) -> None:
        self.sent += len(event["response"]["payloadData"])


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, started as the tests start it, with no way out.

    Raises: RuntimeError saying what to install where there is none.
    """
    with sync_playwright() as playwright:
        arguments = [*browsers.LAUNCH_ARGUMENTS, LOOPBACK_ONLY]
        path = browsers.find() or browsers.install(browsers.CHROMIUM)
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def visit(browser: Browser, contestant: Contestant, path: str) -> Visit:
    """Open a page that shows step 1, and take some steps."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(PATIENCE)
    try:
        return _visit(context, contestant, path)
    finally:
        context.close()


def _visit(context: BrowserContext, contestant: Contestant, path: str) -> Visit:
    page = context.new_page()
    traffic = Traffic(context.new_cdp_session(page))
    wanted = json.dumps([contestant.bars, contestant.count, contestant.control])
    page.add_init_script(READY % wanted)
    if contestant.saves_data:
        page.add_init_script(SAVES_DATA)
    page.goto(contestant.server.url + path, wait_until="commit")
    opening = _after(page, "readyAfter")
    page.wait_for_timeout(1000)
    requests, sent = traffic.requests, traffic.sent
    if contestant.focused:
        page.locator(contestant.focused).first.focus()
    cpu = contestant.server.cpu_seconds()
    steps = [_step(page, contestant, t) for t in range(2, 2 + PRESSES)]
    cpu = (contestant.server.cpu_seconds() - cpu) / PRESSES
    return Visit(opening, requests, sent, statistics.median(steps), cpu)


def _step(page: Page, contestant: Contestant, t: int) -> float:
    panel, words = [contestant.bars, contestant.last], f"{t} of {job.STEPS}"
    page.evaluate(STEP, [*panel, contestant.caption, words])
    page.keyboard.press("ArrowRight")
    seconds = _after(page, "shownAfter")
    page.wait_for_timeout(LOOK_SECONDS * 1000)
    return seconds


def _after(page: Page, name: str) -> float:
    """A time that the page measured, in seconds, once it is there."""
    for _ in range(PATIENCE // 50):
        milliseconds = page.evaluate(f"window.{name}")
        if milliseconds is not None:
            return float(milliseconds) / 1000
        page.wait_for_timeout(50)
    raise RuntimeError(f"{page.url} shows no bars, or its control moves none.")
