"""axe-core finds nothing on any page or state, light or dark, wide or narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.log import BrowserLog

STATES = [
    "/",
    "/models/toy-lstm?x=-3,1,0;5,0,1&sharpness=4",
    "/models/sentiment?text=I+love+France",
    "/models/sentiment?text=Zorblax+is+not+bad&t=2&unit=4",
    "/models/toy-rules?x=3,1,0;a,7,1",
    "/embed/models/sentiment?text=I+love+France",
    "/models/toy-rules?x=3,1,0;5,0,1&tour=2",
    "/models/sentiment?text=Not+good&words=weighed&unit=3&gate=g&show=o&names=symbols",
    "/models/characters?text=ROMEO:%0AGood",
    "/models/sentiment?text=I+did+not+love+France&sort=similarity&only=8&pins=2,7&tables=shown",
    "/models/adding",
    "/models/counter-rnn?checkpoint=step-10",
    "/glossary",
    "/models/none",
    "/docs",
]
LOOKS = [("light", 1280), ("dark", 390)]


@pytest.mark.parametrize("path", STATES)
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_page_in_any_look_passes_axe(
    page: Page, browser_log: BrowserLog, path: str, scheme: str, width: int
) -> None:
    browser_log.allow("the server responded with a status of 4")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(path)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
