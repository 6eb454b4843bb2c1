"""Back, forward, reload, two tabs, and presses that come faster than the answers."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.explorer import (
    SENTENCE,
    TOY,
    address,
    is_same_page,
    mark,
    press_unit,
    step_shown,
    unit_shown,
)

pytestmark = pytest.mark.core_flow

# Names every bar whose height begins to move, on the page's root element.
NOTE_MOVES = """() => document.addEventListener("transitionrun", (event) => {
  const moved = document.documentElement.dataset;
  const row = event.target.closest("[data-row]");
  if (row) moved.moved = `${moved.moved ?? ""} ${row.dataset.row}`;
})"""


# Presses End at the first moment when the page is there with all its scripts.
PRESS_AT_ONCE = """window.addEventListener("DOMContentLoaded", () => {
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "End", bubbles: true }));
})"""


@contextmanager
def answers_held(page: Page) -> Iterator[Callable[..., None]]:
    """Hold the server's answers back; a call waits for the request of a step (and unit)."""
    held: list[Route] = []
    asked: list[dict[str, str]] = []

    def wait_for(**wanted: int) -> None:
        names = {name: str(value) for name, value in wanted.items()}
        while not any(names.items() <= query.items() for query in asked):
            page.wait_for_event("request")

    page.on("request", lambda request: asked.append(dict(parse_qsl(urlsplit(request.url).query))))
    page.route("**/models/**", lambda route: held.append(route))
    yield wait_for
    for route in held:
        route.continue_()
    page.unroute("**/models/**")


def test_back_and_forward_move_the_bars_and_keep_the_focus(page: Page) -> None:
    page.goto(TOY + "&t=2")
    page.locator("#next").click()
    step_shown(page, 3, 4)
    page.evaluate(NOTE_MOVES)
    for move, t in ((page.go_back, 2), (page.go_forward, 3)):
        move()
        step_shown(page, t, 4)
        expect(page.locator("html")).to_have_attribute("data-moved", re.compile(r"\bc\b"))
        expect(page.locator("#next")).to_be_focused()
        page.evaluate("delete document.documentElement.dataset.moved")


def test_back_to_the_first_page_redraws_nothing(page: Page) -> None:
    page.goto("/")
    mark(page)
    page.locator("#next").click()
    step_shown(page, 3, 4)
    page.go_back()
    step_shown(page, 2, 4)
    assert address(page) == "/"
    assert is_same_page(page)
    expect(page.locator("#next")).to_be_focused()


def test_back_pressed_twice_before_the_answer_shows_the_step_of_the_address(page: Page) -> None:
    page.goto(TOY + "&t=1")
    for t in (2, 3):
        page.keyboard.press("ArrowRight")
        step_shown(page, t, 4)
    with answers_held(page) as wait_for:
        page.evaluate("history.back()")
        wait_for(t=2)
        page.evaluate("history.back()")
        wait_for(t=1)
    step_shown(page, 1, 4)
    assert address(page) == TOY + "&t=1"


def test_back_pressed_before_the_answer_to_a_step_wins(page: Page) -> None:
    page.goto(TOY + "&t=1")
    page.keyboard.press("ArrowRight")
    step_shown(page, 2, 4)
    with answers_held(page) as wait_for:
        page.keyboard.press("End")
        wait_for(t=4)
        page.evaluate("history.back()")
        wait_for(t=1)
    step_shown(page, 1, 4)
    assert address(page) == TOY + "&t=1"


@pytest.mark.parametrize(
    ("keys", "t", "unit"),
    [
        (["ArrowRight", "ArrowRight", "ArrowRight"], 4, 3),
        (["End", "Home", "ArrowRight", "ArrowRight"], 3, 3),
        (["ArrowRight", "ArrowDown", "ArrowDown"], 2, 5),
    ],
)
def test_keys_pressed_before_the_answers_all_count(
    page: Page, keys: list[str], t: int, unit: int
) -> None:
    page.goto(f"{SENTENCE}&t=1&unit=3&sort=number")
    with answers_held(page) as wait_for:
        for key in keys:
            page.keyboard.press(key)
        wait_for(t=t, unit=unit)
    step_shown(page, t, 5)
    unit_shown(page, unit)
    assert address(page) == f"{SENTENCE}&t={t}&unit={unit}&sort=number"


def test_key_pressed_as_soon_as_the_page_is_there_counts(page: Page) -> None:
    page.add_init_script(PRESS_AT_ONCE)
    page.goto(SENTENCE + "&t=1")
    step_shown(page, 5, 5)


def test_next_clicked_before_the_answers_counts_every_click(page: Page) -> None:
    page.goto(TOY + "&t=1")
    with answers_held(page) as wait_for:
        for _ in range(3):
            page.locator("#next").click()
        wait_for(t=4)
    step_shown(page, 4, 4)
    page.go_back()
    step_shown(page, 1, 4)


def test_two_tabs_at_different_states_keep_their_own(page: Page) -> None:
    other = page.context.new_page()
    page.goto(SENTENCE + "&t=2")
    other.goto(TOY + "&t=1")
    press_unit(page, 9)
    unit_shown(page, 9)
    other.locator("#next").click()
    step_shown(other, 2, 4)
    page.locator("#next").click()
    step_shown(page, 3, 5)
    for tab in (page, other):
        before = tab.locator("#explorer").inner_text()
        tab.reload()
        assert tab.locator("#explorer").inner_text() == before
    assert address(page) == SENTENCE + "&t=3&unit=9"
    assert address(other) == TOY + "&t=2"


def test_back_while_the_scrubber_has_the_focus_moves_it_too(page: Page) -> None:
    page.goto(SENTENCE + "&t=1")
    page.locator("#scrubber").press("ArrowRight")
    step_shown(page, 2, 5)
    page.locator("#scrubber").press("ArrowRight")
    step_shown(page, 3, 5)
    page.go_back()
    step_shown(page, 2, 5)
    expect(page.locator("#scrubber")).to_have_value("2")
    expect(page.locator("#scrubber")).to_be_focused()
