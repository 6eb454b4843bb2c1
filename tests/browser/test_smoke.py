"""The first page in a real Chromium: it loads, htmx runs, and it works without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

TITLE = re.compile("Gate Explorer")


@pytest.mark.core_flow
def test_first_page_opened_has_title_and_heading(page: Page) -> None:
    page.goto("/")
    expect(page).to_have_title(TITLE)
    expect(page.locator("h1")).to_have_count(1)


@pytest.mark.core_flow
def test_first_page_opened_runs_htmx_under_its_integrity(page: Page) -> None:
    page.goto("/")
    scripts = page.locator("script[src*='htmx']")
    expect(scripts.first).to_have_attribute("integrity", re.compile("^sha384-"))
    assert page.evaluate("typeof htmx") == "object"
    assert page.evaluate("htmx.version") == "4.0.1"


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_first_page_without_javascript_has_title_and_form(page: Page) -> None:
    response = page.goto("/")
    assert response is not None
    assert response.status == 200
    expect(page).to_have_title(TITLE)
    expect(page.locator("form").first).to_be_visible()
