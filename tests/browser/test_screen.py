"""One screen, in figures: what of the desk is inside the window, over every model and state."""

import re

import pytest
from playwright.sync_api import Page, expect

from gate_explorer.zoo import registry
from tests.browser.seen import PARTS, seen, shown

DESKTOP, HIGHER, PHONE = (1366, 650), (1280, 900), (390, 844)
SIZES = (DESKTOP, HIGHER, PHONE)
FRAMES = ((640, 400), (720, 480), (360, 640))
SENTENCE = "/models/sentiment?text=The+movie+was+not+good."
TOY = "/models/toy-rules?x=3,1,0;5,0,1;2,1,0;3,0,1"
WORDS = "+".join(["so", "very", "good", "not"] * 50)
ROWS = {
    "toy": ["c_prev", "f", "i", "g", "c", "o", "h"],
    "lstm": ["c_prev", "f", "i", "g", "c", "tanh_c", "o", "h"],
    "rnn": ["h_prev", "h"],
}
CELLS = {model.card.id: model.card.cell for model in registry.all_models()}
STATES = {
    "one step": "/models/sentiment?text=Fine&t=1",
    "200 steps": f"/models/sentiment?text={WORDS}&t=90",
    "200 vectors": f"/models/toy-rules?x={';'.join(['1,1,1'] * 200)}&t=90",
    "200 letters": f"/models/characters?text={'ROMEO:' * 33}ab&t=90",
    "one vector": "/models/toy-lstm?x=3,1,0&t=1",
    "a checkpoint": f"{SENTENCE}&t=4&checkpoint=step-96",
    "a held gate": f"{SENTENCE}&t=4&clamp=input_gate:0@4",
    "a held rule": f"{TOY}&t=2&clamp=forget_gate:0@2",
    "a unit at the edge": f"{SENTENCE}&t=4&unit=32",
    "textbook names": f"{SENTENCE}&t=4&names=symbols",
    "as tables": f"{SENTENCE}&t=4&tables=shown",
    "a lesson": f"{TOY}&t=1&tour=1",
    "the last lesson": f"{SENTENCE}&t=4&tour=5",
    "an open drawer": f"{SENTENCE}&t=4&drawer=run",
}
# How many bars a gate's row draws, and how wide the first of them is on the screen.
BARS = """() => {
  const path = document.querySelector("#desk [data-row=f] path.bar");
  const widths = [...path.getAttribute("d").matchAll(/V[\\d.]+h([\\d.]+)V/g)];
  return { bars: widths.length, pixels: path.getScreenCTM().a * Number(widths[0][1]) };
}"""


def assert_whole(page: Page, parts: tuple[str, ...], sizes: tuple[tuple[int, int], ...]) -> None:
    """The parts and all rows are whole in the window at each size, and under nothing else."""
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        found = seen(page, parts)
        assert found["missing"] == [], (width, height)
        assert found["covered"] == [], (width, height)
        assert found["sideways"] <= 0, (width, height)


@pytest.mark.parametrize(("model_id", "cell"), CELLS.items())
def test_desk_of_every_model_is_whole_on_one_screen(page: Page, model_id: str, cell: str) -> None:
    page.goto(f"/models/{model_id}")
    assert seen(page)["rows"] == ROWS[cell]
    assert_whole(page, PARTS, SIZES)


@pytest.mark.parametrize("path", STATES.values(), ids=STATES)
def test_desk_of_every_kind_of_run_is_whole_on_one_screen(page: Page, path: str) -> None:
    page.goto(path)
    assert_whole(page, PARTS, SIZES)


@pytest.mark.parametrize(("model_id", "cell"), CELLS.items())
def test_desk_in_a_frame_is_whole_with_tape_and_play(page: Page, model_id: str, cell: str) -> None:
    page.goto(f"/embed/models/{model_id}")
    assert seen(page)["rows"] == ROWS[cell]
    assert_whole(page, ("#tape", "#play"), FRAMES)


@pytest.mark.parametrize("model_id", ["toy-rules", "toy-lstm", "exercise"])
def test_desk_of_one_unit_in_a_narrow_frame_has_what_the_step_says(
    page: Page, model_id: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"/embed/models/{model_id}")
    above = page.locator("#transport").bounding_box()
    assert above is not None
    for part in ("#verdict", "#story"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= above["y"], part


def test_compare_of_128_units_on_a_phone_has_its_tabs_above_the_transport(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/compare?a=characters?text=ROMEO:&b=characters?text=JULIET:&t=2")
    tabs, transport = (page.locator(each).bounding_box() for each in ("#views", "#transport"))
    assert tabs is not None
    assert transport is not None
    assert tabs["y"] + tabs["height"] <= transport["y"]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_word_read_as_another_says_so_on_the_tape(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/models/sentiment?text=soooo+good&t=2")
    step = page.locator("#step1 button")
    expect(step).to_have_accessible_name(re.compile(r"soooo\s+read as so"))
    expect(page.locator("#step1 .read-as")).to_be_in_viewport(ratio=1)
    expect(page.locator("#step2 .read-as")).to_have_count(0)


def test_bars_of_32_units_are_wide_enough_to_be_read(page: Page) -> None:
    page.goto(f"{SENTENCE}&only=32")
    for (width, height), least in zip(SIZES, (14, 14, 6), strict=True):
        page.set_viewport_size({"width": width, "height": height})
        found = page.evaluate(BARS)
        assert found["bars"] == 32
        assert found["pixels"] >= least, (width, found)


@pytest.mark.parametrize("path", ["/models/sentiment", f"{SENTENCE}&t=4"])
def test_sentence_page_opened_has_few_controls_and_words(page: Page, path: str) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(path)
        found = shown(page)
        assert 20 < found["controls"] <= 80, found
        assert 50 < found["words"] <= 250, found


@pytest.mark.parametrize(("width", "height"), [PHONE, (360, 640), (640, 400)])
def test_wide_layer_shows_a_window_of_units_and_the_way_to_the_others(
    page: Page, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(("/embed" if width != 390 else "") + "/models/characters?text=ROMEO:&t=3")
    windows = page.locator(".unit-windows a")
    assert windows.all_text_contents() == ["1–32", "33–64", "65–96", "97–128"]
    shown_units = """() => {
      const frame = document.querySelector("#desk [data-row=f]").getBoundingClientRect();
      const drawing = document.querySelector("#desk [data-row=f] svg").getBoundingClientRect();
      const unit = drawing.width / 128;
      return [(frame.left - drawing.left) / unit, frame.width / unit].map(Math.round);
    }"""
    windows.nth(2).click()
    page.locator(".unit-windows a[aria-current]", has_text="65–96").wait_for()
    assert page.evaluate(shown_units) == [64, 32]


def test_long_examples_in_a_drawer_break_within_the_page(page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 650})
    page.goto("/models/reber?drawer=about")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
