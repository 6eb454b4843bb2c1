"""What visitors bring is kept whole, as long as was promised, whatever happens to the server."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.storage.store import Quota, Store, id_of
from gate_explorer.errors import TooLargeError
from tests.storage.clock import Clock, drawn_bytes

ROOT = Path(__file__).resolve().parents[2]


def _files(store: Store) -> list[Path]:
    return sorted((store.folder / "networks").iterdir())


def test_network_that_was_put_comes_back_the_same_from_another_store(tmp_path: Path) -> None:
    name = id_of(drawn_bytes(1), "{}")
    Store(tmp_path).put(name, drawn_bytes(1), '{"title": "ours"}')

    found = Store(tmp_path).get(name)

    assert found is not None
    assert (found.id, found.facts, found.data) == (name, '{"title": "ours"}', drawn_bytes(1))
    assert Store(tmp_path).names() == [name]
    assert Store(tmp_path).has(name)
    assert not Store(tmp_path).has("own-nothing")
    assert Store(tmp_path).get("own-nothing") is None


def test_id_follows_from_content_and_choices_alone() -> None:
    assert id_of(b"a", "x") == id_of(b"a", "x")
    assert len({id_of(b"a", "x"), id_of(b"a", "y"), id_of(b"b", "x"), id_of(b"ax", "")}) == 4
    assert id_of(b"a", "x").startswith("own-")


def test_network_is_gone_when_the_last_token_has_given_it_up(tmp_path: Path) -> None:
    store, name = Store(tmp_path), id_of(drawn_bytes(2), "")
    first, second = (store.put(name, drawn_bytes(2), "{}") for _ in range(2))
    other = store.put(id_of(drawn_bytes(3), ""), drawn_bytes(3), "{}")
    assert first != second
    assert len(_files(store)) == 2

    assert not store.delete(name, "guessed")
    assert not store.delete(name, other)
    assert store.delete(name, first)
    assert not store.delete(name, first)
    assert store.get(name) is not None
    assert store.delete(name, second)

    assert store.get(name) is None
    assert len(_files(store)) == 1


def test_tokens_are_not_kept_as_they_are(tmp_path: Path) -> None:
    token = Store(tmp_path).put(id_of(drawn_bytes(4), ""), drawn_bytes(4), "{}")
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert token.encode() not in held


def test_network_is_over_when_its_time_is_and_an_upload_begins_it_anew(tmp_path: Path) -> None:
    clock = Clock()
    store, name = Store(tmp_path, Quota(seconds=100), clock), id_of(drawn_bytes(5), "")
    store.put(name, drawn_bytes(5), "{}")
    clock.now += 90
    store.put(name, drawn_bytes(5), "{}")
    clock.now += 90
    assert store.get(name) is not None
    clock.now += 20
    assert store.get(name) is None
    assert store.names() == []

    store.sweep()
    assert _files(store) == []


def test_room_is_made_by_what_was_opened_longest_ago(tmp_path: Path) -> None:
    clock = Clock()
    store = Store(tmp_path, Quota(networks=3), clock)
    names = [id_of(drawn_bytes(k), "") for k in range(4)]
    for k in range(3):
        store.put(names[k], drawn_bytes(k), "{}")
        clock.now += 4000
    store.get(names[0])
    clock.now += 1

    store.put(names[3], drawn_bytes(3), "{}")

    assert set(store.names()) == {names[0], names[2], names[3]}
    assert len(_files(store)) == 3


def test_bytes_in_all_are_bounded_and_one_that_is_too_large_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path, Quota(bytes=250))
    for k in range(5):
        store.put(id_of(drawn_bytes(k), ""), drawn_bytes(k), "{}")
    assert len(_files(store)) == 2
    with pytest.raises(TooLargeError, match="takes 300 bytes; kept are 250 in all"):
        store.put(id_of(drawn_bytes(9, 300), ""), drawn_bytes(9, 300), "{}")
    assert len(store.names()) == 2


@pytest.mark.parametrize("damage", ["changed", "cut", "lost"])
def test_damaged_file_is_never_served_and_the_next_upload_mends_it(
    tmp_path: Path, damage: str
) -> None:
    store, name = Store(tmp_path), id_of(drawn_bytes(6), "")
    store.put(name, drawn_bytes(6), "{}")
    (path,) = _files(store)
    if damage == "changed":
        path.write_bytes(b"x" + path.read_bytes()[1:])
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:50])
    else:
        path.unlink()

    assert store.get(name) is None
    store.put(name, drawn_bytes(6), "{}")

    found = store.get(name)
    assert found is not None
    assert found.data == drawn_bytes(6)


def test_files_that_nothing_names_are_swept_at_the_start(tmp_path: Path) -> None:
    store, name = Store(tmp_path), id_of(drawn_bytes(7), "")
    store.put(name, drawn_bytes(7), "{}")
    (tmp_path / "networks" / "half.part").write_bytes(b"half")
    (tmp_path / "networks" / "whole").write_bytes(b"never acknowledged")

    again = Store(tmp_path)

    assert len(_files(again)) == 1
    assert again.get(name) is not None


def test_upload_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, name = Store(tmp_path), id_of(drawn_bytes(8), "")

    def full(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        store.put(name, drawn_bytes(8), "{}")
    monkeypatch.undo()

    assert store.get(name) is None
    assert _files(store) == []


def test_threads_put_and_get_at_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    failed: list[BaseException] = []

    def work(k: int) -> None:
        try:
            name = id_of(drawn_bytes(k % 4), "")
            token = store.put(name, drawn_bytes(k % 4), "{}")
            found = store.get(name)
            assert found is not None
            assert found.data == drawn_bytes(k % 4)
            assert store.delete(name, token)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [error for error in failed if not isinstance(error, AssertionError)] == []
    assert store.names() == []
    assert _files(store) == []


WRITER = """
import sys
from pathlib import Path
import numpy as np
from app.storage.store import Quota, Store, id_of
store, first = Store(Path(sys.argv[1]), Quota(networks=10**6)), int(sys.argv[2])
for k in range(first, first + 10_000):
    data = np.random.default_rng(k).bytes(20_000)
    store.put(id_of(data, ""), data, str(k))
    print(k, flush=True)
"""


def test_server_killed_at_any_moment_loses_nothing_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    for round_ in range(6):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(tmp_path), str(10_000 * (2 * round_ + k))],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for k in range(2)
        ]
        assert writers[0].stdout is not None
        acknowledged.append(int(writers[0].stdout.readline()))
        time.sleep(0.05 + 0.03 * round_)
        for writer in writers:
            os.kill(writer.pid, signal.SIGKILL)
        for writer in writers:
            rest, _ = writer.communicate()
            acknowledged += [int(line) for line in rest.splitlines() if line.strip()]

    store = Store(tmp_path, Quota(networks=10**6))

    assert len(acknowledged) >= 6
    for k in acknowledged:
        data = drawn_bytes(k, 20_000)
        found = store.get(id_of(data, ""))
        assert found is not None, k
        assert (found.data, found.facts) == (data, str(k))
    whole = {path.stat().st_size for path in _files(store)}
    assert whole == {20_000}
    assert len(_files(store)) == len(store.names())
    with sqlite3.connect(tmp_path / "networks.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
