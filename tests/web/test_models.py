"""Models, their cards and their weights, as the contract has them."""

import re
from typing import Any
from urllib.parse import parse_qs

import httpx
import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray

from app.views.documents import schema
from tests.web.asking import INPUTS, MODEL_IDS, answer, api, problem, trace

CARD_FIELDS = {
    "id": str,
    "title": str,
    "description": str,
    "cell": str,
    "input": str,
    "input_size": int,
    "hidden_size": int,
    "num_layers": int,
    "bidirectional": bool,
    "output": str,
    "provenance": str,
    "checkpoints": list,
    "metrics": dict,
    "examples": list,
    "curated": list,
    "details": dict,
    "links": dict,
}
KINDS = {
    "toy-rules": ("toy", "vectors", "number", "rules"),
    "toy-lstm": ("lstm", "vectors", "number", "hand-set"),
    "sentiment": ("lstm", "words", "classes", "trained"),
}


def sigmoid(a: NDArray[np.float64]) -> NDArray[np.float64]:
    share: NDArray[np.float64] = 1 / (1 + np.exp(-a))
    return share


def plain_loop(weights: dict[str, Any], x: NDArray[np.float64]) -> dict[str, list[Any]]:
    """An LSTM as PyTorch's documentation writes it, from PyTorch's names, in float64."""
    w_ih, w_hh, b_ih, b_hh = (
        weights[name].astype(np.float64)
        for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    )
    h = c = np.zeros(w_hh.shape[1])
    values: dict[str, list[Any]] = {"cell_state": [], "hidden_state": [], "forget_gate": []}
    with np.errstate(over="ignore"):
        for row in x:
            i, f, g, o = np.split(w_ih @ row + b_ih + w_hh @ h + b_hh, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            for name, value in (
                ("cell_state", c),
                ("hidden_state", h),
                ("forget_gate", sigmoid(f)),
            ):
                values[name].append(value)
    return values


def weights_of(client: httpx.Client, model_id: str, query: str = "") -> dict[str, Any]:
    response = client.get(api(model_id, f"/weights.safetensors{query}"))
    assert response.status_code == 200, response.text
    return safetensors.numpy.load(response.content)


def test_models_list_holds_the_three_that_always_exist(client: httpx.Client) -> None:
    models = answer(client.get("/api/v1/models"), schema.Models)["models"]
    assert [card["id"] for card in models][:3] == list(MODEL_IDS)


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_model_card_has_every_field_of_the_contract(client: httpx.Client, model_id: str) -> None:
    card = answer(client.get(api(model_id)), schema.Card)
    for name, kind in CARD_FIELDS.items():
        assert isinstance(card[name], kind), name
    assert card["id"] == model_id
    assert (card["cell"], card["input"], card["output"], card["provenance"]) == KINDS[model_id]
    assert card["num_layers"] == 1
    assert card["bidirectional"] is False
    assert card["links"]["page"] == f"/models/{model_id}"
    assert card["links"]["trace"] == f"/api/v1/models/{model_id}/trace"
    assert card in client.get("/api/v1/models").json()["models"]


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_model_examples_open_trace_and_page(client: httpx.Client, model_id: str) -> None:
    card = client.get(api(model_id)).json()
    assert card["examples"] == [each["query"] for each in card["curated"]]
    for query in card["examples"]:
        assert re.fullmatch(r"[!-~]+", query), "percent-encoded"
        assert parse_qs(query, strict_parsing=True)
        answer(client.get(f"{card['links']['trace']}?{query}"), schema.Trace)
        assert client.get(f"{card['links']['page']}?{query}").status_code == 200


@pytest.mark.parametrize("model_id", ["none", "toy-rules ", "x" * 3000, "..%2f..", "%F0%9F%A6%8A"])
@pytest.mark.parametrize("what", ["", "/trace?x=3,1,0", "/weights.safetensors"])
def test_model_unknown_gives_404(client: httpx.Client, model_id: str, what: str) -> None:
    found = problem(client.get(api(model_id, what)), 404)
    assert len(found["detail"]) < 300


def test_card_sizes_are_those_of_the_trace(client: httpx.Client) -> None:
    for model_id in MODEL_IDS:
        card = client.get(api(model_id)).json()
        step = trace(client, model_id)["steps"][0]
        assert len(step["x"]) == card["input_size"]
        assert len(step["layers"][0]["hidden_state"]) == card["hidden_size"]


@pytest.mark.parametrize("model_id", ["toy-lstm", "sentiment"])
def test_weights_under_torch_names_compute_the_trace(client: httpx.Client, model_id: str) -> None:
    weights = weights_of(client, model_id)
    card = client.get(api(model_id)).json()
    inputs, hidden = card["input_size"], card["hidden_size"]
    assert {name: array.shape for name, array in weights.items()} == {
        "weight_ih_l0": (4 * hidden, inputs),
        "weight_hh_l0": (4 * hidden, hidden),
        "bias_ih_l0": (4 * hidden,),
        "bias_hh_l0": (4 * hidden,),
    }
    assert not weights["bias_hh_l0"].any()
    steps = trace(client, model_id)["steps"]
    values = plain_loop(weights, np.array([step["x"] for step in steps]))
    for name, expected in values.items():
        got = np.array([step["layers"][0][name] for step in steps])
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_weights_of_the_toy_follow_the_sharpness(client: httpx.Client) -> None:
    soft = weights_of(client, "toy-lstm", "?sharpness=4")
    assert soft["weight_ih_l0"].max() == 4
    assert weights_of(client, "toy-lstm")["weight_ih_l0"].max() == 100


def test_weights_come_as_a_file(client: httpx.Client) -> None:
    response = client.get(api("toy-lstm", "/weights.safetensors"))
    assert response.headers["content-type"] == "application/octet-stream"
    disposition = 'attachment; filename="toy-lstm.safetensors"'
    assert response.headers["content-disposition"] == disposition


def test_weights_of_the_rules_give_404(client: httpx.Client) -> None:
    problem(client.get(api("toy-rules", "/weights.safetensors")), 404)


@pytest.mark.parametrize(
    ("model_id", "query", "field"),
    [
        ("toy-lstm", "checkpoint=none", "checkpoint"),
        ("sentiment", "checkpoint=none", "checkpoint"),
        ("sentiment", "sharpness=4", "sharpness"),
        ("toy-lstm", "sharpness=0", "sharpness"),
        ("toy-lstm", "sharpness=nan", "sharpness"),
        ("toy-lstm", "sharpness=1e999", "sharpness"),
        ("toy-lstm", "sharpness=soft", "sharpness"),
    ],
)
@pytest.mark.parametrize("what", ["/weights.safetensors?", "/trace?{input}&"])
def test_option_that_the_model_lacks_gives_422_naming_it(
    client: httpx.Client, model_id: str, query: str, field: str, what: str
) -> None:
    given = "text=love" if "text" in INPUTS[model_id] else "x=3,1,0"
    found = problem(client.get(api(model_id, what.format(input=given) + query)), 422)
    assert found["errors"][0]["loc"] == [field]


@pytest.mark.parametrize(
    "path", ["/api/v1/models", api("toy-rules"), api("toy-lstm", "/weights.safetensors")]
)
def test_answer_that_is_still_the_same_gives_304(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    assert "max-age" in first.headers["cache-control"]
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(path, headers={"If-None-Match": 'W/"other"'})
    assert other.content == first.content


def test_head_gives_the_headers_of_get(client: httpx.Client) -> None:
    response = client.head(api("toy-rules"), headers={"Accept-Encoding": "identity"})
    assert response.status_code == 200
    assert response.headers["content-length"] == str(
        len(client.get(api("toy-rules"), headers={"Accept-Encoding": "identity"}).content)
    )
    assert response.content == b""
