"""A long short-term memory that keeps every intermediate value, and its gradients.

    i = sigma(W_i x + U_i h' + b_i)      input gate
    f = sigma(W_f x + U_f h' + b_f)      forget gate
    g =  tanh(W_g x + U_g h' + b_g)      candidate
    o = sigma(W_o x + U_o h' + b_o)      output gate
    c = f * c' + i * g                   cell state
    h = o * tanh(c)                      hidden state

h', c' are the previous step's. Sizes: T steps, N batch, D input width, H hidden width. Weights
have torch.nn.LSTM's layout: rows i|f|g|o, `weight_ih` (4H, D), `weight_hh` (4H, H), and one bias
(4H,), the sum of torch's two.

How it is made fast, without other mathematics: one column [x | 1 | h'] meets one matrix
[W | b | U], so a step is one matrix product; the rows of i, f and o are halved there, since
sigma(a) = tanh(a / 2) / 2 + 1/2, so one tanh serves all four gates; the values of a step lie in
one block of memory, feature-major, so that every operand is contiguous and the trace is one copy.
`forward` runs this step T times, `step` once: their numbers are the same bit for bit.

References: Hochreiter & Schmidhuber 1997, Long short-term memory; Gers, Schmidhuber & Cummins
2000, Learning to forget (the forget gate); Graves & Schmidhuber 2005 (full backpropagation
through time).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from app.engine.activations import sigmoid_slope, tanh_slope
from app.engine.checks import Array, as_float_array
from app.errors import ShapeError


@dataclass(frozen=True, eq=False)
class LSTMParameters:
    """The weights of one LSTM layer in torch.nn.LSTM's layout; don't write into the arrays.

    Shapes: weight_ih (4H, D), weight_hh (4H, H), bias (4H,), rows i|f|g|o; all of one dtype.
    Raises: ShapeError, NonFiniteError.
    """

    weight_ih: Array
    weight_hh: Array
    bias: Array

    def __post_init__(self) -> None:
        weight_hh = as_float_array("weight_hh", self.weight_hh, ("4H", "H"))
        rows, hidden = weight_hh.shape
        if rows != 4 * hidden:
            raise ShapeError(f"weight_hh should have the shape (4H, H), but has {weight_hh.shape}.")
        dtype = weight_hh.dtype
        object.__setattr__(self, "weight_hh", weight_hh)
        for name, dims in (("weight_ih", (rows, "D")), ("bias", (rows,))):
            object.__setattr__(self, name, as_float_array(name, getattr(self, name), dims, dtype))

    @property
    def input_size(self) -> int:
        """D, the width of one input."""
        return int(self.weight_ih.shape[1])

    @property
    def hidden_size(self) -> int:
        """H, the number of units."""
        return int(self.weight_hh.shape[1])

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64; traces are computed in it."""
        return self.weight_hh.dtype

    @cached_property
    def packed(self) -> Array:
        """[W | b | U], (4H, D + 1 + H), rows o|i|f|g with those of o, i, f halved."""
        columns = (self.weight_ih, self.bias[:, None], self.weight_hh)
        i, f, g, o = np.split(np.concatenate(columns, axis=1), 4)
        half = self.dtype.type(0.5)
        return np.concatenate((o * half, i * half, f * half, g))

    @cached_property
    def packed_by_column(self) -> Array:
        """`packed` in column-major order, in which BLAS multiplies it with one vector fastest."""
        return np.asfortranarray(self.packed)


@dataclass(frozen=True, eq=False)
class LSTMState:
    """What an LSTM carries from step to step: hidden state h and cell state c, each (N, H)."""

    h: Array
    c: Array

    @classmethod
    def zeros(cls, batch: int, hidden_size: int, dtype: DTypeLike = np.float32) -> Self:
        """The state before anything was read."""
        return cls(np.zeros((batch, hidden_size), dtype), np.zeros((batch, hidden_size), dtype))


@dataclass(frozen=True, eq=False)
class LSTMTrace:
    """Every value of a run, (T, N, ·), or of one step, (N, ·).

    Shapes: x (…, N, D); a (…, N, 4H), the pre-activations, rows i|f|g|o; the rest (…, N, H).
    Ranges: i, f, o in [0, 1]; g, tanh_c, h in [-1, 1]. Dimensionless.
    """

    x: Array
    a: Array
    i: Array
    f: Array
    g: Array
    o: Array
    c_prev: Array
    c: Array
    tanh_c: Array
    h_prev: Array
    h: Array

    @property
    def state(self) -> LSTMState:
        """The state after the last step, (N, H)."""
        last = (-1,) if self.h.ndim == 3 else ()
        return LSTMState(self.h[last].copy(), self.c[last].copy())

    def at(self, t: int) -> "LSTMTrace":
        """Step t of a run, 0-based, as a trace of (N, ·) arrays."""
        return LSTMTrace(**{name: array[t] for name, array in vars(self).items()})


