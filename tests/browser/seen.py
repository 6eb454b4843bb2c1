"""What of a page is on the screen, measured in the browser itself."""

from typing import Any, TypedDict

from playwright.sync_api import Page

# What the page is read by: names that stay whatever it looks like.
PARTS = ("#tape", "#play", "#story")
SEEN = """(parts) => {
  const whole = (element) => {
    if (!element) return false;
    const { top, bottom, left, right, width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0 && top >= -1 && left >= -1
      && bottom <= innerHeight + 1 && right <= innerWidth + 1;
  };
  const rows = [...document.querySelectorAll("#desk [data-row]")];
  return {
    rows: rows.map((row) => row.dataset.row),
    missing: [
      ...parts.filter((part) => !whole(document.querySelector(part))),
      ...rows.filter((row) => !whole(row)).map((row) => row.dataset.row),
    ],
    covered: rows.filter((row) => {
      const { x, y, width, height } = row.getBoundingClientRect();
      const top = document.elementFromPoint(x + width / 2, y + height / 2);
      return !top?.closest("#desk");
    }).map((row) => row.dataset.row),
    sideways: document.documentElement.scrollWidth - innerWidth,
  };
}"""
SHOWN = """() => ({
  controls: [...document.querySelectorAll("a, button, input, select, textarea, [role=slider]")]
    .filter((each) => each.getClientRects().length).length,
  words: document.body.innerText.split(/\\s+/).filter(Boolean).length,
})"""


class Seen(TypedDict):
    """The desk's rows; which parts aren't whole in the window, and which rows lie under another."""

    rows: list[str]
    missing: list[str]
    covered: list[str]
    sideways: int


def seen(page: Page, parts: tuple[str, ...] = PARTS) -> Seen:
    """What of the page's parts is on the screen."""
    found: Seen = page.evaluate(SEEN, list(parts))
    return found


def shown(page: Page) -> Any:
    """How many controls and words the page shows."""
    return page.evaluate(SHOWN)
