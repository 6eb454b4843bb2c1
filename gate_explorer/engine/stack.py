"""Recurrent layers on top of one another, read forwards, backwards or both ways.

A stack is a tuple of layers; a layer is one pass over the sequence, or two in opposite directions,
side by side: their hidden states, joined, are what the next layer reads. The passes are LSTMs
(`engine.lstm`) or Elman networks (`engine.rnn`), one kind throughout.

Batches may hold sequences of different lengths, padded at the end: a pass that reads backwards
starts at each sequence's own end, and no result depends on what the padding holds or how long it
is. Traces hold 0 there.

Reference: Schuster & Paliwal 1997, Bidirectional recurrent neural networks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gate_explorer.engine import lstm, rnn
from gate_explorer.engine.checks import Array, as_float_array, steps_from
from gate_explorer.engine.lstm import LSTMGradients, LSTMParameters, LSTMState, LSTMTrace
from gate_explorer.engine.rnn import RNNGradients, RNNParameters, RNNTrace
from gate_explorer.errors import GrowthError, ShapeError

Parameters = LSTMParameters | RNNParameters
State = LSTMState | Array  # of one pass: h and c, or an Elman network's h (N, H)
States = Sequence[Sequence[State | None]]  # layer by layer, pass by pass
Trace = LSTMTrace | RNNTrace
Gradients = LSTMGradients | RNNGradients
Lengths = NDArray[np.intp]


@dataclass(frozen=True)
class Pass:
    """One cell going over the sequence, from its end where `reverse`."""

    parameters: Parameters
    reverse: bool = False


@dataclass(frozen=True)
class Stack:
    """Layers from the input up, each one pass or two in opposite directions.

    Raises: ShapeError naming the layer whose passes don't fit one another or the layer below.
    """

    layers: tuple[tuple[Pass, ...], ...]

    def __post_init__(self) -> None:
        if not (self.layers and all(self.layers)):
            raise ShapeError("A stack needs at least one layer, and a layer at least one pass.")
        width = self.input_size
        for k, layer in enumerate(self.layers):
            self._check(k, layer, width)
            width = sum(run.parameters.output_size for run in layer)

    def _check(self, k: int, layer: tuple[Pass, ...], width: int) -> None:
        if len({run.reverse for run in layer}) != len(layer):
            raise ShapeError(f"Layer {k} should be one pass, or two in opposite directions.")
        for parameters in (run.parameters for run in layer):
            if parameters.input_size != width:
                raise ShapeError(
                    f"Layer {k} should read inputs of the width {width}, but reads"
                    f" {parameters.input_size}."
                )
            if type(parameters) is not type(self._first) or parameters.dtype != self.dtype:
                raise ShapeError(f"Layer {k} is of another kind or dtype than the first pass.")

    @property
    def _first(self) -> Parameters:
        return self.layers[0][0].parameters

    @property
    def input_size(self) -> int:
        """D, the width of one input."""
        return self._first.input_size

    @property
    def output_size(self) -> int:
        """The width of the top layer's hidden states, joined."""
        return sum(run.parameters.output_size for run in self.layers[-1])

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64; traces are computed in it."""
        return self._first.dtype

    @property
    def is_one_way(self) -> bool:
        """Whether all passes read forwards, so that the stack can run step by step."""
        return not any(run.reverse for layer in self.layers for run in layer)


@dataclass(frozen=True, eq=False)
class StackTrace:
    """Every value of a run: one trace a pass, position by position of the sequence.

    At position t the trace of a reverse pass has as h_prev and c_prev those of position t + 1.
    x (T, N, D); lengths (N,); h (T, N, ·): the top layer's hidden states, joined; states: those in
    which each pass ended, at the sequence's end or, in reverse, at its beginning.
    """

    x: Array
    lengths: Lengths
    layers: tuple[tuple[Trace, ...], ...]
    states: tuple[tuple[State, ...], ...]
    h: Array


@dataclass(frozen=True, eq=False)
class StackGradients:
    """The gradients of every pass, initial states included, and of the stack's input (T, N, D)."""

    layers: tuple[tuple[Gradients, ...], ...]
    d_x: Array


