"""A connection that drops, a CDN that can't be reached, and a server that needs no CDN."""

import os

import pytest
from playwright.sync_api import Page, expect

from tests.browser.explorer import SENTENCE, TOY, address, is_same_page, mark, step_shown, tokens
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
        before = page.locator(".equation").inner_text(), page.locator(".numbers").inner_text()
    page.locator("#next").focus()
    for key in ("Enter", "End"):
        page.keyboard.press(key)
        expect(page.locator("#message")).to_contain_text("can’t be reached")
        step_shown(page, 2, 5)
        expect(page.locator("#scrubber")).to_have_value("2")
    after = page.locator(".equation").inner_text(), page.locator(".numbers").inner_text()
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
    page.locator("#speed").select_option("2×")
    page.locator("#play").click()
    expect(page.locator("#message")).to_contain_text("can’t be reached")
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    step_shown(page, 2, 5)
    page.unroute("**/models/**&t=3")
    page.locator("#play").click()
    step_shown(page, 5, 5)
    expect(page.locator("#message")).to_be_empty()


def test_cdn_out_of_reach_leaves_everything_but_play(page: Page, browser_log: BrowserLog) -> None:
    def step_loaded(t: int) -> None:
        step_shown(page, t, 5)
        expect(page.locator("#theme")).to_be_visible()  # the page's own script has started

    allow_failed_requests(browser_log)
    page.route(f"{htmx.CDN}**", lambda route: route.abort())
    page.goto(SENTENCE + "&t=1&unit=3")
    step_loaded(1)
    expect(page.locator("#play")).to_be_hidden()
    page.keyboard.press("Space")
    page.locator("#next").click()
    step_loaded(2)
    page.keyboard.press("End")
    step_loaded(5)
    page.locator("#scrubber").press("ArrowLeft")
    step_loaded(4)
    page.locator("#f9").click()
    expect(page.locator(".numbers h2")).to_contain_text("Unit 9 of 32")
    step_loaded(4)
    page.keyboard.press("ArrowUp")
    expect(page.locator(".numbers h2")).to_contain_text("Unit 8 of 32")
    assert address(page) == SENTENCE + "&t=4&unit=8"
    page.locator("#text").fill("Well done")
    page.locator("#feed button").click()
    expect(page.locator("#tape li")).to_have_count(2)
    assert tokens(page) == ["Well", "done"]
    page.go_back()
    step_loaded(4)
    assert page.evaluate("typeof htmx") == "undefined"


def test_cdn_that_never_answers_holds_no_control_up(page: Page) -> None:
    page.route(f"{htmx.CDN}**", lambda route: None)
    page.goto(TOY + "&t=1", wait_until="commit")
    expect(page.locator("#theme")).to_be_visible()
    page.keyboard.press("End")
    step_shown(page, 4, 4)
    page.locator("#prev").click()
    step_shown(page, 3, 4)
    expect(page.locator("#play")).to_be_hidden()


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
