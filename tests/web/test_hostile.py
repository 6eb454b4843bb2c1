"""Hostile input: each kind gets the right answer, nothing is echoed, and the server stays well."""

import asyncio
import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.server import HOST, RunningServer
from tests.web.asking import EVERY_MODEL, api, given, problem

JSON = {"Content-Type": "application/json"}
TRACE = api("toy-rules", "/trace")
STEP = api("toy-rules", "/step")
POSTED = ("/trace", "/step", "/gradients", "/interventions")


@pytest.fixture(autouse=True)
def stays_well(client: httpx.Client, server: RunningServer) -> Iterator[None]:
    yield
    assert client.get("/healthz").json() == {"status": "ok"}
    assert "Traceback" not in server.output()


def vectors(value: str) -> str:
    return f'{{"vectors": [[{value}, 1, 1]]}}'


MALFORMED = {
    "nothing": b"",
    "half": b'{"vectors": [[3, 1',
    "not JSON": b"vectors=3,1,0",
    "two documents": b"{}{}",
    "not UTF-8": b'{"text": "\xff\xfe"}',
    "UTF-16": '{"text": "love"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "overlong UTF-8": b'{"text": "\xc0\xaf"}',
    "surrogates in UTF-8": b'{"text": "\xed\xa0\x80"}',
    "raw control character": b'{"text": "a\x00b"}',
    "deep lists": b'{"vectors": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
    "deep and open": b"[" * 200_000,
    "comment": b'{"vectors": [[3, 1, 0]] /* three */}',
    "single quotes": b"{'vectors': [[3, 1, 0]]}",
    "leading zero": vectors("03").encode(),
    "hexadecimal": vectors("0x10").encode(),
}
BAD_INPUT = {
    "NaN": vectors("NaN"),
    "Infinity": vectors("Infinity"),
    "-Infinity": vectors("-Infinity"),
    "1e999": vectors("1e999"),
    "-1e999": vectors("-1e999"),
    "huge exponent": vectors("1e" + "9" * 1000),
    "huge integer": vectors("9" * 400),
    "very huge integer": vectors("9" * 100_000),
    "beyond float32": vectors("1e39"),
    "lone surrogate": r'{"text": "\ud800"}',
    "lone surrogate in a name": r'{"\udfff": 1, "vectors": [[3, 1, 0]]}',
    "duplicate field": '{"vectors": [[3, 1, 0]], "vectors": [[5, 1, 0]]}',
    "duplicate inside": '{"vectors": [[3,1,0]], "state": {"t": 1, "t": 2, "layers": []}}',
    "a list": "[[3, 1, 0]]",
    "a string": '"3,1,0"',
    "null": "null",
    "a number": "3",
    "long name": json.dumps({"n" * 100_000: 1}),
    "many names": json.dumps({f"n{k}": k for k in range(10_000)}),
    "many bad rows": json.dumps({"vectors": [["a"] * 3] * 10_000}),
    "one long row": json.dumps({"vectors": [[1] * 80_000]}),
    "many empty rows": json.dumps({"vectors": [[]] * 60_000}),
    "many layers": json.dumps({"vectors": [[3, 1, 0]], "state": {"t": 1, "layers": [{}] * 50_000}}),
    "long state": json.dumps(
        {"vectors": [[3, 1, 0]], "state": {"t": 1, "layers": [{"h": [1] * 50_000, "c": [0]}]}}
    ),
    "long checkpoint": json.dumps({"vectors": [[3, 1, 0]], "checkpoint": "c" * 100_000}),
}


@pytest.mark.parametrize("model_id", EVERY_MODEL)
@pytest.mark.parametrize("kind", MALFORMED)
def test_body_that_is_not_json_gives_400(client: httpx.Client, model_id: str, kind: str) -> None:
    for what in POSTED:
        content = MALFORMED[kind]
        problem(client.post(api(model_id, what), content=content, headers=JSON), 400)


