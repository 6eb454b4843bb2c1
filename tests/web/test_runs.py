"""Traces and single steps, as the contract has them."""

import dataclasses
import itertools
import json
from typing import Any

import httpx
import numpy as np
import pytest

from app.views.documents import schema
from app.web.api import check_can_step
from gate_explorer.errors import InputError
from gate_explorer.zoo.toy_rules import ToyRules
from tests.web.asking import (
    EVERY_MODEL,
    INPUTS,
    VECTORS,
    answer,
    api,
    given,
    problem,
    trace,
)

GATES = ("forget_gate", "input_gate", "candidate", "output_gate", "cell_state", "hidden_state")


def address(model_id: str) -> str:
    """The trace of the tests' input by GET."""
    return api(model_id, f"/trace?{given(model_id)}")


def items(model_id: str, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a caller sends a step at a time."""
    if "text" in INPUTS[model_id]:
        return [{"token": step["token"]} for step in steps]
    return [{"vector": row} for row in INPUTS[model_id]["vectors"]]


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_trace_by_get_and_by_post_is_the_same(client: httpx.Client, model_id: str) -> None:
    by_get = answer(client.get(address(model_id)), schema.Trace)
    assert by_get == trace(client, model_id)


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_trace_has_every_field_of_the_contract(client: httpx.Client, model_id: str) -> None:
    run = trace(client, model_id)
    card = client.get(api(model_id)).json()
    hidden = card["hidden_size"]
    assert run["model"] == model_id
    for t, step in enumerate(run["steps"], start=1):
        assert step["t"] == t
        assert len(step["x"]) == card["input_size"]
        (layer,) = step["layers"]
        assert layer["direction"] == "forward"
        gates = GATES if card["cell"] != "rnn" else GATES[-1:]
        assert [len(layer[name]) for name in gates] == [hidden] * len(gates)
        assert set(step["roles"]) == {"store", "reset", "output"}
        assert all(0 <= share <= 1 for share in step["roles"].values())
        assert step["story"].endswith(".")
    last = run["steps"][-1]["layers"][0]
    assert run["state"] == {
        "t": len(run["steps"]),
        "layers": [{"h": last["hidden_state"], "c": last["cell_state"] or []}],
    }


def test_trace_of_the_founding_table_shows_its_numbers(client: httpx.Client) -> None:
    run = answer(client.get(api("toy-rules", "/trace?x=3,1,0;5,0,1;2,1,0;3,0,1")), schema.Trace)
    assert [step["output"] for step in run["steps"]] == [
        {"kind": "number", "value": 0, "shown": False},
        {"kind": "number", "value": 3, "shown": True},
        {"kind": "number", "value": 0, "shown": False},
        {"kind": "number", "value": 5, "shown": True},
    ]
    assert [step["layers"][0]["cell_state"] for step in run["steps"]] == [[3], [3], [5], [5]]
    assert all(step["token"] is None and step["known"] is None for step in run["steps"])


def test_trace_of_the_rules_has_the_rules_as_its_roles(client: httpx.Client) -> None:
    for row, step in zip(VECTORS, trace(client, "toy-rules")["steps"], strict=True):
        expected = {"store": float(row[1] == 1), "reset": float(row[1] == -1), "output": row[2]}
        assert step["roles"] == expected


def test_trace_roles_follow_the_contract_equations(client: httpx.Client) -> None:
    before = np.zeros(1)
    for step in trace(client, "sentiment")["steps"]:
        layer = {name: np.array(step["layers"][0][name]) for name in GATES}
        draft, shown = np.abs(layer["candidate"]), np.abs(np.tanh(layer["cell_state"]))
        store = (layer["input_gate"] * draft).sum() / draft.sum()
        kept = (
            (layer["forget_gate"] * before).sum() / before.sum()
            if before.any()
            else layer["forget_gate"].mean()
        )
        output = (layer["output_gate"] * shown).sum() / shown.sum()
        assert step["roles"] == pytest.approx(
            {"store": store, "reset": 1 - kept, "output": output}, abs=1e-5
        )
        before = np.abs(layer["cell_state"])


def test_trace_of_a_text_marks_what_the_vocabulary_lacks(client: httpx.Client) -> None:
    steps = trace(client, "sentiment")["steps"]
    known = {step["token"]: step["known"] for step in steps}
    assert known["zxqv"] is False
    assert known["love"] is True
    assert {step["read_as"] for step in steps} == {None}
    probabilities = [step["output"]["probabilities"] for step in steps]
    assert all(sum(each.values()) == pytest.approx(1, abs=1e-6) for each in probabilities)
    assert all(step["output"]["kind"] == "classes" for step in steps)


def test_trace_of_a_misspelt_word_says_what_it_is_read_as(client: httpx.Client) -> None:
    steps = trace(client, "sentiment", text="horible service")["steps"]
    assert [step["token"] for step in steps] == ["horible", "service"]
    assert [step["read_as"] for step in steps] == ["horrible", None]
    assert [step["known"] for step in steps] == [True, True]


def test_trace_of_the_toy_lstm_says_how_far_it_is_from_the_rules(client: httpx.Client) -> None:
    soft = trace(client, "toy-lstm", vectors=VECTORS, sharpness=4)
    rules = trace(client, "toy-rules", vectors=VECTORS)
    differences = [
        ours["output"]["value"] - theirs["output"]["value"]
        for ours, theirs in zip(soft["steps"], rules["steps"], strict=True)
    ]
    assert soft["deviation"] == pytest.approx(differences)
    assert max(map(abs, differences)) > 0.01
    assert "deviation" not in rules


def test_trace_floats_read_back_as_the_same_numbers(client: httpx.Client) -> None:
    """Each float of the sentence model is a float32, written so that nothing is lost."""
    for step in trace(client, "sentiment")["steps"]:
        for name in GATES:
            values = step["layers"][0][name]
            assert values == [float(str(np.float32(value))) for value in values]


@pytest.mark.parametrize("model_id", EVERY_MODEL)
@pytest.mark.parametrize("sharpness", [None, 4])
def test_step_by_step_is_the_trace_bit_for_bit(
    client: httpx.Client, model_id: str, sharpness: float | None
) -> None:
    extra = {"sharpness": sharpness} if model_id == "toy-lstm" else {}
    run = trace(client, model_id, **INPUTS[model_id], **extra)
    state = None
    for item, expected in zip(items(model_id, run["steps"]), run["steps"], strict=True):
        body = {**item, **extra, **({"state": state} if state else {})}
        taken = answer(client.post(api(model_id, "/step"), json=body), schema.StepAnswer)
        assert taken["step"] == expected
        state = json.loads(json.dumps(taken["state"]))
    assert state == run["state"]


@pytest.mark.parametrize("model_id", ["toy-rules", "toy-lstm"])
def test_trace_continued_from_a_state_is_the_whole_trace(
    client: httpx.Client, model_id: str
) -> None:
    whole = trace(client, model_id)
    first = trace(client, model_id, vectors=VECTORS[:3])
    rest = trace(client, model_id, vectors=VECTORS[3:], state=first["state"])
    assert first["steps"] + rest["steps"] == whole["steps"]
    assert rest["state"] == whole["state"]


def test_trace_by_post_takes_null_for_what_is_left_out(client: httpx.Client) -> None:
    body = {"vectors": [[3, 1, 1]], "text": None, "state": None, "checkpoint": None, "clamp": None}
    trace(client, "toy-rules", **body)


def test_trace_ignores_what_only_the_page_looks_at(client: httpx.Client) -> None:
    plain = client.get(api("toy-rules", "/trace?x=3,1,1")).json()
    assert client.get(api("toy-rules", "/trace?x=3,1,1&t=1&unit=1&from=mail")).json() == plain


@pytest.mark.parametrize(
    ("model_id", "query", "field"),
    [
        ("toy-rules", "", "vectors"),
        ("sentiment", "", "text"),
        ("toy-rules", "x=", "vectors"),
        ("toy-rules", "x=;;", "vectors"),
        ("toy-rules", "x=3,1,0;;5,0,1", "vectors"),
        ("adding", "x=0.5,1;%20;0.5,1", "vectors"),
        ("toy-rules", "x=3,1", "vectors"),
        ("toy-rules", "x=3,1,0,0", "vectors"),
        ("toy-rules", "x=3,2,0", "vectors"),
        ("toy-rules", "x=3,1,2", "vectors"),
        ("toy-rules", "x=a,1,0", "vectors"),
        ("toy-rules", "x=nan,1,0", "vectors"),
        ("toy-rules", "x=inf,1,0", "vectors"),
        ("toy-rules", "x=1e999,1,0", "vectors"),
        ("toy-rules", "x=2e9,1,0", "vectors"),
        ("toy-lstm", "x=3,2,0", "vectors"),
        ("toy-rules", "text=love", "text"),
        ("sentiment", "x=3,1,0", "vectors"),
        ("sentiment", "text=", "text"),
        ("sentiment", "text=%20%0A", "text"),
        ("sentiment", "text=love&x=3,1,0", "x"),
        ("sentiment", "text=love&text=hate", "text"),
        ("toy-rules", "x=3,1,0&x=3,1,1", "x"),
        ("sentiment", "text=love&clamp=a&clamp=b", "clamp"),
        ("sentiment", "text=love&t=zero", "t"),
    ],
)
def test_query_that_cannot_be_used_gives_422_naming_the_field(
    client: httpx.Client, model_id: str, query: str, field: str
) -> None:
    found = problem(client.get(api(model_id, f"/trace?{query}")), 422)
    assert found["errors"][0]["loc"][0] == field


@pytest.mark.parametrize(
    ("model_id", "body", "field"),
    [
        ("toy-rules", {}, "vectors"),
        ("toy-rules", {"vectors": None}, "vectors"),
        ("toy-rules", {"vectors": []}, "vectors"),
        ("toy-rules", {"vectors": [[]]}, "vectors"),
        ("toy-rules", {"vectors": [3, 1, 0]}, "vectors"),
        ("toy-rules", {"vectors": "3,1,0"}, "vectors"),
        ("toy-rules", {"vectors": [["3", 1, 0]]}, "vectors"),
        ("toy-rules", {"vectors": [[True, 1, 0]]}, "vectors"),
        ("toy-rules", {"vectors": [[None, 1, 0]]}, "vectors"),
        ("toy-rules", {"vectors": [[3, 1]]}, "vectors"),
        ("toy-rules", {"vectors": [[1e300, 1, 0]]}, "vectors"),
        ("toy-rules", {"vectors": [[3, 1, 0]], "text": "love"}, "vectors"),
        ("toy-rules", {"vectors": [[3, 1, 0]], "clamp": ["forget_gate:0@2"]}, "clamp"),
        ("toy-rules", {"vectors": [[3, 1, 0]], "clamp": [0]}, "clamp"),
        ("toy-rules", {"vectors": [[3, 1, 0]], "sharpness": 4}, "sharpness"),
        ("toy-lstm", {"vectors": [[3, 1, 0]], "sharpness": "4"}, "sharpness"),
        ("toy-rules", {"vectors": [[3, 1, 0]], "checkpoint": "last"}, "checkpoint"),
        ("toy-rules", {"vectors": [[3, 1, 0]], "vector": [1], "x": "3"}, "vector"),
        ("sentiment", {"text": 5}, "text"),
        ("sentiment", {"text": " \n\t"}, "text"),
        ("sentiment", {"text": ["love"]}, "text"),
    ],
)
def test_trace_body_that_cannot_be_used_gives_422_naming_the_field(
    client: httpx.Client, model_id: str, body: dict[str, Any], field: str
) -> None:
    found = problem(client.post(api(model_id, "/trace"), json=body), 422)
    assert found["errors"][0]["loc"][0] == field


def test_unknown_fields_give_422_naming_each(client: httpx.Client) -> None:
    body = {"vectors": [[3, 1, 0]], "steps": 3, "Vectors": []}
    found = problem(client.post(api("toy-rules", "/trace"), json=body), 422)
    assert [error["loc"] for error in found["errors"]] == [["steps"], ["Vectors"]]


STATES = [
    {"t": -1, "layers": [{"h": [0], "c": [0]}]},
    {"t": 1.5, "layers": [{"h": [0], "c": [0]}]},
    {"t": "1", "layers": [{"h": [0], "c": [0]}]},
    {"t": 10**12, "layers": [{"h": [0], "c": [0]}]},
    {"t": 1, "layers": []},
    {"t": 1, "layers": [{"h": [0], "c": [0]}] * 2},
    {"t": 1, "layers": [{"h": [0, 0], "c": [0]}]},
    {"t": 1, "layers": [{"h": [0], "c": []}]},
    {"t": 1, "layers": [{"h": [0]}]},
    {"t": 1, "layers": [{"h": [0], "c": ["0"]}]},
    {"t": 1, "layers": [{"h": [0], "c": [1e300]}]},
    {"t": 1, "layers": [{"h": [0], "c": [0], "x": [0]}]},
    {"layers": [{"h": [0], "c": [0]}]},
    {"t": 1},
    [],
    "state",
]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("model_id", ["toy-rules", "toy-lstm"])
@pytest.mark.parametrize(("what", "given"), [("step", "vector"), ("trace", "vectors")])
def test_state_that_does_not_fit_gives_422(
    client: httpx.Client, model_id: str, state: object, what: str, given: str
) -> None:
    value: object = [3, 1, 0] if given == "vector" else [[3, 1, 0]]
    response = client.post(api(model_id, f"/{what}"), json={given: value, "state": state})
    assert problem(response, 422)["errors"][0]["loc"][0] == "state"


@pytest.mark.parametrize(
    ("model_id", "body", "field"),
    [
        ("toy-rules", {}, "vector"),
        ("toy-rules", {"token": "love"}, "vector"),
        ("toy-rules", {"vector": [3, 1]}, "vectors"),
        ("toy-rules", {"vector": [[3, 1, 0]]}, "vector"),
        ("toy-rules", {"vectors": [[3, 1, 0]]}, "vectors"),
        ("toy-rules", {"vector": [3, 1, 0], "token": "love"}, "vector"),
        ("sentiment", {"vector": [3, 1, 0]}, "token"),
        ("sentiment", {"token": ""}, "token"),
        ("sentiment", {"token": " "}, "token"),
        ("sentiment", {"token": "love", "clamp": ["forget_gate:0@1"]}, "clamp"),
    ],
)
def test_step_body_that_cannot_be_used_gives_422_naming_the_field(
    client: httpx.Client, model_id: str, body: dict[str, Any], field: str
) -> None:
    found = problem(client.post(api(model_id, "/step"), json=body), 422)
    assert found["errors"][0]["loc"][0] == field


def test_step_with_two_tokens_says_what_it_was_split_into(client: httpx.Client) -> None:
    found = problem(client.post(api("sentiment", "/step"), json={"token": "love France"}), 422)
    assert "“love”, “France”" in found["detail"]


def test_step_of_a_bidirectional_model_says_why_not() -> None:
    both_ways = dataclasses.replace(ToyRules.card, bidirectional=True)
    with pytest.raises(InputError, match="bidirectional"):
        check_can_step(both_ways)


def test_trace_at_the_limit_of_steps_is_run_and_beyond_is_refused(client: httpx.Client) -> None:
    rows = [[1, 1, 1]] * 512
    run = trace(client, "toy-rules", vectors=rows)
    assert run["steps"][-1]["output"]["value"] == 512
    assert len(trace(client, "sentiment", text="good " * 512)["steps"]) == 512
    for model_id, body in (
        ("toy-rules", {"vectors": [*rows, [1, 1, 1]]}),
        ("sentiment", {"text": "good " * 513}),
        ("sentiment", {"text": "a" * 8001}),
    ):
        found = problem(client.post(api(model_id, "/trace"), json=body), 422)
        assert "at most" in found["detail"]
        assert found["errors"]


def test_long_address_within_the_limit_is_read(client: httpx.Client) -> None:
    run = client.get(api("toy-rules", "/trace?x=" + ";".join(["1,1,1"] * 512)))
    assert len(answer(run, schema.Trace)["steps"]) == 512


def test_number_as_large_as_the_rules_allow_stays_finite(client: httpx.Client) -> None:
    for model_id, x1 in itertools.product(("toy-rules", "toy-lstm"), (1e9, -1e9, 5e-324)):
        trace(client, model_id, vectors=[[x1, 1, 1]] * 512)
        state = {"t": 10**9, "layers": [{"h": [-1e18], "c": [1e18]}]}
        trace(client, model_id, vectors=[[x1, 1, 1]], state=state)
