"""Writing on over HTTP: a stream of real steps, the same for the same seed, and the page's way."""

import json

import httpx
import pytest

PATH = "/api/v1/models/characters/continuation.ndjson"


def written(client: httpx.Client, **query: str | int | float) -> list[dict[str, object]]:
    answer = client.get(PATH, params=query)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def test_continuation_streams_the_steps_of_the_longer_texts_trace(client: httpx.Client) -> None:
    steps = written(client, text="ROMEO:", count=12, temperature=0.5, seed=7)
    assert [step["t"] for step in steps] == list(range(7, 19))
    text = "ROMEO:" + "".join(str(step["token"]) for step in steps)
    trace = client.get("/api/v1/models/characters/trace", params={"text": text}).json()
    assert steps == trace["steps"][6:]


def test_continuation_with_the_same_seed_is_the_same_and_with_another_is_not(
    client: httpx.Client,
) -> None:
    first, again, other = (
        "".join(str(step["token"]) for step in written(client, text="The ", count=40, seed=seed))
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_continuation_at_temperature_zero_takes_the_likeliest(client: httpx.Client) -> None:
    steps = written(client, text="KING RICHARD", count=5, temperature=0)
    trace = client.get("/api/v1/models/characters/trace", params={"text": "KING RICHARD"}).json()
    assert steps[0]["token"] == trace["steps"][-1]["output"]["top"][0]["token"]


@pytest.mark.parametrize(
    "query",
    [
        {"text": "", "count": "5"},
        {"text": "a", "count": "0"},
        {"text": "a", "count": "201"},
        {"text": "a", "temperature": "nan"},
        {"text": "a", "temperature": "6"},
        {"text": "a", "seed": "-1"},
        {"text": "a" * 500, "count": "100"},
        {"text": "a", "checkpoint": "none"},
        {"count": "5"},
    ],
)
def test_continuation_of_unusable_input_is_refused(
    client: httpx.Client, query: dict[str, str]
) -> None:
    answer = client.get(PATH, params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_continuation_of_a_model_that_expects_nothing_is_refused(client: httpx.Client) -> None:
    answer = client.get("/api/v1/models/sentiment/continuation.ndjson?text=good")
    assert answer.status_code == 422
    assert "doesn't predict what comes next" in answer.json()["detail"]


def test_page_that_writes_on_goes_to_the_longer_text(client: httpx.Client) -> None:
    query = {"text": "ROMEO:", "count": "10", "temperature": "0.5", "seed": "7", "unit": "3"}
    answer = client.get("/models/characters/continue", params=query)
    assert answer.status_code == 303
    steps = written(client, text="ROMEO:", count=10, temperature=0.5, seed=7)
    there = httpx.URL(answer.headers["location"]).params
    assert there["text"] == "ROMEO:" + "".join(str(step["token"]) for step in steps)
    assert there["unit"] == "3"
    assert client.get(answer.headers["location"]).status_code == 200
