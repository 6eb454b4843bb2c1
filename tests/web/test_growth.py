"""What a request costs grows as its length does: no short address and no small body stops the site.

Each kind of request is sent at four sizes to every model. Where the work grew with the square of
the size, the largest would take sixty times what the smallest does, and seconds.
"""

import json
import time
from collections.abc import Callable

import httpx
import pytest

from gate_explorer.zoo import registry
from tests.web.asking import api

pytestmark = pytest.mark.slow

SIZES = (1, 2, 4, 8)
# Eight times the size: eight times the time, and as much again for a busy machine.
MOST_GROWTH = 24.0
LEAST_SECONDS = 0.02
LONGEST_SECONDS = 3.0
JSON = {"Content-Type": "application/json"}

Ask = Callable[[httpx.Client, str, int], httpx.Response]


def get(path: str) -> Ask:
    """A GET whose address is `path` with `{id}` and what it is given to repeat filled in."""
    words, _, rest = path.partition("|")
    repeated, _, times = rest.partition("|")

    def ask(client: httpx.Client, model_id: str, size: int) -> httpx.Response:
        return client.get(f"{words.format(id=model_id)}{repeated * int(times) * size}")

    return ask


def post(body: Callable[[int], str]) -> Ask:
    """A POST of a body of the size."""

    def ask(client: httpx.Client, model_id: str, size: int) -> httpx.Response:
        return client.post(api(model_id, "/trace"), content=body(size), headers=JSON)

    return ask


def names_and_one_doubled(size: int) -> str:
    return "{" + ",".join(f'"k{n}":1' for n in range(2_800 * size)) + ',"z":1,"z":2}'


def overlapping_clamps(client: httpx.Client, model_id: str, size: int) -> httpx.Response:
    card = registry.get(model_id).card
    query = dict(card.examples[0].query)
    steps, units = ",".join(["1-2"] * 8 * size), ",".join([f"1-{card.hidden_size}"] * 8 * size)
    query["clamp"] = ";".join(f"forget_gate:0.{n}@{steps}/{units}" for n in range(16))
    return client.get(api(model_id, "/trace"), params=query)


# What is read before any model is asked.
READING: dict[str, Ask] = {
    "names of which one is doubled": post(names_and_one_doubled),
    "names that are unknown": post(lambda n: json.dumps({f"k{k}": 1 for k in range(2_000 * n)})),
    "half characters": post(lambda n: json.dumps({"text": ["\ud800"] * 3_000 * n})),
    "clamps that are none": post(lambda n: json.dumps({"text": "a", "clamp": ["a"] * 5_000 * n})),
    "clamps that are numbers": post(lambda n: json.dumps({"text": "a", "clamp": [0] * 5_000 * n})),
    "fields that are unknown": get("/api/v1/models/{id}/trace?a=b|&c=d|1600"),
    "a field that is repeated": get("/api/v1/models/{id}/trace?a=b|&text=a|900"),
    "a comparison": get("/compare?a={id}?x=1|%3B1|1600"),
    "an address to embed": get("/oembed?url=/models/{id}%3Fx=1|%3B1|480"),
    "cookies": lambda client, model_id, n: client.get(
        f"/models/{model_id}", headers={"Cookie": "a=b;" * 1900 * n}
    ),
}
# What a model reads, or refuses to.
RUNNING: dict[str, Ask] = {
    "rows of letters": post(lambda n: json.dumps({"vectors": [["a"] * 3] * 1_000 * n})),
    "rows that are empty": post(lambda n: json.dumps({"vectors": [[]] * 7_000 * n})),
    "clamps that overlap": overlapping_clamps,
    "vectors of letters in a page": get("/models/{id}?x=a|;a|3600"),
    "vectors of letters in a trace": get("/api/v1/models/{id}/trace?x=a|;a|3600"),
    "one long vector": get("/models/{id}?x=1|,1|3600"),
    "rows of a form": get("/models/{id}?a=b|&x1=1|1400"),
    "rows of a form to drop": get("/models/{id}?x1=1|&drop=1|900"),
    "a text of one long word": get("/api/v1/models/{id}/trace?text=a|a|900"),
    "a text of apostrophes": get("/api/v1/models/{id}/trace?text=a|'s|450"),
    "a text of addresses": get("/api/v1/models/{id}/trace?text=a|a@b.c|180"),
    "a text of marks": get("/api/v1/models/{id}/trace?text=a|.=[|300"),
    "a text too long": get("/models/{id}?text=a|%F0%9F%A6%8A|650"),
}
CASES = [
    *((kind, "toy-rules", ask) for kind, ask in READING.items()),
    *((kind, model_id, ask) for kind, ask in RUNNING.items() for model_id in registry.MODELS),
]


@pytest.mark.parametrize(
    ("model_id", "ask"), [case[1:] for case in CASES], ids=[f"{c[0]}, {c[1]}" for c in CASES]
)
def test_cost_of_a_request_grows_no_faster_than_its_length(
    client: httpx.Client, model_id: str, ask: Ask
) -> None:
    attempts = (seconds_by_size(client, model_id, ask) for _ in range(3))
    # A busy machine makes one attempt slow; what grows too fast makes all of them.
    assert any(grows_as_its_length(seconds) for seconds in attempts)


def seconds_by_size(client: httpx.Client, model_id: str, ask: Ask) -> list[float]:
    """The time of each size; every one is answered, and by no fault of the server's own."""
    seconds = []
    for size in SIZES:
        before = time.perf_counter()
        answer = ask(client, model_id, size)
        seconds.append(time.perf_counter() - before)
        assert answer.status_code < 500, answer.text[:300]
    return seconds


def grows_as_its_length(seconds: list[float]) -> bool:
    """Whether the largest takes no longer, beside the smallest, than its length explains."""
    smallest, *_, largest = seconds
    return largest < LONGEST_SECONDS and largest / max(smallest, LEAST_SECONDS) < MOST_GROWTH
