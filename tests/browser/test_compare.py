"""Two runs in step, as a person sees and moves them: both on one screen, one tape for both."""

import re

import pytest
from playwright.sync_api import Page, expect

from gate_explorer.zoo import registry
from tests.browser.log import BrowserLog

SENTENCES = "/compare?a=sentiment?text=I+love+France&b=sentiment?text=I+really+hate+France"
TOYS = "/compare?a=toy-rules?x=3,1,0;5,0,1;2,1,0&b=toy-lstm?x=3,1,0;5,0,1;2,1,0"
SIZES = {"laptop": (1366, 650), "desktop": (1280, 900), "phone": (390, 844)}
# What hides part of the screen from below: the phone's transport.
COVERED = {"phone": 60}
# Every box that has to be on the screen, as [what, left, top, right, bottom].
BOXES = """() => [...document.querySelectorAll(
    "#tape, #play, #story, .lane-in, #desk [data-row]")].map((element) => {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const lane = element.closest("[data-lane]")?.dataset.lane;
  const what = element.dataset.row ? `${lane} ${element.dataset.row}` : element.id;
  return [what, left, top, right, bottom];
})"""
ROW = "#lane-{lane} .row-c .bar"


def pairs() -> list[str]:
    """Every model beside its twin, and beside itself as it began; and other kinds too."""
    found = [SENTENCES, TOYS, "/compare?a=toy-rules&b=sentiment"]
    for model in registry.all_models():
        card = model.card
        began = f"?checkpoint={card.checkpoints[0]}" if card.checkpoints else ""
        others = [registry.counterpart(card), f"{card.id}{began}"]
        found += [f"/compare?a={card.id}&b={other}" for other in others if other]
    return found


def column_shown(page: Page, t: int) -> None:
    """Wait until the tape stands at a column."""
    expect(page.locator(f"#step{t}")).to_have_class(re.compile(r"\bnow\b"))


def unit_shown(page: Page, unit: str) -> None:
    """Wait until both desks have the unit chosen."""
    for lane in "ab":
        expect(page.locator(f"#{lane}-desk")).to_have_attribute("data-unit", unit)


@pytest.mark.parametrize("size", SIZES)
def test_both_lanes_are_on_one_screen_whatever_stands_in_them(page: Page, size: str) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    floor = height - COVERED.get(size, 0)
    for address in pairs():
        page.goto(f"{address}&t=2")
        boxes = page.evaluate(BOXES)
        outside = [
            (what, left, top, right, bottom)
            for what, left, top, right, bottom in boxes
            if left < -1
            or top < -1
            or right > width + 1
            # The phone's Play stands on what covers the rest.
            or bottom > (height if what == "play" else floor) + 1
        ]
        assert outside == [], address
        lanes = [what.split()[0] for what, *_ in boxes if " " in what]
        assert set(lanes) == {"a", "b"}
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("size", SIZES)
def test_bars_of_32_units_are_wide_enough_to_be_told_apart(page: Page, size: str) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{SENTENCES}&t=2")
    for lane in "ab":
        box = page.locator(f"#lane-{lane} .row-c .bars").bounding_box()
        assert box is not None
        # What 32 units need: 14 pixels each, and 6 on the phone, which has 7.5.
        assert box["width"] >= 32 * (7.5 if size == "phone" else 14)


def test_desks_share_their_rows_with_the_names_between(page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 650})
    page.goto(f"{SENTENCES}&t=2")
    for row in ("c_prev", "f", "i", "g", "c", "tanh_c", "o", "h"):
        a, name, b = (
            page.locator(each).bounding_box()
            for each in (
                f"#lane-a [data-row={row}]",
                f"#lane-a .row-{row} .name",
                f"#lane-b [data-row={row}]",
            )
        )
        assert a is not None
        assert name is not None
        assert b is not None
        assert (a["y"], a["height"]) == (b["y"], b["height"])
        assert abs(a["width"] - b["width"]) <= 1
        assert a["x"] + a["width"] < name["x"] < name["x"] + name["width"] < b["x"]
    expect(page.locator("#lane-b .name:visible")).to_have_count(0)


def test_desks_stand_one_above_the_other_on_the_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{SENTENCES}&t=2")
    a, b = (page.locator(f"#lane-{lane}").bounding_box() for lane in "ab")
    assert a is not None
    assert b is not None
    assert a["y"] + a["height"] <= b["y"]
    assert (a["x"], a["width"]) == (b["x"], b["width"])
    expect(page.locator("#lane-b .name:visible")).to_have_count(8)


def test_transport_keys_and_columns_move_both_lanes(page: Page) -> None:
    page.goto(SENTENCES + "&t=1")
    page.evaluate("document.documentElement.dataset.mark = 'same page'")
    expect(page.locator("#story")).to_contain_text("Both have the same memory.")
    page.locator("#next").click()
    column_shown(page, 2)
    expect(page.locator("#story")).to_contain_text("A reads nothing here: it stays at “I”.")
    page.keyboard.press("End")
    column_shown(page, 4)
    page.locator("#step3 button").click()
    column_shown(page, 3)
    expect(page.locator("#story")).to_contain_text("stands furthest from its twin")
    page.locator("#parting").click()
    column_shown(page, 2)
    page.go_back()
    column_shown(page, 3)
    assert page.evaluate("document.documentElement.dataset.mark") == "same page"


