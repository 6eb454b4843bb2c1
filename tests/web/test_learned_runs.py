"""Learned models over HTTP: checkpoints, cells without gates, the next symbol."""

from typing import Any

import httpx
import numpy as np
import pytest
import safetensors.numpy

from app.views.documents import schema
from tests.web.asking import answer, api

GATES = ("forget_gate", "input_gate", "candidate", "output_gate", "cell_state")


def models(client: httpx.Client) -> list[dict[str, Any]]:
    cards: list[dict[str, Any]] = answer(client.get("/api/v1/models"), schema.Models)["models"]
    return [card for card in cards if card["provenance"] == "trained"]


def test_examples_of_every_trained_model_open_at_their_first_checkpoint(
    client: httpx.Client,
) -> None:
    for card in models(client):
        query, checkpoint = card["examples"][0], card["checkpoints"][0]
        path = f"{card['links']['trace']}?{query}"
        done = answer(client.get(path), schema.Trace)
        untrained = answer(client.get(f"{path}&checkpoint={checkpoint}"), schema.Trace)
        assert len(done["steps"]) == len(untrained["steps"])
        assert done["steps"] != untrained["steps"]
        page = f"{card['links']['page']}?{query}&checkpoint={checkpoint}"
        assert client.get(page, headers={"Accept": "text/html"}).status_code == 200


def test_weights_of_a_checkpoint_are_those_of_its_traces(client: httpx.Client) -> None:
    content = client.get(api("counter", "/weights.safetensors?checkpoint=step-0")).content
    weights = safetensors.numpy.load(content)
    (step,) = client.get(api("counter", "/trace?text=a&checkpoint=step-0")).json()["steps"]
    a = weights["weight_ih_l0"][:, 0] + weights["bias_ih_l0"]
    assert step["layers"][0]["input_gate"] == pytest.approx(1 / (1 + np.exp(-a[:4])), abs=1e-6)


def test_step_of_a_vanilla_rnn_has_null_gates_and_carries_its_hidden_state(
    client: httpx.Client,
) -> None:
    whole = answer(client.get(api("counter-rnn", "/trace?text=aab")), schema.Trace)
    state = None
    for token, expected in zip("aab", whole["steps"], strict=True):
        body = {"token": token, **({"state": state} if state else {})}
        taken = answer(client.post(api("counter-rnn", "/step"), json=body), schema.StepAnswer)
        assert taken["step"] == expected
        assert [expected["layers"][0][name] for name in GATES] == [None] * 5
        assert expected["roles"] == {"store": 1, "reset": 1, "output": 1}
        state = taken["state"]
    assert state == whole["state"]
    assert whole["state"]["layers"][0]["c"] == []


def test_next_token_lists_the_likeliest_first(client: httpx.Client) -> None:
    steps = answer(client.get(api("characters", "/trace?text=the+q")), schema.Trace)["steps"]
    top = steps[-1]["output"]["top"]
    assert steps[-1]["output"]["kind"] == "next_token"
    assert top[0]["token"] == "u"
    assert [each["probability"] for each in top] == sorted(
        (each["probability"] for each in top), reverse=True
    )


def test_vector_out_of_range_is_named_by_row_and_place(client: httpx.Client) -> None:
    response = client.get(api("adding", "/trace?x=0.5,1;0.5,7"))
    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["vectors", 1, "x2"]
