"""The standard LSTM, made fast without other mathematics.

One column [x | 1 | h'] meets one matrix [W | b | U], so a step is one matrix product; the rows of
i, f and o are halved there, since sigma(a) = (tanh(a / 2) + 1) / 2, so one tanh serves all four
gates; the values of a step lie in one block of memory, feature-major, so that every operand is
contiguous and every result lies where the trace reads it. A run takes this step T times, a single
step once: their numbers are the same bit for bit.

`app.engine.plain` does the same an equation a line; tests hold the two equal. Arrays are trusted
here: `app.engine.lstm` checks them.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate
from typing import Any

import numpy as np

from app.engine.activations import sigmoid_slope, tanh_slope
from app.engine.cells import (
    LINE,
    LSTMGradients,
    LSTMParameters,
    LSTMState,
    LSTMTrace,
    on_lines,
)
from app.engine.checks import Array


def forward(parameters: LSTMParameters, x: Array, state: LSTMState) -> LSTMTrace:
    """Run a sequence (T, N, D) from a state -> LSTMTrace (T, N, ·), views of one array."""
    rows = _rows(parameters.input_size, parameters.hidden_size)
    return _trace(x, _run(parameters, x, state, rows), rows)


def backward(
    parameters: LSTMParameters, trace: LSTMTrace, d_h: Array, d_c: Array | None, after: LSTMState
) -> LSTMGradients:
    """Backpropagate through time; gradients from above as in `app.engine.plain`, d_c may be None.

    The da of every step are made first; then each weight's gradient is one product over all.
    """
    hidden, (steps, batch, width) = parameters.hidden_size, trace.x.shape
    d_a, d_h0, d_c0 = _backward_through_time(parameters.weight_hh, trace, d_h, d_c, after)
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


class _Rows:
    """Where each value lies in a step's block: [a | a_o | x | 1 | 2h' | 2o 2i 2f g | c' | tanh c].

    a has the rows o|i|f|g, and a_o follows once more, so that i|f|g|o lie in a row too. In rows,
    or for a batch in the numbers of the block laid out flat.
    """

    def __init__(self, width: int, hidden: int, batch: int = 1) -> None:
        sizes = (*[hidden] * 5, width, 1, *[hidden] * 7)
        ends = list(accumulate(size * batch for size in sizes))
        starts = [0, *ends[:-1]]
        parts = [slice(*ends_of) for ends_of in zip(starts, ends, strict=True)]
        self.a_o, a_i, a_f, a_g, self.a_o_again, self.x, self.one, self.h = parts[:8]
        self.o, self.i, self.f, self.g, self.c, self.tanh_c = parts[8:]
        self.size = ends[-1]
        self.product = slice(0, a_g.stop)
        self.a = slice(a_i.start, self.a_o_again.stop)
        self.column = slice(self.x.start, self.h.stop)
        self.gates = slice(self.o.start, self.g.stop)
        self.sigmoids = slice(self.o.start, self.f.stop)
        self.i_and_f = slice(self.i.start, self.f.stop)
        self.g_and_c = slice(self.g.start, self.c.stop)
        self.doubled = slice(self.h.start, self.f.stop)
        self.halved = slice(0, a_f.stop)


_rows = cache(_Rows)
_Views = tuple[Array, ...]


def _run(parameters: LSTMParameters, x: Array, state: LSTMState, rows: _Rows) -> Array:
    """(T + 1, N, rows): a block a step, and one whose h' and c' are those after the last."""
    batch = x.shape[1]
    blocks: Array
    if batch == 1:
        blocks = _run_one(parameters, x[:, 0], state, rows)[:, None]
    else:
        blocks = np.empty((len(x) + 1, rows.size, batch), x.dtype)
        blocks[:-1, rows.x] = x.transpose(0, 2, 1)
        blocks[:-1, rows.one] = 1
        blocks[0, rows.h], blocks[0, rows.c] = (state.h + state.h).T, state.c.T
        flat = _rows(parameters.input_size, parameters.hidden_size, batch)
        _advance(parameters.packed, _settled_after(blocks, rows, flat), _Tools(state.c))
        blocks[-1, rows.h] *= x.dtype.type(0.5)
        blocks = blocks.transpose(0, 2, 1)
    return blocks


def _run_one(parameters: LSTMParameters, x: Array, state: LSTMState, rows: _Rows) -> Array:
    """(T + 1, rows), the same for N = 1, on a bench: to make views costs more than to run.

    The benches that are free lie with the parameters; each run takes one, so threads don't meet.
    """
    bench = parameters.benches.pop() if parameters.benches else _Bench(rows, x.dtype)
    work, steps, most = bench.blocks, len(x), bench.steps
    blocks = np.empty((steps + 1, rows.size), x.dtype)
    np.add(state.h[0], state.h[0], work[0, rows.h])
    work[0, rows.c] = state.c[0]
    for first in range(0, steps, most):
        if first:
            work[0] = work[most]
        count = min(most, steps - first)
        work[:count, rows.x] = x[first : first + count]
        _advance(parameters.packed_by_column, bench.views[:count], bench.tools)
        np.multiply(work[: count + 1], bench.factors, blocks[first : first + count + 1])
    blocks[:, rows.a_o_again] = blocks[:, rows.a_o]
    parameters.benches.append(bench)
    return blocks


class _Bench:
    """Some blocks to work on, few enough to stay in the cache, and their views, made once.

    factors (rows,): what a block is multiplied with once it is done, for what it holds doubled or
    halved.
    """

    BYTES, STEPS = 2**18, 64

    def __init__(self, rows: _Rows, dtype: np.dtype[Any]) -> None:
        line = LINE // dtype.itemsize
        width = -(-rows.size // line) * line
        self.steps = max(1, min(self.STEPS, self.BYTES // (width * dtype.itemsize)))
        whole = on_lines((self.steps + 1, width), dtype)
        self.blocks = whole[:, : rows.size]
        self.blocks[:, rows.one] = 1
        self.views = list(_views(self.blocks, rows, rows))
        self.tools = _Tools(self.blocks[0, rows.c])
        self.factors = np.ones(rows.size, dtype)
        self.factors[rows.halved], self.factors[rows.doubled] = 2, 0.5


class _Tools:
    """The constants as arrays, since NumPy would convert a scalar at each call, and a scratch."""

    def __init__(self, c: Array) -> None:
        self.one, self.halves = np.array(1, c.dtype), np.full(2, 0.5, c.dtype)
        self.products = np.empty((2, c.size), c.dtype)


def _views(blocks: Array, rows: _Rows, flat: _Rows) -> Iterator[_Views]:
    """What each step reads and writes: its column and the product, the rest in one dimension."""
    numbers = blocks if blocks.ndim == 2 else blocks.reshape(len(blocks), -1)
    now, after = numbers[:-1], numbers[1:]
    parts = (
        flat.product, flat.gates, flat.sigmoids, flat.i_and_f, flat.g_and_c, flat.o, flat.tanh_c,
    )  # fmt: skip
    return zip(
        blocks[:-1, rows.column],
        blocks[:-1, rows.product],
        *(now[:, part] for part in parts),
        after[:, flat.c],
        after[:, flat.h],
        strict=True,
    )


def _settled_after(blocks: Array, rows: _Rows, flat: _Rows) -> Iterator[_Views]:
    """The views of each step; what it doubled or halved is mended after it, while in the cache."""
    numbers = blocks.reshape(len(blocks), -1)[:-1]
    half, two = np.array(0.5, blocks.dtype), np.array(2, blocks.dtype)
    places = (flat.doubled, flat.halved, flat.a_o, flat.a_o_again)
    parts = zip(*(numbers[:, place] for place in places), strict=True)
    for views, (doubled, halved, a_o, a_o_again) in zip(
        _views(blocks, rows, flat), parts, strict=True
    ):
        yield views
        np.multiply(doubled, half, doubled)
        np.multiply(halved, two, halved)
        np.copyto(a_o_again, a_o)


def _advance(packed: Array, steps: Iterable[_Views], tools: _Tools) -> None:
    """Fill the blocks one after the other, c and h into the one that follows.

    The twos cancel: sigma(a) = (tanh(a / 2) + 1) / 2, so that 2i, 2f, 2o take one addition; the
    mean of 2i g and 2f c' is c; 2h meets a matrix with U halved. They don't change a bit.
    """
    one, halves, products = tools.one, tools.halves, tools.products
    both = products.reshape(-1)
    dot, mean, tanh, multiply, add = packed.dot, halves.dot, np.tanh, np.multiply, np.add
    for column, a, flat_a, gates, sigmoids, i_and_f, g_and_c, o, tanh_c, c, h in steps:
        dot(column, a)
        tanh(flat_a, gates)
        add(sigmoids, one, sigmoids)
        multiply(i_and_f, g_and_c, both)
        mean(products, c)
        tanh(c, tanh_c)
        multiply(o, tanh_c, h)


def _trace(x: Array, blocks: Array, rows: _Rows) -> LSTMTrace:
    now, after = blocks[:-1], blocks[1:]
    return LSTMTrace(
        x=x,
        a=now[..., rows.a],
        i=now[..., rows.i],
        f=now[..., rows.f],
        g=now[..., rows.g],
        o=now[..., rows.o],
        c_prev=now[..., rows.c],
        c=after[..., rows.c],
        tanh_c=now[..., rows.tanh_c],
        h_prev=now[..., rows.h],
        h=after[..., rows.h],
    )


def _backward_through_time(
    weight_hh: Array, trace: LSTMTrace, d_out: Array, d_c_out: Array | None, after: LSTMState
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
    d_out = np.ascontiguousarray(d_out.transpose(0, 2, 1))
    d_h, d_c = after.h.T.copy(), after.c.T.copy()
    from_h = np.empty_like(d_c)
    from_a = np.ascontiguousarray(weight_hh.T)
    for t in reversed(range(len(i))):
        d_h += d_out[t]
        d_c += np.multiply(d_h, into_c[t], from_h)
        if d_c_out is not None:
            d_c += d_c_out[t].T
        np.multiply(through_c[t], d_c, d_a[t, :3])
        np.multiply(through_o[t], d_h, d_a[t, 3])
        d_c *= f[t]
        np.dot(from_a, d_a[t].reshape(-1, d_h.shape[-1]), d_h)
    return d_a.reshape(len(i), -1, i.shape[-1]), d_h, d_c
