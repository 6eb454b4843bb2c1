"""The explorer as a person uses it: typing, stepping, playing, going back, with bars that move."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.browser.explorer import SENTENCE, TOY, address, is_same_page, mark, step_shown, tokens
from tests.browser.log import BrowserLog

# Heights of one bar, a sample a frame, from a press of a control until `frames` frames later.
WATCH = """([bar, control, frames]) => new Promise((resolve) => {
  const element = document.getElementById(bar).querySelector(".bar");
  const heights = [];
  const look = () => {
    heights.push([element.getBoundingClientRect().height, element.isConnected]);
    if (heights.length < frames) requestAnimationFrame(look);
    else resolve(heights);
  };
  document.getElementById(control).click();
  requestAnimationFrame(look);
})"""


@pytest.mark.core_flow
def test_sentence_typed_and_run_shows_each_word_and_a_verdict(page: Page) -> None:
    page.goto("/models/sentiment")
    page.locator("#text").fill("It isn't a bad day, Zorblax!")
    page.locator("#feed button").click()
    expect(page.locator("#tape li")).to_have_count(9)
    assert tokens(page) == ["It", "is", "n't", "a", "bad", "day", ",", "Zorblax", "!"]
    expect(page.locator("#chip8")).to_have_class(re.compile("unknown"))
    expect(page.locator("#panel-y .verdict")).to_contain_text("positive")
    assert address(page) == "/models/sentiment?text=It+isn%27t+a+bad+day,+Zorblax!"
    assert page.title().startswith("! · step 9 of 9")


def test_step_on_moves_the_bars_through_values_in_between(page: Page) -> None:
    page.goto(TOY + "&t=2")
    samples = page.evaluate(WATCH, ["c1", "next", 90])
    step_shown(page, 3, 4)
    heights = [height for height, _ in samples]
    first, last = heights[0], heights[-1]
    between = {height for height in heights if first + 1 < height < last - 1}
    assert last > first + 20
    assert len(between) >= 3
    assert all(connected for _, connected in samples)


def test_play_pressed_at_the_start_moves_bars_and_stops_at_the_end(page: Page) -> None:
    page.goto(TOY + "&t=1")
    samples = page.evaluate(WATCH, ["g1", "play", 120])
    heights = [height for height, _ in samples]
    low, high = min(heights), max(heights)
    assert any(low + 1 < height < high - 1 for height in heights)
    step_shown(page, 4, 4)
    expect(page.locator("#play")).to_contain_text("Play")
    assert address(page) == TOY + "&t=4"


@pytest.mark.core_flow
def test_play_at_the_end_starts_over_and_pauses_on_press(page: Page) -> None:
    page.goto(SENTENCE)
    page.locator("#play").click()
    expect(page.locator("#play")).to_contain_text("Pause")
    step_shown(page, 1, 5)
    page.locator("#play").click()
    expect(page.locator("#play")).to_contain_text("Play")


@pytest.mark.core_flow
def test_play_leaves_one_entry_in_the_history(page: Page) -> None:
    page.goto("/models/toy-lstm")
    page.goto(TOY + "&t=1")
    page.locator("#speed").select_option("2×")
    page.locator("#play").click()
    step_shown(page, 4, 4)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Three rules in an LSTM")


@pytest.mark.core_flow
def test_back_after_steps_returns_step_by_step_without_a_reload(page: Page) -> None:
    page.goto(TOY + "&t=1")
    mark(page)
    page.locator("#next").click()
    step_shown(page, 2, 4)
    page.locator("#next").click()
    step_shown(page, 3, 4)
    page.go_back()
    step_shown(page, 2, 4)
    page.go_back()
    step_shown(page, 1, 4)
    page.go_forward()
    step_shown(page, 2, 4)
    assert address(page) == TOY + "&t=2"
    assert is_same_page(page)


@pytest.mark.core_flow
def test_reload_at_any_state_shows_the_same(page: Page) -> None:
    page.goto(SENTENCE)
    page.locator("#chip3 button").click()
    step_shown(page, 3, 5)
    page.locator("#f9").click()
    expect(page.locator(".numbers h2")).to_contain_text("Unit 9 of 32")
    before = page.locator("#explorer").inner_text()
    page.reload()
    assert page.locator("#explorer").inner_text() == before


@pytest.mark.core_flow
def test_unit_clicked_in_one_panel_is_marked_in_all(page: Page) -> None:
    page.goto(SENTENCE)
    page.locator("#g7").click()
    expect(page.locator("#g7")).to_have_class(re.compile(r"\bon\b"))
    ids = page.locator("#explorer .unit.on").evaluate_all("all => all.map((one) => one.id)")
    assert ids == ["c_prev7", "f7", "i7", "g7", "c7", "o7", "tanh_c7", "h7"]


@pytest.mark.core_flow
def test_keys_move_through_steps_and_units(page: Page) -> None:
    page.goto(SENTENCE + "&t=2&unit=3")
    for key, t in (("ArrowRight", 3), ("ArrowLeft", 2), ("End", 5), ("Home", 1)):
        page.keyboard.press(key)
        step_shown(page, t, 5)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".numbers h2")).to_contain_text("Unit 4 of 32")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".numbers h2")).to_contain_text("Unit 3 of 32")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def test_keys_typed_into_the_sentence_stay_text(page: Page) -> None:
    page.goto(SENTENCE + "&t=2")
    page.locator("#text").focus()
    page.keyboard.press("End")
    page.keyboard.type(" ? no")
    expect(page.locator("#text")).to_have_value("I did not love France ? no")
    step_shown(page, 2, 5)


def test_edit_not_yet_run_survives_a_step(page: Page) -> None:
    page.goto(TOY + "&t=1")
    page.locator("#r3x1").fill("42")
    page.locator("#next").click()
    step_shown(page, 2, 4)
    expect(page.locator("#r3x1")).to_have_value("42")


def test_row_added_and_row_removed_give_the_new_run(page: Page) -> None:
    page.goto(TOY)
    for name, value in (("x1", "10"), ("x2", "1"), ("x3", "1")):
        page.locator(f"#r5{name}").fill(value)
    page.locator("button.primary").click()
    step_shown(page, 5, 5)
    expect(page.locator(".big")).to_have_text("15")
    page.locator("[name=drop][value='1']").click()
    step_shown(page, 4, 4)
    assert address(page) == "/models/toy-rules?x=5,0,1;2,1,0;3,0,1;10,1,1"


@pytest.mark.core_flow
def test_wrong_cell_is_marked_and_the_last_run_stays(page: Page, browser_log: BrowserLog) -> None:
    browser_log.allow("422")
    page.goto(TOY + "&t=2")
    page.locator("#r2x2").fill("7")
    page.locator("button.primary").click()
    expect(page.locator("#r2x2")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#message")).to_contain_text("Row 2: x2 is 7; it should be 1 (add)")
    expect(page.locator("#message")).not_to_contain_text("first example")
    expect(page.locator("#r2x2")).to_have_value("7")
    step_shown(page, 2, 4)
    assert address(page) == TOY + "&t=2"
    page.locator("#r2x2").fill("1")
    page.locator("button.primary").click()
    expect(page.locator("#message")).to_be_empty()
    expect(page.locator(".big")).to_have_text("10")


@pytest.mark.core_flow
def test_scrubber_moved_shows_that_step(page: Page) -> None:
    page.goto(SENTENCE)
    page.locator("#scrubber").fill("2")
    step_shown(page, 2, 5)
    assert address(page) == SENTENCE + "&t=2"


def test_operator_pressed_explains_itself(page: Page) -> None:
    page.goto(SENTENCE)
    page.locator("button.op", has_text="+").click()
    expect(page.locator("#tip-adder")).to_be_visible()
    expect(page.locator("#tip-adder")).to_contain_text("Knowledge adder")


def test_theme_chosen_stays_over_a_reload(page: Page) -> None:
    page.goto("/")
    page.locator("#theme").click()
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_framed_page_steps_within_its_frame(page: Page) -> None:
    host = f'<!doctype html><iframe width="700" height="900" src="/embed{TOY}&t=1"></iframe>'
    page.route("**/host", lambda route: route.fulfill(body=host, content_type="text/html"))
    page.goto("/host")
    frame = page.frame_locator("iframe")
    frame.locator("#next").click()
    expect(frame.locator(".where")).to_have_text("step 2 of 4")
    assert page.frames[1].url.endswith(f"/embed{TOY}&t=2")
    expect(frame.locator("#open")).to_have_attribute("href", TOY + "&t=2")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_page_without_javascript_steps_chooses_and_runs(page: Page) -> None:
    page.goto(SENTENCE + "&t=2")
    page.locator("#next").click()
    step_shown(page, 3, 5)
    page.locator("#chip1 button").click()
    step_shown(page, 1, 5)
    page.locator("#o4").click()
    expect(page.locator(".numbers h2")).to_contain_text("Unit 4 of 32")
    expect(page.locator("#play")).to_be_hidden()
    page.locator("#text").fill("Well done")
    page.locator("#feed button").click()
    assert tokens(page) == ["Well", "done"]


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_vectors_without_javascript_are_run_and_corrected(
    page: Page, browser_log: BrowserLog
) -> None:
    browser_log.allow("422")
    page.goto("/")
    page.locator("#r1x1").fill("8")
    page.locator("#r2x3").fill("9")
    page.locator("button.primary").click()
    expect(page.locator("#r2x3")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#r1x1")).to_have_value("8")
    page.locator("#r2x3").fill("1")
    page.locator("button.primary").click()
    assert address(page) == "/models/toy-rules?x=8,1,0;5,0,1;2,1,0;3,0,1"
    expect(page.locator(".big")).to_have_text("10")


@pytest.mark.browser_context_args(viewport={"width": 390, "height": 844})
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/models/toy-lstm?x=3,1,0;5,0,1&sharpness=4",
        "/models/toy-rules?x=-123456789,1,1;99999999,1,1",
        "/models/sentiment?text=Superb",
        "/models/sentiment?text=I+love+France",
        "/models/sentiment?text=" + "+".join(["word"] * 200),
        "/models/sentiment?text=" + "Donaudampfschifffahrtsgesellschaft" * 12,
        "/models/sentiment?text=" + "אני+אוהב+את+צרפת+😀",
        "/compare?a=sentiment?text=I+love+France&b=toy-lstm",
        "/share/models/sentiment?text=I+love+France&width=1000",
        "/models/none",
        "/docs",
    ],
)
def test_page_on_a_phone_needs_no_sideways_scrolling(
    page: Page, browser_log: BrowserLog, path: str
) -> None:
    if path == "/models/none":
        browser_log.allow("404")
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_tape_of_a_long_text_keeps_the_step_in_view(page: Page) -> None:
    page.goto("/models/sentiment?t=150&text=" + "+".join(f"word{n}" for n in range(200)))
    step_shown(page, 150, 200)
    expect(page.locator("#chip150")).to_be_in_viewport()
    page.keyboard.press("Home")
    step_shown(page, 1, 200)
    expect(page.locator("#chip1")).to_be_in_viewport()


@pytest.mark.browser_context_args(reduced_motion="reduce")
def test_reduced_motion_changes_bars_at_once(page: Page) -> None:
    page.goto(TOY + "&t=2")
    samples = page.evaluate(WATCH, ["c1", "next", 40])
    step_shown(page, 3, 4)
    assert len({round(height) for height, _ in samples}) <= 2


def test_gate_opened_shows_its_sum_and_a_snippet_that_prints_it(page: Page) -> None:
    page.goto(SENTENCE + "&t=3&unit=9")
    page.locator("#door-i").click()
    expect(page.locator("#opened h2")).to_have_text("Filter of unit 9: every term")
    shown = page.locator("#opened .total td").last.inner_text()
    page.locator("summary", has_text="NumPy").click()
    prints = re.search(r"Prints ([\d.−]+)\d\.", page.locator("#opened").inner_text())
    assert prints is not None
    code = page.locator("#snippet").inner_text()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().startswith(prints[1])
    assert f"{float(done.stdout):.3f}" == shown
    page.locator("#door-i").click()
    expect(page.locator("#opened")).to_have_count(0)


def test_map_column_clicked_goes_to_that_step(page: Page) -> None:
    page.goto(SENTENCE)
    page.locator("#map-f").click()
    expect(page.locator("#map-f")).to_have_attribute("aria-pressed", "true")
    page.locator(".map .columns button").nth(1).click()
    step_shown(page, 2, 5)
    assert address(page) == SENTENCE + "&t=2&show=f"


def test_tour_leads_over_five_stops_to_the_trained_network(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Take the tour").click()
    for stop, heading in ((1, "Three rules"), (3, "Three rules"), (4, "Three rules in an LSTM")):
        page.locator(".tour-links a").nth(stop - 1).click()
        expect(page.locator("#tour")).to_contain_text(f"Stop {stop} of 5")
        expect(page.locator("h1")).to_have_text(heading)
    page.locator(".tour-links a").nth(4).click()
    expect(page.locator("#story")).to_contain_text("falls")
    page.get_by_role("link", name="Leave the tour").click()
    expect(page.locator("#tour")).to_have_count(0)
    step_shown(page, 4, 6)


def test_share_gives_the_whole_address_and_the_embed_code_of_this_step(
    page: Page, base_url: str
) -> None:
    page.goto(SENTENCE)
    page.locator("#chip2 button").click()
    step_shown(page, 2, 5)
    page.get_by_role("button", name="Share").click()
    expect(page.locator("#share-link")).to_have_text(f"{base_url}{SENTENCE}&t=2")
    expect(page.locator("#share-embed")).to_contain_text(
        f'src="{base_url}/embed{SENTENCE}&amp;t=2"'
    )


def test_textbook_names_replace_the_nicknames_and_come_back(page: Page) -> None:
    page.goto(SENTENCE)
    page.locator("#names").click()
    expect(page.locator("#panel-f h3")).to_have_text("Forget gate")
    expect(page.locator("#story")).to_contain_text("the forget gate keeps")
    expect(page.locator("#story")).not_to_contain_text("Eraser")
    page.locator("#names").click()
    expect(page.locator("#panel-f h3")).to_have_text("Eraser")


def test_panel_name_pressed_explains_the_gate(page: Page) -> None:
    page.goto(SENTENCE)
    page.locator("#panel-f .name").click()
    expect(page.locator("#tip-forget")).to_be_visible()
    expect(page.locator("#tip-forget")).to_contain_text("1 keeps all of it")


@pytest.mark.browser_context_args(viewport={"width": 390, "height": 844})
def test_transport_on_a_phone_stays_in_reach_while_scrolling(page: Page) -> None:
    page.goto(SENTENCE + "&t=1")
    for target in ("#feed", "#panel-h", "#card"):
        page.locator(target).scroll_into_view_if_needed()
        expect(page.locator("#next")).to_be_in_viewport()
    page.locator("#next").click()
    step_shown(page, 2, 5)


@pytest.mark.browser_context_args(viewport={"width": 390, "height": 844})
def test_bars_of_many_units_are_seen_on_a_phone(page: Page) -> None:
    page.goto("/models/characters?text=ROMEO:&t=3")
    (bars,) = page.locator("#panel-f .bars path").all()
    assert len(re.findall("V", bars.get_attribute("d") or "")) == 2 * 128
    box = page.locator("#panel-f .bars").bounding_box()
    assert box is not None
    assert box["width"] / 128 > 0.5


def test_training_slider_keeps_text_step_and_unit(page: Page) -> None:
    page.goto("/models/sentiment?text=The+movie+was+not+good.&t=4&unit=7")
    before = page.locator("#panel-y .verdict").inner_text()
    page.locator("#checkpoint1").click()
    expect(page.locator("#checkpoint1")).to_have_attribute("aria-pressed", "true")
    step_shown(page, 4, 6)
    expect(page.locator(".numbers h2")).to_contain_text("Unit 7 of 32")
    expect(page.locator("#panel-y .verdict")).not_to_have_text(before)
    assert address(page).endswith("&t=4&unit=7&checkpoint=step-0")


def test_text_written_on_shows_the_longer_text(page: Page) -> None:
    page.goto("/models/characters?text=ROMEO:")
    page.locator("#write-on [name=count]").fill("12")
    page.locator("#write-on button").click()
    step_shown(page, 18, 18)
    assert len(page.locator("#text").input_value()) == 18
    assert page.url.split("?")[0].endswith("/models/characters")


def test_twin_without_gates_shows_its_state_alone(page: Page) -> None:
    page.goto("/models/reber?text=BTBTXSEBPVVEBTSXSETE&t=18")
    page.get_by_role("link", name="RNN without gates").click()
    expect(page.locator("h1")).to_contain_text("without gates")
    expect(page.locator("#panel-f")).to_have_count(0)
    expect(page.locator("#panel-h .unit")).to_have_count(8)
    step_shown(page, 18, 20)
    page.get_by_role("link", name="the LSTM").click()
    expect(page.locator("#panel-f")).to_have_count(1)
    step_shown(page, 18, 20)


def test_memory_tasks_stand_together_and_lead_to_one_another(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Memory tasks").click()
    tasks = page.get_by_role("navigation", name="Memory tasks").get_by_role("link")
    expect(tasks).to_have_text(["Counter", "Adding", "Reber grammar", "Agreement"])
    tasks.nth(2).click()
    expect(page.locator("h1")).to_have_text("Reber grammar")
    expect(tasks.nth(2)).to_have_attribute("aria-current", "page")


def test_words_weighed_show_what_each_takes_from_the_verdict(page: Page) -> None:
    page.goto("/models/sentiment?text=The+movie+was+not+good.")
    page.locator("#weigh").click()
    rows = page.locator(".importance tbody tr")
    expect(rows).to_have_count(6)
    expect(rows.nth(3)).to_contain_text(re.compile("not.*−.*points"))
    page.locator("#weigh").click()
    expect(rows).to_have_count(0)


def test_gate_held_by_hand_changes_the_verdict_and_is_let_go(page: Page) -> None:
    page.goto("/models/sentiment?text=The+movie+was+not+good&t=3")
    verdict = page.locator("#panel-y")
    before = verdict.inner_text()
    page.locator("#hold-gate").select_option("forget_gate")
    page.locator("#hold-at").fill("0")
    page.get_by_role("button", name="Hold it").click()
    expect(page.locator("#held")).to_contain_text("the Eraser is held at 0 at step 3")
    expect(page).to_have_url(re.compile(r"t=3&clamp=forget_gate:0@3$"))
    expect(page.locator("#story")).to_contain_text("By hand, the Eraser is held at 0.")
    expect(verdict).not_to_have_text(before)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#story")).not_to_contain_text("By hand")
    page.locator("#hold-gate").select_option("output_gate")
    page.get_by_role("button", name="Hold it").click()
    expect(page.locator("#held")).to_contain_text("the Presenter is held at 0 at step 4")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#story")).to_contain_text("By hand")
    page.locator("#let-go").click()
    expect(page.locator("#held")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"not\+good&t=3$"))


def test_gate_held_at_what_it_cant_be_says_so_and_keeps_the_text(
    page: Page, browser_log: BrowserLog
) -> None:
    browser_log.allow("the server responded with a status of 422")
    page.goto("/models/sentiment?text=The+movie+was+not+good&t=3")
    page.locator("#hold-at").fill("7")
    page.get_by_role("button", name="Hold it").click()
    expect(page.locator("#message")).to_contain_text("it can be 0 to 1")
    expect(page.locator("#text")).to_have_value("The movie was not good")


def test_gradient_followed_back_moves_with_the_step_and_goes_again(page: Page) -> None:
    page.goto("/models/counter?text=aaabbb&t=2")
    page.locator("#follow").click()
    flow = page.locator("#flow")
    expect(flow).to_contain_text("At step 1 the gradient on the memory has")
    expect(flow).to_contain_text("in an RNN without gates that learned the same task")
    lines = flow.locator("polyline")
    expect(lines).to_have_count(3)
    expect(flow.locator(".column")).to_have_attribute("x", "1")
    now = flow.locator(".legend b")
    before = now.all_text_contents()
    page.keyboard.press("End")
    expect(flow.locator(".column")).to_have_attribute("x", "5")
    expect(now).to_have_text(["100 %"] * 3)
    assert before != ["100 %"] * 3
    page.locator("#follow").click()
    expect(lines).to_have_count(0)


def test_units_sorted_keep_their_numbers_and_the_keys_follow_the_order(page: Page) -> None:
    page.goto(SENTENCE + "&t=2&unit=3")
    heights = """(panel) => {
      const tops = panel.querySelector(".bars path").getAttribute("d").match(/V\\d+h8/g);
      const units = [...panel.querySelectorAll(".unit")];
      return Object.fromEntries(units.map((one, n) => [one.id, [one.title, tops[n]]]));
    }"""
    before = page.locator("#panel-c").evaluate(heights)
    page.locator("#sort-similarity").click()
    expect(page.locator("#sort-similarity")).to_have_attribute("aria-pressed", "true")
    assert page.locator("#panel-c").evaluate(heights) == before
    ids = page.locator("#panel-c .unit").evaluate_all("(all) => all.map((one) => one.value)")
    assert ids != sorted(ids, key=int)
    following = ids[(ids.index("3") + 1) % len(ids)] if ids[-1] != "3" else "3"
    page.keyboard.press("ArrowDown")
    expect(page.locator(".numbers h2")).to_contain_text(f"Unit {following} of 32")


def test_units_filtered_show_the_chosen_one_among_the_most_important(page: Page) -> None:
    page.goto("/models/characters?text=ROMEO:&unit=77")
    expect(page.locator("#panel-f .unit")).to_have_count(128)
    page.locator("#only-16").click()
    expect(page.locator("#panel-f .unit")).to_have_count(16)
    expect(page.locator("#f77")).to_be_visible()
    expect(page.locator("#panel-f .unit.on")).to_have_count(1)


def test_line_kept_stays_while_another_unit_is_chosen(page: Page) -> None:
    page.goto(SENTENCE + "&unit=3")
    page.locator("#pin").click()
    expect(page.locator("#pin")).to_have_count(0)
    page.locator("#c5").click()
    expect(page.locator(".legend")).to_contain_text("unit 5")
    expect(page.locator(".legend")).to_contain_text("unit 3")
    expect(page.locator(".line polyline.pin1")).to_have_count(1)
    page.locator("#unpin3").click()
    expect(page.locator(".line polyline.pin1")).to_have_count(0)


def test_tables_on_demand_hold_what_the_plots_show_and_follow_the_step(page: Page) -> None:
    page.goto(SENTENCE + "&t=2")
    expect(page.locator(".plot-table")).to_have_count(0)
    page.locator("#tables").click()
    expect(page.locator(".plot-table")).to_have_count(3)
    step = page.locator(".equation .plot-table")
    expect(step.locator("caption")).to_contain_text("Step 2 of 5, did")
    page.locator("#next").click()
    expect(step.locator("caption")).to_contain_text("Step 3 of 5, not")
    shown = (step.locator("tr.now td").nth(4), page.locator("#panel-c .value"))
    in_table, under_bars = (float(n.inner_text().replace("\u2212", "-")) for n in shown)
    assert abs(in_table - under_bars) <= 0.0055


def test_telling_unit_is_named_where_its_numbers_stand(page: Page) -> None:
    page.goto(SENTENCE)
    expect(page.locator("#unit-name")).to_contain_text("This unit holds the verdict")
    page.get_by_role("link", name="The figures").click()
    expect(page.locator("#card")).to_be_in_viewport()
    page.goto(SENTENCE + "&checkpoint=step-0")
    expect(page.locator("#unit-name")).to_have_count(0)
