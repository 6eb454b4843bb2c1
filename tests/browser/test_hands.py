"""Hands on: gates dragged by mouse and finger, moved by keys; guesses, and experiments to try."""

import json
import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from gate_explorer.zoo.registry import all_models
from tests.browser.explorer import address, step_shown

NOT = "/models/sentiment?text=The+movie+was+not+good.&t=4"
WITH_GATES = [model.card.id for model in all_models() if model.card.cell != "rnn"]


def clamps(page: Page) -> list[str]:
    """What the address holds."""
    return ";".join(parse_qs(urlsplit(page.url).query).get("clamp", [])).split(";")


def value(page: Page, gate: str) -> float:
    return float(page.locator(f"#fader-{gate}").get_attribute("aria-valuenow") or "nan")


def drag(page: Page, gate: str, to: float) -> None:
    """Drag a gate of the chosen unit to a share of its bar's height, by mouse."""
    box = page.locator(f"#fader-{gate}").bounding_box()
    assert box is not None
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] * (1 - to), steps=12)
    page.mouse.up()


@pytest.mark.core_flow
def test_gate_dragged_by_mouse_is_held_where_it_is_let_go_and_back_undoes_it(page: Page) -> None:
    page.goto(NOT)
    own, before = value(page, "i"), address(page)
    unit = page.locator("#desk").get_attribute("data-unit")
    drag(page, "i", 0.25)

    expect(page.locator("#held")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"clamp=input_gate:0\.\d+@4/{unit}$"))
    (held,) = clamps(page)
    assert abs(float(held.split(":")[1].split("@")[0]) - 0.25) < 0.06
    assert abs(value(page, "i") - 0.25) < 0.06
    expect(page.locator("#desk .ghost")).not_to_have_count(0)
    expect(page.locator("#curve .own")).to_have_count(1)
    step_shown(page, 4, 6)

    drag(page, "i", 0.9)
    expect(page).to_have_url(re.compile(rf"clamp=input_gate:0\.[89]\d*@4/{unit}$"))
    assert len(clamps(page)) == 1

    page.go_back()
    page.go_back()
    expect(page.locator("#held")).to_have_count(0)
    assert address(page) == before
    assert value(page, "i") == own


