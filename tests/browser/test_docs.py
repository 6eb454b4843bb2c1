"""The API's documentation in a browser: its JavaScript runs, one language shows, nothing spills."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.log import BrowserLog


def test_docs_javascript_examples_run_as_written(page: Page, browser_log: BrowserLog) -> None:
    for status in ("404", "415", "422"):
        browser_log.allow(status)
    page.goto("/docs")
    examples = page.locator(".example")
    count = examples.count()
    assert count > 40
    for n in range(count):
        code = examples.nth(n).locator(".code.javascript").text_content()
        # What an example prints is what its call gives: the code is the function's whole body.
        printed = page.evaluate(
            f"async () => {{ let told; const console = {{ log: (...all) => {{ told = all; }} }};"
            f"\n{code}\nreturn told.length && told[0] instanceof ArrayBuffer"
            f" ? told[0].byteLength : JSON.stringify(told); }}"
        )
        assert printed, code
        if "gives 2" not in examples.nth(n).inner_text():
            assert printed.startswith("[4"), code


@pytest.mark.parametrize("script", [True, False])
def test_docs_show_the_language_that_is_chosen(
    browser: Browser, base_url: str, script: bool
) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=script)
    page = context.new_page()
    page.goto("/docs")
    first = page.locator(".example").first
    for language in ("curl", "JavaScript", "Python"):
        page.get_by_label(language, exact=True).check()
        expect(first.locator("pre.code:visible")).to_have_count(1)
        expect(first.locator(f"pre.{language.lower()}")).to_be_visible()
    context.close()


def test_docs_keep_the_language_and_the_theme(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/docs")
    page.get_by_label("Python", exact=True).check()
    page.evaluate("localStorage.setItem('gate-explorer-theme', 'dark')")
    page.reload()
    expect(page.get_by_label("Python", exact=True)).to_be_checked()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_docs_send_shows_the_answer(page: Page) -> None:
    page.goto("/docs")
    step = page.locator(".example[data-method=POST][data-path$='/toy-rules/step']").first
    step.get_by_role("button", name="Send").click()
    expect(step.locator("output")).to_contain_text("200 OK")
    expect(step.locator("output")).to_contain_text('"hidden_state"')


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1366, "dark")])
def test_docs_fit_the_width_and_are_accessible(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto("/docs")
    for language in ("curl", "JavaScript", "Python"):
        page.get_by_label(language, exact=True).check()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    # Each method of the contents stands on one line.
    heights = page.locator(".contents span").evaluate_all("all => all.map(e => e.offsetHeight)")
    assert len(set(heights)) == 1
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
