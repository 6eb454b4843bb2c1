"""What the tests of the explorer share: two runs to open, and what the page shows."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

TOY = "/models/toy-rules?x=3,1,0;5,0,1;2,1,0;3,0,1"
SENTENCE = "/models/sentiment?text=I+did+not+love+France"
# The same with its units by number, so that the one after another is told by that.
IN_ORDER = f"{SENTENCE}&sort=number"


def step_shown(page: Page, t: int, steps: int) -> None:
    """Wait until the page shows step t."""
    expect(page.locator(".where")).to_have_text(f"{t} of {steps}")


def address(page: Page) -> str:
    """The page's address without the host."""
    parts = urlsplit(page.url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def tokens(page: Page) -> list[str]:
    """The labels on the tape."""
    return page.locator("#tape li b").all_text_contents()


def hears_keys(page: Page) -> None:
    """Wait until a page that was loaded anew listens: a key that comes before is the browser's."""
    expect(page.locator("html.scripted")).to_have_count(1)


def unit_shown(page: Page, unit: int) -> None:
    """Wait until a unit is the chosen one."""
    expect(page.locator("#desk")).to_have_attribute("data-unit", str(unit))


def press_unit(page: Page, unit: int, row: str = "f") -> None:
    """Press a unit's bar in a row of the desk."""
    box = page.locator(f"#desk [data-row={row}] .strip").bounding_box()
    order = (page.locator("#desk").get_attribute("data-order") or "").split(",")
    assert box is not None
    x = box["x"] + box["width"] * (order.index(str(unit)) + 0.5) / len(order)
    page.mouse.click(x, box["y"] + box["height"] / 2)


def mark(page: Page) -> None:
    """Leave a mark that only a full load takes away; see `is_same_page`."""
    page.evaluate("document.documentElement.dataset.mark = 'same page'")


def is_same_page(page: Page) -> bool:
    """Whether the page was not loaded anew since `mark`."""
    return page.locator("html").get_attribute("data-mark") == "same page"
