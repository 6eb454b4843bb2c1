"""The experiment's slider in a browser: the lines move, the address follows."""

import re

from playwright.sync_api import Browser, Page, expect

PAGE = "/models/adding/distances"


def test_slider_moves_the_lines_and_the_address_follows(page: Page) -> None:
    page.goto(PAGE)
    line = page.locator(".far path.distance-cell:not(.before)")
    drawn = line.get_attribute("d")
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"checkpoint=step-722$"))
    expect(page.locator("#told")).to_contain_text("After update 722 of 4000")
    expect(slider).to_have_attribute("aria-valuetext", "update 722 of 4000")
    expect(slider).to_be_focused()
    assert line.get_attribute("d") != drawn
    assert "722" in page.title()
    page.reload()
    expect(slider).to_have_value("6")


def test_point_of_the_training_is_a_link(page: Page) -> None:
    page.goto(f"{PAGE}?checkpoint=step-722")
    page.get_by_role("link", name="1700").click()
    expect(page).to_have_url(re.compile(r"checkpoint=step-1700$"))
    expect(page.locator("#told")).to_contain_text("has learned to hold")


def test_slider_without_javascript_has_a_button(browser: Browser, base_url: str) -> None:
    with browser.new_context(base_url=base_url, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(PAGE)
        page.get_by_role("slider").press("Home")
        page.get_by_role("button", name="Show").click()
        expect(page).to_have_url(re.compile(r"checkpoint=step-0$"))
        expect(page.locator("#told")).to_contain_text("Before training")


def test_plot_and_slider_are_on_one_screen(page: Page) -> None:
    for width, height in ((1366, 650), (1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(PAGE)
        for part in ("#point", ".far"):
            box = page.locator(part).bounding_box()
            assert box is not None
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= height, (part, width)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
