"""Several inputs in one call of trace: each as its own trace has it, in every model and in files
that were brought; and every fault by the place of its input."""

from typing import Any

import httpx
import numpy as np
import pytest

from app.views.documents import schema
from gate_explorer.runs.cells import EQUATIONS
from gate_explorer.zoo import registry
from tests.web.asking import EVERY_MODEL, answer, api, first_example, problem, trace
from tests.weights.samples import samples

# A reading of a file of every kind: several layers, both ways, states of their own, options.
SAMPLES = samples()
MOST = 64
# Of float32, which a run of a hundred steps with a gate held makes larger step by step.
ROUNDING = 2e-4


def inputs_of(model_id: str) -> list[dict[str, Any]]:
    """All examples of a model, and starts of the first of every length: from short to long."""
    found: list[dict[str, Any]] = []
    for example in registry.get(model_id).card.examples:
        query = example.query
        if "text" in query:
            found.append({"text": query["text"]})
        else:
            rows = [[float(x) for x in row.split(",")] for row in query["x"].split(";")]
            found += [{"vectors": rows[: n + 1]} for n in range(len(rows))]
    return found[:12]


def assert_same(ours: Any, theirs: Any, tolerance: float, where: str = "") -> None:
    """The same document, its numbers but for rounding."""
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys(), where
        for key, value in theirs.items():
            assert_same(ours[key], value, tolerance, f"{where}.{key}")
    elif isinstance(theirs, list) and theirs and isinstance(theirs[0], float | int):
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance, err_msg=where)
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for n, value in enumerate(theirs):
            assert_same(ours[n], value, tolerance, f"{where}[{n}]")
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=tolerance, abs=tolerance), where
    elif not where.endswith((".story", ".top")):
        assert ours == theirs, where


def assert_each_is_its_own(
    client: httpx.Client, address: str, inputs: list[dict[str, Any]], **more: Any
) -> None:
    together = answer(client.post(address, json={"inputs": inputs, **more}), schema.Traces)
    assert len(together["runs"]) == len(inputs)
    for one, run in zip(inputs, together["runs"], strict=True):
        alone = answer(client.post(address, json={**one, **more}), schema.Trace)
        assert alone.pop("model") == together["model"]
        assert_same(run, alone, ROUNDING)


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_several_inputs_each_give_their_own_trace(client: httpx.Client, model_id: str) -> None:
    assert_each_is_its_own(client, api(model_id, "/trace"), inputs_of(model_id))


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_clamps_hold_in_every_input(client: httpx.Client, model_id: str) -> None:
    inputs = inputs_of(model_id)
    if not EQUATIONS[registry.get(model_id).card.cell].gates:
        body = {"inputs": inputs, "clamp": "forget_gate:0@1"}
        refused = problem(client.post(api(model_id, "/trace"), json=body), 422)
        assert refused["errors"] == [{"loc": ["clamp"], "msg": refused["detail"]}]
        return
    clamps = ["forget_gate:0@1", "output_gate:1@*/1"]
    assert_each_is_its_own(client, api(model_id, "/trace"), inputs, clamp=clamps)


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_checkpoint_and_state_hold_for_every_input(client: httpx.Client, model_id: str) -> None:
    inputs, card = inputs_of(model_id)[:4], registry.get(model_id).card
    more: dict[str, Any] = {"state": trace(client, model_id)["state"]}
    if card.checkpoints:
        more["checkpoint"] = card.checkpoints[0]
    assert_each_is_its_own(client, api(model_id, "/trace"), inputs, **more)


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_one_input_alone_gives_its_trace_bit_for_bit(client: httpx.Client, model_id: str) -> None:
    one = first_example(model_id)
    together = client.post(api(model_id, "/trace"), json={"inputs": [one]})
    alone = trace(client, model_id, **one)
    (run,) = answer(together, schema.Traces)["runs"]
    assert {"model": model_id, **run} == alone


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_as_many_as_may_be_run_at_once_and_no_more(client: httpx.Client, model_id: str) -> None:
    shortest = min(inputs_of(model_id), key=lambda each: len(next(iter(each.values()))))
    body = {"inputs": [shortest] * MOST}
    runs = answer(client.post(api(model_id, "/trace"), json=body), schema.Traces)["runs"]
    assert len(runs) == MOST
    assert all(run == runs[0] for run in runs)
    body["inputs"].append(shortest)
    refused = problem(client.post(api(model_id, "/trace"), json=body), 422)
    assert "at most 64" in refused["detail"]
    assert refused["errors"][0]["loc"] == ["inputs"]


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_input_at_fault_is_named_by_its_place(client: httpx.Client, model_id: str) -> None:
    good = first_example(model_id)
    numbers = "vectors" in good
    other: dict[str, Any] = {"text": "a"} if numbers else {"vectors": [[1.0]]}
    empty: dict[str, Any] = {"vectors": []} if numbers else {"text": ""}
    for bad in ({}, other, empty, {**good, **other}):
        body = {"inputs": [good, good, bad, good]}
        refused = problem(client.post(api(model_id, "/trace"), json=body), 422)
        assert refused["detail"].startswith("inputs[2]: "), refused
        assert all(each["loc"][:2] == ["inputs", 2] for each in refused["errors"])


