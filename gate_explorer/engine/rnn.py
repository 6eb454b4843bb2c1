"""An Elman network: a recurrent network with no gates, the LSTM's plain twin.

    h = tanh(W x + U h' + b)

The activation may be another than tanh (torch.nn.RNN has relu, the ONNX operator many), and what
it reads may be clipped. Sizes and layout as in `engine.lstm`: `weight_ih` (H, D), `weight_hh`
(H, H), one bias (H,), the sum of torch.nn.RNN's two. `forward` runs the same step T times that
`step` runs once.
Reference: Elman 1990, Finding structure in time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from gate_explorer.engine.activations import TANH, Activation, check_clip
from gate_explorer.engine.cells import sum_of_biases
from gate_explorer.engine.checks import Array, as_float_array, refuse_growth, steps_from
from gate_explorer.engine.plain import slope, squash
from gate_explorer.errors import ShapeError


@dataclass(frozen=True, eq=False)
class RNNParameters:
    """The weights of one layer in torch.nn.RNN's layout; don't write into the arrays.

    Shapes: weight_ih (H, D), weight_hh (H, H), bias (H,); all of one dtype. clip and biases as in
    `engine.cells`. Raises: ShapeError, NonFiniteError; InputError for a clip not above 0.
    """

    weight_ih: Array
    weight_hh: Array
    bias: Array
    _: KW_ONLY
    activation: Activation = TANH
    clip: float | None = None
    biases: tuple[Array, ...] | None = None

    def __post_init__(self) -> None:
        check_clip(self.clip)
        weight_hh = as_float_array("weight_hh", self.weight_hh, ("H", "H"))
        hidden = weight_hh.shape[1]
        if weight_hh.shape[0] != hidden:
            raise ShapeError(f"weight_hh should be square, (H, H), but has {weight_hh.shape}.")
        object.__setattr__(self, "weight_hh", weight_hh)
        for name, dims in (("weight_ih", (hidden, "D")), ("bias", (hidden,))):
            checked = as_float_array(name, getattr(self, name), dims, weight_hh.dtype)
            object.__setattr__(self, name, checked)

    @classmethod
    def with_biases(
        cls,
        weight_ih: ArrayLike,
        weight_hh: ArrayLike,
        biases: Sequence[ArrayLike],
        *,
        activation: Activation = TANH,
        clip: float | None = None,
    ) -> Self:
        """A layer with no bias, with one, or with two that are added, each (H,) and remembered."""
        weight_ih, weight_hh = np.asarray(weight_ih), np.asarray(weight_hh)
        bias, kept = sum_of_biases(biases, weight_hh)
        return cls(weight_ih, weight_hh, bias, activation=activation, clip=clip, biases=kept)

    @property
    def stored_biases(self) -> tuple[Array, ...]:
        """The biases as they are to be written: none, one or two."""
        return (self.bias,) if self.biases is None else self.biases

    @property
    def input_size(self) -> int:
        """D, the width of one input."""
        return int(self.weight_ih.shape[1])

    @property
    def hidden_size(self) -> int:
        """H, the number of units."""
        return int(self.weight_hh.shape[1])

    @property
    def output_size(self) -> int:
        """The width of the hidden state, H."""
        return self.hidden_size

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64; traces are computed in it."""
        return self.weight_hh.dtype

    @cached_property
    def packed(self) -> Array:
        """[W | b | U], (H, D + 1 + H)."""
        return np.concatenate((self.weight_ih, self.bias[:, None], self.weight_hh), axis=1)


class RNNTrace(NamedTuple):
    """Every value of a run, (T, N, ·), or of one step, (N, ·).

    Shapes: x (…, N, D); a (pre-activation), h_prev and h (…, N, H). Range: h in [-1, 1] with tanh.
    """

    x: Array
    a: Array
    h_prev: Array
    h: Array

    @property
    def state(self) -> Array:
        """The hidden state after the last step, (N, H)."""
        result: Array = (self.h[-1] if self.h.ndim == 3 else self.h).copy()
        return result

    def at(self, t: int) -> "RNNTrace":
        """Step t of a run, 0-based, as a trace of (N, ·) arrays."""
        return RNNTrace(self.x[t], self.a[t], self.h_prev[t], self.h[t])


@dataclass(frozen=True, eq=False)
class RNNGradients:
    """The loss's gradients, each in the shape of what it belongs to; d_h0 is (N, H)."""

    d_weight_ih: Array
    d_weight_hh: Array
    d_bias: Array
    d_x: Array
    d_h0: Array


