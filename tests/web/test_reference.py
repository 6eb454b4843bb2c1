"""One output of one's own settles what the file leaves open, over HTTP and on the page."""

import json
from typing import Any

import httpx
import numpy as np
import pytest

from app.views.documents import schema
from gate_explorer.engine import lstm
from gate_explorer.engine.cells import LSTMOptions, LSTMParameters
from gate_explorer.weights.keras import OLD_HARD_SIGMOID
from tests.engine.builders import Array, draw_lstm
from tests.web.asking import problem
from tests.weights.samples import npz, samples, stacked

SAMPLED = samples()
X = np.random.default_rng(5).standard_normal((6, 3)).round(2).astype(np.float32)


def a_cell(seed: int = 4) -> LSTMParameters:
    return draw_lstm(np.random.default_rng(seed), 3, 2, np.float32)


def in_another_order(cell: LSTMParameters, order: str = "ogif") -> bytes:
    return npz(dict(zip("WUb", stacked(cell, order), strict=True)))


def gives(cell: LSTMParameters, x: Array = X) -> Array:
    result: Array = lstm.forward(cell, x[:, None]).h[:, 0]
    return result


def bring(client: httpx.Client, data: bytes, x: str, h: str, **more: str) -> httpx.Response:
    fields = {"reference_input": x, "reference_output": h, **more}
    return client.post("/api/v1/models", files={"file": data}, data=fields)


def as_x(rows: Array) -> str:
    return ";".join(",".join(f"{value}" for value in row) for row in rows.tolist())


@pytest.mark.parametrize("what", ["all", "last"])
@pytest.mark.parametrize("form", ["x", "json"])
def test_output_of_ones_own_settles_the_reading(
    open_client: httpx.Client, form: str, what: str
) -> None:
    cell = a_cell()
    h = gives(cell) if what == "all" else gives(cell)[-1]
    x = as_x(X) if form == "x" else json.dumps(X.tolist())
    h = as_x(np.atleast_2d(h)) if form == "x" else json.dumps(h.tolist())
    answer = bring(open_client, in_another_order(cell), x, h)
    assert answer.status_code == 201, answer.text
    found = schema.BroughtModel.model_validate(answer.json(), strict=True)
    told = found.interpretation
    assert told.gate_order == "ogif"
    assert told.settled is not None
    assert told.settled.reading == "ogif"
    assert told.settled.difference < 1e-5 < told.settled.tolerance
    trace = open_client.post(found.links.trace, json={"vectors": X.tolist()}).json()
    shown = [step["layers"][0]["hidden_state"] for step in trace["steps"]]
    np.testing.assert_allclose(shown, gives(cell), rtol=0, atol=1e-6)
    again = open_client.get(found.links.trace + "?" + found.examples[0])
    assert again.status_code == 200


def test_output_that_a_hard_sigmoid_gave_is_run_with_it(open_client: httpx.Client) -> None:
    cell = a_cell(7)
    hard = LSTMParameters(
        cell.weight_ih, cell.weight_hh, cell.bias, options=LSTMOptions(gate=OLD_HARD_SIGMOID)
    )
    h = json.dumps(gives(hard).tolist())
    found = bring(open_client, in_another_order(cell, "ifgo"), as_x(X), h).json()
    assert found["interpretation"]["activations"]["gate"].startswith("hard_sigmoid (0.2")
    trace = open_client.post(found["links"]["trace"], json={"vectors": X.tolist()}).json()
    shown = [step["layers"][0]["hidden_state"] for step in trace["steps"]]
    np.testing.assert_allclose(shown, gives(hard), rtol=0, atol=1e-6)


def test_reference_is_part_of_what_was_chosen(open_client: httpx.Client) -> None:
    cell, data = a_cell(), in_another_order(a_cell())
    h = json.dumps(gives(cell).tolist())
    ids = [bring(open_client, data, as_x(X), h).json()["id"] for _ in range(2)]
    plain = open_client.post("/api/v1/models", files={"file": data}).json()["id"]
    assert ids[0] == ids[1] != plain


