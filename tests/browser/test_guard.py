"""The guard around every browser test catches what it is there for."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.log import BrowserLog
from tools import htmx

pytestmark = pytest.mark.core_flow


def test_guard_outside_address_is_blocked_and_noted(page: Page, browser_log: BrowserLog) -> None:
    browser_log.allow("outside address: GET https://example.org/")
    browser_log.allow("console: Failed to load resource")  # Chromium
    browser_log.allow("CORS request did not succeed")  # Firefox
    page.goto("about:blank")
    assert page.evaluate("fetch('https://example.org/').catch(() => 'blocked')") == "blocked"
    assert "outside address: GET https://example.org/" in browser_log.lines


def test_guard_script_error_is_noted(page: Page, browser_log: BrowserLog) -> None:
    browser_log.allow("thrown on purpose")
    page.goto("about:blank")
    with page.context.expect_event("weberror"):
        page.evaluate("setTimeout(() => { throw new Error('thrown on purpose') })")
    assert "thrown on purpose" in browser_log.lines[0]


def test_guard_console_error_is_noted(page: Page, browser_log: BrowserLog) -> None:
    page.goto("about:blank")
    page.evaluate("console.error('said on purpose')")
    assert browser_log.unexpected() == ["console: said on purpose"]
    browser_log.allow("said on purpose")
    assert browser_log.unexpected() == []


def test_first_page_changed_byte_from_the_cdn_leaves_htmx_undefined(
    page: Page, browser_log: BrowserLog, cdn: dict[str, bytes]
) -> None:
    def answer_changed(route: Route) -> None:
        headers = {"access-control-allow-origin": "*", "content-type": "application/javascript"}
        route.fulfill(body=cdn[route.request.url] + b" ", headers=headers)

    browser_log.allow("integrity")
    page.context.route(f"{htmx.CDN}**", answer_changed)
    page.context.route("**/vendor/**", lambda route: route.abort())
    browser_log.allow("ERR_FAILED")
    browser_log.allow("NS_ERROR")
    page.goto("/")
    expect(page.locator("h1")).to_have_count(1)
    assert page.evaluate("typeof htmx") == "undefined"
