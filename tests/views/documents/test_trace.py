"""A run as JSON: exact floats, the contract's words, and nothing that isn't finite."""

import dataclasses
import json

import numpy as np
import pytest

from app.views.documents.trace import state_document, to_bytes, trace_document
from gate_explorer.errors import NonFiniteError
from gate_explorer.runs.inputs import Options, Token, Vectors
from gate_explorer.runs.outputs import ClassesOutput, NumberOutput
from gate_explorer.runs.run import LSTMLayer, Run, RunState, gated
from gate_explorer.zoo.toy_lstm import ToyLSTM
from gate_explorer.zoo.toy_rules import ToyRules

LETTERS = ("h_prev", "i", "f", "g", "o", "c_prev", "c", "tanh_c", "h")


def made_up(dtype: type[np.floating], seed: int = 0) -> Run:
    """Two steps of three units with random values, as a sentence model would give them."""
    rng = np.random.default_rng(seed)
    values = {letter: rng.random((2, 1, 3)).astype(dtype)[:, 0] for letter in LETTERS}
    card = dataclasses.replace(ToyRules.card, id="made-up", cell="lstm", input="words")
    return Run(
        card=card,
        x=rng.normal(size=(2, 4)).astype(dtype),
        tokens=(Token("Love", "love", known=True), Token("zxqv", "zxqv", known=False)),
        layers=(LSTMLayer("forward", **values),),
        outputs=(ClassesOutput({"no": 0.25, "yes": 0.75}, 0.75), ClassesOutput({"no": 1.0})),
        state=RunState(2, ((values["h"][-1], values["c"][-1]),)),
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_wire_floats_read_back_bit_for_bit(dtype: type[np.floating]) -> None:
    run = made_up(dtype)
    document = json.loads(to_bytes(trace_document(run)))
    layer = gated(run.layers[0])
    words = {"forget_gate": layer.f, "input_gate": layer.i, "candidate": layer.g}
    words |= {"output_gate": layer.o, "cell_state": layer.c, "hidden_state": layer.h}
    for t, step in enumerate(document["steps"]):
        assert np.array_equal(np.array(step["x"]).astype(dtype), run.x[t])
        for name, array in words.items():
            assert np.array_equal(np.array(step["layers"][0][name]).astype(dtype), array[t])


@pytest.mark.parametrize("value", [5e-324, 1.7976931348623157e308, 0.1, 1 / 3, -2.5e-7, 1e22])
def test_wire_odd_floats_read_back_bit_for_bit(value: float) -> None:
    state = RunState(1, ((np.array([value]), np.array([np.float32(0.1)])),))
    layers = json.loads(to_bytes(state_document(state)))["layers"]
    assert layers == [{"h": [value], "c": [0.10000000149011612]}] or layers[0]["h"] == [value]


def test_wire_tokens_and_outputs_have_the_words_of_the_contract() -> None:
    first, second = trace_document(made_up(np.float32))["steps"]
    assert (first["token"], first["known"]) == ("Love", True)
    assert (second["token"], second["known"]) == ("zxqv", False)
    probabilities = {"no": 0.25, "yes": 0.75}
    assert first["output"] == {
        "kind": "classes", "probabilities": probabilities, "tone": None, "score": 0.75,
    }  # fmt: skip
    assert second["output"] == {"kind": "classes", "probabilities": {"no": 1.0}, "tone": None}


def test_wire_run_from_a_state_counts_on() -> None:
    run = dataclasses.replace(made_up(np.float32), start=5)
    assert [step["t"] for step in trace_document(run)["steps"]] == [6, 7]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("letter", ["f", "c", "h"])
def test_wire_number_that_is_not_finite_is_refused(letter: str, value: float) -> None:
    run = made_up(np.float64)
    getattr(run.layers[0], letter)[1, 2] = value
    with pytest.raises(NonFiniteError, match="not finite"):
        trace_document(run)


def test_wire_deviation_stands_beside_the_steps() -> None:
    model = ToyLSTM()
    run = model.run(Vectors([[3, 1, 1]]), None, Options(sharpness=4))
    document = json.loads(to_bytes(trace_document(run)))
    output = run.outputs[0]
    assert isinstance(output, NumberOutput)
    assert document["deviation"] == [output.value - 3]
    assert set(document) == {"model", "steps", "state", "deviation"}
