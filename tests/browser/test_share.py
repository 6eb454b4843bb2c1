"""The options of an embedded step, pressed in a browser."""

import pytest
from playwright.sync_api import Browser, Page, expect

STATE = "models/exercise?x=1;2;3&t=2"


def choose_and_press(page: Page) -> None:
    """Options, a width, and at once a preset, which takes the place of the width alone."""
    page.get_by_label("Hide the controls").check()
    page.get_by_label("dark", exact=True).check()
    page.locator("#embed-width").fill("777")
    page.get_by_role("button", name="Phone, 360 × 640").click()
    frame = page.locator("#preview")
    expect(frame).to_have_attribute("width", "360")
    expect(frame).to_have_attribute("height", "640")
    expect(frame).to_have_attribute("src", f"/embed/{STATE}&theme=dark&controls=0")
    expect(page.locator("#embed-width")).to_have_value("360")
    expect(page.locator("#embed-height")).to_have_value("640")
    expect(page.get_by_role("button", name="Phone, 360 × 640")).to_have_attribute(
        "aria-pressed", "true"
    )


@pytest.mark.parametrize("script", [True, False])
def test_share_preset_keeps_the_options_chosen_before_it(
    page: Page, browser: Browser, base_url: str, script: bool
) -> None:
    if not script:
        context = browser.new_context(base_url=base_url, java_script_enabled=False)
        page = context.new_page()
    page.goto(f"/share/{STATE}")
    choose_and_press(page)


def test_share_panel_preset_keeps_the_options_and_the_page(page: Page) -> None:
    page.goto(f"/{STATE}")
    page.get_by_role("button", name="Share").first.click()
    choose_and_press(page)
    assert page.url.endswith(f"/{STATE}")


def test_share_enter_in_a_side_keeps_what_was_typed(page: Page) -> None:
    page.goto(f"/share/{STATE}")
    page.locator("#embed-width").fill("500")
    page.locator("#embed-width").press("Enter")
    expect(page.locator("#preview")).to_have_attribute("width", "500")
    expect(page.locator("#preview")).to_have_attribute("height", "480")