def forward(
    stack: Stack,
    x: ArrayLike,
    lengths: ArrayLike | None = None,
    states: States | None = None,
) -> StackTrace:
    """Run a batch of sequences through all layers and keep every intermediate value.

    Shapes: x (T, N, D); lengths (N,), each 1 to T, T where None; states: the initial one of each
    pass, layer by layer, zeros where None. Raises: ShapeError, NonFiniteError.
    """
    x = as_float_array("x", x, ("T", "N", stack.input_size), stack.dtype)
    checked = _lengths(lengths, x)
    below = _without_padding(x, checked)
    traces, ends = [], []
    for layer, before in zip(stack.layers, _states(stack, states), strict=True):
        runs = [_run(run, below, checked, state) for run, state in zip(layer, before, strict=True)]
        traces.append(tuple(runs))
        ends.append(
            tuple(_end(run, trace, checked) for run, trace in zip(layer, runs, strict=True))
        )
        below = runs[0].h if len(runs) == 1 else np.concatenate([t.h for t in runs], axis=2)
    return StackTrace(x, checked, tuple(traces), tuple(ends), below)


def step(stack: Stack, x: ArrayLike, states: States | None = None) -> StackTrace:
    """Advance a one-way stack by one step; `trace.states` go into the next.

    Shapes: x (N, D) -> StackTrace with T = 1; the numbers are those of `forward`, bit for bit.
    Raises: ShapeError, NonFiniteError.
    """
    if not stack.is_one_way:
        raise ShapeError("A stack with a reverse pass can't run step by step: it reads from ahead.")
    x = as_float_array("x", x, ("N", stack.input_size), stack.dtype)
    return forward(stack, x[None], None, states)


def stream(
    stack: Stack, inputs: Iterable[ArrayLike], states: States | None = None, chunk: int = 1
) -> Iterator[tuple[LSTMTrace | RNNTrace, ...]]:
    """Yield for every input (N, D) the traces of that step, one a layer, and keep nothing.

    For one-way stacks; chunk as in `engine.lstm.stream`. Raises: ShapeError, NonFiniteError.
    """
    if not stack.is_one_way:
        raise ShapeError("A stack with a reverse pass can't be streamed: it reads from ahead.")
    waiting, done, dims = iter(inputs), 0, ("N", stack.input_size)
    while batch := list(islice(waiting, chunk)):
        x = np.stack([as_float_array("x", row, dims, stack.dtype) for row in batch])
        with steps_from(done):
            trace = forward(stack, x, None, states)
        states, done = trace.states, done + len(x)
        for t in range(len(x)):
            yield tuple(layer[0].at(t) for layer in trace.layers)


def backward(
    stack: Stack, trace: StackTrace, d_h: ArrayLike, d_states: States | None = None
) -> StackGradients:
    """Backpropagate through all layers and through time.

    Shapes: d_h as trace.h: gradients on the top layer's hidden states, of which those on the
    padding count nothing; d_states: gradients on the states in which the passes ended.
    Raises: ShapeError, NonFiniteError.
    """
    d_above = as_float_array("d_h", d_h, trace.h.shape, stack.dtype)
    found = []
    after = _states(stack, d_states)
    for layer, runs, ends in zip(stack.layers[::-1], trace.layers[::-1], after[::-1], strict=True):
        widths = np.cumsum([run.parameters.output_size for run in layer])[:-1]
        gradients = [
            _run_backward(run, t, trace.lengths, d, end)
            for run, t, d, end in zip(layer, runs, np.split(d_above, widths, 2), ends, strict=True)
        ]
        found.append(tuple(g for g, _ in gradients))
        d_above = sum((d_x for _, d_x in gradients[1:]), gradients[0][1])
    return StackGradients(tuple(found[::-1]), d_above)


def _run(run: Pass, x: Array, lengths: Lengths, state: State | None) -> Trace:
    """The trace of one pass, position by position, 0 on the padding.

    Where the state grows beyond all numbers, the step named is the position in the sequence.
    """
    order = _order(lengths, len(x)) if run.reverse else None
    try:
        return _settled(_read(run.parameters, _ordered(x, order), state), lengths, order)
    except GrowthError as error:
        if order is None:
            raise
        raise error.at(int(order[error.step, error.sequence])) from None


