"""axe-core finds nothing on any page or state, light or dark, wide or narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.log import BrowserLog

STATES = [
    "/",
    "/models/toy-lstm?x=-3,1,0;5,0,1&sharpness=4",
    "/models/sentiment?text=I+love+France",
    "/models/sentiment?text=Zorblax+is+not+bad&t=2&unit=4",
    "/models/toy-rules?x=3,1,0;a,7,1",
    "/embed/models/sentiment?text=I+love+France",
    "/embed/models/sentiment?text=I+love+France&t=2&controls=0",
    "/embed/models/toy-rules?x=3,1,0;5,0,1&controls=0&autoplay=1",
    "/share/models/sentiment?text=I+love+France&t=2&controls=0&width=720&height=640",
    "/share/models/toy-rules?x=3,1,0&width=20",
    "/compare?a=sentiment?text=I+love+France&b=sentiment?text=I+really+hate+France&t=4",
    "/compare?a=counter?text=aabb&b=counter-rnn?text=aabb",
    "/compare?a=toy-rules&b=toy-rules?x=3,7,0",
    "/compare?a=toy-rules&b=toy-lstm&view=difference&tables=shown",
    "/models/toy-rules?x=3,1,0;5,0,1&tour=2",
    "/models/sentiment?text=Not+good&words=weighed&unit=3&gate=g&show=o&names=symbols",
    "/models/characters?text=ROMEO:%0AGood",
    "/models/sentiment?text=I+did+not+love+France&sort=similarity&only=8&pins=2,7&tables=shown",
    "/models/adding",
    "/models/sentiment?text=Not+good&t=2&gate=f&clamp=forget_gate:0@2;output_gate:1@*/7",
    "/models/counter?text=aaabbb&t=2&gradient=shown&tables=shown",
    "/models/counter-rnn?checkpoint=step-10",
    "/glossary",
    "/models/none",
    "/docs",
]
LOOKS = [("light", 1280), ("dark", 390)]


def check(page: Page) -> None:
    """Let axe look at the page, and at the frames in it."""
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("path", STATES)
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_page_in_any_look_passes_axe(
    page: Page, browser_log: BrowserLog, path: str, scheme: str, width: int
) -> None:
    browser_log.allow("the server responded with a status of 4")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(path)
    check(page)


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_share_panel_opened_passes_axe(page: Page, scheme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto("/models/sentiment?text=I+love+France&t=2")
    page.get_by_role("button", name="Share").click()
    expect(page.frame_locator("#preview").locator(".where")).to_have_text("step 2 of 3")
    check(page)
