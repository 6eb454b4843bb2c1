"""Uploads in a Redis that replicas share: the store by itself, and two servers on one."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import redis

from app.storage.shared import SharedStore
from app.storage.store import Quota, id_of
from gate_explorer.errors import OverloadError, RoomError, TooLargeError
from tests.deploy.services import RunningRedis, running_redis
from tests.server import HOST, running_server
from tests.storage.clock import Clock, drawn_bytes
from tests.weights.samples import samples

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRedis]:
    with running_redis(tmp_path_factory.mktemp("redis")) as started:
        yield started


@pytest.fixture
def shared(running: RunningRedis) -> RunningRedis:
    """A Redis that holds nothing yet."""
    with redis.Redis(host=HOST, port=running.port) as client:
        client.flushall()
    return running


def bytes_held(shared: RunningRedis) -> int:
    with redis.Redis(host=HOST, port=shared.port) as client:
        found = client.get("{gate-explorer}:bytes")
    assert found is None or isinstance(found, bytes)
    return int(found or 0)


def test_network_that_was_put_comes_back_the_same_from_another_server(
    shared: RunningRedis,
) -> None:
    name = id_of(drawn_bytes(1), "{}")
    SharedStore(shared.url).put(name, drawn_bytes(1), '{"title": "ours"}')

    other = SharedStore(shared.url)
    found = other.get(name)

    assert found is not None
    assert (found.id, found.facts, found.data) == (name, '{"title": "ours"}', drawn_bytes(1))
    assert other.names() == [name]
    assert other.has(name)
    assert not other.has("own-nothing")
    assert other.get("own-nothing") is None


def test_network_is_gone_when_the_last_token_has_given_it_up(shared: RunningRedis) -> None:
    one, other = SharedStore(shared.url), SharedStore(shared.url)
    name = id_of(drawn_bytes(2), "")
    first, second = one.put(name, drawn_bytes(2), "{}"), other.put(name, drawn_bytes(2), "{}")
    third = one.put(id_of(drawn_bytes(3), ""), drawn_bytes(3), "{}")
    assert len({first, second, third}) == 3
    assert bytes_held(shared) == 200

    assert not other.delete(name, "guessed")
    assert not other.delete(name, third)
    assert other.delete(name, first)
    assert not one.delete(name, first)
    assert one.get(name) is not None
    assert one.delete(name, second)

    assert other.get(name) is None
    assert bytes_held(shared) == 100


def test_tokens_are_not_kept_as_they_are(shared: RunningRedis) -> None:
    token = SharedStore(shared.url).put(id_of(drawn_bytes(4), ""), drawn_bytes(4), "{}")
    with redis.Redis(host=HOST, port=shared.port) as client:
        held = b"".join(client.dump(key) or b"" for key in client.scan_iter())
    assert held
    assert token.encode() not in held


def test_network_is_over_when_its_time_is_and_an_upload_begins_it_anew(
    shared: RunningRedis,
) -> None:
    clock = Clock()
    store, name = SharedStore(shared.url, Quota(seconds=100), clock), id_of(drawn_bytes(5), "")
    store.put(name, drawn_bytes(5), "{}")
    clock.now += 90
    store.put(name, drawn_bytes(5), "{}")
    clock.now += 90
    assert store.get(name) is not None
    clock.now += 20
    assert store.get(name) is None
    assert store.names() == []
    assert bytes_held(shared) == 100

    store.sweep()
    assert bytes_held(shared) == 0


def test_room_is_made_by_what_was_opened_longest_ago(shared: RunningRedis) -> None:
    clock = Clock()
    store = SharedStore(shared.url, Quota(networks=3), clock)
    names = [id_of(drawn_bytes(k), "") for k in range(4)]
    for k in range(3):
        store.put(names[k], drawn_bytes(k), "{}")
        clock.now += 4000
    store.get(names[0])
    clock.now += 1

    store.put(names[3], drawn_bytes(3), "{}")

    assert set(store.names()) == {names[0], names[2], names[3]}
    assert bytes_held(shared) == 300


def test_bytes_in_all_are_bounded_and_one_that_is_too_large_is_refused(
    shared: RunningRedis,
) -> None:
    store = SharedStore(shared.url, Quota(bytes=250))
    for k in range(5):
        store.put(id_of(drawn_bytes(k), ""), drawn_bytes(k), "{}")
    assert len(store.names()) == 2
    with pytest.raises(TooLargeError, match="takes 300 bytes; kept are 250 in all"):
        store.put(id_of(drawn_bytes(9, 300), ""), drawn_bytes(9, 300), "{}")
    assert len(store.names()) == 2


def test_damaged_network_is_never_served_and_the_next_upload_mends_it(
    shared: RunningRedis,
) -> None:
    store, name = SharedStore(shared.url), id_of(drawn_bytes(6), "")
    store.put(name, drawn_bytes(6), "{}")
    with redis.Redis(host=HOST, port=shared.port) as client:
        client.hset(f"{{gate-explorer}}:net:{name}", "data", drawn_bytes(7))

    assert store.get(name) is None
    store.put(name, drawn_bytes(6), "{}")

    found = store.get(name)
    assert found is not None
    assert found.data == drawn_bytes(6)


def test_servers_put_and_give_up_at_once_and_nothing_is_left(shared: RunningRedis) -> None:
    stores = [SharedStore(shared.url) for _ in range(2)]
    failed: list[BaseException] = []

    def work(k: int) -> None:
        try:
            store, data = stores[k % 2], drawn_bytes(k % 4, 50_000)
            name = id_of(data, "")
            token = store.put(name, data, "{}")
            found = store.get(name)
            assert found is not None
            assert found.data == data
            assert store.delete(name, token)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert stores[0].names() == []
    assert bytes_held(shared) == 0


def test_redis_without_memory_refuses_and_still_reads_and_gives_up(tmp_path: Path) -> None:
    limits = ("--maxmemory", "20mb", "--maxmemory-policy", "noeviction")
    with running_redis(tmp_path, 0, *limits) as small:
        store, tokens = SharedStore(small.url), {}
        with suppress(RoomError):
            for k in range(30):
                name = id_of(drawn_bytes(k), "")
                tokens[name] = store.put(name, drawn_bytes(k, 2_000_000), "{}")
        assert 2 < len(tokens) < 30
        for k, name in enumerate(tokens):
            found = store.get(name)
            assert found is not None
            assert found.data == drawn_bytes(k, 2_000_000)
        assert all(store.delete(name, token) for name, token in tokens.items())
        store.put(id_of(drawn_bytes(1), ""), drawn_bytes(1), "{}")


def test_redis_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    with running_redis(tmp_path) as gone:
        store = SharedStore(gone.url)
        name = id_of(drawn_bytes(1), "")
        store.put(name, drawn_bytes(1), "{}")
    with pytest.raises(OverloadError):
        store.get(name)
    with pytest.raises(OverloadError):
        SharedStore(gone.url).put(name, drawn_bytes(1), "{}")


def test_acknowledged_upload_outlives_a_killed_redis_that_flushes_first(tmp_path: Path) -> None:
    names = {id_of(drawn_bytes(k), ""): drawn_bytes(k) for k in range(20)}
    with running_redis(tmp_path, 0, *DURABLE) as first:
        store = SharedStore(first.url)
        for name, data in names.items():
            store.put(name, data, "{}")
        first.process.kill()
    with running_redis(tmp_path, 0, *DURABLE) as again:
        store = SharedStore(again.url)
        for name, data in names.items():
            found = store.get(name)
            assert found is not None
            assert found.data == data


def test_model_brought_to_one_server_opens_on_another_and_is_taken_back_there(
    shared: RunningRedis,
) -> None:
    settings = {"GATE_EXPLORER_UPLOADS": shared.url}
    with running_server(settings) as one, running_server(settings) as other:
        files = {"file": ("mine.npz", samples()["stacked.npz"])}
        brought = httpx.post(f"{one.url}/api/v1/models", files=files, timeout=60)
        assert brought.status_code == 201, brought.text
        links = brought.json()["links"]
        for path in (links["page"], links["self"]):
            assert httpx.get(f"{other.url}{path}").status_code == 200
        query = brought.json()["examples"][0]
        traces = [httpx.get(f"{each.url}{links['trace']}?{query}") for each in (one, other)]
        assert [each.status_code for each in traces] == [200, 200], traces[0].text
        assert traces[0].json()["steps"] == traces[1].json()["steps"]
        picture = links["trace"].replace("/trace", "/trace.png")
        assert httpx.get(f"{other.url}{picture}?{query}", timeout=60).status_code == 200

        bearer = {"Authorization": f"Bearer {brought.json()['token']}"}
        assert httpx.delete(f"{other.url}{links['self']}", headers=bearer).status_code == 204
        gone = [_until_gone(f"{each.url}{links['page']}") for each in (other, one)]
        assert gone == [404, 404]


def test_servers_without_their_redis_show_their_own_models_and_take_uploads_again_later(
    tmp_path: Path,
) -> None:
    with running_redis(tmp_path) as started:
        port = started.port
        with running_server({"GATE_EXPLORER_UPLOADS": started.url}) as server:
            files = {"file": ("mine.npz", samples()["stacked.npz"])}
            page = httpx.post(f"{server.url}/api/v1/models", files=files, timeout=60).json()
            started.process.kill()
            started.process.wait()
            answers = [
                httpx.get(f"{server.url}{page['links']['page']}"),
                httpx.post(f"{server.url}/api/v1/models", files=files, timeout=60),
            ]
            assert [each.status_code for each in answers] == [503, 503]
            assert all(each.headers["retry-after"] for each in answers)
            for path in ("/", "/open", "/models/toy-rules?x=3,1,0", "/readyz"):
                assert httpx.get(f"{server.url}{path}").status_code == 200
            with running_redis(tmp_path, port):
                assert _until(f"{server.url}/api/v1/models", files) == 201
            assert "Traceback" not in server.output()


def _until_gone(address: str) -> int:
    """The status once a server that knew it a moment ago has asked again."""
    for _ in range(100):
        status = httpx.get(address).status_code
        if status == 404:
            break
        threading.Event().wait(0.1)
    return status


def _until(address: str, files: dict[str, tuple[str, bytes]]) -> int:
    """The status of an upload once the store is there again."""
    for _ in range(100):
        status = httpx.post(address, files=files, timeout=60).status_code
        if status == 201:
            break
        threading.Event().wait(0.1)
    return status
