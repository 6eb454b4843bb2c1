"""ONNX Runtime as a live oracle for the forward pass, in float32.

Its CPU kernels know no float64 for these nodes ("LSTM operator does not support double yet"; none
at all for RNN), so float64 is held against PyTorch in test_torch.py. ONNX has the gates in the
order i, o, f, c and two biases, of which ours is the sum: the whole one goes into the first half.
"""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from app.engine import lstm, rnn

from .builders import Array, assert_close, draw, draw_lstm, draw_rnn, draw_state

TOLERANCE = 1e-6

# T, N, D, H
SIZES = ((1, 1, 1, 1), (7, 1, 3, 2), (5, 4, 6, 16), (20, 2, 12, 64), (3, 9, 1, 5))


def _onnx_rows(array: Array) -> Array:
    i, f, g, o = np.split(array, 4)
    return np.concatenate((i, o, f, g))


def _run_node(kind: str, weights: dict[str, Array], inputs: dict[str, Array]) -> list[Array]:
    """One node of this kind; `inputs` in the operator's order, X first, the states last."""
    hidden = weights["R"].shape[-1]
    outputs = ["Y", "Y_h", "Y_c"][: 3 if kind == "LSTM" else 2]
    x_name, *state_names = inputs
    names = [x_name, "W", "R", "B", "", *state_names]
    node = helper.make_node(kind, names, outputs, hidden_size=hidden)
    graph = helper.make_graph(
        [node],
        kind,
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, v.shape) for k, v in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [helper.make_tensor(k, TensorProto.FLOAT, v.shape, v.ravel()) for k, v in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    results: list[Array] = session.run(outputs, inputs)
    return results


def _bias_pair(bias: Array) -> Array:
    return np.concatenate((bias, np.zeros_like(bias)))[None]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(5))
def test_lstm_forward_equals_onnxruntime(size: tuple[int, int, int, int], seed: int) -> None:
    steps, batch, width, hidden = size
    rng = np.random.default_rng(seed)
    parameters = draw_lstm(rng, width, hidden, np.float32)
    state = draw_state(rng, batch, hidden, np.float32)
    x = draw(rng, steps, batch, width, dtype=np.float32)
    weights = {
        "W": _onnx_rows(parameters.weight_ih)[None],
        "R": _onnx_rows(parameters.weight_hh)[None],
        "B": _bias_pair(_onnx_rows(parameters.bias)),
    }

    trace = lstm.forward(parameters, x, state)
    inputs = {"X": x, "initial_h": state.h[None], "initial_c": state.c[None]}
    every_h, last_h, last_c = _run_node("LSTM", weights, inputs)

    assert_close(trace.h, every_h[:, 0], TOLERANCE)
    assert_close(trace.state.h, last_h[0], TOLERANCE)
    assert_close(trace.state.c, last_c[0], TOLERANCE)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(5))
def test_rnn_forward_equals_onnxruntime(size: tuple[int, int, int, int], seed: int) -> None:
    steps, batch, width, hidden = size
    rng = np.random.default_rng(seed)
    parameters = draw_rnn(rng, width, hidden, np.float32)
    x, h0 = (draw(rng, *s, dtype=np.float32) for s in ((steps, batch, width), (batch, hidden)))
    weights = {
        "W": parameters.weight_ih[None],
        "R": parameters.weight_hh[None],
        "B": _bias_pair(parameters.bias),
    }

    trace = rnn.forward(parameters, x, h0)
    every_h, last_h = _run_node("RNN", weights, {"X": x, "initial_h": h0[None]})

    assert_close(trace.h, every_h[:, 0], TOLERANCE)
    assert_close(trace.state, last_h[0], TOLERANCE)
