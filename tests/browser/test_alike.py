"""Marking a stretch: by dragging, with Shift along the tape, by two presses without scripts."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

SENTENCE = "/models/sentiment?text=The+food+was+not+good+but+I+liked+the+people&t=4"
SIZES = [(1366, 650), (390, 844)]


def drag(page: Page, first: str, last: str, keys: str = "") -> None:
    """Drag from one step to another, with a key held down."""
    page.locator(first).scroll_into_view_if_needed()
    boxes = [page.locator(each).bounding_box() for each in (first, last)]
    if keys:
        page.keyboard.down(keys)
    for n, box in enumerate(boxes):
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10, steps=6)
        if n == 0:
            page.mouse.down()
    page.mouse.up()
    if keys:
        page.keyboard.up(keys)


def marked(page: Page, *steps: int) -> None:
    """The strip, the tape and the address agree on what is marked."""
    expect(page.locator(".marks .marked")).to_have_count(len(steps))
    expect(page.locator("#reel [data-marked]")).to_have_count(len(steps))
    said = f"{steps[0]}-{steps[-1]}" if len(steps) > 1 else f"{steps[0]}"
    expect(page).to_have_url(re.compile(rf"stretch={said}(&|$)"))


@pytest.mark.core_flow
def test_stretch_is_marked_along_the_tape_with_shift_and_back_undoes_it(page: Page) -> None:
    page.goto(SENTENCE)
    drag(page, "#step2 button", "#step5 button", "Shift")
    marked(page, 2, 3, 4, 5)
    expect(page.locator(".alike-units")).to_contain_text("steps 2 to 5")
    page.locator("#step7 button").click(modifiers=["Shift"])
    marked(page, 4, 5, 6, 7)
    page.go_back()
    marked(page, 2, 3, 4, 5)


def test_stretch_is_marked_by_dragging_over_the_strip(page: Page) -> None:
    page.goto(f"{SENTENCE}&drawer=alike")
    drag(page, ".marks [data-step='8']", ".marks [data-step='6']")
    marked(page, 6, 7, 8)
    expect(page.locator(".drawer .places li")).to_have_count(10)


def test_step_leaves_the_stretch_marked_and_places_where_they_are(page: Page) -> None:
    page.goto(f"{SENTENCE}&drawer=alike&stretch=4-6")
    place = page.locator(".drawer .places li a").first
    address = place.get_attribute("href")
    page.locator("#next").click()
    expect(page.locator("#step5")).to_have_class(re.compile("now"))
    marked(page, 4, 5, 6)
    assert place.get_attribute("href") == address
    place.click()
    expect(page).to_have_url(re.compile(rf"{re.escape(address or '')}$"))


def test_numbers_are_marked_along_their_tape_too(page: Page) -> None:
    page.goto("/models/toy-learned?t=2")
    drag(page, "#step1 .step-name", "#step3 .step-name", "Shift")
    expect(page).to_have_url(re.compile("stretch=1-3"))
    expect(page.locator("#vectors [data-marked]")).to_have_count(3)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_stretch_takes_two_presses_without_scripts(
    browser: Browser, base_url: str, width: int, height: int
) -> None:
    context = browser.new_context(
        base_url=base_url, java_script_enabled=False, viewport={"width": width, "height": height}
    )
    page = context.new_page()
    page.goto(f"{SENTENCE}&drawer=alike")
    page.locator(".marks [data-step='4']").click()
    expect(page.locator("#drawer .hint").first).to_contain_text("ends")
    page.locator(".marks [data-step='6']").click()
    expect(page.locator(".marks .marked")).to_have_count(3)
    page.locator(".traits a", has_text="memory low").click()
    expect(page.locator(".traits [aria-current]")).to_contain_text("low")
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
    context.close()
