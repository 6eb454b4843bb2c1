"""The headers of every answer, whatever its kind."""

import gzip

import httpx
import pytest

from tests.server import running_server
from tests.web.asking import api

PATHS = ["/", "/docs", "/nothing", "/api/v1/models", "/api/nothing", "/static/css/tokens.css"]
PAGE_POLICY = {
    "default-src": "'none'",
    "script-src": "'self' https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
ORIGIN = {"Origin": "https://example.org"}


def policy(response: httpx.Response) -> dict[str, str]:
    words = response.headers["content-security-policy"]
    return {
        name: rest for name, _, rest in (part.strip().partition(" ") for part in words.split(";"))
    }


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    response = client.get(path, headers={"Accept": "text/html"})
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in response.headers["permissions-policy"]
    assert policy(response)["default-src"] == "'none'"
    assert policy(response)["frame-ancestors"] == "'none'"
    assert "unsafe" not in response.headers["content-security-policy"]
    assert "server" not in response.headers


@pytest.mark.parametrize("path", ["/", "/docs", "/models/toy-rules?x=3,1,0", "/nothing"])
def test_pages_have_the_strict_policy(client: httpx.Client, path: str) -> None:
    response = client.get(path, headers={"Accept": "text/html"})
    assert policy(response) == {**PAGE_POLICY, "frame-ancestors": "'none'"}


def test_embed_is_the_only_page_that_may_be_framed(client: httpx.Client) -> None:
    response = client.get("/embed/models/toy-rules?x=3,1,0")
    assert policy(response) == {**PAGE_POLICY, "frame-ancestors": "*"}
    assert "x-frame-options" not in response.headers
    assert client.get("/").headers["x-frame-options"] == "DENY"


def test_sites_of_a_setting_may_frame_every_page_and_no_other() -> None:
    sites = "https://huggingface.co, https://school.example:8443"
    with running_server({"GATE_EXPLORER_FRAMED_BY": sites}) as server:
        for path in ("/", "/models/toy-rules?x=3,1,0", "/docs", "/nothing"):
            response = httpx.get(f"{server.url}{path}", headers={"Accept": "text/html"})
            framed_by = policy(response)["frame-ancestors"]
            assert framed_by == "https://huggingface.co https://school.example:8443"
            assert "x-frame-options" not in response.headers
        assert policy(httpx.get(f"{server.url}/api/v1/models"))["frame-ancestors"] == "'none'"
        assert policy(httpx.get(f"{server.url}/embed/models/toy-rules"))["frame-ancestors"] == "*"


def test_api_may_be_read_from_any_origin_and_pages_not(client: httpx.Client) -> None:
    for path in ("/api/v1/models", "/api/nothing", api("toy-rules", "/trace?x=3,1,0")):
        assert client.get(path, headers=ORIGIN).headers["access-control-allow-origin"] == "*"
    posted = client.post(api("toy-rules", "/step"), json={"vector": [3, 1, 0]}, headers=ORIGIN)
    assert posted.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client.get("/", headers=ORIGIN).headers


def test_api_answers_the_question_before_a_post_from_elsewhere(client: httpx.Client) -> None:
    asked = {
        **ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    response = client.options(api("toy-rules", "/step"), headers=asked)
    assert response.status_code == 200
    assert "POST" in response.headers["access-control-allow-methods"]
    assert "content-type" in response.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize("method", ["PUT", "PATCH", "BREW"])
def test_api_refuses_a_method_before_a_page_of_another_site_sends_it(
    client: httpx.Client, method: str
) -> None:
    asked = {**ORIGIN, "Access-Control-Request-Method": method}
    refused = client.options(api("toy-rules", "/step"), headers=asked)
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"
    assert "GET, HEAD, POST, DELETE" in refused.json()["detail"]
    assert method not in refused.headers.get("access-control-allow-methods", "")


def test_long_answers_are_compressed_for_those_who_read_it(server_url: str) -> None:
    path = server_url + api("toy-rules", "/trace?x=" + ";".join(["3,1,0"] * 50))
    plain = httpx.get(path, headers={"Accept-Encoding": "identity"})
    with httpx.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as response:
        assert response.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in response.headers["vary"]
        packed = b"".join(response.iter_raw())
    assert len(packed) < len(plain.content) / 4
    assert gzip.decompress(packed) == plain.content


def test_static_file_that_is_still_the_same_gives_304(client: httpx.Client) -> None:
    first = client.get("/static/css/tokens.css")
    assert first.status_code == 200
    assert first.headers["content-type"] == "text/css; charset=utf-8"
    assert "no-cache" in first.headers["cache-control"]
    again = client.get("/static/css/tokens.css", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_asked_anew_each_time(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert response.headers["cache-control"] == "no-store"
