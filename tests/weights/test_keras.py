"""Keras 3.15's own results, frozen in tests/fixtures/keras: its LSTM, its SimpleRNN, both ways,
masked, and every activation that its layers can name.

tests/fixtures/make_keras_fixtures.py made them, and says how to make them anew. On the padding
Keras repeats the last output where we have 0, so only what isn't padding is compared.
"""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from gate_explorer.engine import stack
from gate_explorer.engine.activations import Activation
from gate_explorer.engine.lstm import LSTMState
from gate_explorer.engine.stack import Pass, Stack, State
from gate_explorer.weights.keras import (
    OLD_HARD_SIGMOID,
    KerasWeights,
    activation,
    from_keras,
    rnn_from_keras,
)

from ..engine.builders import Array, assert_close

FOLDER = Path(__file__).parents[1] / "fixtures" / "keras"
TOLERANCES = {"float32": 1e-6, "float64": 1e-12}
FILES = {dtype: load_file(FOLDER / f"{dtype}.safetensors") for dtype in TOLERANCES}
CASES = sorted({name.split("/")[0] for name in FILES["float32"]} - {"activations"})

Fixture = dict[str, Array]


def _read(dtype: str, case: str) -> Fixture:
    return {n.split("/")[1]: v for n, v in FILES[dtype].items() if n.split("/")[0] == case}


def _named(name: str) -> Activation:
    return OLD_HARD_SIGMOID if name == "old_hard_sigmoid" else activation(name)


def _pass(fixture: Fixture, case: str, prefix: str, reverse: bool) -> Pass:
    kind, *names = case.split("-")
    weights = KerasWeights(
        fixture[f"{prefix}kernel"],
        fixture[f"{prefix}recurrent_kernel"],
        fixture.get(f"{prefix}bias"),
        _named(names[0]),
        _named(names[1]) if kind == "lstm" else None,
    )
    read = from_keras if kind == "lstm" else rnn_from_keras
    return Pass(read(weights), reverse)


def _layer(fixture: Fixture, case: str) -> tuple[Pass, ...]:
    if case.endswith("both"):
        return _pass(fixture, case, "", False), _pass(fixture, case, "backward_", True)
    return (_pass(fixture, case, "", case.endswith("backwards")),)


def _states(fixture: Fixture, case: str, word: str) -> list[State]:
    arrays = [fixture[f"{word}{k}"] for k in range(4) if f"{word}{k}" in fixture]
    if case.startswith("rnn"):
        return list(arrays)
    return [LSTMState(h, c) for h, c in zip(arrays[::2], arrays[1::2], strict=True)]


def test_fixtures_cover_both_layers_both_ways_and_both_slopes() -> None:
    assert len(CASES) == 16
    for word in ("lstm-tanh-hard_sigmoid", "lstm-tanh-old_hard_sigmoid", "rnn-tanh-both"):
        assert word in CASES


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("case", CASES)
def test_layer_equals_keras(case: str, dtype: str) -> None:
    fixture = _read(dtype, case)
    made, lengths = Stack((_layer(fixture, case),)), fixture["lengths"]
    x = fixture["x"].transpose(1, 0, 2)

    trace = stack.forward(made, x, lengths, [_states(fixture, case, "state")])

    y = fixture["y"].transpose(1, 0, 2)
    y = y[::-1] if case.endswith("backwards") else y  # Keras leaves it in the order of reading
    real = np.arange(len(x))[:, None] < lengths
    assert trace.h.dtype == y.dtype
    assert_close(trace.h[real], y[real], TOLERANCES[dtype])
    for state, expected in zip(trace.states[0], _states(fixture, case, "end"), strict=True):
        if isinstance(state, LSTMState) and isinstance(expected, LSTMState):
            assert_close(state.h, expected.h, TOLERANCES[dtype])
            assert_close(state.c, expected.c, TOLERANCES[dtype])
        else:
            assert isinstance(state, np.ndarray)
            assert isinstance(expected, np.ndarray)
            assert_close(state, expected, TOLERANCES[dtype])


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("name", sorted(_read("float32", "activations").keys() - {"at"}))
def test_activation_equals_keras(name: str, dtype: str) -> None:
    fixture = _read(dtype, "activations")

    found = activation(name)(fixture["at"])

    # Keras's tanh, and with it mish and tanh_shrink, may round to float32 even in float64.
    assert_close(found, fixture[name], TOLERANCES[str(fixture[name].dtype)])
