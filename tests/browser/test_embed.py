"""Embedding as a person does it: choosing in the share panel, and the frame on another site."""

import re

import pytest
from playwright.sync_api import Frame, Page, Route, expect

from tests.browser.log import BrowserLog

SENTENCE = "/models/sentiment?text=I+did+not+love+France"
TOY = "/models/toy-rules?x=3,1,0;5,0,1;2,1,0;3,0,1"


def framed(page: Page, address: str, above: str = "") -> Frame:
    """The frame of an embedded page in a page of another site."""
    host = f'<!doctype html>{above}<iframe width="900" height="480" src="{address}"></iframe>'

    def answer(route: Route) -> None:
        route.fulfill(body=host, content_type="text/html")

    page.route("**/article", answer)
    page.goto("/article")
    return page.frames[1]


def test_panel_opened_loads_the_form_and_the_frame_and_not_before(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(SENTENCE + "&t=2")
    assert not [url for url in asked if "/share/" in url or "/embed/" in url]
    page.locator("[popovertarget=share]").first.click()
    expect(page.frame_locator("#preview").locator(".where")).to_have_text("2 of 5")
    assert [url for url in asked if "/embed/" in url][-1].endswith(f"/embed{SENTENCE}&t=2")


def test_options_chosen_change_code_and_frame_alike(page: Page, base_url: str) -> None:
    page.goto(SENTENCE + "&t=2")
    page.locator("[popovertarget=share]").first.click()
    page.get_by_label("dark").check()
    expect(page.locator("#share-embed")).to_contain_text("&amp;theme=dark")
    page.get_by_label("Hide the controls").check()
    page.locator("#embedding").get_by_role("button", name="Article").click()
    address = f"/embed{SENTENCE}&t=2&theme=dark&controls=0"
    code = page.locator("#share-embed")
    src = f"{base_url}{address}".replace("&", "&amp;")
    expect(code).to_contain_text(f'src="{src}" width="720" height="480"')
    expect(page.locator("#preview")).to_have_attribute("src", address)
    expect(page.locator("#embed-width")).to_have_value("720")
    frame = page.frame_locator("#preview")
    expect(frame.locator("#feed")).to_have_count(0)
    expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.locator("#preview").evaluate("frame => frame.offsetWidth") == 720
    # The panel is no state of the page behind it.
    assert page.url == f"{base_url}{SENTENCE}&t=2"


def test_step_taken_keeps_what_was_chosen(page: Page) -> None:
    page.goto(SENTENCE + "&t=2")
    page.locator("[popovertarget=share]").first.click()
    page.get_by_label("Hide the controls").check()
    expect(page.locator("#share-embed")).to_contain_text("&amp;t=2&amp;controls=0")
    page.locator("#share h2").first.click()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#share-embed")).to_contain_text("&amp;t=3&amp;controls=0")
    expect(page.locator("#share-link")).to_contain_text("&t=3")
    expect(page.get_by_label("Hide the controls")).to_be_checked()
    page.locator("#share").get_by_role("button", name="Close").click()
    expect(page.locator("#share")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    page.locator("[popovertarget=share]").first.click()
    expect(page.locator("#share-embed")).to_contain_text("&amp;t=4&amp;controls=0")


def test_size_out_of_its_limits_is_told_and_then_mended(
    page: Page, browser_log: BrowserLog
) -> None:
    browser_log.allow("422")
    page.goto(SENTENCE)
    page.locator("[popovertarget=share]").first.click()
    page.locator("#embed-width").fill("20")
    page.keyboard.press("Tab")
    expect(page.locator("#embed-message")).to_contain_text("width: ")
    expect(page.locator("#embed-width")).to_have_attribute("aria-invalid", "true")
    page.locator("#embed-width").fill("640")
    page.keyboard.press("Tab")
    expect(page.locator("#embed-message")).to_be_empty()
    expect(page.locator("#share-embed")).to_contain_text('width="640"')


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_share_without_javascript_chooses_on_a_page_of_its_own(page: Page) -> None:
    page.goto(SENTENCE + "&t=2")
    page.locator("[popovertarget=share]").first.click()
    page.get_by_role("link", name="Choose size").click()
    page.get_by_label("light").check()
    page.get_by_label("Play when it comes into view").check()
    page.locator("#embed-width").fill("640")
    page.get_by_role("button", name="Show code and preview").last.click()
    assert page.url.endswith(f"/share{SENTENCE}&t=2&theme=light&autoplay=1&width=640")
    expect(page.locator("#share-embed")).to_contain_text("&amp;theme=light&amp;autoplay=1")
    expect(page.frame_locator("#preview").locator(".where")).to_have_text("2 of 5")


def test_share_page_with_javascript_keeps_its_choice_over_a_reload(page: Page) -> None:
    page.goto("/share" + SENTENCE)
    page.get_by_label("Hide the controls").check()
    expect(page.locator("#share-embed")).to_contain_text("controls=0")
    page.reload()
    expect(page.get_by_label("Hide the controls")).to_be_checked()
    assert page.url.endswith(f"/share{SENTENCE}&controls=0")


def test_frame_steps_and_runs_with_its_look(page: Page) -> None:
    frame = framed(page, f"/embed{SENTENCE}&t=1&theme=dark")
    frame.locator("#next").click()
    expect(frame.locator(".where")).to_have_text("2 of 5")
    assert frame.url.endswith(f"/embed{SENTENCE}&t=2&theme=dark")
    page.locator("iframe").evaluate("frame => { frame.height = 900; }")
    frame.locator("#field").fill("Well done")
    frame.locator("#field").press("Enter")
    expect(frame.locator(".where")).to_have_text("2 of 2")
    assert "/embed/models/sentiment?text=Well+done" in frame.url
    assert frame.url.endswith("&theme=dark")
    expect(frame.locator("html")).to_have_attribute("data-theme", "dark")


def test_frame_shows_the_theme_that_it_names_whatever_was_chosen_here(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/")
    page.locator("[popovertarget=more]").click()
    page.locator("#theme").click()
    grounds = {}
    for look in ("", "&theme=light", "&theme=dark"):
        page.goto(f"/embed{TOY}{look}")
        grounds[look] = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert grounds[""] == grounds["&theme=light"] != grounds["&theme=dark"]


def test_frame_without_controls_steps_by_key_and_by_click(page: Page) -> None:
    frame = framed(page, f"/embed{TOY}&t=1&controls=0")
    expect(frame.locator(".transport")).to_be_hidden()
    frame.locator("#step2 button").click()
    expect(frame.locator("#step2")).to_have_class(re.compile(r"\bnow\b"))
    page.keyboard.press("ArrowRight")
    expect(frame.locator("#step3")).to_have_class(re.compile(r"\bnow\b"))
    page.keyboard.press("Home")
    expect(frame.locator("#step1")).to_have_class(re.compile(r"\bnow\b"))
    assert frame.url.endswith(f"/embed{TOY}&t=1&controls=0")


def test_autoplay_starts_in_view_and_stops_at_the_end(page: Page) -> None:
    below = '<div id="above" style="height: 3000px"></div>'
    frame = framed(page, f"/embed{TOY}&t=1&autoplay=1&controls=0", below)
    expect(frame.locator("#play")).to_be_attached()
    page.wait_for_timeout(1500)
    expect(frame.locator(".where")).to_have_text("1 of 4")
    page.locator("iframe").scroll_into_view_if_needed()
    expect(frame.locator("#play")).to_contain_text("Pause")
    expect(frame.locator(".where")).to_have_text("4 of 4")
    expect(frame.locator("#play")).to_contain_text("Play")
    page.wait_for_timeout(1500)
    expect(frame.locator(".where")).to_have_text("4 of 4")


@pytest.mark.parametrize("look", ["", "&controls=0"])
def test_autoplay_is_stopped_by_its_button(page: Page, look: str) -> None:
    frame = framed(page, f"/embed{SENTENCE}&autoplay=1{look}")
    expect(frame.locator("#play")).to_contain_text("Pause")
    frame.locator("#play").click()
    expect(frame.locator("#play")).to_contain_text("Play")
    shown = frame.locator(".where").inner_text()
    page.wait_for_timeout(1500)
    expect(frame.locator(".where")).to_have_text(shown)


@pytest.mark.browser_context_args(reduced_motion="reduce")
def test_autoplay_leaves_those_alone_who_want_less_motion(page: Page) -> None:
    frame = framed(page, f"/embed{TOY}&t=2&autoplay=1")
    expect(frame.locator("#play")).to_be_visible()
    page.wait_for_timeout(1500)
    expect(frame.locator(".where")).to_have_text("2 of 4")
    expect(frame.locator("#play")).to_contain_text("Play")


@pytest.mark.parametrize("where", ["", "/share"])
def test_other_pages_refuse_to_be_framed(page: Page, browser_log: BrowserLog, where: str) -> None:
    browser_log.allow("frame-ancestors")
    frame = framed(page, f"{where}{TOY}")
    expect(frame.locator("#explorer, #embedding")).to_have_count(0)
