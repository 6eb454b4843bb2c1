"""A series pasted in the browser: its names on the tape, its forecasts in its own units."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.log import BrowserLog

TEXT = "year,height (m)\n" + "\n".join(f"{1990 + n},{5 + n % 3}" for n in range(9))


def paste(page: Page, text: str) -> None:
    page.goto("/models/forecast?drawer=series")
    page.locator("#paste-series").fill(text)
    page.get_by_role("button", name="Read it").click()


def is_shown(page: Page) -> None:
    expect(page.locator("#legend")).to_have_text("height (m); → what it expects next")
    expect(page.locator("#reel .now b")).to_have_text("1998")
    expect(page.locator("#reel .now .read")).to_have_text("7")
    expect(page.locator("#verdict .headline")).to_contain_text("for 1999 it expects")
    expect(page.locator("#verdict .headline b")).to_contain_text("m")
    expect(page.locator("#verdict .facts dd")).to_have_text(["7\N{NO-BREAK SPACE}m"])
    expect(page.locator("#drawer")).to_contain_text("height (m) less 6, by 0.816497")


@pytest.mark.core_flow
def test_pasted_series_is_read_and_walked_through(page: Page) -> None:
    paste(page, TEXT)
    is_shown(page)
    page.locator("#prev").click()
    expect(page.locator("#reel .now b")).to_have_text("1997")
    expect(page.locator("#verdict .facts dt")).to_have_text(["what came", "the last value"])
    assert "rows=1990&" in page.url


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_pasted_series_is_read_without_javascript(page: Page) -> None:
    paste(page, TEXT)
    is_shown(page)


def test_bad_cell_is_told_beside_the_form_and_can_be_mended(
    page: Page, browser_log: BrowserLog
) -> None:
    browser_log.allow("status of 422")
    paste(page, TEXT.replace("1994,6", "1994,<b>six</b>"))
    expect(page.locator("#paste-faults")).to_contain_text("Row 6, column height: “<b>six</b>” came")
    area = page.locator("#paste-series")
    area.fill(area.input_value().replace("<b>six</b>", "6"))
    page.get_by_role("button", name="Read it").click()
    is_shown(page)


def test_typed_numbers_keep_their_units(page: Page) -> None:
    paste(page, TEXT)
    page.locator("#field").fill("5; 6; 7; 5; 6")
    expect(page.locator("#reel .now b")).to_have_text("1994")
    expect(page.locator("#legend")).to_contain_text("height (m)")
