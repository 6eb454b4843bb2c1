"""A connection that drops, a CDN that can't be reached, and a server that needs no CDN."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.explorer import (
    IN_ORDER,
    SENTENCE,
    TOY,
    address,
    hears_keys,
    is_same_page,
    mark,
    press_unit,
    step_shown,
    unit_shown,
)
from tests.browser.log import BrowserLog
from tests.server import running_server
from tools import htmx

pytestmark = pytest.mark.core_flow


def allow_failed_requests(log: BrowserLog) -> None:
    """Let pass what either browser says of a request, or of a script, that found nobody."""
    for part in ("ERR_", "Failed to fetch", "NetworkError", "CORS request", "integrity attribute"):
        log.allow(part)


def test_server_gone_says_so_keeps_everything_and_goes_on_when_it_is_back(
    page: Page, browser_log: BrowserLog
) -> None:
    allow_failed_requests(browser_log)
    with running_server() as server:
        page.goto(server.url + SENTENCE + "&t=2&unit=9")
        mark(page)
        before = page.locator("#desk").inner_text(), page.locator("#numbers").inner_text()
    page.locator("#next").focus()
    for key in ("Enter", "End"):
        page.keyboard.press(key)
        expect(page.locator("#message")).to_contain_text("can’t be reached")
        step_shown(page, 2, 5)
        expect(page.locator("#scrubber")).to_have_value("2")
    after = page.locator("#desk").inner_text(), page.locator("#numbers").inner_text()
    assert after == before
    assert address(page) == SENTENCE + "&t=2&unit=9"
    with running_server(port=server.port):
        page.keyboard.press("ArrowRight")
        step_shown(page, 3, 5)
        expect(page.locator("#message")).to_be_empty()
        assert is_same_page(page)


def test_connection_dropped_stops_play_at_its_step(page: Page, browser_log: BrowserLog) -> None:
    allow_failed_requests(browser_log)
    page.goto(SENTENCE + "&t=1")
    page.route("**/models/**&t=3", lambda route: route.abort())
    page.locator("#play").click()
    expect(page.locator("#message")).to_contain_text("can’t be reached")
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    step_shown(page, 2, 5)
    page.unroute("**/models/**&t=3")
    page.locator("#play").click()
    step_shown(page, 5, 5)
    expect(page.locator("#message")).to_be_empty()


@pytest.mark.parametrize("cdn", ["refused", "hanging"])
def test_cdn_out_of_reach_is_replaced_by_the_own_copy_without_a_reload(
    page: Page, browser_log: BrowserLog, cdn: str
) -> None:
    allow_failed_requests(browser_log)
    page.route(f"{htmx.CDN}**", lambda route: route.abort() if cdn == "refused" else None)
    page.goto(SENTENCE + "&t=1", wait_until="commit")
    expect(page.locator("#play")).to_be_visible()
    mark(page)
    expect(page.locator("script[src='/vendor/htmx.min.js']")).to_be_attached(timeout=10_000)
    page.wait_for_load_state("networkidle") if cdn == "refused" else page.wait_for_timeout(500)
    page.locator("#play").click()
    step_shown(page, 5, 5)
    assert is_same_page(page)
    assert page.evaluate("htmx.version") == "4.0.1"


def test_no_htmx_at_all_leaves_every_control_by_full_page_loads(
    page: Page, browser_log: BrowserLog, tmp_path: Path
) -> None:
    allow_failed_requests(browser_log)
    browser_log.allow("status of 404")
    for words in ("MIME type", "nosniff"):  # the answer that says so is no script
        browser_log.allow(words)
    setting = {"GATE_EXPLORER_HTMX_FILE": os.fspath(tmp_path / "none.js")}
    with running_server(setting) as server:
        page.goto(server.url + IN_ORDER + "&t=1&unit=3")
        page.locator("#next").click()
        step_shown(page, 2, 5)
        hears_keys(page)
        page.keyboard.press("End")
        step_shown(page, 5, 5)
        hears_keys(page)
        press_unit(page, 9)
        unit_shown(page, 9)
        hears_keys(page)
        page.keyboard.press("ArrowUp")
        unit_shown(page, 8)
        hears_keys(page)
        page.keyboard.press("Home")
        step_shown(page, 1, 5)
        hears_keys(page)
        page.locator("#hold-input_gate").focus()
        page.keyboard.press("Home")
        expect(page.locator("#held")).to_be_visible()
        assert "clamp=input_gate:0@1/8" in page.url
        page.locator("#let-go").click()
        expect(page.locator("#held")).to_have_count(0)
        page.locator("#play").click()
        step_shown(page, 2, 5)
        step_shown(page, 5, 5)
        expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
        page.locator("#field").fill("Well done")
        page.locator("#field").press("Enter")
        expect(page.locator("#reel li")).to_have_count(2)
        page.locator("#tab-about").click()
        expect(page.locator(".drawer-about")).to_be_visible()
        assert page.evaluate("typeof htmx") == "undefined"
        page.goto("about:blank")


def test_htmx_file_set_needs_no_outside_address(page: Page) -> None:
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    setting = {"GATE_EXPLORER_HTMX_FILE": os.fspath(htmx.CACHE / "dist" / "htmx.min.js")}
    with running_server(setting) as server:
        page.goto(server.url + TOY + "&t=1")
        mark(page)
        page.locator("#play").click()
        step_shown(page, 4, 4)
        assert is_same_page(page)
        assert page.evaluate("htmx.version") == "4.0.1"
        page.goto(server.url + "/docs")
        page.close()
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith(server.url + "/")] == []
