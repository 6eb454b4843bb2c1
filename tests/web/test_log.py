"""The log: lines of JSON that say what happened, and nothing that a visitor typed."""

import json
import time
from typing import Any

import httpx
import pytest

from tests.server import RunningServer, running_server
from tests.web.asking import api

SECRET = "zanzibar"
PATHS = {
    f"/models/sentiment?text={SECRET}": "/models/{model_id}",
    api("sentiment", f"/trace?text={SECRET}"): "/api/v1/models/{model_id}/trace",
    api("sentiment", f"/trace.png?text={SECRET}"): "/api/v1/models/{model_id}/trace.png",
    f"/models/{SECRET}": "/models/{model_id}",
    f"/{SECRET}": None,
    f"/static/{SECRET}.css": "/static",
    f"/oembed?url=/models/sentiment%3Ftext={SECRET}": "/oembed",
    f"/compare?a=sentiment?text={SECRET}": "/compare",
}


def lines(server: RunningServer) -> list[dict[str, Any]]:
    """Every line of the log, each of which has to be JSON."""
    # The last may still be being written.
    return [json.loads(line) for line in server.output().split("\n")[:-1]]


def line_of(server: RunningServer, request_id: str) -> dict[str, Any]:
    """The line of a request, which is written once its answer is out."""
    for _ in range(50):
        found = [each for each in lines(server) if each.get("id") == request_id]
        if found:
            assert len(found) == 1
            return found[0]
        time.sleep(0.02)
    raise AssertionError(f"there is no line of the request {request_id}")


@pytest.mark.parametrize("asked", PATHS)
def test_request_is_a_line_with_its_route_and_the_id_of_its_answer(
    client: httpx.Client, server: RunningServer, asked: str
) -> None:
    for _ in range(2):  # made, then perhaps kept
        answer = client.get(asked, headers={"User-Agent": SECRET, "Referer": SECRET})
        request_id = answer.headers["x-request-id"]
        line = line_of(server, request_id)
        assert line["event"] == "request"
        assert line["method"] == "GET"
        assert line["status"] == answer.status_code
        assert line["route"] == PATHS[asked]
        assert line["ms"] >= 0
        assert line["time"].startswith("20")
    assert SECRET not in server.output()


def test_ids_of_requests_are_our_own(client: httpx.Client) -> None:
    given = {"X-Request-ID": "theirs"}
    ids = {client.get("/healthz", headers=given).headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20
    assert "theirs" not in ids


def test_bodies_and_what_is_wrong_with_them_stay_out_of_the_log(
    client: httpx.Client, server: RunningServer
) -> None:
    for body in ({"text": SECRET}, {SECRET: 1}, {"vectors": [[SECRET]]}, [SECRET]):
        client.post(api("sentiment", "/trace"), json=body)
    client.post(api("sentiment", "/trace"), content=SECRET.encode())
    assert SECRET not in server.output()


def test_addresses_are_logged_where_a_setting_asks_for_it() -> None:
    with running_server({"GATE_EXPLORER_LOG_QUERIES": "1"}) as server:
        answer = httpx.get(f"{server.url}/models/sentiment?text={SECRET}")
        line = line_of(server, answer.headers["x-request-id"])
    assert line["route"] == f"/models/sentiment?text={SECRET}"