@pytest.mark.parametrize("model_id", EVERY_MODEL)
@pytest.mark.parametrize("kind", BAD_INPUT)
def test_body_that_is_hostile_gives_422(client: httpx.Client, model_id: str, kind: str) -> None:
    for what in POSTED:
        content = BAD_INPUT[kind].encode()
        found = problem(client.post(api(model_id, what), content=content, headers=JSON), 422)
        assert len(json.dumps(found)) < 3000


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_text_with_half_a_character_gives_422_on_every_model(
    client: httpx.Client, model_id: str
) -> None:
    bodies: dict[str, list[dict[str, object]]] = {
        "/trace": [{"text": "a\ud800"}, {"text": ["\udfff"]}, {"clamp": ["\ud800"]}],
        "/gradients": [{"text": "\ud800"}, {"text": "a", "of": "\ud800"}],
        "/step": [{"token": "\ud800"}, {"token": "a", "checkpoint": "\ud800"}, {"\ud800": 1}],
    }
    for path, each in bodies.items():
        for body in each:
            content = json.dumps(body).encode()
            found = problem(client.post(api(model_id, path), content=content, headers=JSON), 422)
            assert "surrogate" in found["detail"]
            assert found["errors"][0]["loc"]


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application"],
)
def test_body_of_another_media_type_gives_415(client: httpx.Client, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    for path in (TRACE, STEP):
        problem(client.post(path, content=b'{"vectors": [[3, 1, 0]]}', headers=headers), 415)


def test_body_that_is_compressed_gives_415(client: httpx.Client) -> None:
    headers = {**JSON, "Content-Encoding": "gzip"}
    problem(client.post(TRACE, content=b"\x1f\x8b", headers=headers), 415)


def test_body_with_a_charset_is_read(client: httpx.Client) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    response = client.post(TRACE, content=vectors("3").encode(), headers=headers)
    assert response.status_code == 200


@pytest.mark.parametrize("size", [262_145, 1_000_000, 50_000_000])
@pytest.mark.parametrize("path", [TRACE, STEP, "/api/v1/models", "/"])
def test_body_that_is_too_large_gives_413(client: httpx.Client, path: str, size: int) -> None:
    found = problem(client.post(path, content=b" " * size, headers=JSON), 413)
    assert "262,144" in found["detail"]


def test_body_that_is_too_large_in_chunks_gives_413(client: httpx.Client) -> None:
    parts = (b" " * 10_000 for _ in range(200))
    problem(client.post(TRACE, content=parts, headers=JSON), 413)


def test_body_of_the_largest_size_is_read(client: httpx.Client) -> None:
    body = vectors("3").encode()
    response = client.post(TRACE, content=body + b" " * (262_144 - len(body)), headers=JSON)
    assert response.status_code == 200


def test_body_in_small_chunks_is_read(client: httpx.Client) -> None:
    parts = (bytes([byte]) for byte in vectors("3").encode())
    assert client.post(TRACE, content=parts, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/models/toy-rules/trace?x=%ff",
        "/api/v1/models/toy-rules/trace?%ff=1",
        "/api/v1/models/sentiment/trace?text=%ed%a0%80",
        "/api/v1/models/sentiment/trace?text=%c0%af",
        "/api/v1/models/%ff",
        "/api/v1/models/a%00b",
        "/api/v1/models/a%0d%0aSet-Cookie:x",
        "/static/%00",
        "/%ff",
        "/%7f",
    ],
)
def test_address_that_is_not_utf8_or_holds_control_characters_gives_400(
    client: httpx.Client, path: str
) -> None:
    problem(client.get(path), 400)


@pytest.mark.parametrize(
    "text",
    ["a%00b", "%00", "%0a%0d%09", "\u202eevil\u202c", "‮", "🦊" * 50, "<script>alert(1)</script>"],
)
def test_text_that_is_odd_is_read_or_refused(client: httpx.Client, text: str) -> None:
    response = client.get(f"{api('sentiment', '/trace')}?text={text}")
    assert response.status_code in {200, 422}


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_numbers_odd_in_an_address_give_422(client: httpx.Client, model_id: str) -> None:
    for x in (
        "٣,١,٠",
        "1_0,1,0",
        "0x1,1,0",
        "1e,1,0",
        "--1,1,0",
        "1" * 5000 + ",1,0",
        "3,1,0" * 900,
    ):
        problem(client.get(api(model_id, f"/trace?x={x}")), 422)


def test_path_traversal_in_static_files_gives_404(client: httpx.Client, server_url: str) -> None:
    for path in (
        "/static/../app/settings.py",
        "/static/..%2fapp/settings.py",
        "/static//etc/passwd",
    ):
        answer = raw(server_url, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 404 ")
        assert b"Settings" not in answer


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + "X: y\r\n" * 20_000 + "\r\n", 431),
        ("GET /?x=" + "1" * 100_000 + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: " + "y" * 100_000 + "\r\n\r\n", 431),
        ("nonsense\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "x" * 50 + "\r\n\r\n", 400),
        ("GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nContent-Length: -1\r\nHost: x\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    ],
)
def test_head_that_is_not_http_gives_a_problem(server_url: str, head: str, status: int) -> None:
    answer = raw(server_url, head)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]
    assert b"application/problem+json" in answer


def raw(server_url: str, request: str) -> bytes:
    """The answer to bytes that no client would send; what the server doesn't read is no error."""
    with socket.create_connection((HOST, int(server_url.rsplit(":", 1)[1])), timeout=20) as made:
        try:
            made.sendall(request.encode("latin-1"))
            parts = []
            while part := made.recv(65_536):
                parts.append(part)
        except (ConnectionResetError, BrokenPipeError):
            pass
        return b"".join(parts)


def test_many_requests_at_once_are_all_answered(server_url: str) -> None:
    async def ask() -> list[int]:
        limits = httpx.Limits(max_connections=50)
        async with httpx.AsyncClient(base_url=server_url, limits=limits, timeout=60) as client:
            asked = [client.get(api(m, f"/trace?{given(m)}")) for m in EVERY_MODEL * 10]
            return [response.status_code for response in await asyncio.gather(*asked)]

    assert set(asyncio.run(ask())) == {200}
