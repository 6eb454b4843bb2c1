"""A run: its layers hold the cell's own arrays, and say what is carried."""

import numpy as np
import pytest

from gate_explorer.engine import lstm, rnn
from gate_explorer.errors import InputError
from gate_explorer.runs import clamps
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.run import gated, lstm_layer, rnn_layer
from gate_explorer.zoo.registry import get
from tests.engine.builders import draw, draw_lstm, draw_rnn

X = draw(np.random.default_rng(1), 5, 1, 3)


def test_layer_of_an_lstm_has_its_trace_without_the_batch() -> None:
    trace = lstm.forward(draw_lstm(np.random.default_rng(2), 3, 4), X)
    layer = lstm_layer(trace)
    for name in ("i", "f", "g", "o", "c_prev", "c", "tanh_c", "h"):
        assert np.array_equal(getattr(layer, name), getattr(trace, name)[:, 0])
    assert layer.memory is layer.c
    assert layer.memory_before is layer.c_prev
    assert gated(layer) is layer


def test_layer_of_an_rnn_carries_what_it_shows_and_has_no_gates() -> None:
    trace = rnn.forward(draw_rnn(np.random.default_rng(2), 3, 4), X)
    layer = rnn_layer(trace)
    assert layer.memory is layer.h
    assert np.array_equal(layer.memory_before[1:], layer.h[:-1])
    with pytest.raises(InputError, match="no gates"):
        gated(layer)


def test_run_has_a_length_an_equation_and_a_title() -> None:
    model = get("counter")
    run = model.run(Text("aab"), None, Options())
    assert len(run) == 3
    assert "f" in run.equation
    assert run.title == "Counter"
    held = model.run(Text("aab"), None, Options(clamps=clamps.parse(["forget_gate:0@2"])))
    assert held.title == "Counter, gates held"


@pytest.mark.parametrize(
    ("model_id", "follows"), [("toy-rules", True), ("toy-lstm", True), ("adding", False)]
)
def test_run_knows_whether_it_follows_the_rules(model_id: str, follows: bool) -> None:
    rows = [[0.5, 1]] if model_id == "adding" else [[3, 1, 0]]
    assert get(model_id).run(Vectors(rows), None, Options()).follows_rules == follows
