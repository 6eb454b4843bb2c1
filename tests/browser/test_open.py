"""A file brought in the browser: chosen, shown as it was understood, and its gates on the desk."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.log import BrowserLog
from tests.browser.test_accessibility import LOOKS, check
from tests.server import running_server
from tests.weights.samples import samples


def file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def test_file_chosen_is_understood_and_its_gates_are_seen(page: Page, tmp_path: Path) -> None:
    with running_server({"GATE_EXPLORER_UPLOADS": str(tmp_path)}) as server:
        page.goto(f"{server.url}/open")
        page.set_input_files("#file", file("<i>mine.npz", samples()["stacked.npz"]))
        page.get_by_role("button", name="Open it").click()
        expect(page.get_by_text("the gates stand in the order ifgo")).to_be_visible()
        page.get_by_role("link", name="See its gates").click()
        expect(page.locator("[data-row=f]")).to_be_visible()
        expect(page.locator(".where")).to_have_text("12 of 12")
        page.locator("#prev").click()
        expect(page.locator(".where")).to_have_text("11 of 12")
        page.goto("about:blank")


def test_file_that_cant_be_opened_is_told_in_place(
    page: Page, tmp_path: Path, browser_log: BrowserLog
) -> None:
    browser_log.allow("status of 422")
    with running_server({"GATE_EXPLORER_UPLOADS": str(tmp_path)}) as server:
        page.goto(f"{server.url}/open")
        page.set_input_files("#file", file("a.bin", b"hello"))
        page.get_by_role("button", name="Open it").click()
        expect(page.get_by_role("alert")).to_contain_text("of no kind that is known")
        page.goto("about:blank")


DROP = """([zone, name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name));
  for (const type of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data });
    document.querySelector(zone).dispatchEvent(event);
    if (type === "dragover") window.marked = document.querySelector(zone).className;
  }
}"""


@pytest.mark.parametrize(("width", "height"), [(1366, 650), (390, 844)])
def test_file_dropped_is_opened_at_once(
    page: Page, tmp_path: Path, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    with running_server({"GATE_EXPLORER_UPLOADS": str(tmp_path)}) as server:
        page.goto(f"{server.url}/open")
        data = list(samples()["stacked.npz"])
        page.evaluate(DROP, ["#drop", "mine.npz", data])
        expect(page.get_by_text("the gates stand in the order ifgo")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.locator("#read-gate_order").select_option("iofg")
        page.get_by_role("button", name="Read it again with these choices").click()
        expect(page.locator("#read-gate_order")).to_have_value("iofg")
        expect(page.get_by_text("the gates stand in the order ifgo")).to_have_count(0)
        page.get_by_role("link", name="See its gates").click()
        expect(page.locator("[data-row=f]")).to_be_visible()
        page.goto("about:blank")


def test_sample_is_opened_in_one_press_and_its_words_are_read(page: Page, tmp_path: Path) -> None:
    with running_server({"GATE_EXPLORER_UPLOADS": str(tmp_path)}) as server:
        page.goto(f"{server.url}/open")
        page.get_by_role("button", name="letters.safetensors").click()
        expect(page.locator(".headline")).to_contain_text("One LSTM layer, 128 units")
        page.get_by_role("link", name="See its gates").click()
        expect(page.locator("#verdict")).to_contain_text("it expects")
        page.goto("about:blank")


def test_form_and_what_was_understood_pass_axe_in_either_look(page: Page, tmp_path: Path) -> None:
    with running_server({"GATE_EXPLORER_UPLOADS": str(tmp_path)}) as server:
        page.goto(f"{server.url}/open")
        check_in_looks(page)
        page.set_input_files("#file", file("chain.onnx", samples()["chain.onnx"]))
        page.get_by_role("button", name="Open it").click()
        expect(page.get_by_role("link", name="See its gates")).to_be_visible()
        check_in_looks(page)
        desk = page.get_by_role("link", name="See its gates").get_attribute("href")
        page.goto(f"{server.url}{desk}?t=3&layer=1-backward&drawer=about")
        expect(page.locator("#stack [aria-current]")).to_have_attribute("id", "look-1-backward")
        check_in_looks(page)
        page.goto("about:blank")


def check_in_looks(page: Page) -> None:
    """Wide and light, narrow and dark."""
    for scheme, width in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        check(page)