def forward(parameters: RNNParameters, x: ArrayLike, state: ArrayLike | None = None) -> RNNTrace:
    """Run a whole sequence and keep every intermediate value.

    Shapes: x (T, N, D), T, N >= 1; state h (N, H), zeros where None -> RNNTrace (T, N, ·).
    Raises: ShapeError, NonFiniteError, also where an activation without a bound lets h grow
    beyond all numbers.
    """
    width, hidden, dtype = parameters.input_size, parameters.hidden_size, parameters.dtype
    x = as_float_array("x", x, ("T", "N", width), dtype)
    steps, batch, _ = x.shape
    h0 = np.zeros((batch, hidden)) if state is None else state
    z = np.ones((steps + 1, width + 1 + hidden, batch), dtype)
    z[:-1, :width] = x.transpose(0, 2, 1)
    h = z[:, width + 1 :]
    h[0] = as_float_array("state", h0, (batch, hidden), dtype).T
    a = np.empty((steps, hidden, batch), dtype)
    column = np.empty_like(z[0])  # always the same place: BLAS may round by a vector's alignment
    with np.errstate(over="ignore", invalid="ignore"):  # found and named below
        for z_t, a_t, h_t in zip(z[:-1], a, h[1:], strict=True):
            column[...] = z_t
            np.dot(parameters.packed, column, a_t)
            h_t[...] = squash(parameters.activation, a_t, parameters.clip)
    by_step = h.transpose(0, 2, 1)
    refuse_growth(f"h grows beyond the range of {dtype}", by_step[1:])
    return RNNTrace(x, a.transpose(0, 2, 1), by_step[:-1], by_step[1:])


def step(parameters: RNNParameters, x: ArrayLike, state: ArrayLike | None = None) -> RNNTrace:
    """Advance by one step; `trace.state` goes into the next.

    Shapes: x (N, D); state h (N, H), zeros where None -> RNNTrace, every field (N, ·).
    Raises: as `forward`.
    """
    x = as_float_array("x", x, ("N", parameters.input_size), parameters.dtype)
    return forward(parameters, x[None], state).at(0)


def stream(
    parameters: RNNParameters,
    inputs: Iterable[ArrayLike],
    state: ArrayLike | None = None,
    chunk: int = 1,
) -> Iterator[RNNTrace]:
    """Yield a step's trace for every input and keep nothing; see `engine.lstm.stream`.

    Shapes: inputs (N, D) each -> RNNTrace, fields (N, ·). Raises: as `forward`.
    """
    waiting, done, dims = iter(inputs), 0, ("N", parameters.input_size)
    while batch := list(islice(waiting, chunk)):
        x = np.stack([as_float_array("x", row, dims, parameters.dtype) for row in batch])
        with steps_from(done):
            trace = forward(parameters, x, state)
        state, done = trace.state, done + len(x)
        yield from (trace.at(t) for t in range(len(x)))


def backward(
    parameters: RNNParameters, trace: RNNTrace, d_h: ArrayLike, d_state: ArrayLike | None = None
) -> RNNGradients:
    """Backpropagate through time.

    With dh what reaches step t from its output and from step t + 1:
        da = dh * (1 - h^2);  dh' = U^T da;  dx = W^T da;  dW = sum da x^T;  dU = sum da h'^T
    where 1 - h^2 is tanh's slope, and another activation's stands in its place.
    Shapes: d_h (T, N, H); d_state (N, H): gradient on the final h, zeros where None.
    Raises: ShapeError, NonFiniteError.
    """
    width, hidden, dtype = parameters.input_size, parameters.hidden_size, parameters.dtype
    steps, batch, _ = as_float_array("trace.x", trace.x, ("T", "N", width), dtype).shape
    d_out = as_float_array("d_h", d_h, (steps, batch, hidden), dtype)
    after = np.zeros((batch, hidden)) if d_state is None else d_state
    d_h_t = as_float_array("d_state", after, (batch, hidden), dtype)
    d_a = np.array(slope(parameters.activation, trace.a, trace.h, parameters.clip))
    for t in reversed(range(steps)):
        d_a[t] *= d_h_t + d_out[t]
        d_h_t = d_a[t] @ parameters.weight_hh
    columns = d_a.reshape(-1, hidden)
    return RNNGradients(
        d_weight_ih=columns.T @ trace.x.reshape(-1, width),
        d_weight_hh=columns.T @ trace.h_prev.reshape(-1, hidden),
        d_bias=columns.sum(axis=0),
        d_x=d_a @ parameters.weight_ih,
        d_h0=d_h_t,
    )
