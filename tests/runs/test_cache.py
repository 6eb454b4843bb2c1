"""What was made last is kept within its bound, the longest unused given up first."""

from concurrent.futures import ThreadPoolExecutor

from app.views.walk import recent, walk
from gate_explorer.runs.cache import Cache
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.zoo import registry


def test_value_kept_is_found_and_another_is_not() -> None:
    kept: Cache[str, bytes] = Cache(10, len)
    kept.put("a", b"aaaa")
    assert kept.get("a") == b"aaaa"
    assert kept.get("b") is None


def test_bound_reached_gives_up_what_was_unused_longest() -> None:
    kept: Cache[str, bytes] = Cache(10, len)
    for key in "abc":
        kept.put(key, key.encode() * 3)
    kept.get("a")
    kept.put("d", b"ddd")
    assert [kept.get(key) for key in "abcd"] == [b"aaa", None, b"ccc", b"ddd"]


def test_value_larger_than_the_bound_is_not_kept() -> None:
    kept: Cache[str, bytes] = Cache(10, len)
    kept.put("a", b"a" * 11)
    kept.put("b", b"b" * 10)
    assert [kept.get("a"), kept.get("b")] == [None, b"b" * 10]


def test_same_key_kept_twice_counts_once() -> None:
    kept: Cache[str, bytes] = Cache(10, len)
    for _ in range(5):
        kept.put("a", b"aaaa")
    kept.put("b", b"bbbb")
    assert [kept.get("a"), kept.get("b")] == [b"aaaa", b"bbbb"]


def test_many_threads_stay_within_the_bound() -> None:
    kept: Cache[int, int] = Cache(100, lambda value: 10)

    def use(n: int) -> int | None:
        kept.put(n % 37, n % 37)
        return kept.get(n % 37)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(use, range(2000)))
    assert all(value in (None, n % 37) for n, value in enumerate(found))
    assert sum(kept.get(n) is not None for n in range(37)) <= 10


def test_run_of_a_text_asked_for_again_is_the_same_run() -> None:
    model = registry.get("sentiment")
    first = walk(model, Text("I love France"), Options())
    assert walk(model, Text("I love France"), Options()) is first
    assert recent.get((model, Text("I love France"), Options())) is first


def test_run_of_another_text_checkpoint_or_state_is_another() -> None:
    model = registry.get("sentiment")
    first = walk(model, Text("I love France"), Options())
    early = Options(checkpoint=model.card.checkpoints[0])
    assert walk(model, Text("I love Spain"), Options()) is not first
    assert walk(model, Text("I love France"), early) is not first
    assert walk(model, Text("I love France"), Options(), first.state) is not first