@dataclass(frozen=True, eq=False)
class LSTMGradients:
    """The loss's gradients, each in the shape of what it belongs to; d_h0, d_c0 are (N, H)."""

    d_weight_ih: Array
    d_weight_hh: Array
    d_bias: Array
    d_x: Array
    d_h0: Array
    d_c0: Array


def forward(parameters: LSTMParameters, x: ArrayLike, state: LSTMState | None = None) -> LSTMTrace:
    """Run a whole sequence and keep every intermediate value.

    Shapes: x (T, N, D), T, N >= 1; state h, c (N, H), zeros where None -> LSTMTrace (T, N, ·).
    Raises: ShapeError, NonFiniteError.
    """
    x = as_float_array("x", x, ("T", "N", parameters.input_size), parameters.dtype)
    blocks = _run(parameters, x, _checked(state, x.shape[1], parameters))
    return _trace(x, blocks, parameters)


def step(parameters: LSTMParameters, x: ArrayLike, state: LSTMState | None = None) -> LSTMTrace:
    """Advance by one step and keep every intermediate value; `trace.state` goes into the next.

    Shapes: x (N, D); state h, c (N, H), zeros where None -> LSTMTrace, every field (N, ·).
    Raises: ShapeError, NonFiniteError.
    """
    x = as_float_array("x", x, ("N", parameters.input_size), parameters.dtype)
    return forward(parameters, x[None], state).at(0)


def backward(
    parameters: LSTMParameters,
    trace: LSTMTrace,
    d_h: ArrayLike,
    d_state: LSTMState | None = None,
) -> LSTMGradients:
    """Backpropagate through time, from gradients on the hidden states to everything before them.

    With dh, dc what reaches step t from its output and from step t + 1:
        dc += dh * o * (1 - tanh(c)^2)
        da = [dc g i(1 - i) | dc c' f(1 - f) | dc i (1 - g^2) | dh tanh(c) o(1 - o)]
        dc' = dc * f;  dh' = U^T da;  dx = W^T da;  dW = sum da x^T;  dU = sum da h'^T
    Shapes: d_h (T, N, H); d_state: gradients (N, H) on the final h and c, zeros where None.
    Right-padded batches need no mask: give d_h = 0 on the padding.
    Raises: ShapeError, NonFiniteError.
    """
    hidden, dtype = parameters.hidden_size, parameters.dtype
    dims = ("T", "N", parameters.input_size)
    steps, batch, width = as_float_array("trace.x", trace.x, dims, dtype).shape
    d_out = as_float_array("d_h", d_h, (steps, batch, hidden), dtype)
    after = _checked(d_state, batch, parameters, "d_state")
    d_a, d_h0, d_c0 = _backward_through_time(parameters.weight_hh, trace, d_out, after)
    rows = np.ascontiguousarray(d_a.transpose(1, 0, 2)).reshape(4 * hidden, steps * batch)
    d_x = (rows.T @ parameters.weight_ih).reshape(steps, batch, width)
    return LSTMGradients(
        d_weight_ih=rows @ trace.x.reshape(-1, width),
        d_weight_hh=rows @ trace.h_prev.reshape(-1, hidden),
        d_bias=rows.sum(axis=1),
        d_x=d_x,
        d_h0=np.ascontiguousarray(d_h0.T),
        d_c0=np.ascontiguousarray(d_c0.T),
    )


def _checked(
    state: LSTMState | None, batch: int, parameters: LSTMParameters, name: str = "state"
) -> LSTMState:
    if state is None:
        return LSTMState.zeros(batch, parameters.hidden_size, parameters.dtype)
    dims = (batch, parameters.hidden_size)
    return LSTMState(
        as_float_array(f"{name}.h", state.h, dims, parameters.dtype),
        as_float_array(f"{name}.c", state.c, dims, parameters.dtype),
    )


@cache
def _rows(width: int, hidden: int) -> Mapping[str, slice]:
    """Where each value lies in a block: [x of the next step | 1 | h | a | o i f g | c | tanh c]."""
    rows, start = {}, 0
    for name, size in (
        ("x", width),
        ("one", 1),
        ("h", hidden),
        ("a", 4 * hidden),
        ("o", hidden),
        ("i", hidden),
        ("f", hidden),
        ("g", hidden),
        ("c", hidden),
        ("tanh_c", hidden),
    ):
        rows[name] = slice(start, start + size)
        start += size
    return MappingProxyType(rows)


