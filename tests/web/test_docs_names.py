"""An input under another place's name, or of another kind: 422, whose words name the right one."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.web.asking import api, problem


@pytest.mark.parametrize(
    ("model_id", "query", "field", "right"),
    [
        ("toy-rules", "vectors=3,1,0;5,0,1", "vectors", "x=3,1,0;5,0,1"),
        ("toy-rules", "vector=3,1,0", "vector", "x=3,1,0;5,0,1"),
        ("toy-rules", "x=3,1,0&vectors=5,0,1", "vectors", "x=3,1,0;5,0,1"),
        ("sentiment", "token=love", "token", "text=I love France"),
        ("toy-rules", "text=I love France", "text", "x=3,1,0;5,0,1"),
        ("exercise", "text=one", "text", "x=1;2"),
        ("adding", "text=one", "text", "x=0.9,0;0.5,0"),
        ("sentiment", "x=3,1,0", "vectors", "text=The movie was not good."),
        ("toy-rules", "", "vectors", "x=3,1,0;5,0,1"),
        ("sentiment", "", "text", "text=The movie was not good."),
    ],
)
@pytest.mark.parametrize("what", ["trace", "gradients", "trace.csv", "trace.png"])
def test_query_of_another_name_or_kind_is_told_the_right_one(
    client: httpx.Client, model_id: str, query: str, field: str, right: str, what: str
) -> None:
    found = problem(client.get(api(model_id, f"/{what}"), params=dict(parse_qsl(query))), 422)
    assert found["errors"][0]["loc"] == [field]
    assert right in found["detail"]
    address = urlsplit(f"{api(model_id)}/trace?{right}")
    assert client.get(address.path, params=dict(parse_qsl(address.query))).status_code == 200


NUMBERS = {"vectors": [[3, 1, 0], [5, 0, 1]]}
WORDS = {"text": "I love France"}


@pytest.mark.parametrize(
    ("model_id", "what", "body", "field", "right"),
    [
        ("toy-rules", "trace", {"x": "3,1,0"}, "x", NUMBERS),
        ("toy-rules", "trace", {"x": [[3, 1, 0]]}, "x", NUMBERS),
        ("toy-rules", "trace", {"vector": [3, 1, 0]}, "vector", NUMBERS),
        ("toy-rules", "gradients", {"x": "3,1,0"}, "x", NUMBERS),
        ("toy-rules", "interventions", {"inputs": [[3, 1, 0]]}, "inputs", NUMBERS),
        ("toy-rules", "trace", WORDS, "text", NUMBERS),
        ("sentiment", "trace", {"token": "love"}, "token", WORDS),
        ("sentiment", "trace", {"sentence": "I love it"}, "sentence", WORDS),
        ("toy-rules", "step", {"vectors": [[3, 1, 0]]}, "vectors", {"vector": [3, 1, 0]}),
        ("toy-rules", "step", {"x": "3,1,0"}, "x", {"vector": [3, 1, 0]}),
        ("toy-rules", "step", {"token": "love"}, "vector", {"vector": [3, 1, 0]}),
        ("adding", "step", {"token": "love"}, "vector", {"vector": [0.9, 0]}),
        ("exercise", "step", {}, "vector", {"vector": [1]}),
        ("sentiment", "step", {"text": "love"}, "text", {"token": "love"}),
        ("characters", "step", {"vector": [1]}, "token", {"token": "R"}),
    ],
)
def test_body_of_another_name_or_kind_is_told_the_right_one(
    client: httpx.Client,
    model_id: str,
    what: str,
    body: dict[str, Any],
    field: str,
    right: dict[str, Any],
) -> None:
    found = problem(client.post(api(model_id, f"/{what}"), json=body), 422)
    assert found["errors"][0]["loc"] == [field]
    (name,) = right
    assert f'{{"{name}": ' in found["detail"]
    assert client.post(api(model_id, f"/{what}"), json=right).status_code == 200


def test_body_with_a_field_that_is_nowhere_is_told_those_there_are(client: httpx.Client) -> None:
    body = {"vectors": [[3, 1, 0]], "sharp": 4}
    found = problem(client.post(api("toy-lstm", "/trace"), json=body), 422)
    assert found["errors"][0]["loc"] == ["sharp"]
    assert "sharpness" in found["errors"][0]["msg"]
