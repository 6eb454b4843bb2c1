"""axe-core finds nothing on any page or state, light or dark, wide or narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.log import BrowserLog

SENTENCE = "/models/sentiment?text=Zorblax+is+not+bad&t=2&unit=4"
STATES = [
    "/",
    "/models/toy-lstm?x=-3,1,0;5,0,1&sharpness=4",
    "/models/toy-rules?x=3,1,0;a,7,1",
    "/models/toy-rules?x=3,1,0;5,0,1&tour=2&t=1",
    "/models/adding",
    "/models/counter-rnn?checkpoint=step-10",
    "/models/characters?text=ROMEO:%0AGood",
    f"{SENTENCE}&gate=f&drawer=unit&clamp=forget_gate:0@2;output_gate:1@*/7",
    f"{SENTENCE}&drawer=hold&clamp=forget_gate:0@2",
    f"{SENTENCE}&drawer=attribution&names=symbols",
    f"{SENTENCE}&drawer=run&sort=similarity&only=8&pins=2,7&tables=shown&show=o",
    f"{SENTENCE}&drawer=training&tables=shown",
    f"{SENTENCE}&drawer=table&tables=shown",
    f"{SENTENCE}&drawer=about",
    "/models/sentiment?text=I+love+France&drawer=founding",
    "/models/counter?text=aaabbb&t=2&drawer=gradients&tables=shown",
    f"{SENTENCE}&drawer=alike&stretch=1-2",
    "/embed/models/sentiment?text=I+love+France",
    "/embed/models/sentiment?text=I+love+France&t=2&controls=0",
    "/embed/models/toy-rules?x=3,1,0;5,0,1&controls=0&autoplay=1",
    "/share/models/sentiment?text=I+love+France&t=2&controls=0&width=720&height=640",
    "/share/models/toy-rules?x=3,1,0&width=20",
    "/glossary",
    "/models/adding/distances?checkpoint=step-722",
    "/models/none",
    "/docs",
]
LOOKS = [("light", 1280), ("dark", 390)]


def check(page: Page) -> None:
    """Let axe look at the page, and at the frames in it."""
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("path", STATES)
def test_page_in_either_look_passes_axe(page: Page, browser_log: BrowserLog, path: str) -> None:
    browser_log.allow("the server responded with a status of 4")
    page.goto(path)
    for scheme, width in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        check(page)


@pytest.mark.parametrize("menu", ["more", "examples", "tasks", "tip-forget", "share"])
def test_menu_opened_passes_axe(page: Page, menu: str) -> None:
    page.goto("/models/sentiment?text=I+love+France&t=2")
    page.locator(f"[popovertarget={menu}]").first.click()
    expect(page.locator(":popover-open")).to_be_visible()
    if menu == "share":
        frame = page.frame_locator("#preview")
        expect(frame.locator(".where")).to_have_text("2 of 3")
    for scheme, _ in LOOKS:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        check(page)


TOUCHED = """() => [...document.querySelectorAll(".step-head > *, .row button.op")]
  .map((each) => each.getBoundingClientRect()).map(({ width, height }) => [width, height])"""


@pytest.mark.parametrize(
    ("path", "width"),
    [(f"/models/{name}", width) for name in ("toy-rules", "exercise") for width in (390, 1366)]
    + [("/models/sentiment", 390)],
)
def test_small_controls_of_tape_and_desk_are_as_large_as_a_finger_needs(
    page: Page, path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(path)
    boxes = page.evaluate(TOUCHED)
    assert boxes
    assert all(min(box) >= 23.9 for box in boxes), boxes