def _read(parameters: Parameters, x: Array, state: State | None) -> Trace:
    """The trace of one pass in the order of reading."""
    if isinstance(parameters, RNNParameters):
        return rnn.forward(parameters, x, _hidden(state))
    return lstm.forward(parameters, x, _hidden_and_cell(state))


def _settled(trace: Trace, lengths: Lengths, order: Lengths | None) -> Trace:
    return type(trace)(*(_without_padding(_ordered(array, order), lengths) for array in trace))


def _run_backward(
    run: Pass, trace: Trace, lengths: Lengths, d_h: Array, d_end: State | None
) -> tuple[Gradients, Array]:
    """A pass's gradients, and that of its input position by position."""
    order = _order(lengths, len(d_h)) if run.reverse else None
    arrays = [_ordered(array, order) for array in trace]
    d_h = _ordered(_without_padding(d_h, lengths), order).copy()
    last, each = lengths - 1, np.arange(len(lengths))
    found: Gradients
    if isinstance(run.parameters, RNNParameters):
        if (d_last := _hidden(d_end)) is not None:
            d_h[last, each] += d_last
        found = rnn.backward(run.parameters, RNNTrace(*arrays), d_h)
    else:
        d_c = np.zeros((*d_h.shape[:2], run.parameters.hidden_size), d_h.dtype)
        if (d_state := _hidden_and_cell(d_end)) is not None:
            d_h[last, each] += d_state.h
            d_c[last, each] = d_state.c
        found = lstm.backward(run.parameters, LSTMTrace(*arrays), d_h, d_c=d_c)
    return found, _ordered(found.d_x, order)


def _end(run: Pass, trace: Trace, lengths: Lengths) -> State:
    """The state after the last step that a pass made over each sequence."""
    last = np.zeros_like(lengths) if run.reverse else lengths - 1
    each = np.arange(len(lengths))
    if isinstance(trace, RNNTrace):
        return np.array(trace.h[last, each])
    return LSTMState(trace.h[last, each], trace.c[last, each])


def _order(lengths: Lengths, steps: int) -> Lengths:
    """(T, N): the position that a reverse pass reads at its t-th step; the padding stays behind.

    It is its own inverse: the same order leads from steps back to positions.
    """
    t = np.arange(steps)[:, None]
    return np.where(t < lengths, lengths - 1 - t, t)


def _ordered(array: Array, order: Lengths | None) -> Array:
    return array if order is None else np.take_along_axis(array, order[:, :, None], axis=0)


def _without_padding(array: Array, lengths: Lengths) -> Array:
    """The array with 0 on the padding; the very same one where there is none."""
    steps = len(array)
    if (lengths == steps).all():
        return array
    real = np.arange(steps)[:, None] < lengths
    return np.where(real[:, :, None], array, array.dtype.type(0))


def _lengths(lengths: ArrayLike | None, x: Array) -> Lengths:
    steps, batch, _ = x.shape
    if lengths is None:
        return np.full(batch, steps, np.intp)
    checked = np.asarray(lengths)
    if checked.shape != (batch,) or checked.dtype.kind not in "iu":
        raise ShapeError(
            f"lengths should hold {batch} whole numbers, one a sequence, but has the shape"
            f" {checked.shape} and the type {checked.dtype}. A Keras mask, with gaps or without, is"
            " followed by gate_explorer.weights.keras.without_masked."
        )
    if checked.min() < 1 or checked.max() > steps:
        raise ShapeError(f"Every length should be 1 to {steps}, but they are {checked.tolist()}.")
    return checked.astype(np.intp)


def _states(stack: Stack, states: States | None) -> Sequence[Sequence[State | None]]:
    if states is None:
        return [[None] * len(layer) for layer in stack.layers]
    if [len(layer) for layer in states] != [len(layer) for layer in stack.layers]:
        raise ShapeError(
            "There should be one state a pass, layer by layer, or none at all; torch's (h0, c0) are"
            " laid out so by gate_explorer.weights.torch.states_from_torch."
        )
    return states


def _hidden(state: State | None) -> Array | None:
    if isinstance(state, LSTMState):
        raise ShapeError("An Elman network's state is h alone, but an LSTM's came.")
    return state


def _hidden_and_cell(state: State | None) -> LSTMState | None:
    if state is None or isinstance(state, LSTMState):
        return state
    raise ShapeError("An LSTM's state is an LSTMState of h and c, but an array came.")
