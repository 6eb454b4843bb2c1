"""A stack on the desk: its layers and directions are chosen on the small map, on every screen."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.weights import torch
from tests.browser.seen import PARTS, seen
from tests.server import running_server
from tests.weights.samples import cell, npz

SIZES = ((1366, 650), (1280, 900), (390, 844))
H = 16


def stack_of(layers: int, hidden: int = H) -> Stack:
    widths = [2, *[2 * hidden] * layers]
    return Stack(
        tuple(
            tuple(Pass(cell(2 * n + k, widths[n], hidden, biases=2), k == 1) for k in range(2))
            for n in range(layers)
        )
    )


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, str]]:
    """The whole addresses of stacks of so many layers, both ways."""
    folder = tmp_path_factory.mktemp("uploads")
    with running_server({"GATE_EXPLORER_UPLOADS": str(folder)}) as server:
        pages = {}
        for layers in (1, 2, 8):
            data = npz(torch.stack_to_torch(stack_of(layers)))
            answer = httpx.post(f"{server.url}/api/v1/models", files={"file": data}, timeout=60)
            pages[layers] = f"{server.url}{answer.json()['links']['page']}"
        yield pages


def values(page: Page) -> list[Any]:
    found: list[Any] = page.locator("#desk .row .value b").all_text_contents()
    return found


def test_layer_chosen_on_the_map_is_shown_and_stays_in_every_link(
    page: Page, opened: dict[int, str]
) -> None:
    page.goto(f"{opened[2]}?t=5&unit=3")
    expect(page.locator("#stack [aria-current]")).to_have_attribute("id", "look-2-backward")
    before = values(page)
    page.locator("#look-1").click()
    expect(page.locator("#stack [aria-current]")).to_have_attribute("id", "look-1")
    assert "layer=1&" in f"{page.url}&"
    assert values(page) != before
    page.locator("#next").click()
    expect(page.locator(".where")).to_have_text("6 of 12")
    assert "layer=1&" in f"{page.url}&"
    expect(page.locator("#stack [aria-current]")).to_have_attribute("id", "look-1")
    page.get_by_role("tab", name="What if").click()
    expect(page.locator("#hold select").last).to_contain_text("of layer 1, forward")
    for address in page.locator("#tabs a, #share a[href*='.png']").evaluate_all(
        "all => all.map((a) => a.getAttribute('href'))"
    ):
        assert "layer=1" in address, address
    page.goto("about:blank")


@pytest.mark.parametrize("layer", ["1", "1-backward", "2", "2-backward"])
def test_gate_dragged_in_a_layer_is_held_in_that_layer(
    page: Page, opened: dict[int, str], layer: str
) -> None:
    page.goto(f"{opened[2]}?t=5&unit=3&layer={layer}")
    own = values(page)
    fader = page.locator("#fader-i")
    box = fader.bounding_box()
    assert box is not None
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] * 0.75, steps=8)
    page.mouse.up()
    expect(page.locator("#held")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"clamp=input_gate:0\.\d+@5/3/layer:{layer}(&|$)"))
    assert abs(float(fader.get_attribute("aria-valuenow") or "nan") - 0.25) < 0.06
    expect(page.locator("#desk .row-i .label")).to_contain_text("in unit 3")
    assert values(page) != own

    fader.focus()
    page.keyboard.press("Home")
    expect(page).to_have_url(re.compile(rf"clamp=input_gate:0@5/3/layer:{layer}(&|$)"))
    other = "2" if layer != "2" else "1"
    page.locator(f"#look-{other}").click()
    expect(page.locator("#stack [aria-current]")).to_have_attribute("id", f"look-{other}")
    expect(page.locator("#held")).to_be_visible()
    expect(page.locator("#desk .row-i .label")).not_to_contain_text("in unit 3")
    page.locator("#let-go").click()
    expect(page.locator("#held")).to_have_count(0)
    page.goto("about:blank")


def test_switch_for_guessing_does_not_stand_on_the_map(page: Page, opened: dict[int, str]) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for shape in ("", "&only=1&unit=1"):
            page.goto(f"{opened[2]}?t=5&layer=1{shape}")
            switch = page.locator("#guess").bounding_box()
            assert switch is not None
            for each in page.locator("#stack a, #stack small").all():
                box = each.bounding_box()
                assert box is not None
                beside = box["x"] + box["width"] <= switch["x"] + 1
                assert beside or box["y"] + box["height"] <= switch["y"] + 1, (width, shape)
    page.goto("about:blank")


def test_pass_from_the_end_plays_from_the_end(page: Page, opened: dict[int, str]) -> None:
    page.goto(f"{opened[2]}?t=3")
    expect(page.locator("#desk .row-c_prev .label")).to_contain_text("from the step after")
    turned = page.locator(".icon-play").evaluate("play => getComputedStyle(play).transform")
    assert turned == "matrix(-1, 0, 0, 1, 0, 0)"
    page.locator("#play").click()
    expect(page.locator(".where")).to_have_text("1 of 12")
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    page.locator("#play").click()
    expect(page.locator(".where")).to_have_text("12 of 12")
    expect(page.locator("#desk .row-c_prev .label")).to_contain_text("it begins here, at the end")
    page.goto("about:blank")


@pytest.mark.parametrize("layers", [1, 2, 8])
def test_desk_of_a_stack_is_whole_on_one_screen(
    page: Page, opened: dict[int, str], layers: int
) -> None:
    page.goto(f"{opened[layers]}?t=5")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found = seen(page, PARTS)
        assert found["missing"] == [], (width, height)
        assert found["covered"] == [], (width, height)
        assert found["sideways"] <= 0, (width, height)
        inside = page.evaluate(
            """() => {
              const card = document.querySelector(".now-card").getBoundingClientRect();
              const parts = [...document.querySelectorAll("#stack a, .now-card .numbers")];
              return parts.filter((each) => each.getClientRects().length).every((each) => {
                const { left, right, bottom } = each.getBoundingClientRect();
                return left >= card.left && right <= card.right && bottom <= card.bottom;
              });
            }"""
        )
        assert inside, (width, height)
    page.goto("about:blank")


def test_map_works_without_javascript(browser: Browser, opened: dict[int, str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{opened[2]}?t=5")
    before = values(page)
    page.locator("#look-2").click()
    assert page.locator("#stack [aria-current]").get_attribute("id") == "look-2"
    assert values(page) != before
    context.close()


def test_map_shows_what_each_pass_shows(page: Page, opened: dict[int, str]) -> None:
    page.goto(f"{opened[2]}?t=5&layer=1")
    paths = page.locator("#stack .pass path").evaluate_all(
        "all => all.map((path) => path.getAttribute('d'))"
    )
    assert len(set(paths)) == 4
    assert all(len(np.array(path.split("V"))) == 2 * 12 + 1 for path in paths)
    page.goto("about:blank")


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole address of a layer of 512 units that reads 300 numbers."""
    folder = tmp_path_factory.mktemp("uploads")
    with running_server({"GATE_EXPLORER_UPLOADS": str(folder)}) as server:
        data = npz(torch.to_torch(cell(1, 300, 512)))
        answer = httpx.post(f"{server.url}/api/v1/models", files={"file": data}, timeout=60)
        yield f"{server.url}{answer.json()['links']['page']}"


