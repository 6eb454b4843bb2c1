"""The site below a path of a real nginx that takes the path off, in a real browser."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.browser.conftest import guard
from tests.browser.explorer import step_shown
from tests.browser.log import BrowserLog
from tests.deploy.services import below, running_nginx
from tests.server import HOST, free_port, running_server
from tests.weights.samples import samples
from tools import browser as browsers
from tools import htmx

SITE = "/schools/gates"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site's address behind nginx."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    settings = {"GATE_EXPLORER_ROOT_PATH": SITE, "GATE_EXPLORER_UPLOADS": str(folder / "uploads")}
    with running_server(settings) as server:
        configuration = below(folder, SITE, server.port, port)
        with running_nginx(folder, configuration, port) as url:
            yield f"{url}{SITE}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    executable = browsers.find()
    assert executable, browsers.CHROMIUM.how_to_install
    with sync_playwright() as playwright:
        arguments = browsers.LAUNCH_ARGUMENTS
        yield playwright.chromium.launch(executable_path=executable, args=arguments)


@pytest.fixture(params=[True])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page, with JavaScript or without; an error, or a request outside of the site, fails."""
    log = BrowserLog()
    context = chromium.new_context(java_script_enabled=request.param)
    cdn = {htmx.CDN + name: htmx.cached(name) or b"" for name in htmx.INTEGRITY}
    guard(context, cdn, log)

    def note(asked: Request) -> None:
        parts = urlsplit(asked.url)
        if parts.hostname == HOST and not parts.path.startswith(f"{SITE}/"):
            log.add(f"outside of the site: {asked.url}")

    context.on("request", note)
    yield context.new_page()
    context.close()
    assert log.unexpected() == []


@pytest.fixture
def asked(page: Page) -> list[str]:
    """The paths that the browser asks for."""
    paths: list[str] = []
    page.on("request", lambda request: paths.append(urlsplit(request.url).path))
    return paths


def test_steps_gates_drawers_and_shares_stay_below_the_path(
    page: Page, site: str, asked: list[str]
) -> None:
    page.goto(f"{site}/")
    step_shown(page, 2, 4)
    page.locator("#next").click()
    step_shown(page, 3, 4)
    assert urlsplit(page.url).path == f"{SITE}/models/toy-rules"
    page.locator("#tab-hold").click()
    expect(page.locator("#drawer.drawer-hold")).to_be_visible()
    page.locator("#fader-f").focus()
    page.keyboard.press("Home")
    expect(page.locator("#held")).to_be_visible()
    assert "clamp=" in page.url
    page.get_by_role("button", name="Share").first.click()
    expect(page.locator("#share-link")).to_contain_text(f"{site}/models/toy-rules?")
    expect(page.locator("#preview")).to_have_attribute(
        "src", re.compile(rf"^{SITE}/embed/models/toy-rules\?")
    )
    page.keyboard.press("Escape")
    page.go_back()
    expect(page.locator("#held")).to_have_count(0)
    page.reload()
    step_shown(page, 3, 4)
    assert f"{SITE}/static/explorer.js" in asked
    assert f"{SITE}/share/models/toy-rules" in asked


def test_every_link_of_the_header_leads_to_a_page(page: Page, site: str, asked: list[str]) -> None:
    page.goto(f"{site}/models/sentiment?text=I+love+it")
    links = page.locator("header a, footer a")
    addresses = {links.nth(n).get_attribute("href") or "" for n in range(links.count())}
    host = site.removesuffix(SITE)
    for address in sorted(addresses):
        answer = page.goto(f"{host}{address}")
        assert answer is not None
        assert answer.ok, address
    assert len(set(asked)) > len(addresses) / 2


@pytest.mark.parametrize("page", [False], indirect=True)
def test_forms_and_redirects_stay_below_the_path_without_javascript(
    page: Page, site: str, asked: list[str]
) -> None:
    page.goto(f"{site}/models/sentiment")
    page.locator("#field").fill("not good at all")
    page.locator("#feed").get_by_role("button").first.click()
    expect(page).to_have_url(re.compile(rf"{SITE}/models/sentiment\?.*text=not\+good"))
    page.locator("#prev").click()
    expect(page).to_have_url(re.compile(rf"{SITE}/models/sentiment\?.*[?&]t=\d"))
    page.goto(f"{site}/open")
    page.set_input_files(
        "#file",
        {
            "name": "mine.npz",
            "mimeType": "application/octet-stream",
            "buffer": samples()["stacked.npz"],
        },
    )
    page.get_by_role("button", name="Open it").click()
    page.get_by_role("link", name="See its gates").click()
    expect(page.locator("[data-row=f]")).to_be_visible()
    assert asked


def test_example_of_the_documentation_is_sent_below_the_path(
    page: Page, site: str, asked: list[str]
) -> None:
    page.goto(f"{site}/docs")
    example = page.locator(".example").first
    example.locator(".send").click()
    expect(example.locator("output")).to_contain_text("200")
    assert f"{SITE}/api/v1/models" in asked
