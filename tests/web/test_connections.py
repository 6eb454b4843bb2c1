"""A server whose patience is short: slow and many connections come to their end."""

import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.server import HOST, RunningServer, running_server
from tests.web.asking import problem

HEAD = (
    b"POST /api/v1/models/toy-rules/trace HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
)


@pytest.fixture(scope="module")
def hasty() -> Iterator[RunningServer]:
    with running_server(
        {
            "GATE_EXPLORER_BODY_SECONDS": "0.5",
            "GATE_EXPLORER_REQUEST_SECONDS": "1",
            "GATE_EXPLORER_IDLE_SECONDS": "1",
            "GATE_EXPLORER_MAX_CONNECTIONS": "20",
        }
    ) as running:
        yield running
        assert "Traceback" not in running.output()


def connect(server: RunningServer) -> socket.socket:
    return socket.create_connection((HOST, server.port), timeout=20)


def until_closed(connection: socket.socket) -> bytes:
    """What comes until the server closes; the test would time out if it didn't."""
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def test_body_that_never_comes_to_its_end_gives_408(hasty: RunningServer) -> None:
    with connect(hasty) as connection:
        connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"GET /",
        HEAD,
        b"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["silent", "half a line", "half a head", "half a body to nowhere", "idle"],
)
def test_connection_that_sends_no_whole_request_is_closed(
    hasty: RunningServer, start: bytes
) -> None:
    with connect(hasty) as connection:
        connection.sendall(start)
        until_closed(connection)


def test_more_connections_than_there_is_room_for_give_503(hasty: RunningServer) -> None:
    """Those beyond the limit may ask after the server's health, and nothing else."""
    held = [connect(hasty) for _ in range(20)]
    guest = connect(hasty)
    assert httpx.get(f"{hasty.url}/healthz").status_code == 200
    refused = httpx.get(f"{hasty.url}/api/v1/models")
    assert refused.headers["retry-after"] == "1"
    problem(refused, 503)
    until_closed(guest)
    for connection in (*held, guest):
        connection.close()


def test_connections_far_beyond_the_limit_are_refused_at_once(hasty: RunningServer) -> None:
    held = [connect(hasty) for _ in range(120)]
    refused = [until_closed(connection) for connection in held[-20:]]
    for connection in held:
        connection.close()
    assert all(answer.startswith(b"HTTP/1.1 503 ") for answer in refused)
    assert all(b"retry-after: 1" in answer for answer in refused)
    assert httpx.get(f"{hasty.url}/healthz").status_code == 200


def test_half_sent_bodies_keep_nobody_from_being_answered() -> None:
    """More of them than requests are answered at once: they count once they are there."""
    with running_server({"GATE_EXPLORER_MAX_REQUESTS": "4"}) as server:
        held = [connect(server) for _ in range(40)]
        for connection in held:
            connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        for _ in range(20):
            answer = httpx.get(f"{server.url}/api/v1/models/toy-rules/trace?x=3,1,1")
            assert answer.status_code == 200
        for connection in held:
            connection.close()


@pytest.mark.parametrize("length", ["300000", "99999999", "9" * 19])
def test_body_that_is_announced_too_large_holds_nobody_up(
    hasty: RunningServer, length: str
) -> None:
    with connect(hasty) as connection:
        begun = time.monotonic()
        connection.sendall(HEAD + f"Content-Length: {length}\r\n\r\n{{".encode())
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - begun < 5


def test_upload_that_is_broken_off_is_no_fault_of_ours(hasty: RunningServer) -> None:
    for _ in range(5):
        with connect(hasty) as connection:
            connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
    assert httpx.get(f"{hasty.url}/healthz").status_code == 200
    assert "Traceback" not in hasty.output()
    assert '"level":"error"' not in hasty.output()


def test_body_that_is_too_large_is_refused_before_it_is_sent(hasty: RunningServer) -> None:
    """A client that asks first (Expect: 100-continue) is told at once."""
    with connect(hasty) as connection:
        connection.sendall(HEAD + b"Content-Length: 999999999\r\nExpect: 100-continue\r\n\r\n")
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
