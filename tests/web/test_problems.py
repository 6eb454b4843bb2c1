"""Errors: problem+json for programs, pages for people, nothing from inside."""

import asyncio

import httpx
import pytest

from app.web.errors import TYPES
from tests.server import running_server
from tests.web.asking import api, problem


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v2/models", "/api/v1/models/", "/api/v1/nothing"]
)
@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/json"])
def test_unknown_api_path_gives_a_problem_whatever_is_accepted(
    client: httpx.Client, path: str, accept: str
) -> None:
    problem(client.get(path, headers={"Accept": accept}), 404)


def test_unknown_page_gives_a_page_to_a_browser(client: httpx.Client) -> None:
    response = client.get("/nothing", headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "There is nothing at this address." in response.text
    problem(client.get("/nothing", headers={"Accept": "*/*"}), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/v1/models/toy-rules", "DELETE, GET, HEAD"),
        ("DELETE", "/api/v1/models/toy-rules/trace", "GET, HEAD, POST"),
        ("PUT", "/api/v1/models/toy-rules/trace", "GET, HEAD, POST"),
        ("GET", "/api/v1/models/toy-rules/step", "POST"),
        ("OPTIONS", "/healthz", "GET, HEAD"),
        ("PATCH", "/api/v1/models/toy-rules/weights.safetensors", "GET, HEAD"),
        ("BREW", "/api/v1/models", "GET, HEAD, POST"),
    ],
)
def test_method_that_is_not_taken_gives_405_with_allow(
    client: httpx.Client, method: str, path: str, allowed: str
) -> None:
    response = client.request(method, path)
    problem(response, 405)
    assert response.headers["allow"] == allowed


def test_problem_type_leads_to_its_description(client: httpx.Client) -> None:
    page = client.get("/docs").text
    found = problem(client.get(api("none")), 404)
    assert found["type"] == "/docs#not-found"
    for slug in TYPES.values():
        assert f'id="{slug}"' in page


def test_problem_is_never_kept(client: httpx.Client) -> None:
    assert client.get(api("none")).headers["cache-control"] == "no-store"


def test_many_faults_are_told_in_part(client: httpx.Client) -> None:
    rows = ";".join(["9,9,9"] * 300)
    assert len(problem(client.get(api("toy-rules", f"/trace?x={rows}")), 422)["errors"]) == 20


def test_more_requests_than_there_is_room_for_gives_503() -> None:
    """Pages that take a while, all of them different, for a server with room for one."""

    async def ask(url: str) -> list[httpx.Response]:
        rows = ";".join(["1,1,0"] * 400)
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            asked = [client.get(f"/models/toy-rules?x={n},1,0;{rows}") for n in range(12)]
            return await asyncio.gather(*asked)

    with running_server({"GATE_EXPLORER_MAX_REQUESTS": "1"}) as small:
        answers = asyncio.run(ask(small.url))
        refused = [answer for answer in answers if answer.status_code == 503]
        assert {answer.status_code for answer in answers} == {200, 503}
        assert all(answer.headers["retry-after"] == "1" for answer in refused)
        problem(refused[0], 503)
        assert httpx.get(f"{small.url}/api/v1/models").status_code == 200
