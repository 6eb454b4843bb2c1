"""The options of an embedded step: presets that carry what else is chosen, and their sizes."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from tests.web.reading import Node, read_html, submissions

HTML = {"Accept": "text/html"}
STATE = "models/exercise?x=1;2;3&t=2"
PRESETS = {
    "As wide as its place × 480": ("100%", "480", ""),
    "Article, 720 × 480": ("720", "480", "&width=720"),
    "Small, 640 × 400": ("640", "400", "&width=640&height=400"),
    "Phone, 360 × 640": ("360", "640", "&width=360&height=640"),
}
CHOSEN = "&theme=dark&autoplay=1&controls=0"


def page(client: httpx.Client, address: str, status: int = 200) -> Node:
    response = client.get(address, headers=HTML, follow_redirects=True)
    assert response.status_code == status, response.text[:300]
    return read_html(response.text)


def presets(found: Node) -> list[Node]:
    return [node for node in found.all("button") if node.get("name") == "size"]


def pressed(found: Node, button: Node, changes: dict[str, str]) -> str:
    """The address that the form asks for with a button, after some of its fields were changed."""
    form = found.one("form", id="embed-form")
    fields: dict[str, str] = {}
    for node in form.walk():
        chosen = node.get("type") not in {"radio", "checkbox"} or "checked" in node.attributes
        if node.tag == "input" and chosen:
            fields[node.get("name")] = node.get("value")
    sent = {**fields, **changes}
    if button.get("name"):
        sent[button.get("name")] = button.get("value")
    return f"{form.get('action')}?{urlencode(sent)}"


def frame(found: Node) -> tuple[str, str]:
    shown = found.one("iframe", id="preview")
    return shown.get("width"), shown.get("height")


def test_share_without_a_size_frames_as_wide_as_its_place_and_as_high_as_the_equation(
    client: httpx.Client,
) -> None:
    found = page(client, f"/share/{STATE}")
    assert frame(found) == ("100%", "480")
    chosen = [node.text.strip() for node in presets(found) if node.get("aria-pressed") == "true"]
    assert chosen == ["As wide as its place × 480"]


def test_share_presets_are_buttons_of_the_options_form(client: httpx.Client) -> None:
    found = page(client, f"/share/{STATE}")
    inside = {id(node) for node in found.one("form", id="embed-form").walk()}
    assert [node.text.strip() for node in presets(found)] == list(PRESETS)
    assert all(id(node) in inside for node in presets(found))
    assert not found.one("form", id="embed-form").all("a")


@pytest.mark.parametrize(("name", "expected"), PRESETS.items())
def test_share_preset_carries_the_options_chosen_a_moment_before(
    client: httpx.Client, name: str, expected: tuple[str, str, str]
) -> None:
    """Without a script: nothing was sent between choosing and pressing."""
    width, height, query = expected
    found = page(client, f"/share/{STATE}&width=500&height=300")
    (button,) = [node for node in presets(found) if node.text.strip() == name]
    changes = {"theme": "dark", "autoplay": "1", "controls": "0", "width": "777"}
    asked = pressed(found, button, changes)
    response = client.get(asked, headers=HTML)
    assert response.status_code == 303
    leads = response.headers["location"]
    assert leads == f"/share/{STATE}{CHOSEN}{query}"
    after = page(client, leads)
    assert frame(after) == (width, height)
    assert f'width="{width}" height="{height}"' in after.one("code", id="share-embed").text
    assert after.one("iframe").get("src") == f"/embed/{STATE}{CHOSEN}"
    (current,) = [node for node in presets(after) if node.get("aria-pressed") == "true"]
    assert current.text.strip() == name


def test_share_preset_counts_before_a_side_that_can_not_be_read(client: httpx.Client) -> None:
    found = page(client, f"/share/{STATE}&width=9&height=wide&size=640x400")
    assert frame(found) == ("640", "400")
    assert found.one(id="embed-message").text == ""


@pytest.mark.parametrize("size", ["large", "640", "640x", "640x40000", "64x64 "])
def test_share_size_that_is_none_is_told(client: httpx.Client, size: str) -> None:
    found = page(client, f"/share/{STATE}&size={size}&theme=dark", 422)
    assert found.one(id="embed-message").text.startswith("size: ")
    assert found.one("iframe").get("src") == f"/embed/{STATE}&theme=dark"


def test_share_size_out_of_its_limits_names_the_side(client: httpx.Client) -> None:
    found = page(client, f"/share/{STATE}&size=2001x400", 422)
    assert found.one(id="embed-message").text.startswith("width: ")


def test_share_form_sent_by_enter_keeps_the_size_that_was_typed(client: httpx.Client) -> None:
    """Enter presses a form's first button."""
    found = page(client, f"/share/{STATE}&width=720")
    first = next(n for n in found.one("form", id="embed-form").walk() if n.tag == "button")
    assert first.get("name") == ""
    shown = page(client, pressed(found, first, {"width": "500"}))
    assert frame(shown) == ("500", "480")


def test_share_form_asks_for_no_address_that_fails(client: httpx.Client) -> None:
    for address in submissions(page(client, f"/share/{STATE}")):
        if address.startswith("/share/"):
            assert client.get(address, headers=HTML).status_code in {200, 303}


@pytest.mark.parametrize("size", ["", "&size=720x480"])
def test_share_address_that_it_leads_to_is_whole(client: httpx.Client, size: str) -> None:
    response = client.get(f"/share/{STATE}{size}", headers=HTML, follow_redirects=True)
    names = {name for name, _ in parse_qsl(urlsplit(str(response.url)).query)}
    assert names <= {"x", "t", "width", "height"}
