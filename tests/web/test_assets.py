"""Static files: kept where the address names the content; htmx from this host by a setting."""

import gzip
import re
from pathlib import Path

import httpx
import pytest

from app.web.assets import HTMX_HERE
from tests.server import ROOT, running_server
from tools import htmx


def addresses(page: str) -> list[str]:
    """The static files that a page loads."""
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', page)


def test_static_files_of_a_page_are_kept_for_a_year(client: httpx.Client) -> None:
    found = addresses(client.get("/").text)
    assert {address.partition("?")[0] for address in found} == {
        "/static/app.css",
        "/static/explorer.js",
        "/static/icon.svg",
    }
    for address in found:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("joined", "folder", "ending"), [("app.css", "css", ".css"), ("explorer.js", "js", ".js")]
)
def test_joined_file_holds_every_section_of_its_folder_once(
    client: httpx.Client, joined: str, folder: str, ending: str
) -> None:
    content = client.get(f"/static/{joined}").text
    apart = {"docs.css", "docs.js"}
    for section in sorted((ROOT / "static" / folder).glob(f"*{ending}")):
        times = content.count(section.read_text(encoding="utf-8"))
        assert times == (0 if section.name in apart else 1), section.name


def test_joined_file_that_is_still_the_same_gives_304(client: httpx.Client) -> None:
    for name in ("app.css", "explorer.js"):
        first = client.get(f"/static/{name}")
        again = client.get(f"/static/{name}", headers={"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code) == (200, 304)


def test_static_file_without_or_with_another_version_is_asked_for_again(
    client: httpx.Client,
) -> None:
    for query in ("", "?v=00000000", "?v="):
        answer = client.get(f"/static/app.css{query}")
        assert answer.headers["cache-control"] == "public, no-cache"


def test_static_path_out_of_the_folder_is_not_found(client: httpx.Client) -> None:
    for path in ("/static/..%2fpyproject.toml?v=", "/static/css?v=", "/static/none.css?v="):
        assert client.get(path).status_code == 404


def test_htmx_fetched_at_set_up_is_the_pages_second_source(client: httpx.Client) -> None:
    page = client.get("/").text
    assert f'data-own="{HTMX_HERE}"' in page
    assert 'src="https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/' in page
    assert client.get(HTMX_HERE).content == htmx.cached("dist/htmx.min.js")


def test_htmx_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with running_server({"GATE_EXPLORER_HTMX_FILE": str(tmp_path / "none.js")}) as server:
        assert httpx.get(server.url + HTMX_HERE).status_code == 404
        assert httpx.get(server.url).status_code == 200


def test_htmx_file_with_other_bytes_is_not_served(tmp_path: Path) -> None:
    changed = tmp_path / "htmx.min.js"
    changed.write_bytes((htmx.cached("dist/htmx.min.js") or b"") + b" ")
    with running_server({"GATE_EXPLORER_HTMX_FILE": str(changed)}) as server:
        assert httpx.get(server.url + HTMX_HERE).status_code == 404


def test_htmx_named_by_the_setting_is_served_and_loaded_from_this_host() -> None:
    name = next(iter(htmx.INTEGRITY))
    content = htmx.cached(name)
    assert content is not None
    file = next(path for path in (ROOT / ".cache").rglob(name) if path.read_bytes() == content)
    with running_server({"GATE_EXPLORER_HTMX_FILE": str(file)}) as server:
        page = httpx.get(server.url).text
        assert f'src="{HTMX_HERE}"' in page
        assert "jsdelivr" not in page
        assert httpx.get(server.url + HTMX_HERE).content == content


def test_first_view_weighs_little_and_asks_for_few_files(client: httpx.Client) -> None:
    page = client.get("/")
    answers = [page, *(client.get(address) for address in addresses(page.text))]
    sent = sum(int(answer.headers["content-length"]) for answer in answers)
    script = htmx.cached("dist/htmx.min.js")
    assert script is not None
    # htmx itself is the sixth file.
    assert len(answers) + 1 <= 6
    assert sent + len(gzip.compress(script)) <= 60 * 1024


def test_first_view_is_compressed_but_for_the_smallest(client: httpx.Client) -> None:
    page = client.get("/")
    answers = [page, *(client.get(address) for address in addresses(page.text))]
    for answer in answers:
        packed = answer.headers.get("content-encoding") == "gzip"
        assert packed or len(answer.content) < 1024, answer.url


def test_htmx_of_this_host_is_sent_compressed() -> None:
    file = htmx.CACHE / "dist/htmx.min.js"
    with running_server({"GATE_EXPLORER_HTMX_FILE": str(file)}) as server:
        answer = httpx.get(server.url + HTMX_HERE)
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < 15_000 < len(answer.content)
