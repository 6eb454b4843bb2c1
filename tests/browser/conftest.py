"""A real Chromium on a real server, with no way out to the network.

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
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the Chromium of this machine; `make test` has installed one if there was none."""
    executable = browsers.find()
    if executable is None:
        raise RuntimeError(browsers.HOW_TO_INSTALL)
    return {
        **browser_type_launch_args,
        "executable_path": executable,
        "args": browsers.LAUNCH_ARGUMENTS,
    }


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