@pytest.mark.parametrize(
    ("place", "size"),
    [
        ("/models", (1366, 650)),
        ("/models", (640, 900)),
        ("/embed/models", (1366, 650)),
        ("/embed/models", (640, 400)),
    ],
)
def test_gate_of_a_single_unit_is_dragged_to_where_it_is_let_go(
    page: Page, place: str, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{place}/toy-rules?x=3,1,0;5,0,1&t=2")
    for gate in "fio":
        drag(page, gate, 0.75)
        expect(page.locator("#held")).to_be_visible()
        assert abs(value(page, gate) - 0.75) < 0.06
    card = page.locator(".now-card").bounding_box()
    assert card is not None
    assert card["height"] < 180  # words stand in lines, not in a column of letters


def test_gate_dragged_by_finger_sends_at_most_ten_runs_a_second(page: Page) -> None:
    asked: list[Request] = []
    page.on("request", lambda r: asked.append(r) if "clamp=" in r.url else None)
    page.goto(NOT)
    box = page.locator("#fader-f").bounding_box()
    assert box is not None
    x, top, height = box["x"] + box["width"] / 2, box["y"], box["height"]
    touch = page.context.new_cdp_session(page)

    def send(kind: str, y: float | None) -> None:
        points = [] if y is None else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    started = time.monotonic()
    send("touchStart", top + height - 1)
    for k in range(30):
        send("touchMove", top + height * (1 - k / 30))
        page.wait_for_timeout(20)
    send("touchEnd", None)

    expect(page.locator("#held")).to_be_visible()
    expect(page).to_have_url(re.compile(r"clamp=forget_gate:[01][.\d]*@4/\d+$"))
    assert value(page, "f") > 0.8
    assert len(asked) <= 10 * (time.monotonic() - started) + 2


def test_gate_is_held_by_keys_alone_and_let_go_by_a_link(page: Page) -> None:
    page.goto(NOT)
    fader = page.locator("#fader-i")
    fader.focus()
    page.keyboard.press("Home")
    expect(fader).to_have_attribute("aria-valuenow", "0.00")
    expect(page.locator("#held")).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(fader).to_have_attribute("aria-valuenow", "0.05")
    page.keyboard.press("End")
    expect(fader).to_have_attribute("aria-valuenow", "1.00")
    expect(page).to_have_url(re.compile(r"clamp=input_gate:1@4/\d+$"))
    page.locator("#let-go").click()
    expect(page.locator("#held")).to_have_count(0)


def test_fader_of_the_drawer_holds_and_one_press_silences(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{NOT}&unit=39&drawer=unit")
    field = page.locator("#hold-output_gate")
    box = field.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    field.focus()
    page.keyboard.press("Home")
    expect(page.locator("#held")).to_be_visible()
    assert clamps(page) == ["output_gate:0@4/39"]
    page.locator("#silence").click()
    expect(page.locator("#silence")).to_have_text("Let it be heard")
    assert clamps(page) == ["output_gate:0@4/39", "output_gate:0@*/39"]


def test_switch_in_the_drawer_holds_in_all_units_by_finger_and_on_the_desk(page: Page) -> None:
    page.goto(f"{NOT}&unit=39&drawer=unit")
    page.locator("#everywhere").check()
    page.locator("#hold-input_gate").focus()
    page.keyboard.press("Home")
    expect(page).to_have_url(re.compile(r"clamp=input_gate:0@4$"))
    expect(page.locator("#everywhere")).to_be_checked()
    drag(page, "f", 0.9)
    expect(page).to_have_url(re.compile(r"clamp=input_gate:0@4;forget_gate:[01][.\d]*@4$"))


@pytest.mark.parametrize("model_id", WITH_GATES)
def test_every_suggested_experiment_does_what_it_says(page: Page, model_id: str) -> None:
    page.goto(f"/models/{model_id}")
    steps = int(page.locator("#explorer").get_attribute("data-steps") or "0")
    page.goto(f"/models/{model_id}?{urlsplit(page.url).query}")
    base = page.locator("#explorer").get_attribute("data-canonical") or ""
    pressed = 0
    for t in range(1, min(steps, 8) + 1):
        joined = "&" if "=" in base else ""
        page.goto(re.sub(r"([?&])t=\d+", r"\1", base).rstrip("&") + f"{joined}t={t}")
        link = page.locator("#try")
        if link.count() == 0:
            continue
        if link.inner_text().startswith("Go to"):
            link.click()
            expect(link).not_to_have_text(re.compile("Go to"))
        said = page.locator(".try p").first.inner_text()
        promised = re.search(r"Then it ends (?:at|with) (.+), not", said)
        assert promised is not None, said
        link.click()
        expect(page.locator("#held")).to_be_visible()
        pressed += 1
        assert ends(page, promised[1]), (t, said, page.url)
    assert pressed or steps == 1 or model_id in {"agreement", "characters"}, model_id


def ends(page: Page, promised: str) -> bool:
    """Whether the run under the address's clamp ends as promised, by the JSON of the same run."""
    trace = page.locator("link[rel=alternate][type='application/json']").get_attribute("href")
    json_address = page.locator("#explorer").get_attribute("data-json") or trace or ""
    document = json.loads(page.request.get(json_address).text())
    output = document["steps"][-1]["output"]
    told = promised.replace("−", "-").replace("\xa0", " ")
    if output["kind"] == "number":
        value = float(re.findall(r"-?[\d.]+(?:e-?\d+)?", told)[0])
        if "series" not in document:
            return bool(abs(output["value"] - value) < 0.0051)
        column = document["series"]["columns"][0]
        came = output["value"] * column["spread"] + column["mean"]
        return bool(abs(came - value) <= 0.006 * abs(came))
    if output.get("tone") is not None:
        return bool(abs(output["tone"] - float(told)) < 0.0051)
    found = re.fullmatch(r"“(.+)” at ([<>]?)(\d+) %", told)
    assert found is not None, told
    shares = output.get("probabilities") or {
        each["token"]: each["probability"] for each in output["top"]
    }
    share, whole = shares.get(found[1], 0.0) * 100, int(found[3])
    if found[1] not in shares:  # of tokens, the ten likeliest alone are told
        return bool(whole <= min(shares.values()) * 100 + 0.51)
    if found[2]:
        return bool(share < whole if found[2] == "<" else share > whole)
    return bool(abs(share - whole) <= 0.51)


def test_guesses_are_told_right_or_wrong_and_the_page_keeps_score(page: Page) -> None:
    page.goto("/models/toy-rules?x=3,1,0;5,0,1;2,1,0;3,0,1")
    page.locator("#guess").click()
    expect(page.locator("#guess")).to_have_attribute("aria-checked", "true")
    step_shown(page, 1, 4)
    page.locator("[data-guess]", has_text=re.compile(r"^3$")).click()
    expect(page.locator("#guessed")).to_have_text("Right: the memory is 3.")
    expect(page.locator("#score")).to_have_text("1 of 1 right so far")
    page.get_by_role("link", name="Guess what is next").click()
    page.locator("[data-guess]", has_text=re.compile(r"^3$")).click()
    expect(page.locator("#guessed")).to_have_text("Not so: the memory is 5.")
    expect(page.locator("#score")).to_have_text("1 of 2 right so far")
    page.locator("#guess").click()
    expect(page.locator("#guess")).to_have_attribute("aria-checked", "false")


def test_guessing_hides_what_comes_in_words_tape_and_curve_until_it_is_chosen(page: Page) -> None:
    page.goto(f"{NOT}&guess=first")
    assert "good ?" in page.locator("#tape").inner_text()
    assert page.locator("#tape li").nth(5).inner_text().strip() == ""
    expect(page.locator("#verdict")).to_contain_text("Which way will the verdict go?")
    expect(page.locator("[data-guess]")).to_have_count(3)
    expect(page.locator("#drawers [role=tab]")).to_have_count(2)
    page.goto(f"/embed{NOT}&guess=first")
    expect(page.locator("[data-guess]")).to_have_count(3)
