"""How often one address may ask: counted by client, told when to ask again, fair to the others."""

from collections.abc import Iterator

import httpx
import pytest

from tests.server import RunningServer, running_server
from tests.web.asking import api, problem

LIGHT = api("toy-rules", "/trace?x=1,1,1")
PROXY = {"GATE_EXPLORER_TRUSTED_PROXIES": "127.0.0.1", "GATE_EXPLORER_RATE": "20"}


@pytest.fixture(scope="module")
def proxied() -> Iterator[RunningServer]:
    """A server behind a proxy, who says for whom it asks."""
    with running_server(PROXY) as running:
        yield running
        assert "Traceback" not in running.output()


def ask(server: RunningServer, path: str, address: str) -> httpx.Response:
    return httpx.get(f"{server.url}{path}", headers={"X-Forwarded-For": address}, timeout=30)


def use_up(server: RunningServer, address: str) -> None:
    for _ in range(20):
        assert ask(server, LIGHT, address).status_code == 200


def test_address_that_asks_too_often_is_told_when_to_ask_again(proxied: RunningServer) -> None:
    use_up(proxied, "203.0.113.1")
    refused = ask(proxied, LIGHT, "203.0.113.1")
    assert "20 requests a minute" in problem(refused, 429)["detail"]
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert ask(proxied, LIGHT, "203.0.113.2").status_code == 200


def test_health_is_never_counted(proxied: RunningServer) -> None:
    use_up(proxied, "203.0.113.3")
    for path in ("/healthz", "/readyz"):
        assert ask(proxied, path, "203.0.113.3").status_code == 200


def test_heavy_requests_count_for_several(proxied: RunningServer) -> None:
    statuses = []
    for n in range(8):
        picture = api("toy-rules", f"/trace.png?x={n},1,1")
        statuses.append(ask(proxied, picture, "203.0.113.4").status_code)
    assert statuses[:2] == [200, 200]
    assert statuses[-1] == 429


def test_addresses_of_one_ipv6_network_count_as_one(proxied: RunningServer) -> None:
    for n in range(20):
        assert ask(proxied, LIGHT, f"2001:db8:1:2::{n + 1:x}").status_code == 200
    assert ask(proxied, LIGHT, "2001:db8:1:2:ffff::1").status_code == 429
    assert ask(proxied, LIGHT, "2001:db8:1:3::1").status_code == 200


def test_what_a_client_says_before_its_proxy_does_is_not_believed(
    proxied: RunningServer,
) -> None:
    """The proxy adds the address that it sees; whatever stands before that is the client's word."""
    for n in range(20):
        ask(proxied, LIGHT, f"10.0.0.{n}, 203.0.113.5")
    assert ask(proxied, LIGHT, "10.9.9.9, 203.0.113.5").status_code == 429


def test_this_machine_is_not_counted(proxied: RunningServer) -> None:
    with httpx.Client(base_url=proxied.url) as client:
        assert {client.get(LIGHT).status_code for _ in range(100)} == {200}


def test_proxy_that_is_not_trusted_is_not_believed(client: httpx.Client) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    assert {client.get(LIGHT, headers=forged).status_code for _ in range(30)} == {200}
    assert "https://127.0.0.1" not in client.get("/", headers=forged).text


def test_trusted_proxy_says_the_scheme_of_the_links(proxied: RunningServer) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.6", "X-Forwarded-Proto": "https"}
    page = httpx.get(f"{proxied.url}/models/toy-rules?x=1,1,1", headers=forwarded).text
    assert f'href="{proxied.url.replace("http:", "https:")}/models/toy-rules' in page


def test_rates_are_counted_here_while_redis_is_away() -> None:
    with running_server({**PROXY, "GATE_EXPLORER_RATE_STORAGE": "redis://127.0.0.1:1"}) as server:
        use_up(server, "203.0.113.7")
        problem(ask(server, LIGHT, "203.0.113.7"), 429)
        assert "Redis is away" in server.output()
        assert "Traceback" not in server.output()