def test_output_that_no_reading_gives_names_the_nearest(open_client: httpx.Client) -> None:
    h = json.dumps((gives(a_cell()) + 0.3).tolist())
    refused = problem(bring(open_client, in_another_order(a_cell()), as_x(X), h), 422)
    assert "None of the 144 readings gives this output: the nearest (" in refused["detail"]
    assert "0.001 is let pass" in refused["detail"]


@pytest.mark.parametrize("name", sorted(SAMPLED))
def test_every_kind_of_file_is_held_to_its_own_output(open_client: httpx.Client, name: str) -> None:
    plain = open_client.post("/api/v1/models", files={"file": SAMPLED[name]}).json()
    rows = np.random.default_rng(6).standard_normal((4, plain["input_size"])).round(2).tolist()
    steps = open_client.post(plain["links"]["trace"], json={"vectors": rows}).json()["steps"]
    # The topmost layer's, both directions of it where it ends on the one backward.
    is_both = plain["bidirectional"] and steps[0]["layers"][-1]["direction"] == "backward"
    passes = 2 if is_both else 1
    h = [
        [value for each in step["layers"][-passes:] for value in each["hidden_state"]]
        for step in steps
    ]
    answer = bring(open_client, SAMPLED[name], json.dumps(rows), json.dumps(h))
    assert answer.status_code == 201, answer.text
    told, settled = plain["interpretation"], answer.json()["interpretation"]
    assert settled["settled"]["difference"] < 1e-5
    for field in ("layout", "gate_order", "concatenation", "activations", "biases", "network"):
        assert settled[field] == told[field], field


@pytest.mark.parametrize(
    ("x", "h", "field", "words"),
    [
        ("1,2,3", "", "reference_output", "together"),
        ("", "[0.1]", "reference_input", "together"),
        ("1,a,3", "[0.1, 0.2]", "reference_input", "isn't a number"),
        ("[[1, 2, 3], [1]]", "[0.1, 0.2]", "reference_input", "of one width"),
        ("[[1, 2, null]]", "[0.1, 0.2]", "reference_input", "null, which is no number"),
        ("[[1, 2, 1e999]]", "[0.1, 0.2]", "reference_input", "no number"),
        ("[[1, 2, true]]", "[0.1, 0.2]", "reference_input", "no number"),
        ("[[1, 2, 3]]", "[[", "reference_output", "isn't JSON"),
        ("[]", "[0.1, 0.2]", "reference_input", "rows of numbers"),
        (";".join(["1,2,3"] * 513), "[0.1, 0.2]", "reference_input", "at most 512"),
    ],
)
def test_reference_that_cant_be_read_is_told_where(
    open_client: httpx.Client, x: str, h: str, field: str, words: str
) -> None:
    refused = problem(bring(open_client, in_another_order(a_cell()), x, h), 422)
    assert refused["errors"][0]["loc"] == [field]
    assert words in refused["detail"]


@pytest.mark.parametrize(
    ("x", "h", "words"),
    [
        ("1,2", "[0.1, 0.2]", "should have the shape (T, 3)"),
        ("1,2,3", "[0.1, 0.2, 0.3]", "should have the shape"),
    ],
)
def test_reference_that_doesnt_fit_the_network_is_told_its_shape(
    open_client: httpx.Client, x: str, h: str, words: str
) -> None:
    refused = problem(bring(open_client, in_another_order(a_cell()), x, h), 422)
    assert words in refused["detail"]


def test_form_takes_a_reference_too(open_client: httpx.Client) -> None:
    cell = a_cell()
    given: dict[str, Any] = {
        "reference_input": as_x(X),
        "reference_output": as_x(gives(cell)),
    }
    page = open_client.post("/open", files={"file": in_another_order(cell)}, data=given)
    assert page.status_code == 201
    assert "ogif: settled by the output that was given" in page.text
    given["reference_output"] = "<b>"
    page = open_client.post("/open", files={"file": in_another_order(cell)}, data=given)
    assert page.status_code == 422
    assert "&lt;b&gt;</textarea>" in page.text