def test_play_moves_bars_in_both_lanes_to_the_end(page: Page) -> None:
    page.goto(SENTENCES + "&t=2")
    before = [page.locator(ROW.format(lane=lane)).get_attribute("d") for lane in "ab"]
    page.locator("#play").click()
    column_shown(page, 4)
    expect(page.locator("#play")).to_contain_text("Play")
    after = [page.locator(ROW.format(lane=lane)).get_attribute("d") for lane in "ab"]
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_unit_clicked_in_one_lane_is_marked_in_both(page: Page) -> None:
    page.goto(SENTENCES + "&t=3")
    order = (page.locator("#a-desk").get_attribute("data-order") or "").split(",")
    for lane, place in (("a", 7), ("b", 20)):
        bars = page.locator(f"#lane-{lane} .row-f .bars")
        box = bars.bounding_box()
        assert box is not None
        bars.click(
            position={"x": box["width"] * (place + 0.5) / len(order), "y": box["height"] / 2}
        )
        unit_shown(page, order[place])
    page.keyboard.press("ArrowDown")
    unit_shown(page, order[21])
    assert page.url.endswith(f"&t=3&unit={order[21]}")


def test_lane_typed_into_runs_by_itself_and_keeps_the_caret(
    page: Page, browser_log: BrowserLog
) -> None:
    browser_log.allow("422")
    page.goto(SENTENCES)
    field = page.locator("#b-text")
    field.fill("I hate")
    expect(page.locator("#reel li")).to_have_count(3)
    field.press_sequentially(" it")
    expect(page.locator("#step3 b.b")).to_have_text("it")
    expect(field).to_be_focused()
    assert page.url.endswith("/compare?a=sentiment?text=I+love+France&b=sentiment?text=I+hate+it")
    field.fill("")
    expect(page.locator("#lane-b-message")).to_contain_text("Lane B: There is no word")
    expect(page.locator("#lane-a .row")).to_have_count(8)
    page.get_by_label("Model of lane B").select_option("counter")
    expect(page.locator("#lane-b")).to_have_attribute("aria-label", "B: Counter")
    expect(page.locator("#lane-b-message")).to_be_empty()


def test_views_are_turned_on_and_off_without_a_reload(page: Page) -> None:
    page.goto(SENTENCES + "&t=3")
    page.evaluate("document.documentElement.dataset.mark = 'same page'")
    page.get_by_role("link", name="Difference of the two").click()
    expect(page.locator("#desk .desk")).to_have_count(1)
    expect(page.locator("#desk .desk")).to_have_attribute("aria-label", re.compile("A less B"))
    page.locator("#next").click()
    column_shown(page, 4)
    page.get_by_role("link", name="Difference of the two").click()
    expect(page.locator("#desk .desk")).to_have_count(2)
    page.get_by_role("link", name=re.compile("Only the .* units that differ")).click()
    expect(page.locator("#b-desk")).not_to_have_attribute("data-order", re.compile(r"^1,2,3,"))
    page.get_by_role("link", name="Change A and B over").click()
    expect(page.locator("#a-text")).to_have_value("I really hate France")
    page.get_by_role("link", name="As tables").click()
    expect(page.locator("#tables-shown table")).to_have_count(3)
    assert page.evaluate("document.documentElement.dataset.mark") == "same page"


def test_share_panel_has_the_link_of_this_very_step(page: Page) -> None:
    page.goto(SENTENCES + "&t=2")
    page.get_by_role("button", name="Share").click()
    link = page.locator("#share-link")
    expect(link).to_be_visible()
    assert link.text_content() == page.url
    page.keyboard.press("Escape")
    page.locator("#next").click()
    column_shown(page, 3)
    assert link.text_content() == page.url


def test_two_models_side_by_side_have_names_of_their_own(page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 650})
    page.goto("/compare?a=counter?text=aabb&b=counter-rnn?text=aabb&t=3")
    a, b = (page.locator(f"#lane-{lane}").bounding_box() for lane in "ab")
    assert a is not None
    assert b is not None
    assert a["x"] + a["width"] <= b["x"]
    expect(page.locator("#lane-a .name:visible")).to_have_count(8)
    expect(page.locator("#lane-b .name:visible")).to_have_count(2)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_comparison_without_javascript_steps_and_runs(page: Page) -> None:
    page.goto(SENTENCES + "&t=1")
    page.locator("#next").click()
    column_shown(page, 2)
    page.locator("#b-text").fill("Not good")
    page.locator("#feed-b button").click()
    expect(page.locator("#step1 b.b")).to_have_text("Not")
    page.get_by_role("link", name="Open B by itself").click()
    expect(page.locator("#field")).to_have_value("Not good")
