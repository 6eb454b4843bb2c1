"""The explorer as a person uses it: typing, stepping, playing, choosing, with bars that move."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.browser.explorer import (
    IN_ORDER,
    SENTENCE,
    TOY,
    address,
    is_same_page,
    mark,
    press_unit,
    step_shown,
    tokens,
    unit_shown,
)
from tests.browser.log import BrowserLog

PHONE = {"width": 390, "height": 844}
# Heights of an element, a sample a frame, from a press of a control until `frames` frames later;
# and whether all of it was on the screen.
WATCH = """([bar, control, frames]) => new Promise((resolve) => {
  const element = document.querySelector(bar);
  const samples = [];
  const look = () => {
    const { height, top, bottom } = element.getBoundingClientRect();
    samples.push([height, element.isConnected && top >= 0 && bottom <= innerHeight]);
    if (samples.length < frames) requestAnimationFrame(look);
    else resolve(samples);
  };
  document.getElementById(control).click();
  requestAnimationFrame(look);
})"""
MEMORY = "#desk [data-row=c] i.draft"
DRAFT = "#desk [data-row=g] i.draft"


@pytest.mark.core_flow
def test_sentence_typed_and_run_shows_each_word_and_a_verdict(page: Page) -> None:
    page.goto("/models/sentiment")
    page.locator("#field").fill("It isn't a bad day, Zorblaxian!")
    page.locator("#field").press("Enter")
    expect(page.locator("#reel li")).to_have_count(9)
    assert tokens(page) == ["It", "is", "n't", "a", "bad", "day", ",", "Zorblaxian", "!"]
    expect(page.locator("#step8")).to_have_class(re.compile("unknown"))
    expect(page.locator("#verdict .headline b")).to_have_text(
        re.compile("positive|negative|neutral")
    )
    assert "text=It+isn%27t+a+bad+day,+Zorblaxian!" in page.url


@pytest.mark.core_flow
def test_typing_runs_after_a_pause_keeps_the_caret_and_fills_no_history(page: Page) -> None:
    page.goto("/models/toy-lstm")
    page.goto(SENTENCE + "&t=2")
    mark(page)
    field = page.locator("#field")
    field.focus()
    page.keyboard.press("Home")
    page.keyboard.type("Now ")
    expect(page.locator("#reel li")).to_have_count(6)
    page.keyboard.type("and then ")
    expect(page.locator("#reel li")).to_have_count(8)
    expect(field).to_be_focused()
    assert field.evaluate("field => field.selectionStart") == len("Now and then ")
    step_shown(page, 2, 8)
    assert is_same_page(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Three rules in an LSTM")


def test_text_made_shorter_keeps_the_step_where_it_can(page: Page) -> None:
    page.goto(SENTENCE + "&t=4")
    page.locator("#field").fill("I did not love")
    step_shown(page, 4, 4)
    page.locator("#field").fill("I did")
    step_shown(page, 2, 2)


def test_step_on_moves_bars_on_the_screen_through_values_in_between(page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 650})
    page.goto(TOY + "&t=2")
    samples = page.evaluate(WATCH, [MEMORY, "next", 90])
    step_shown(page, 3, 4)
    heights = [height for height, _ in samples]
    first, last = heights[0], heights[-1]
    assert last > first + 20
    assert len({height for height in heights if first + 1 < height < last - 1}) >= 3
    assert all(seen for _, seen in samples)


@pytest.mark.parametrize("size", [{"width": 1366, "height": 650}, PHONE])
def test_play_moves_bars_on_the_screen_and_stops_at_the_end(
    page: Page, size: dict[str, int]
) -> None:
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    page.goto(TOY + "&t=1")
    samples = page.evaluate(WATCH, [DRAFT, "play", 120])
    heights = [height for height, _ in samples]
    assert any(min(heights) + 1 < height < max(heights) - 1 for height in heights)
    assert all(seen for _, seen in samples)
    step_shown(page, 4, 4)
    expect(page.locator("#play")).to_contain_text("Play")
    assert address(page) == TOY + "&t=4"


@pytest.mark.core_flow
def test_play_at_the_end_starts_over_and_pauses_on_press(page: Page) -> None:
    page.goto(SENTENCE)
    page.locator("#play").click()
    expect(page.locator("#play")).to_contain_text("Pause")
    page.locator("#play").click()
    expect(page.locator("#play")).to_contain_text("Play")


@pytest.mark.core_flow
def test_play_leaves_one_entry_in_the_history(page: Page) -> None:
    page.goto("/models/toy-lstm")
    page.goto(TOY + "&t=1")
    page.locator("#play").click()
    step_shown(page, 4, 4)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Three rules in an LSTM")


def test_step_is_told_when_playing_stops_not_at_each_beat(page: Page) -> None:
    page.goto(TOY + "&t=1")
    page.locator("#play").click()
    step_shown(page, 3, 4)
    assert page.locator("#announced").count() == 0 or not page.locator("#announced").inner_text()
    step_shown(page, 4, 4)
    expect(page.locator("#announced")).to_have_text(page.locator("#story").inner_text())


@pytest.mark.core_flow
def test_back_after_steps_returns_step_by_step_without_a_reload(page: Page) -> None:
    page.goto(TOY + "&t=1")
    mark(page)
    for t in (2, 3):
        page.locator("#next").click()
        step_shown(page, t, 4)
    for t in (2, 1):
        page.go_back()
        step_shown(page, t, 4)
    page.go_forward()
    step_shown(page, 2, 4)
    assert address(page) == TOY + "&t=2"
    assert is_same_page(page)


@pytest.mark.core_flow
def test_tape_dragged_goes_through_the_steps(page: Page) -> None:
    page.goto(SENTENCE + "&t=1")
    places = [page.locator(f"#step{t}").bounding_box() for t in (1, 4)]
    (x, y), (end, _) = ((p["x"] + p["width"] / 2, p["y"] + 50) for p in places if p is not None)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(end, y, steps=8)
    page.mouse.up()
    step_shown(page, 4, 5)
    assert address(page) == SENTENCE + "&t=4"


def test_desk_is_one_tab_stop_where_arrows_go_from_unit_to_unit(page: Page) -> None:
    page.goto(IN_ORDER + "&t=2&unit=3")
    desk = page.locator("#desk")
    desk.focus()
    last = int((desk.get_attribute("data-order") or "").split(",")[-1])
    for key, unit in (("ArrowRight", 4), ("ArrowLeft", 3), ("End", last), ("Home", 1)):
        page.keyboard.press(key)
        unit_shown(page, unit)
    expect(desk).to_be_focused()
    step_shown(page, 2, 5)
    bars = desk.locator("[data-row] a, [data-row] button, [data-row] [tabindex='0']")
    assert bars.evaluate_all("all => all.filter((one) => one.tabIndex >= 0).length") <= 3


@pytest.mark.core_flow
def test_keys_move_through_steps_and_units(page: Page) -> None:
    page.goto(IN_ORDER + "&t=2&unit=3")
    for key, t in (("ArrowRight", 3), ("ArrowLeft", 2), ("End", 5), ("Home", 1)):
        page.keyboard.press(key)
        step_shown(page, t, 5)
    page.keyboard.press("ArrowDown")
    unit_shown(page, 4)
    page.keyboard.press("ArrowUp")
    unit_shown(page, 3)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


@pytest.mark.core_flow
def test_unit_pressed_is_outlined_through_all_rows_and_told(page: Page) -> None:
    page.goto(SENTENCE + "&t=2&unit=3")
    press_unit(page, 9, row="g")
    unit_shown(page, 9)
    column = page.locator("#column").bounding_box()
    assert column is not None
    for row in page.locator("#desk [data-row]").all():
        box = row.bounding_box()
        assert box is not None
        assert column["y"] <= box["y"] + 1
        assert column["y"] + column["height"] >= box["y"] + box["height"] - 1
    expect(page.locator("#tab-unit")).to_contain_text("Unit 9")


@pytest.mark.core_flow
def test_skip_link_leads_to_the_transport(page: Page) -> None:
    page.goto(SENTENCE)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = "document.getElementById('transport').contains(document.activeElement)"
    assert page.evaluate(inside)


def test_switch_pressed_runs_the_toy_anew(page: Page) -> None:
    page.goto(TOY + "&t=2")
    mark(page)
    page.locator("#r2x2").click()
    expect(page.locator("#r2x2")).to_have_text("reset")
    expect(page.locator("#verdict .headline b")).to_have_text("0")
    page.locator("#r1x1").fill("42")
    page.locator("#r1x1").press("Tab")
    page.locator("#r2x2").click()
    expect(page.locator("#verdict .headline b")).to_have_text("47")
    page.get_by_role("link", name="+ step").click()
    expect(page.locator("#step5")).to_be_visible()
    page.get_by_role("link", name="Remove step 1", exact=True).click()
    expect(page.locator("#step5")).to_have_count(0)
    step_shown(page, 2, 4)
    assert is_same_page(page)


def test_wrong_number_is_marked_in_its_cell_and_the_last_run_stays(
    page: Page, browser_log: BrowserLog
) -> None:
    browser_log.allow("422")
    page.goto(f"{TOY}&t=2")
    cell, other = page.locator("#r2x1"), page.locator("#r3x1")
    before = page.locator("#desk").inner_html()
    cell.fill("abc")
    cell.blur()
    expect(cell).to_have_attribute("aria-invalid", "true")
    expect(cell).to_have_attribute("aria-describedby", "message")
    expect(cell).to_have_value("abc")
    expect(page.locator("#message")).to_contain_text(
        "Row 2: x1 is “abc”, which isn't a number; write"
    )
    assert page.locator("#desk").inner_html() == before
    other.fill("7x")
    other.blur()
    expect(other).to_have_attribute("aria-invalid", "true")
    cell.fill("4")
    cell.blur()
    expect(cell).not_to_have_attribute("aria-invalid", "true")
    expect(other).to_have_attribute("aria-invalid", "true")
    page.locator("#prev").click()
    expect(page.locator("#message")).to_have_text("")
    expect(page.locator("#vectors [aria-invalid]")).to_have_count(0)
    expect(cell).to_have_value("5")
    cell.fill("6")
    cell.blur()
    expect(page).to_have_url(re.compile(r"6,0,1"))
    expect(cell).to_have_value("6")


def test_wrong_number_says_what_to_write_and_the_last_run_stays(
    page: Page, browser_log: BrowserLog
) -> None:
    browser_log.allow("422")
    page.goto(TOY + "&t=2")
    page.locator("#r2x1").fill("five")
    page.locator("#r2x1").press("Enter")
    expect(page.locator("#message")).to_contain_text("Row 2: x1 is “five”")
    expect(page.locator("#r2x1")).to_have_value("five")
    step_shown(page, 2, 4)
    assert address(page) == TOY + "&t=2"
    page.locator("#r2x1").fill("6")
    page.locator("#r2x1").press("Enter")
    expect(page.locator("#message")).to_be_empty()


@pytest.mark.core_flow
def test_gate_held_changes_the_verdict_and_is_let_go(page: Page) -> None:
    page.goto("/models/sentiment?text=The+movie+was+not+good&t=4&drawer=hold")
    before = page.locator("#verdict").inner_text()
    page.locator("#hold-gate").select_option("input_gate")
    page.locator("#hold-at").fill("0")
    page.get_by_role("button", name="Hold it").click()
    expect(page.locator("#held")).to_be_visible()
    expect(page).to_have_url(re.compile(r"clamp=input_gate:0@4"))
    expect(page.locator("#verdict")).not_to_have_text(before)
    page.locator("#let-go").click()
    expect(page.locator("#held")).to_have_count(0)


def test_gate_held_at_what_it_cant_be_says_so(page: Page, browser_log: BrowserLog) -> None:
    browser_log.allow("the server responded with a status of 422")
    page.goto(SENTENCE + "&t=3&drawer=hold")
    page.locator("#hold-at").fill("7")
    page.get_by_role("button", name="Hold it").click()
    expect(page.locator("#message")).to_contain_text("it can be 0 to 1")
    expect(page.locator("#field")).to_have_value("I did not love France")


def test_gate_opened_shows_its_sum_and_a_snippet_that_prints_it(page: Page) -> None:
    page.goto(SENTENCE + "&t=3&unit=9&drawer=unit")
    page.locator("#open-i").click()
    expect(page.locator("#opened h2")).to_have_text("Filter of unit 9: every term")
    shown = page.locator("#opened .total td").last.inner_text()
    page.locator("summary", has_text="NumPy").click()
    code = page.locator("#snippet").inner_text()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"{float(done.stdout):.3f}" == shown
    page.locator("#open-i").click()
    expect(page.locator("#opened")).to_have_count(0)


def test_drawer_is_fetched_when_opened_and_follows_the_step(page: Page) -> None:
    page.goto("/models/counter?text=aaabbb&t=2")
    mark(page)
    page.locator("#tab-run").click()
    here = page.locator("#drawer .map .here")
    expect(here).to_have_attribute("x", "1")
    page.keyboard.press("End")
    expect(here).to_have_attribute("x", "5")
    page.locator("#show-f").click()
    expect(page.locator("#show-f")).to_have_attribute("aria-pressed", "true")
    page.locator("#drawer .map .steps button").nth(1).click()
    step_shown(page, 2, 6)
    assert is_same_page(page)


@pytest.mark.browser_context_args(viewport=PHONE)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/models/toy-rules?x=-123456789,1,1;99999999,1,1",
        "/models/sentiment?text=" + "+".join(["word"] * 200),
        "/models/sentiment?text=" + "Donaudampfschifffahrtsgesellschaft" * 12,
        "/share/models/sentiment?text=I+love+France&width=1000",
        "/models/none",
        "/docs",
    ],
)
def test_page_on_a_phone_needs_no_sideways_scrolling(
    page: Page, browser_log: BrowserLog, path: str
) -> None:
    if path == "/models/none":
        browser_log.allow("404")
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_tape_of_a_long_text_keeps_the_step_in_view(page: Page) -> None:
    page.goto("/models/sentiment?t=150&text=" + "+".join(f"word{n}" for n in range(200)))
    expect(page.locator("#step150")).to_be_in_viewport()
    page.keyboard.press("Home")
    step_shown(page, 1, 200)
    expect(page.locator("#step1")).to_be_in_viewport()


@pytest.mark.browser_context_args(reduced_motion="reduce")
def test_reduced_motion_changes_bars_at_once(page: Page) -> None:
    page.goto(TOY + "&t=2")
    samples = page.evaluate(WATCH, [MEMORY, "next", 40])
    step_shown(page, 3, 4)
    assert len({round(height) for height, _ in samples}) <= 2


def test_lessons_lead_over_five_stops_whose_words_follow_the_step(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Lessons").click()
    first = page.locator(".stop-words").inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".stop-words")).not_to_have_text(first)
    for stop in (2, 3, 4, 5):
        page.locator(".stop-links .primary").click()
        expect(page.locator(".stop-count")).to_have_text(f"{stop}/5")
    expect(page.locator("h1")).to_have_text("Sentence")
    page.locator(".stop-links .primary").click()
    expect(page.locator("#tour")).to_have_count(0)


def test_operator_and_name_pressed_explain_themselves(page: Page) -> None:
    page.goto(SENTENCE)
    page.locator("#desk [popovertarget=tip-adder]").first.click()
    expect(page.locator("#tip-adder")).to_contain_text("Knowledge adder")
    page.keyboard.press("Escape")
    page.locator("#desk .row-f .name").click()
    expect(page.locator("#tip-forget")).to_contain_text("Is this still worth remembering?")


def test_theme_chosen_stays_over_a_reload(page: Page) -> None:
    page.goto("/")
    page.locator("[popovertarget=more]").click()
    page.locator("#theme").click()
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark
    assert page.locator("html").get_attribute("data-theme") == "dark"


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_page_without_javascript_steps_chooses_and_opens_every_drawer(page: Page) -> None:
    page.goto(SENTENCE + "&t=2")
    page.locator("#next").click()
    step_shown(page, 3, 5)
    page.locator("#step1 button").click()
    step_shown(page, 1, 5)
    expect(page.locator("#play")).to_be_hidden()
    keys = page.locator("#tabs a").evaluate_all("all => all.map((one) => one.id)")
    for key in keys:
        page.locator(f"#{key}").click()
        expect(page.locator("#drawer")).to_have_attribute("aria-labelledby", key)
        step_shown(page, 1, 5)
    page.locator("#tab-unit").click()
    page.locator("#unit").fill("4")
    page.locator("#unit-form button").click()
    unit_shown(page, 4)
    page.locator("#open-f").click()
    expect(page.locator("#opened")).to_be_visible()
    page.locator("#field").fill("Well done")
    page.locator("#field").press("Enter")
    assert tokens(page) == ["Well", "done"]
    page.locator("a.example").last.click()
    expect(page.locator("a.example[aria-current]")).to_have_count(1)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_toy_without_javascript_is_switched_and_corrected(
    page: Page, browser_log: BrowserLog
) -> None:
    browser_log.allow("422")
    page.goto(TOY + "&t=2")
    page.locator("#r2x2").click()
    expect(page.locator("#r2x2")).to_have_text("reset")
    page.locator("#r1x1").fill("eight")
    page.locator("#r1x1").press("Enter")
    expect(page.locator("#r1x1")).to_have_attribute("aria-invalid", "true")
    page.locator("#r1x1").fill("8")
    page.locator("#r1x1").press("Enter")
    expect(page.locator("#r1x1")).to_have_value("8")
    expect(page.locator("#message")).to_be_empty()
