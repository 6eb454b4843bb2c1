"""A real browser on a real server, with no way out to the network.

Tests run in Chromium, those marked `core_flow` in Firefox too (`-k firefox` picks the latter).

Every context of every test is guarded: the CDN's address is answered with htmx's own bytes (so the
integrity in the page is checked for real), any other outside address fails the test, and so does
an error in the console or in a script, unless the test allows it by name:

    def test_page_unknown_model_says_so(page: Page, browser_log: BrowserLog) -> None:
        browser_log.allow("404")
        page.goto("/models/none")

Addresses are relative to the server. `server` gives its address and output; a test that needs
other settings starts one of its own with tests.server.running_server.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Route

from tests.browser.log import BrowserLog
from tests.server import HOST, RunningServer, running_server
from tools import browser as browsers
from tools import htmx

# Firefox's own requests, and any other to an outside address that a test lets through, go to a
# proxy that isn't there.
FIREFOX_PREFERENCES = {
    "network.proxy.type": 1,
    "network.proxy.http": HOST,
    "network.proxy.http_port": 9,
    "network.proxy.ssl": HOST,
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": HOST,
    "network.trr.mode": 5,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    # A page kept whole comes back on Back without WebDriver BiDi saying so, and go_back waits.
    "browser.sessionhistory.max_total_viewers": 0,
}


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of the tests that run in both browsers."""
    config.addinivalue_line("markers", "core_flow: run in Firefox too, not in Chromium alone")


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the browsers of a test, before pytest-playwright makes one test for each."""
    in_both = metafunc.definition.get_closest_marker("core_flow") is not None
    metafunc.config.option.browser = ["chromium", "firefox"] if in_both else ["chromium"]


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """The server with its default settings, shared by all browser tests."""
    with running_server() as running:
        yield running


@pytest.fixture(scope="session")
def base_url(server: RunningServer) -> str:
    """What `page.goto("/…")` starts from."""
    return server.url


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_name: str
) -> dict[str, Any]:
    """Launch the browser of this machine; `make test` has installed one if there was none."""
    kind = browsers.FIREFOX if browser_name == "firefox" else browsers.CHROMIUM
    executable = browsers.find(kind)
    if executable is None:
        raise RuntimeError(kind.how_to_install)
    options = {**browser_type_launch_args, "executable_path": executable}
    if kind is browsers.CHROMIUM:
        return {**options, "args": browsers.LAUNCH_ARGUMENTS}
    # By this name Playwright knows that it is a stock Firefox, driven over WebDriver BiDi.
    return {**options, "channel": "moz-firefox", "firefox_user_prefs": FIREFOX_PREFERENCES}


@pytest.fixture(scope="session")
def cdn() -> dict[str, bytes]:
    """What the CDN would answer: address -> bytes."""
    files = {htmx.CDN + name: htmx.cached(name) for name in htmx.INTEGRITY}
    kept = {address: content for address, content in files.items() if content is not None}
    if kept.keys() != files.keys():
        raise RuntimeError("htmx's bytes are not there yet: run .venv/bin/python -m tools.htmx")
    return kept


@pytest.fixture
def browser_log() -> Iterator[BrowserLog]:
    """What went wrong in the browser during the test; the test fails on what it didn't allow."""
    log = BrowserLog()
    yield log
    if log.unexpected():
        pytest.fail("\n".join(log.unexpected()), pytrace=False)


@pytest.fixture
def new_context(
    browser_log: BrowserLog, cdn: dict[str, bytes], new_context: Callable[..., BrowserContext]
) -> Callable[..., BrowserContext]:
    """Make a browser context, guarded; `context` and `page` come from here too."""

    def guarded(**options: Any) -> BrowserContext:
        context = new_context(**options)
        guard(context, cdn, browser_log)
        return context

    return guarded


def guard(context: BrowserContext, cdn: dict[str, bytes], log: BrowserLog) -> None:
    """Answer for the CDN, block every other outside address, and note every error."""

    def answer(route: Route) -> None:
        content = cdn.get(route.request.url)
        if content is None:
            log.add(f"outside address: {route.request.method} {route.request.url}")
            route.abort()
            return
        # As the CDN answers; without the first, a script with an integrity is refused.
        headers = {"access-control-allow-origin": "*", "content-type": "application/javascript"}
        route.fulfill(body=content, headers=headers)

    def note_error(message: ConsoleMessage) -> None:
        if message.type == "error":
            log.add(f"console: {message.text}")

    context.route(lambda url: urlsplit(url).hostname != HOST, answer)
    context.on("console", note_error)
    context.on("weberror", lambda error: log.add(f"script: {error.error}"))
