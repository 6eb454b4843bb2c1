"""oEmbed: an address of the explorer becomes a frame and a picture of that very state."""

import io
from urllib.parse import quote, urlsplit

import httpx
import pytest
from PIL import Image

from app.web.oembed import OEmbed
from tests.server import running_server
from tests.web.asking import answer, problem
from tests.web.reading import read_html

STATE = "models/sentiment?text=I+love+%3Cb%3E&t=2&unit=3&other=1"


def asked(client: httpx.Client, address: str, more: str = "&format=json") -> httpx.Response:
    return client.get(f"/oembed?url={quote(address, safe='')}{more}")


@pytest.mark.parametrize("where", ["", "embed/"])
def test_oembed_frames_the_state(client: httpx.Client, where: str) -> None:
    found = answer(asked(client, f"{client.base_url}/{where}{STATE}"), OEmbed)
    frame = read_html(found["html"]).one("iframe")
    assert (
        frame.get("src")
        == f"{client.base_url}/embed/models/sentiment?text=I+love+%3Cb%3E&t=2&unit=3"
    )
    assert frame.get("title") == found["title"]
    assert found["title"].startswith("love · step 2 of 5")
    page = client.get(frame.get("src"))
    assert page.status_code == 200
    assert "frame-ancestors *" in page.headers["content-security-policy"]


@pytest.mark.parametrize("where", ["", "embed/"])
def test_oembed_passes_the_look_through(client: httpx.Client, where: str) -> None:
    address = f"{client.base_url}/{where}{STATE}&controls=0&autoplay=1&theme=dark"
    found = answer(asked(client, address, "&maxwidth=640"), OEmbed)
    src = read_html(found["html"]).one("iframe").get("src")
    assert src.endswith("&t=2&unit=3&theme=dark&autoplay=1&controls=0")
    assert "theme" not in found["thumbnail_url"]
    assert found["width"] == 640
    assert client.get(src).status_code == 200


def test_oembed_thumbnail_is_the_picture_of_the_state(client: httpx.Client) -> None:
    found = answer(asked(client, f"{client.base_url}/{STATE}"), OEmbed)
    with Image.open(io.BytesIO(client.get(found["thumbnail_url"]).content)) as image:
        assert image.size == (found["thumbnail_width"], found["thumbnail_height"])
    svg = client.get(found["thumbnail_url"].replace(".png?", ".svg?")).text
    assert "step 2 of 5 · unit 3 of " in svg


@pytest.mark.parametrize("path", ["", "models/toy-rules", "models/sentiment?text="])
def test_oembed_of_an_address_without_input_is_what_its_page_shows(
    client: httpx.Client, path: str
) -> None:
    response = asked(client, f"{client.base_url}/{path}")
    if path.endswith("text="):
        problem(response, 404)
        return
    src = read_html(answer(response, OEmbed)["html"]).one("iframe").get("src")
    shown = read_html(client.get(src).text.replace("<!doctype html>", ""))
    page = read_html(client.get(f"/{path}").text.replace("<!doctype html>", ""))
    assert shown.one("title").text == page.one("title").text


def test_oembed_takes_a_path_for_an_address_of_this_host(client: httpx.Client) -> None:
    whole, path = (asked(client, host + STATE).json() for host in (f"{client.base_url}/", "/"))
    assert whole == path


def test_oembed_follows_the_scheme_it_is_asked_in(client: httpx.Client) -> None:
    host = urlsplit(str(client.base_url)).netloc
    found = answer(asked(client, f"https://{host}/{STATE}"), OEmbed)
    assert found["provider_url"] == f"https://{host}/"


def test_oembed_keeps_to_the_room_there_is(client: httpx.Client) -> None:
    address = f"{client.base_url}/{STATE}"
    found = answer(asked(client, address, "&maxwidth=320&maxheight=5000"), OEmbed)
    assert (found["width"], found["height"]) == (320, 480)
    assert 'width="320" height="480"' in found["html"]


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/models/toy-rules",
        "//example.org/models/toy-rules",
        "http://[broken/models/toy-rules",
        "http://127.0.0.1:99999/models/toy-rules",
        "javascript:alert(1)",
        "{host}docs",
        "{host}models/none",
        "{host}models/",
        "{host}api/v1/models/toy-rules",
        "{host}models/toy-rules?x=3,7,0",
        "{host}models/toy-rules?t=zero",
        "{host}embed/models/toy-rules?theme=blue",
        "{user}models/toy-rules",
        "",
    ],
)
def test_oembed_of_another_address_is_not_found(client: httpx.Client, address: str) -> None:
    host = f"{client.base_url}/"
    address = address.format(host=host, user=host.replace("//", "//someone@"))
    problem(asked(client, address), 404)


@pytest.mark.parametrize("query", ["", "?url=/&format=xml", "?url=/&maxwidth=0"])
def test_oembed_that_cannot_be_answered_says_why(client: httpx.Client, query: str) -> None:
    problem(client.get(f"/oembed{query}"), 422)


def test_oembed_in_hand_is_not_sent_again(client: httpx.Client) -> None:
    first = asked(client, "/")
    again = client.get(str(first.url), headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_oembed_knows_the_public_host_where_one_is_set() -> None:
    with running_server({"GATE_EXPLORER_PUBLIC_URL": "https://gates.example"}) as server:
        for host in ("https://gates.example", server.url):
            response = httpx.get(f"{server.url}/oembed", params={"url": f"{host}/{STATE}"})
            found = answer(response, OEmbed)
            assert found["thumbnail_url"].startswith("https://gates.example/api/v1/models/")
            assert 'src="https://gates.example/embed/' in found["html"]