def test_faults_of_several_inputs_are_all_told(client: httpx.Client) -> None:
    body = {"inputs": [{"vectors": [[3, 7, 0]]}, {"vectors": [[3, 1, 0]]}, {"vectors": [[3, 1]]}]}
    refused = problem(client.post(api("toy-rules", "/trace"), json=body), 422)
    assert [each["loc"][:2] for each in refused["errors"]] == [["inputs", 0], ["inputs", 2]]


def test_clamp_that_one_input_is_too_short_for_is_named_with_it(client: httpx.Client) -> None:
    rows = [[3, 1, 0], [5, 0, 1], [2, 1, 0]]
    body = {"inputs": [{"vectors": rows}, {"vectors": rows[:1]}], "clamp": "forget_gate:0@3"}
    refused = problem(client.post(api("toy-lstm", "/trace"), json=body), 422)
    assert refused["errors"][0]["loc"] == ["inputs", 1, "clamp"]
    assert "the run has steps 1 to 1" in refused["detail"]


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"inputs": []}, ["inputs"]),
        ({"inputs": [{"text": "a"}], "text": "a"}, ["inputs"]),
        ({"inputs": [{"text": "a"}], "vectors": [[1]]}, ["inputs"]),
        ({"inputs": [{"text": "a"}, {"x": [[1]]}]}, ["inputs", 1, "x"]),
        ({"inputs": [{"text": 3}]}, ["inputs", 0, "text"]),
        ({"inputs": [{"text": "a"}, {"text": "a " * 4_001}]}, ["inputs", 1, "text"]),
        ({"inputs": [{"text": "a"}, {"text": "a " * 600}]}, ["inputs", 1, "text"]),
        ({"inputs": {"text": "a"}}, ["inputs"]),
        ({"inputs": [{"text": "a"}], "checkpoint": "none"}, ["checkpoint"]),
        ({"inputs": [{"text": "a"}] * 2, "state": {"t": 1, "layers": []}}, ["state", "layers"]),
    ],
)
def test_body_that_is_not_right_is_told_where(
    client: httpx.Client, body: dict[str, Any], loc: list[str | int]
) -> None:
    refused = problem(client.post(api("sentiment", "/trace"), json=body), 422)
    assert refused["errors"][0]["loc"] == loc, refused


def test_right_name_of_an_input_is_told(client: httpx.Client) -> None:
    body = {"inputs": [{"x": [[1]]}]}
    refused = problem(client.post(api("toy-rules", "/trace"), json=body), 422)
    assert '{"vectors": [[3, 1, 0], [5, 0, 1]]}' in refused["detail"]


def test_work_beyond_the_budget_is_refused_with_the_budget(client: httpx.Client) -> None:
    body = {"inputs": [{"text": "a" * 500}] * MOST}
    refused = problem(client.post(api("characters", "/trace"), json=body), 422)
    assert "64 inputs, 32,000 steps together" in refused["detail"]
    assert "a request may cost 1,000 ms" in refused["detail"]


@pytest.mark.parametrize("what", ["gradients", "interventions"])
def test_several_inputs_belong_to_a_trace(client: httpx.Client, what: str) -> None:
    body = {"inputs": [{"text": "a"}]}
    assert problem(client.post(api("sentiment", f"/{what}"), json=body), 422)


@pytest.fixture(scope="module")
def site(open_client: httpx.Client) -> httpx.Client:
    """The server that takes files, which the tests of the web share."""
    return open_client


@pytest.mark.parametrize("name", SAMPLES)
def test_file_that_was_brought_runs_over_several_inputs(site: httpx.Client, name: str) -> None:
    card = site.post("/api/v1/models", files={"file": SAMPLES[name]}).json()
    rng = np.random.default_rng(8)
    inputs = [
        {"vectors": rng.standard_normal((length, card["input_size"])).round(3).tolist()}
        for length in (4, 1, 9, 2, 9)
    ]
    assert_each_is_its_own(site, card["links"]["trace"], inputs)
    if card["cell"] == "lstm" and card["num_layers"] == 1 and not card["bidirectional"]:
        assert_each_is_its_own(site, card["links"]["trace"], inputs, clamp="forget_gate:0@1")