def _run(parameters: LSTMParameters, x: Array, state: LSTMState) -> Array:
    """(T + 1, rows, N): a block a step, after the block that holds the initial state."""
    rows = _rows(parameters.input_size, parameters.hidden_size)
    blocks = np.empty((len(x) + 1, rows["tanh_c"].stop, x.shape[1]), parameters.dtype)
    blocks[:-1, rows["x"]] = x.transpose(0, 2, 1)
    blocks[:-1, rows["one"]] = 1
    blocks[0, rows["h"]], blocks[0, rows["c"]] = state.h.T, state.c.T
    packed = parameters.packed if x.shape[1] > 1 else parameters.packed_by_column
    _advance(packed, blocks, rows)
    return blocks


def _advance(packed: Array, blocks: Array, rows: Mapping[str, slice]) -> None:
    """Fill every block from the one before it.

    All is done in one block, whose views are made once, and copied from there. `half` is an
    array, since NumPy would convert a scalar anew at each call.
    """
    block = blocks[0].copy()
    first = {name: part.start for name, part in rows.items()}
    a, o, c, tanh_c, h = (block[rows[name]] for name in ("a", "o", "c", "tanh_c", "h"))
    gates, sigmoids = block[first["o"] : first["c"]], block[first["o"] : first["g"]]
    i_and_f, g_and_c = block[first["i"] : first["g"]], block[first["g"] : first["tanh_c"]]
    products = np.empty_like(g_and_c)
    written, kept = products[: len(c)], products[len(c) :]
    half = np.array(0.5, block.dtype)
    dot, tanh, multiply, add = packed.dot, np.tanh, np.multiply, np.add
    now = block[first["h"] :]
    for column, after in zip(blocks[:-1, : first["a"]], blocks[1:, first["h"] :], strict=True):
        dot(column, a)
        tanh(a, gates)
        multiply(sigmoids, half, sigmoids)
        add(sigmoids, half, sigmoids)
        multiply(i_and_f, g_and_c, products)
        add(kept, written, c)
        tanh(c, tanh_c)
        multiply(o, tanh_c, h)
        after[...] = now


def _trace(x: Array, blocks: Array, parameters: LSTMParameters) -> LSTMTrace:
    hidden = parameters.hidden_size
    rows = _rows(parameters.input_size, hidden)
    by_step = blocks.transpose(0, 2, 1)
    before, now = by_step[:-1], by_step[1:]
    packed = now[..., rows["a"]]
    o, i_and_f, g = packed[..., :hidden], packed[..., hidden:-hidden], packed[..., -hidden:]
    return LSTMTrace(
        x=x,
        a=np.concatenate((i_and_f + i_and_f, g, o + o), axis=-1),
        c_prev=before[..., rows["c"]],
        h_prev=before[..., rows["h"]],
        **{name: now[..., rows[name]] for name in ("i", "f", "g", "o", "c", "tanh_c", "h")},
    )


def _backward_through_time(
    weight_hh: Array, trace: LSTMTrace, d_out: Array, after: LSTMState
) -> tuple[Array, Array, Array]:
    """da (T, 4H, N) rows i|f|g|o, and dh, dc (H, N) before the first step."""
    i, f, g, o, c_prev, tanh_c = (
        array.transpose(0, 2, 1)
        for array in (trace.i, trace.f, trace.g, trace.o, trace.c_prev, trace.tanh_c)
    )
    through_c = np.stack(
        (g * sigmoid_slope(i), c_prev * sigmoid_slope(f), i * tanh_slope(g)), axis=1
    )
    through_o = tanh_c * sigmoid_slope(o)
    into_c = o * tanh_slope(tanh_c)
    d_a = np.empty((len(i), 4, *i.shape[1:]), d_out.dtype)
    d_h, d_c = after.h.T, after.c.T
    transposed = np.ascontiguousarray(weight_hh.T)
    for t in reversed(range(len(i))):
        d_h = d_h + d_out[t].T
        d_c = d_c + d_h * into_c[t]
        np.multiply(through_c[t], d_c, d_a[t, :3])
        np.multiply(through_o[t], d_h, d_a[t, 3])
        d_c = d_c * f[t]
        d_h = transposed @ d_a[t].reshape(-1, d_h.shape[-1])
    return d_a.reshape(len(i), -1, i.shape[-1]), d_h, d_c
