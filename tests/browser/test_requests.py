"""What goes over the wire: a light first view, and the next step ahead, asked for once.

A guarded context routes its requests, which switches the browser's cache off; so these tests have a
context of their own, on a server that serves htmx itself.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.server import RunningServer, running_server
from tools import htmx

WALK = "/models/sentiment?text=I+did+not+love+France&t="
SAVES_DATA = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"


@pytest.fixture(scope="module")
def own_server() -> Iterator[RunningServer]:
    with running_server(
        {"GATE_EXPLORER_HTMX_FILE": str(htmx.CACHE / "dist/htmx.min.js")}
    ) as running:
        yield running


@pytest.fixture
def own_page(browser: Browser, own_server: RunningServer) -> Iterator[Page]:
    context = browser.new_context(base_url=own_server.url)
    yield context.new_page()
    context.close()


def requests_and_bytes(page: Page, path: str) -> tuple[int, int]:
    """What a first view costs with an empty cache, until nothing more is asked for."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    requests: list[str] = []
    sent: list[int] = []
    session.on("Network.requestWillBeSent", lambda event: requests.append(event["request"]["url"]))
    session.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    page.goto(path, wait_until="networkidle")
    return len(requests), sum(sent)


class Asked:
    """How often the page has asked for a step since the test began."""

    def __init__(self, page: Page) -> None:
        self.addresses: list[str] = []
        page.on("request", lambda request: self.addresses.append(request.url))

    def __call__(self, t: int) -> int:
        return sum(address.endswith(f"&t={t}") for address in self.addresses)


def step_shown(page: Page, t: int) -> None:
    expect(page.locator(".where")).to_have_text(f"{t} of 5")


def loaded_ahead(page: Page, t: int) -> str:
    """Point at the control of a step, and wait for its fragment."""
    with page.expect_response(lambda response: response.url.endswith(f"&t={t}")) as answer:
        page.locator("#next").hover()
    answer.value.finished()
    return answer.value.headers["cache-control"]


@pytest.mark.parametrize("path", ["/", WALK + "1"])
def test_first_view_is_at_most_six_requests_and_60_kib(own_page: Page, path: str) -> None:
    requests, sent = requests_and_bytes(own_page, path)
    assert 1 < requests <= 6
    assert 10_000 < sent <= 60 * 1024


def test_next_pointed_at_is_loaded_ahead_and_pressed_without_another_request(
    own_page: Page, own_server: RunningServer
) -> None:
    asked = Asked(own_page)
    own_page.goto(WALK + "1")
    assert asked(2) == 0
    assert loaded_ahead(own_page, 2) == "private, max-age=60"
    own_page.locator("#next").click()
    step_shown(own_page, 2)
    assert own_page.url == own_server.url + WALK + "2"
    assert asked(2) == 1


def test_step_taken_loads_the_one_after_it_and_the_way_back_is_kept(own_page: Page) -> None:
    own_page.goto(WALK + "1")
    asked = Asked(own_page)
    for t in (2, 3):
        with own_page.expect_response(re.compile(f"&t={t + 1}$")):
            own_page.keyboard.press("ArrowRight")
        step_shown(own_page, t)
    own_page.keyboard.press("ArrowLeft")
    step_shown(own_page, 2)
    assert [asked(t) for t in (2, 3, 4)] == [1, 1, 1]


def test_focus_on_next_loads_it_ahead(own_page: Page) -> None:
    own_page.goto(WALK + "1")
    with own_page.expect_response(lambda response: response.url.endswith("&t=2")):
        own_page.locator("#next").focus()


def test_reload_of_a_step_loaded_ahead_is_a_whole_page(own_page: Page) -> None:
    own_page.goto(WALK + "1")
    loaded_ahead(own_page, 2)
    own_page.goto(WALK + "2")
    expect(own_page.locator("header.masthead")).to_be_visible()


def test_play_asks_for_each_step_once(own_page: Page) -> None:
    own_page.goto(WALK + "1")
    asked = Asked(own_page)
    own_page.locator("#play").click()
    step_shown(own_page, 5)
    assert [asked(t) for t in (2, 3, 4, 5)] == [1, 1, 1, 1]


def test_visitor_who_saves_data_gets_nothing_ahead(own_page: Page) -> None:
    own_page.add_init_script(SAVES_DATA)
    own_page.goto(WALK + "1")
    asked = Asked(own_page)
    own_page.locator("#next").hover()
    own_page.locator("#next").click()
    step_shown(own_page, 2)
    own_page.locator("#prev").hover()
    step_shown(own_page, 2)
    assert [asked(t) for t in (1, 2, 3)] == [0, 1, 0]


def test_step_loaded_ahead_is_shown_without_another_request(page: Page) -> None:
    page.goto(WALK + "1")
    with page.expect_response(lambda answer: "t=2" in answer.url) as loaded:
        page.locator("#next").hover()
    loaded.value.finished()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#next").click()
    step_shown(page, 2)
    page.wait_for_timeout(200)
    assert not [url for url in asked if url.endswith("t=2")]
    assert [url for url in asked if url.endswith("t=3")]
