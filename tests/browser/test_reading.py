"""Any text, at any size: other scripts, very long words, letters twice as large."""

from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Page, expect

WIDER = """() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"""
# What sticks out of its box although neither the box nor anything around it scrolls or clips.
STICKING_OUT = """() => [...document.querySelectorAll("#explorer *")].filter((one) => {
  if (one.closest("svg, .sr, [popover]") || !one.checkVisibility()) return false;
  for (let box = one; box && box.id !== "explorer"; box = box.parentElement) {
    if (getComputedStyle(box).overflowX !== "visible") return false;
  }
  return one.getBoundingClientRect().right > document.documentElement.clientWidth + 1;
}).map((one) => one.outerHTML.slice(0, 120))"""
TEXTS = {
    "arabic": "\u0623\u0646\u0627 \u0623\u062d\u0628 \u0641\u0631\u0646\u0633\u0627 love",
    "hebrew among english": "I \u05d0\u05d5\u05d4\u05d1 France !",
    "long words": f"I love {'Donaudampfschifffahrts' * 12} and {'a' * 400}",
    "wide": "\u6211\u611b\u6cd5\u570b " * 30,
}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_page_of_any_script_and_length_needs_no_sideways_scrolling(
    page: Page, text: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/models/sentiment?text={quote_plus(text)}&t=2&drawer=attribution&tables=shown")
    assert page.evaluate(WIDER) <= 0
    assert page.evaluate(STICKING_OUT) == []


def test_word_from_the_right_reads_from_the_right_in_its_column_alone(page: Page) -> None:
    page.goto(f"/models/sentiment?text={quote_plus(TEXTS['hebrew among english'])}")
    directions = page.locator("#reel b").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).direction)"
    )
    assert directions == ["ltr", "rtl", "ltr", "ltr"]


def test_tape_of_words_from_the_right_runs_from_the_right(page: Page) -> None:
    page.goto(f"/models/sentiment?text={quote_plus(TEXTS['arabic'])}")
    places = [page.locator(f"#step{t}").bounding_box() for t in (1, 2, 3, 4)]
    lefts = [place["x"] for place in places if place is not None]
    assert lefts == sorted(lefts, reverse=True)
    assert len(set(lefts)) == 4


@pytest.mark.parametrize("path", ["/", "/models/sentiment?text=I+love+France&gate=f&drawer=unit"])
@pytest.mark.parametrize("width", [1280, 780])
def test_page_with_letters_twice_as_large_stays_whole(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path)
    # As a browser's setting does, which the style sheet's rem and em follow.
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    assert page.evaluate(WIDER) <= 0
    assert page.evaluate(STICKING_OUT) == []
    page.keyboard.press("Home")
    expect(page.locator(".where")).to_contain_text("1 of")
