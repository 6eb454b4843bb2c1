"""The engine against PyTorch 2.13: results and gradients frozen in tests/fixtures/torch.

tests/fixtures/make_torch_fixtures.py made them, and says how to make them anew. The tolerance is
absolute where an array's entries stay below 1 and a share of its largest entry above: eight
roundings of float32, and 1e-12 in float64, some thousands of them.
"""

from pathlib import Path

import numpy as np
import pytest

from gate_explorer.engine import lstm, rnn

from .builders import Array, arrays_of, assert_close

FOLDER = Path(__file__).parents[1] / "fixtures" / "torch"
TOLERANCES = {np.dtype(np.float32): 1e-6, np.dtype(np.float64): 1e-12}

Fixture = dict[str, Array]


def _paths(kind: str) -> list[Path]:
    return sorted(FOLDER.glob(f"{kind}-*.npz"))


def _read(path: Path) -> tuple[Fixture, float]:
    with np.load(path, allow_pickle=False) as file:
        fixture = dict(file)
    return fixture, TOLERANCES[fixture["x"].dtype]


def _lstm(fixture: Fixture) -> tuple[lstm.LSTMParameters, lstm.LSTMTrace]:
    bias = fixture["bias_ih"] + fixture["bias_hh"]
    parameters = lstm.LSTMParameters(fixture["weight_ih"], fixture["weight_hh"], bias)
    state = lstm.LSTMState(fixture["h0"], fixture["c0"])
    return parameters, lstm.forward(parameters, fixture["x"], state)


def _rnn(fixture: Fixture) -> tuple[rnn.RNNParameters, rnn.RNNTrace]:
    bias = fixture["bias_ih"] + fixture["bias_hh"]
    parameters = rnn.RNNParameters(fixture["weight_ih"], fixture["weight_hh"], bias)
    return parameters, rnn.forward(parameters, fixture["x"], fixture["h0"])


def test_fixtures_cover_three_sizes_and_both_precisions() -> None:
    assert len(_paths("lstm")) == len(_paths("rnn")) == 6
    for path in _paths("lstm") + _paths("rnn"):
        fixture, _ = _read(path)
        assert path.stem.endswith(str(fixture["x"].dtype))


@pytest.mark.parametrize("path", _paths("lstm"), ids=lambda path: path.stem)
def test_lstm_forward_equals_torch(path: Path) -> None:
    fixture, tolerance = _read(path)

    _, trace = _lstm(fixture)

    assert_close(trace.h, fixture["h"], tolerance)
    assert_close(trace.state.h, fixture["hn"], tolerance)
    assert_close(trace.state.c, fixture["cn"], tolerance)
    assert trace.h.dtype == fixture["h"].dtype


@pytest.mark.parametrize("path", _paths("lstm"), ids=lambda path: path.stem)
@pytest.mark.parametrize("name", ["a", "i", "f", "g", "o", "c_prev", "c", "tanh_c", "h_prev"])
def test_lstm_gate_equals_a_loop_of_torch_operations(path: Path, name: str) -> None:
    fixture, tolerance = _read(path)

    _, trace = _lstm(fixture)

    assert_close(getattr(trace, name), fixture[name], tolerance)


@pytest.mark.parametrize("path", _paths("lstm"), ids=lambda path: path.stem)
def test_lstm_gradients_equal_torch(path: Path) -> None:
    fixture, tolerance = _read(path)
    parameters, trace = _lstm(fixture)
    d_state = lstm.LSTMState(fixture["d_hn"], fixture["d_cn"])

    found = lstm.backward(parameters, trace, fixture["d_h"], d_state)

    for name, gradient in arrays_of(found).items():
        assert_close(gradient, fixture[name], tolerance, name)


@pytest.mark.parametrize("path", _paths("rnn"), ids=lambda path: path.stem)
def test_rnn_forward_equals_torch(path: Path) -> None:
    fixture, tolerance = _read(path)

    _, trace = _rnn(fixture)

    assert_close(trace.h, fixture["h"], tolerance)
    assert_close(trace.state, fixture["hn"], tolerance)
    assert trace.h.dtype == fixture["h"].dtype


@pytest.mark.parametrize("path", _paths("rnn"), ids=lambda path: path.stem)
def test_rnn_gradients_equal_torch(path: Path) -> None:
    fixture, tolerance = _read(path)
    parameters, trace = _rnn(fixture)

    found = rnn.backward(parameters, trace, fixture["d_h"], fixture["d_hn"])

    for name, gradient in arrays_of(found).items():
        assert_close(gradient, fixture[name], tolerance, name)
