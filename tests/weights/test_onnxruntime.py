"""ONNX Runtime as a live oracle for the forward pass, over all that its two operators support.

Its CPU kernels know no float64 for these nodes, and no layout = 1: float64 is held against the
onnx package's reference evaluator here (which ignores activations, clip, input_forget and
sequence_lens, so only what it reads is compared), and against PyTorch in tests/engine.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.engine import rnn, stack
from gate_explorer.engine.activations import Activation
from gate_explorer.engine.lstm import LSTMOptions, LSTMState
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.weights import onnx

from ..engine.builders import Array, assert_close, draw, draw_cell, draw_state
from .nodes import run_node, run_reference

TOLERANCE = 1e-6

DIRECTIONS = st.sampled_from(((False,), (True,), (False, True)))
LENGTHS = st.lists(st.integers(1, 6), min_size=1, max_size=4)
SEEDS = st.integers(0, 2**32)
CLIPS = st.one_of(st.none(), st.floats(0.05, 3))
PLAIN = Activation("sigmoid"), Activation("tanh"), Activation("tanh")


@st.composite
def activations(draw_from: st.DrawFn) -> Activation:
    """Any that ONNX names, with its default parameters or others."""
    name = draw_from(st.sampled_from(onnx.KNOWN))
    default = Activation(name)
    parameters = [
        None if given_one is None else draw_from(st.sampled_from((given_one, 0.25, 0.5)))
        for given_one in (default.alpha, default.beta)
    ]
    return Activation(name, *parameters)


ACTIVATIONS = activations()


def _lstm_layer(rng: np.random.Generator, directions: tuple[bool, ...], **cell: Any) -> Any:
    width, hidden = (int(n) for n in rng.integers(1, 9, 2))
    cell = {"dtype": np.float32} | cell
    return tuple(Pass(draw_cell(rng, width, hidden, **cell), r) for r in directions)


def _compare_lstm(
    rng: np.random.Generator, layer: tuple[Pass, ...], lengths: list[int], given_state: bool
) -> None:
    made, steps, batch = Stack((layer,)), max(lengths), len(lengths)
    p = layer[0].parameters
    x = draw(rng, steps, batch, p.input_size, dtype=np.float32)
    inputs: dict[str, Array | None] = {"X": x}
    states: list[LSTMState] | None = None
    if given_state:
        states = [draw_state(rng, batch, p.hidden_size, np.float32) for _ in layer]
        inputs["initial_h"] = np.stack([state.h for state in states])
        inputs["initial_c"] = np.stack([state.c for state in states])
    if min(lengths) < steps:
        inputs["sequence_lens"] = np.array(lengths, np.int32)

    trace = stack.forward(made, x, lengths, None if states is None else [states])
    every_h, last_h, last_c = run_node("LSTM", onnx.to_onnx(layer), inputs)

    joined = every_h.transpose(0, 2, 1, 3).reshape(trace.h.shape)
    assert_close(trace.h, joined, TOLERANCE)
    for state, h, c in zip(trace.states[0], last_h, last_c, strict=True):
        assert isinstance(state, LSTMState)
        assert_close(state.h, h, TOLERANCE)
        assert_close(state.c, c, TOLERANCE)


@given(
    directions=DIRECTIONS,
    lengths=LENGTHS,
    peephole=st.booleans(),
    biases=st.integers(0, 2),
    clip=CLIPS,
    coupled=st.booleans(),
    given_state=st.booleans(),
    seed=SEEDS,
)
def test_lstm_of_any_kind_equals_onnxruntime(
    directions: tuple[bool, ...],
    lengths: list[int],
    peephole: bool,
    biases: int,
    clip: float | None,
    coupled: bool,
    given_state: bool,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    options = LSTMOptions(*PLAIN, clip=clip, input_forget=coupled)
    layer = _lstm_layer(rng, directions, peephole=peephole, biases=biases, options=options)

    _compare_lstm(rng, layer, lengths, given_state)


@given(
    directions=DIRECTIONS,
    lengths=LENGTHS,
    gate=ACTIVATIONS,
    candidate=ACTIVATIONS,
    cell=ACTIVATIONS,
    clip=CLIPS,
    seed=SEEDS,
)
def test_lstm_with_any_activations_equals_onnxruntime(
    directions: tuple[bool, ...],
    lengths: list[int],
    gate: Activation,
    candidate: Activation,
    cell: Activation,
    clip: float | None,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    layer = _lstm_layer(rng, directions, options=LSTMOptions(gate, candidate, cell, clip))

    _compare_lstm(rng, layer, lengths, given_state=False)


@pytest.mark.parametrize("size", [(1, 1, 1, 1), (7, 1, 3, 2), (5, 4, 6, 16), (20, 2, 12, 64)])
@pytest.mark.parametrize("seed", range(5))
def test_lstm_of_a_known_size_equals_onnxruntime(
    size: tuple[int, int, int, int], seed: int
) -> None:
    steps, batch, width, hidden = size
    rng = np.random.default_rng(seed)
    layer = (Pass(draw_cell(rng, width, hidden, np.float32)),)

    _compare_lstm(rng, layer, [steps] * batch, given_state=True)


@given(
    directions=DIRECTIONS,
    lengths=LENGTHS,
    activation=ACTIVATIONS,
    clip=CLIPS,
    biases=st.integers(0, 2),
    given_state=st.booleans(),
    seed=SEEDS,
)
def test_rnn_of_any_kind_equals_onnxruntime(
    directions: tuple[bool, ...],
    lengths: list[int],
    activation: Activation,
    clip: float | None,
    biases: int,
    given_state: bool,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    layer = _rnn_layer(rng, directions, np.float32, activation, clip, biases)
    steps, batch, p = max(lengths), len(lengths), layer[0].parameters
    x = draw(rng, steps, batch, p.input_size, dtype=np.float32)
    states = [draw(rng, batch, p.hidden_size, dtype=np.float32) for _ in layer]
    inputs: dict[str, Array | None] = {"X": x, "sequence_lens": np.array(lengths, np.int32)}
    if given_state:
        inputs["initial_h"] = np.stack(states)

    trace = stack.forward(Stack((layer,)), x, lengths, [states] if given_state else None)
    every_h, last_h = run_node("RNN", onnx.rnn_to_onnx(layer), inputs)

    assert_close(trace.h, every_h.transpose(0, 2, 1, 3).reshape(trace.h.shape), TOLERANCE)
    for state, h in zip(trace.states[0], last_h, strict=True):
        assert isinstance(state, np.ndarray)
        assert_close(state, h, TOLERANCE)


def _rnn_layer(
    rng: np.random.Generator,
    directions: tuple[bool, ...],
    dtype: Any,
    activation: Activation = PLAIN[1],
    clip: float | None = None,
    biases: int = 2,
) -> tuple[Pass, ...]:
    width, hidden = (int(n) for n in rng.integers(1, 9, 2))
    passes = []
    for reverse in directions:
        p = rnn.RNNParameters.with_biases(
            draw(rng, hidden, width, scale=0.5, dtype=dtype),
            draw(rng, hidden, hidden, scale=0.5 / np.sqrt(hidden), dtype=dtype),
            [draw(rng, hidden, dtype=dtype) for _ in range(biases)],
            activation=activation,
            clip=clip,
        )
        passes.append(Pass(p, reverse))
    return tuple(passes)


@given(directions=DIRECTIONS, peephole=st.booleans(), biases=st.sampled_from((0, 2)), seed=SEEDS)
def test_lstm_in_float64_equals_the_onnx_reference(
    directions: tuple[bool, ...], peephole: bool, biases: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    layer = _lstm_layer(rng, directions, dtype=np.float64, peephole=peephole, biases=biases)
    x = draw(rng, 5, 2, layer[0].parameters.input_size)

    trace = stack.forward(Stack((layer,)), x)
    every_h, _, last_c = run_reference("LSTM", onnx.to_onnx(layer), {"X": x})

    assert_close(trace.h, every_h.transpose(0, 2, 1, 3).reshape(trace.h.shape), 1e-12)
    for state, c in zip(trace.states[0], last_c, strict=True):
        assert isinstance(state, LSTMState)
        assert_close(state.c, c, 1e-12)


@given(directions=DIRECTIONS, biases=st.sampled_from((0, 2)), seed=SEEDS)
def test_rnn_in_float64_equals_the_onnx_reference(
    directions: tuple[bool, ...], biases: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    layer = _rnn_layer(rng, directions, np.float64, biases=biases)
    x = draw(rng, 5, 2, layer[0].parameters.input_size)

    trace = stack.forward(Stack((layer,)), x)
    every_h, _ = run_reference("RNN", onnx.rnn_to_onnx(layer), {"X": x})

    assert_close(trace.h, every_h.transpose(0, 2, 1, 3).reshape(trace.h.shape), 1e-12)


def test_onnxruntime_refuses_the_layout_that_only_the_reference_knows() -> None:
    rng = np.random.default_rng(61)
    weights = onnx.to_onnx(_lstm_layer(rng, (False,)))
    batchwise = onnx.OnnxWeights(
        weights.W, weights.R, weights.B, attributes=dict(weights.attributes) | {"layout": 1}
    )
    x = draw(rng, 2, 5, weights.W.shape[2], dtype=np.float32)

    with pytest.raises(Exception, match="layout == 1"):
        run_node("LSTM", batchwise, {"X": x})
    (found, *_), (turned, *_) = (
        run_reference("LSTM", w, {"X": given_x})
        for w, given_x in ((batchwise, x), (weights, x.transpose(1, 0, 2)))
    )
    assert_close(found.transpose(1, 2, 0, 3), turned, TOLERANCE)


@pytest.mark.parametrize(
    ("name", "value"),
    [("clip", 0.1), ("input_forget", 1), ("activations", ["HardSigmoid", "Tanh", "Tanh"])],
)
def test_onnx_reference_deviates_where_onnxruntime_and_the_engine_agree(
    name: str, value: Any
) -> None:
    rng = np.random.default_rng(62)
    weights = onnx.to_onnx(_lstm_layer(rng, (False,)))
    changed = onnx.OnnxWeights(
        weights.W, weights.R, weights.B, attributes=dict(weights.attributes) | {name: value}
    )
    x = draw(rng, 5, 2, weights.W.shape[2], dtype=np.float32)

    ours = stack.forward(Stack((onnx.from_onnx(changed),)), x).h
    runtime, reference = (
        run("LSTM", changed, {"X": x})[0][:, 0] for run in (run_node, run_reference)
    )

    assert_close(ours, runtime, TOLERANCE)
    assert np.abs(ours - reference).max() > 1e-3
