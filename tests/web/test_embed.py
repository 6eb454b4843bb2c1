"""The look of an embedded page, which all that is in it carries, and the page with its code."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.web.reading import Node, links, read_html, rows, submissions

HTML = {"Accept": "text/html"}
HTMX = {**HTML, "HX-Request": "true"}
LOOK = "theme=dark&autoplay=1&controls=0"
STATES = [
    ("toy-rules", "x=3,1,0;5,1,0;2,1,1&t=2"),
    ("toy-lstm", "x=3,1,0;5,0,1&t=1&sharpness=4"),
    ("sentiment", "text=I+love+France&t=2&gate=g&checkpoint=step-0"),
    ("counter", "text=aabb&t=3"),
    ("counter-rnn", "text=aabb&t=3"),
    ("adding", "t=2"),
    ("characters", "text=Good&t=2"),
]
SENTENCE = "models/sentiment?text=I+love+%3Cb%3E&t=2"


def page(client: httpx.Client, address: str, status: int = 200) -> Node:
    response = client.get(address, headers=HTML)
    assert response.status_code == status, (address, response.text[:500])
    return read_html(response.text)


def look_of(address: str) -> dict[str, str]:
    fields = dict(parse_qsl(urlsplit(address).query))
    return {name: fields[name] for name in ("theme", "autoplay", "controls") if name in fields}


@pytest.mark.parametrize("look", [LOOK, "theme=light", "autoplay=1", "controls=0", ""])
@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_look_is_carried_by_every_link_and_form_in_the_frame(
    client: httpx.Client, model_id: str, query: str, look: str
) -> None:
    found = page(client, f"/embed/models/{model_id}?{query}&{look}")
    staying = [a.get("href") for a in found.all("a") if a.get("target") != "_blank"]
    staying = [address for address in staying if not address.startswith("/api/")]
    assert staying
    for address in {*staying, *submissions(found)}:
        assert address.startswith("/embed/models/"), address
        assert look_of(address) == dict(parse_qsl(look)), address


@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_look_is_no_part_of_the_canonical_address(
    client: httpx.Client, model_id: str, query: str
) -> None:
    found = page(client, f"/embed/models/{model_id}?{query}&{LOOK}")
    addresses = [
        found.one("link", rel="canonical").get("href"),
        found.one("link", rel="alternate", type="application/json").get("href"),
        found.one("main").get("data-canonical"),
        found.one("a", target="_blank").get("href"),
    ]
    assert [look_of(address) for address in addresses] == [{}] * 4


@pytest.mark.parametrize("where", ["/models", "/embed/models"])
def test_look_at_its_default_is_left_out_of_the_address(client: httpx.Client, where: str) -> None:
    address = f"{where}/toy-rules?x=3,1,0&theme=&autoplay=0&controls=1"
    response = client.get(address, headers=HTMX)
    assert response.headers["hx-push-url"] == f"{where}/toy-rules?x=3,1,0"


def test_look_of_a_page_with_chrome_is_not_taken(client: httpx.Client) -> None:
    found = page(client, f"/models/toy-rules?x=3,1,0&{LOOK}")
    assert "data-theme" not in found.one("html").attributes
    assert "data-autoplay" not in found.one("main").attributes
    assert found.has("form", id="feed")


def test_form_sent_in_the_frame_goes_to_its_short_address_with_the_look(
    client: httpx.Client,
) -> None:
    response = client.get("/embed/models/toy-rules?x1=3&x2=1&x3=0&theme=dark", headers=HTML)
    assert response.status_code == 303
    assert response.headers["location"] == "/embed/models/toy-rules?x=3,1,0&theme=dark"


@pytest.mark.parametrize(("theme", "written"), [("light", "light"), ("dark", "dark"), ("", "")])
def test_theme_named_stands_on_the_root(client: httpx.Client, theme: str, written: str) -> None:
    found = page(client, f"/embed/models/toy-rules?x=3,1,0&theme={theme}")
    assert found.one("html").attributes["data-theme"] == written


def test_controls_hidden_leave_the_steps_the_equation_and_the_story(client: httpx.Client) -> None:
    found = page(client, "/embed/models/sentiment?text=I+love+France&t=2&controls=0")
    for name in ("feed", "drawers", "share", "try"):
        assert not found.has(id=name), name
    assert "hidden" in found.one(class_="transport").attributes
    assert len(found.one(id="tape").all("button")) == 3
    assert len(rows(found)) == 8
    assert "Eraser" in found.one(id="story").text
    # What the keys press is there.
    for name in ("prev", "play", "next", "scrubber"):
        assert found.has(id=name)


def test_play_stays_in_reach_of_what_plays_by_itself(client: httpx.Client) -> None:
    found = page(client, "/embed/models/toy-rules?x=3,1,0;5,0,1&controls=0&autoplay=1")
    assert "data-autoplay" in found.one("main").attributes
    assert "hidden" not in found.one(class_="transport").attributes
    assert found.has("button", id="play")


def test_input_refused_in_a_bare_frame_says_why(client: httpx.Client) -> None:
    found = page(client, "/embed/models/toy-rules?x=3,7,0&controls=0", 422)
    assert found.one(id="message").text.startswith("Row 1: x2 is 7")


@pytest.mark.parametrize(
    ("look", "words"),
    [
        ("theme=blue", "theme: Input should be 'light' or 'dark'"),
        ("autoplay=yes", "autoplay: Input should be '0' or '1'"),
        ("controls=none", "controls: Input should be '0' or '1'"),
    ],
)
def test_look_that_can_not_be_read_is_named(client: httpx.Client, look: str, words: str) -> None:
    found = page(client, f"/embed/models/toy-rules?x=3,1,0&{look}", 422)
    assert found.one(id="message").text.startswith(words)
    shared = page(client, f"/share/models/toy-rules?x=3,1,0&{look}", 422)
    assert shared.one(id="embed-message").text.startswith(words)


def test_share_page_gives_the_code_of_the_frame_that_it_shows(
    client: httpx.Client, server_url: str
) -> None:
    address = f"/share/{SENTENCE}&theme=dark&controls=0&width=720&height=640"
    found = page(client, address)
    code = read_html(found.one("code", id="share-embed").text).one("iframe")
    shown = found.one("iframe", id="preview")
    assert code.get("src") == server_url + shown.get("src")
    assert shown.get("src") == f"/embed/{SENTENCE}&theme=dark&controls=0"
    for name in ("width", "height", "title"):
        assert code.get(name) == shown.get(name)
    assert (code.get("width"), code.get("height")) == ("720", "640")
    assert code.get("title").startswith("love · step 2 of 5")
    assert code.get("loading") == "lazy"
    assert found.one("link", rel="canonical").get("href") == server_url + address
    framed = client.get(shown.get("src"))
    assert "frame-ancestors *" in framed.headers["content-security-policy"]


def test_share_page_by_default_frames_as_wide_as_its_place(client: httpx.Client) -> None:
    found = page(client, f"/share/{SENTENCE}")
    shown = found.one("iframe")
    assert (shown.get("src"), shown.get("width"), shown.get("height")) == (
        f"/embed/{SENTENCE}", "100%", "480",
    )  # fmt: skip
    assert (
        found.one("link", rel="alternate", type="application/json")
        .get("href")
        .startswith("/api/v1/models/sentiment/trace?text=")
    )


def test_share_form_sent_is_led_to_its_short_address(client: httpx.Client) -> None:
    asked = f"/share/{SENTENCE}&width=&height=480&theme=&controls=0"
    response = client.get(asked, headers=HTML)
    assert response.status_code == 303
    assert response.headers["location"] == f"/share/{SENTENCE}&controls=0"
    assert client.get(asked, headers=HTMX).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [("width", "239"), ("width", "2001"), ("width", "wide"), ("height", "199"), ("height", "9999")],
)
def test_size_out_of_its_limits_is_marked_and_the_rest_stays(
    client: httpx.Client, field: str, value: str
) -> None:
    address = f"/share/{SENTENCE}&{field}={value}&theme=dark"
    for headers in (HTML, HTMX):
        response = client.get(address, headers=headers)
        assert response.status_code == 422
        found = read_html(response.text)
        (wrong,) = found.all("input", **{"aria-invalid": "true"})
        assert (wrong.get("name"), wrong.get("value")) == (field, value)
        assert found.one(id="embed-message").text.startswith(f"{field}: ")
        assert found.one("iframe").get("src") == f"/embed/{SENTENCE}&theme=dark"


def test_share_fragment_is_the_form_with_code_and_frame(client: httpx.Client) -> None:
    response = client.get(f"/share/{SENTENCE}", headers=HTMX)
    found = read_html(response.text)
    assert [node.get("id") for node in found.inside if isinstance(node, Node)] == ["embedding"]
    assert "HX-Request" in response.headers["vary"]


def test_share_of_what_can_not_be_run_is_refused(client: httpx.Client) -> None:
    page(client, "/share/models/toy-rules?x=3,7,0", 422)
    page(client, "/share/models/none", 404)


def test_explorer_leads_to_its_share_page_and_frames_nothing_itself(client: httpx.Client) -> None:
    found = page(client, f"/{SENTENCE}")
    assert not found.has("iframe")
    assert f"/share/{SENTENCE}" in links(found)
