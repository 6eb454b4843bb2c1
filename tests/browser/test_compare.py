"""Two runs in step, as a person moves them."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.log import BrowserLog

SENTENCES = "/compare?a=sentiment?text=I+love+France&b=sentiment?text=I+really+hate+France"


def step_shown(page: Page, a: int, b: int) -> None:
    """Wait until both lanes show their steps."""
    expect(page.locator(f"#a-chip{a}")).to_have_class("now")
    expect(page.locator(f"#b-chip{b}")).to_have_class("now")


def test_transport_keys_and_chips_move_both_lanes(page: Page) -> None:
    page.goto(SENTENCES + "&t=1")
    page.evaluate("document.documentElement.dataset.mark = 'same page'")
    expect(page.locator("#difference")).to_contain_text("Both predict the same.")
    page.locator("#next").click()
    step_shown(page, 2, 2)
    expect(page.locator("#difference")).to_contain_text("points apart")
    page.keyboard.press("End")
    step_shown(page, 3, 4)
    expect(page.locator("#lane-a")).to_contain_text("Over at step 3")
    page.locator("#b-chip1 button").click()
    step_shown(page, 1, 1)
    page.go_back()
    step_shown(page, 3, 4)
    assert page.evaluate("document.documentElement.dataset.mark") == "same page"


def test_play_moves_both_lanes_to_the_end_of_the_longer(page: Page) -> None:
    page.goto(SENTENCES + "&t=2")
    page.locator("#play").click()
    step_shown(page, 3, 4)
    expect(page.locator("#play")).to_contain_text("Play")


def test_unit_clicked_in_one_lane_is_marked_in_both(page: Page) -> None:
    page.goto(SENTENCES + "&t=2")
    page.locator("#a-f7").click()
    for bar in ("#a-f7", "#b-f7", "#b-o7"):
        expect(page.locator(bar)).to_have_class("unit on")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#b-c8")).to_have_class("unit on")


def test_lane_changed_by_its_form_keeps_the_other(page: Page, browser_log: BrowserLog) -> None:
    browser_log.allow("422")
    page.goto(SENTENCES)
    page.locator("#b-text").fill("Well done")
    page.keyboard.press("Enter")
    expect(page.locator("#b-tape li")).to_have_count(2)
    assert page.url.endswith("/compare?a=sentiment?text=I+love+France&b=sentiment?text=Well+done")
    page.locator("#b-text").fill("")
    page.keyboard.press("Enter")
    expect(page.locator("#lane-b-message")).to_contain_text("Lane B: There is no word")
    expect(page.locator("#a-tape li")).to_have_count(3)
    page.get_by_label("Model of lane B").select_option("counter")
    expect(page.locator("#lane-b-title")).to_have_text("B: Counter")
    expect(page.locator("#lane-b-message")).to_be_empty()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_comparison_without_javascript_steps_and_runs(page: Page) -> None:
    page.goto("/models/sentiment?text=I+love+France&t=1")
    page.get_by_role("link", name="another input").click()
    page.locator("#next").click()
    step_shown(page, 2, 2)
    page.locator("#b-text").fill("Not good")
    page.locator("#feed-b button").click()
    expect(page.locator("#b-tape li")).to_have_count(2)
    page.locator("#lane-b").get_by_role("link", name="Open in the explorer").click()
    expect(page.locator("#text")).to_have_value("Not good")
