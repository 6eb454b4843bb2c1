"""A step sends what it changes; the page is then the one that a full load gives."""

from difflib import unified_diff
from itertools import islice

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.explorer import SENTENCE, TOY, address, step_shown
from tests.browser.log import BrowserLog

LONG = "/models/sentiment?text=" + "+".join(["so", "very", "good"] * 40)
# The document that is shown.
SHOWN = """() => {
  const copy = document.getElementById("explorer").cloneNode(true);
  for (const one of copy.querySelectorAll("noscript")) one.remove();
  const told = (node) => node.nodeType === Node.TEXT_NODE
    ? node.textContent.trim()
    : [node.localName, [...node.attributes].map((a) => `${a.name}=${a.value.trim()}`).sort(),
       [...node.childNodes].filter((n) => n.nodeType !== Node.COMMENT_NODE).map(told)
         .filter((each) => each !== "")];
  return [document.title, ...JSON.stringify(told(copy), null, 1).split("\\n")];
}"""


def shown(page: Page) -> list[str]:
    """Title and document, once the script has done its part."""
    page.wait_for_timeout(100)
    lines: list[str] = page.evaluate(SHOWN)
    return lines


def assert_as_loaded(page: Page) -> None:
    """The page shows what a full load of its address shows."""
    found = shown(page)
    page.goto(address(page))
    apart = unified_diff(shown(page), found, "loaded", "stepped", n=4, lineterm="")
    assert "\n".join(islice(apart, 60)) == ""


def is_fragment(answer: Response) -> bool:
    return answer.request.headers.get("hx-request") == "true"


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        (SENTENCE, 5),
        (f"{SENTENCE}&unit=9&gate=f&drawer=unit", 5),
        (f"{SENTENCE}&unit=9&pins=3,4&show=f&drawer=run&tables=shown", 5),
        (f"{SENTENCE}&drawer=hold", 5),
        (f"{SENTENCE}&guess=first&t=5", 5),
        (f"{SENTENCE}&tables=shown&drawer=table", 5),
        (f"{SENTENCE}&drawer=attribution", 5),
        (f"{SENTENCE}&drawer=training", 5),
        (f"{SENTENCE}&drawer=about", 5),
        (f"{SENTENCE}&sort=similarity&only=8&names=symbols&checkpoint=step-96", 5),
        ("/models/sentiment?text=I+love+France", 3),
        (TOY, 4),
        (TOY.replace("toy-rules", "toy-lstm") + "&sharpness=2", 4),
        ("/models/counter?text=aaabbb", 6),
        ("/models/counter?text=aaabbb&drawer=gradients&tables=shown", 6),
        ("/models/counter?text=aaabbb&drawer=alike&stretch=2-4", 6),
        (f"{SENTENCE}&clamp=forget_gate:0@3&gate=f", 5),
        (TOY + "&clamp=forget_gate:0@3", 4),
        ("/models/counter-rnn?text=aaabbb", 6),
        ("/models/characters?text=ROMEO:", 6),
        (f"/embed{SENTENCE}", 5),
        (f"/embed{SENTENCE}&theme=dark&controls=0", 5),
        (f"{LONG}&tour=5", 120),
    ],
)
def test_step_shows_the_document_that_a_full_load_shows(page: Page, path: str, steps: int) -> None:
    page.goto(path + "&t=2" if "controls" not in path else path.replace("&theme", "&t=2&theme"))
    with page.expect_response(is_fragment) as answer:
        page.keyboard.press("ArrowRight")
    step_shown(page, 3, steps)
    assert "data-kept" in answer.value.text()
    assert_as_loaded(page)


def test_step_beyond_the_window_brings_the_next_one(page: Page) -> None:
    page.goto(f"{LONG}&t=60")
    with page.expect_response(is_fragment) as answer:
        page.keyboard.press("ArrowRight")
    step_shown(page, 61, 120)
    assert "data-kept" not in answer.value.text()
    assert_as_loaded(page)


def test_step_far_into_a_long_run_sends_what_it_changes(page: Page) -> None:
    page.goto(f"{LONG}&t=65")
    with page.expect_response(is_fragment) as answer:
        page.keyboard.press("ArrowRight")
    step_shown(page, 66, 120)
    assert "data-kept" in answer.value.text()
    assert_as_loaded(page)


def test_step_from_an_address_without_one_is_whole(page: Page) -> None:
    page.goto(SENTENCE)
    page.keyboard.press("ArrowLeft")
    step_shown(page, 4, 5)
    assert_as_loaded(page)


def test_step_after_a_faulty_input_brings_the_form_back(
    page: Page, browser_log: BrowserLog
) -> None:
    page.goto(SENTENCE + "&t=2")
    browser_log.allow("status of 422")
    page.locator("#field").fill(" ")
    page.locator("#field").press("Enter")
    expect(page.locator("#field")).to_have_attribute("aria-invalid", "true")
    page.locator("#next").click()
    step_shown(page, 3, 5)
    expect(page.locator("#field")).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#message")).to_have_text("")


# Every way that a path is drawn while it moves, from a press of "next" until it is at rest.
DRAWN = """() => new Promise((resolve) => {
  const path = document.querySelector("#desk [data-row=f] path.bar");
  const drawn = [path.getAttribute("d")];
  const watch = new MutationObserver(() => drawn.push(path.getAttribute("d")));
  watch.observe(path, { attributeFilter: ["d"] });
  setTimeout(() => resolve(drawn), 1500);
  document.getElementById("next").click();
})"""
HEIGHT = """() => {
  const path = document.querySelector("#desk [data-row=f] path.bar");
  const heights = [];
  const look = () => {
    heights.push(path.getBBox().height);
    if (heights.length < 90) requestAnimationFrame(look);
  };
  document.getElementById("next").click();
  requestAnimationFrame(look);
  return new Promise((resolve) => setTimeout(() => resolve(heights), 2500));
}"""


def test_step_moves_the_bars_of_many_units_through_values_in_between(page: Page) -> None:
    page.goto("/models/sentiment?text=love+the&t=1&sort=importance&only=8")
    heights = page.evaluate(HEIGHT)
    step_shown(page, 2, 2)
    assert len({round(height, 1) for height in heights}) >= 4


def test_step_where_paths_cannot_be_styled_moves_them_all_the_same(page: Page) -> None:
    page.add_init_script("CSS.supports = () => false")
    page.goto(SENTENCE + "&t=2")
    drawn = page.evaluate(DRAWN)
    step_shown(page, 3, 5)
    assert len(set(drawn)) >= 5
    at_rest = page.locator("#desk [data-row=f] path.bar").get_attribute("d")
    assert drawn[-1] == at_rest
    page.goto(address(page))
    assert page.locator("#desk [data-row=f] path.bar").get_attribute("d") == at_rest
