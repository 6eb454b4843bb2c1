"""Fragments: kept by the server and, for a moment, by the browser; the same bytes each time."""

import gzip
import re

import httpx
import pytest

STEP = "/models/sentiment?text=Fragments+are+kept&t=2"
HTMX = {"HX-Request": "true"}
PASSING = {"date", "x-request-id"}
KEPT = "private, max-age=60"


def test_fragment_asked_for_again_is_the_same(client: httpx.Client) -> None:
    first, again = (client.get(STEP, headers=HTMX) for _ in range(2))
    assert first.content == again.content
    alike = {name: each for name, each in again.headers.items() if name not in PASSING}
    assert first.headers.items() >= alike.items()
    assert first.headers["cache-control"] == KEPT
    told = "HX-Request, HX-History-Restore-Request, Explorer-Shape, Accept-Encoding"
    assert first.headers["vary"] == told


def test_fragment_is_sent_compressed_or_plain_as_asked(client: httpx.Client) -> None:
    plain = client.get(STEP, headers={**HTMX, "Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with client.stream("GET", STEP, headers={**HTMX, "Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(b"".join(packed.iter_raw())) == plain.content


def test_page_and_restored_page_of_a_kept_fragment_are_whole(client: httpx.Client) -> None:
    client.get(STEP, headers=HTMX)
    restoring = {**HTMX, "HX-History-Restore-Request": "true"}
    for headers in ({}, restoring):
        answer = client.get(STEP, headers=headers)
        assert answer.text.startswith("<!doctype html>")
        assert answer.headers.get("cache-control") != KEPT


def test_fragment_under_another_path_or_query_is_another(client: httpx.Client) -> None:
    found = {
        client.get(address, headers=HTMX).text
        for address in (STEP, f"/embed{STEP}", f"{STEP}&unit=3", STEP.replace("t=2", "t=1"))
    }
    assert len(found) == 4


def test_fragment_at_a_longer_address_names_the_canonical_one_each_time(
    client: httpx.Client,
) -> None:
    for _ in range(2):
        assert client.get(f"{STEP}&unit=", headers=HTMX).headers["hx-push-url"] == STEP


def test_fragment_kept_for_one_host_names_no_other(client: httpx.Client) -> None:
    address = "/models/sentiment?text=Whose+host+is+it&t=2"
    evil = client.get(address, headers={**HTMX, "Host": "evil.example"})
    assert "http://evil.example/models/" in evil.text
    ours = client.get(address, headers=HTMX)
    assert "evil.example" not in ours.text
    assert f"{client.base_url}" in ours.text


def test_input_that_cannot_be_used_is_not_kept(client: httpx.Client) -> None:
    answer = client.get("/models/sentiment?text=", headers=HTMX)
    assert answer.status_code == 422
    assert "cache-control" not in answer.headers


def shape_of(html: str) -> str:
    """What decides a page apart from its step, as the page itself says it."""
    found = re.search('data-shape="([0-9a-f]{8})"', html)
    assert found
    return found[1]


def test_step_for_a_page_that_has_the_rest_leaves_it_out(client: httpx.Client) -> None:
    whole = client.get(STEP, headers=HTMX).text
    shape = shape_of(whole)
    other = STEP.replace("t=2", "t=3")
    lean = client.get(other, headers={**HTMX, "Explorer-Shape": shape}).text
    assert len(lean) < 0.7 * len(whole)
    assert shape_of(lean) == shape
    left_out = re.findall('<[a-z]+ id="([^"]+)"[^>]* data-kept>', lean)
    assert {"input", "transport", "reel", "f-name", "share", "pickers"} <= set(left_out)
    assert all(f'id="{each}"' in whole for each in left_out)


@pytest.mark.parametrize("shape", ["", "0" * 8, "x" * 8, "1" * 4000])
def test_step_for_a_page_that_has_something_else_is_whole(client: httpx.Client, shape: str) -> None:
    answer = client.get(STEP, headers={**HTMX, "Explorer-Shape": shape})
    assert answer.text == client.get(STEP, headers=HTMX).text


@pytest.mark.parametrize("change", ["&unit=3", "&names=symbols", "&checkpoint=step-96"])
def test_change_of_more_than_the_step_is_whole(client: httpx.Client, change: str) -> None:
    shape = shape_of(client.get(STEP, headers=HTMX).text)
    answer = client.get(STEP + change, headers={**HTMX, "Explorer-Shape": shape})
    assert "data-kept" not in answer.text
    assert shape_of(answer.text) != shape
