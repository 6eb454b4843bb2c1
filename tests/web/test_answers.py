"""Answers that are kept: the same bytes under tags that follow from the address, for one site."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.server import RunningServer, running_server
from tests.web.asking import api

TEXT = "text=Kept+for+others&t=2"
PAGES = (
    f"/models/sentiment?{TEXT}",
    f"/embed/models/sentiment?{TEXT}",
    f"/share/models/sentiment?{TEXT}",
    "/compare?a=sentiment?text=Kept&b=sentiment?text=Lost",
    "/",
    "/glossary",
    "/docs",
)
FILES = (
    api("sentiment", f"/trace?{TEXT}"),
    api("sentiment", f"/gradients?{TEXT}"),
    api("sentiment", "/weights.safetensors"),
    *(
        api("sentiment", f"/trace.{end}?{TEXT}")
        for end in ("csv", "npz", "ndjson", "svg", "png", "gif", "html")
    ),
    api("characters", "/continuation.ndjson?text=ROMEO&count=3"),
    "/api/v1/models",
    "/openapi.json",
    "/oembed?url=/models/toy-rules",
)
# What a request can say about itself beside its address, each with a name that nobody should see.
EVIL = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.66",
    "X-Forwarded-Prefix": "/evil.example",
    "X-Original-URL": "/evil.example",
    "Forwarded": "host=evil.example;proto=https",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/",
    "Cookie": "evil.example=1",
    "Accept-Language": "evil.example",
    "User-Agent": "evil.example",
    "HX-Current-URL": "https://evil.example/",
    "HX-Target": "evil.example",
    "HX-Trigger": "evil.example",
    "X-Request-ID": "evil.example",
}
NAMING_THE_SITE = ("/trace.html", "/oembed")


@pytest.fixture(scope="module")
def public() -> Iterator[RunningServer]:
    with running_server({"GATE_EXPLORER_PUBLIC_URL": "https://gates.example/"}) as running:
        yield running
        assert "Traceback" not in running.output()


@pytest.mark.parametrize("path", PAGES + FILES)
def test_answer_in_hand_is_not_sent_again(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    assert first.status_code == 200
    assert tag.startswith('"')
    for given in (tag, f"W/{tag}", f'"other", {tag}'):
        again = client.get(path, headers={"If-None-Match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == first.headers["cache-control"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content


@pytest.mark.parametrize("path", PAGES + FILES)
def test_answer_is_the_same_bytes_to_everyone(client: httpx.Client, path: str) -> None:
    assert client.get(path).content == client.get(path).content
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == client.get(path).headers["etag"]


@pytest.mark.parametrize("path", PAGES[:2])
def test_tag_is_another_for_another_form_of_the_answer(client: httpx.Client, path: str) -> None:
    ways: list[dict[str, str]] = [
        {},
        {"Accept-Encoding": "identity"},
        {"HX-Request": "true"},
        {"HX-Request": "true", "Explorer-Shape": "00000000"},
        {"Host": "other.example"},
    ]
    answers = [client.get(path, headers=way) for way in ways]
    assert len({answer.headers["etag"] for answer in answers}) == len(ways)
    told = answers[0].headers["vary"]
    assert all(name in told for name in ("HX-Request", "Explorer-Shape", "Accept-Encoding"))


@pytest.mark.parametrize("path", PAGES + FILES)
def test_nothing_kept_holds_what_another_said_of_themselves(
    client: httpx.Client, path: str
) -> None:
    path = f"{path}{'&' if '?' in path else '?'}from=another"
    for fragment in ({}, {"HX-Request": "true"}):
        client.get(path, headers={**EVIL, **fragment})
        for name in EVIL.keys() - {"Host"}:
            client.get(path, headers={name: EVIL[name], **fragment})
        ours = client.get(path, headers=fragment)
        assert b"evil.example" not in ours.content
        assert "evil.example" not in str(ours.headers)
        assert "https://127.0.0.1" not in ours.text


@pytest.mark.parametrize("path", PAGES + FILES)
def test_what_names_the_site_is_private_unless_a_setting_names_it(
    client: httpx.Client, public: RunningServer, path: str
) -> None:
    names_it = path in PAGES or any(part in path for part in NAMING_THE_SITE)
    assert ("private" in client.get(path).headers["cache-control"]) == names_it
    ours = httpx.get(f"{public.url}{path}", headers={"Host": "evil.example"})
    assert "private" not in ours.headers["cache-control"]
    assert "evil.example" not in ours.text
    assert public.url not in ours.text


def test_pages_and_fragments_are_shared_as_long_as_a_setting_says() -> None:
    settings = {
        "GATE_EXPLORER_PUBLIC_URL": "https://gates.example",
        "GATE_EXPLORER_SHARED_SECONDS": "60",
    }
    with running_server(settings) as server:
        for path, fragment in [(PAGES[0], {}), (PAGES[0], {"HX-Request": "true"})]:
            told = httpx.get(f"{server.url}{path}", headers=fragment).headers["cache-control"]
            assert "public" in told
            assert "s-maxage=60" in told
        error = httpx.get(f"{server.url}/models/none")
        assert error.headers["cache-control"] == "no-store"


def test_links_name_the_public_url_alone(public: RunningServer) -> None:
    page = httpx.get(f"{public.url}{PAGES[0]}").text
    assert 'rel="canonical" href="https://gates.example/models/' in page
    assert 'content="https://gates.example/api/v1/models/' in page


def test_errors_are_never_kept(client: httpx.Client) -> None:
    for path in ("/models/none", "/models/sentiment?text=", api("none"), "/nothing"):
        for accept in ("text/html", "*/*"):
            answer = client.get(path, headers={"Accept": accept})
            assert answer.status_code >= 400
            assert "etag" not in answer.headers


def test_same_picture_for_many_at_once_is_drawn_once() -> None:
    """Together they would be more work than may wait; as one they aren't."""

    async def ask(url: str) -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            path = api("toy-rules", "/trace.gif?x=" + ";".join(["1,1,1"] * 30))
            return await asyncio.gather(*(client.get(path) for _ in range(16)))

    with running_server({"GATE_EXPLORER_HEAVY_SECONDS": "2"}) as server:
        answers = asyncio.run(ask(server.url))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


def test_server_that_keeps_nothing_gives_the_same_answers(client: httpx.Client) -> None:
    with running_server({"GATE_EXPLORER_MAX_KEPT": "0"}) as forgetful:
        for path in (FILES[0], api("sentiment", f"/trace.png?{TEXT}")):
            first, again = (httpx.get(forgetful.url + path) for _ in range(2))
            assert first.content == again.content == client.get(path).content
            tag = {"If-None-Match": first.headers["etag"]}
            assert httpx.get(forgetful.url + path, headers=tag).status_code == 304