def test_desk_of_512_units_is_whole_and_holds_those_that_move_most(page: Page, wide: str) -> None:
    page.goto(f"{wide}?t=2")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found = seen(page, PARTS)
        assert (found["missing"], found["covered"]) == ([], []), (width, height)
        assert found["sideways"] <= 0, (width, height)
    order = page.locator("#desk").get_attribute("data-order") or ""
    drawn = [int(unit) for unit in order.split(",")]
    model = wide.replace("/models", "/api/v1/models")
    trace = httpx.get(f"{model}/trace?{example_of(wide)}").json()
    h = np.array([step["layers"][0]["hidden_state"] for step in trace["steps"]])
    moved = np.abs(np.diff(h, axis=0, prepend=0)).sum(axis=0)
    assert len(drawn) == 128
    assert set(drawn) == set((np.argsort(-moved)[:128] + 1).tolist())
    assert page.locator("#desk").get_attribute("data-unit") == str(moved.argmax() + 1)
    page.goto("about:blank")


def example_of(address: str) -> str:
    found: str = httpx.get(address.replace("/models", "/api/v1/models")).json()["examples"][0]
    return found


def test_every_one_of_512_units_can_be_reached_on_a_phone(page: Page, wide: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{wide}?t=2")
    reached: list[str] = []
    for block in range(4):
        reached += page.locator(".unit-windows a", has_text="–").all_text_contents()
        if block < 3:
            page.get_by_role("link", name="the units after").click()
            expect(page.locator(".unit-windows")).to_contain_text(f"{128 * (block + 1) + 1}–")
    assert reached == [f"{n + 1}–{n + 32}" for n in range(0, 512, 32)]
    page.goto("about:blank")


def test_page_of_512_units_and_300_numbers_is_light(wide: str) -> None:
    answer = httpx.get(f"{wide}?t=2", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.num_bytes_downloaded < 80_000
    assert len(answer.content) < 400_000
