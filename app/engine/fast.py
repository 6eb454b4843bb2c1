"""The standard LSTM, made fast without other mathematics.

One column [x | 1 | h'] meets one matrix [W | b | U], so a step is one matrix product; the rows of
i, f and o are halved there, since sigma(a) = tanh(a / 2) / 2 + 1/2, so one tanh serves all four
gates; the values of a step lie in one block of memory, feature-major, so that every operand is
contiguous and the trace is one copy. A run takes this step T times, a single step once: their
numbers are the same bit for bit.

`app.engine.plain` does the same an equation a line; tests hold the two equal. Arrays are trusted
here: `app.engine.lstm` checks them.
"""

from collections.abc import Iterable
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from app.engine.activations import sigmoid_slope, tanh_slope
from app.engine.cells import LSTMGradients, LSTMParameters, LSTMState, LSTMTrace
from app.engine.checks import Array


def forward(parameters: LSTMParameters, x: Array, state: LSTMState) -> LSTMTrace:
    """Run a sequence (T, N, D) from a state -> LSTMTrace (T, N, ·), views of one array."""
    return _trace(x, _run(parameters, x, state), parameters)


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
    """Where each value lies in a step's block: [x | 1 | 2h' | 2o 2i 2f g | c' | tanh c | a]."""

    def __init__(self, width: int, hidden: int) -> None:
        ends = list(accumulate((width, 1, *[hidden] * 7, 4 * hidden)))
        starts = [0, *ends[:-1]]
        parts = [slice(*ends_of) for ends_of in zip(starts, ends, strict=True)]
        self.x, self.one, self.h, self.o, self.i, self.f, self.g, self.c, self.tanh_c, self.a = (
            parts
        )
        self.column = slice(0, self.h.stop)
        self.gates = slice(self.o.start, self.g.stop)
        self.sigmoids = slice(self.o.start, self.f.stop)
        self.i_and_f = slice(self.i.start, self.f.stop)
        self.g_and_c = slice(self.g.start, self.c.stop)
        self.doubled = slice(self.h.start, self.f.stop)


_rows = cache(_Rows)
_Views = tuple[Array, ...]


def _run(parameters: LSTMParameters, x: Array, state: LSTMState) -> Array:
    """(T + 1, rows, N): a block a step, and one whose h' and c' are those after the last."""
    rows = _rows(parameters.input_size, parameters.hidden_size)
    blocks = np.empty((len(x) + 1, rows.a.stop, x.shape[1]), parameters.dtype)
    if x.shape[1] == 1:
        _run_one(parameters, x[:, 0], state, blocks[..., 0], rows)
    else:
        blocks[:-1, rows.x] = x.transpose(0, 2, 1)
        blocks[:-1, rows.one] = 1
        blocks[0, rows.h], blocks[0, rows.c] = (state.h + state.h).T, state.c.T
        blocks[-1, rows.doubled] = 0
        views = (_views(*pair, rows) for pair in pairwise(blocks))
        _advance(parameters.packed, views, state.c.size)
    halved = blocks[:, rows.doubled]
    np.multiply(halved, blocks.dtype.type(0.5), halved)
    return blocks


def _run_one(
    parameters: LSTMParameters, x: Array, state: LSTMState, blocks: Array, rows: _Rows
) -> None:
    """The same for N = 1, on a bench of a few blocks: to make their views costs more than to run.

    The benches that are free lie with the parameters; each run takes one, so threads don't meet.
    """
    bench = parameters.benches.pop() if parameters.benches else _Bench(rows, blocks.dtype)
    work, h, c = bench.blocks, state.h[0] + state.h[0], state.c[0]
    for first in range(0, len(x), bench.steps):
        part = x[first : first + bench.steps]
        work[: len(part), rows.x], work[0, rows.h], work[0, rows.c] = part, h, c
        _advance(parameters.packed_by_column, bench.views(len(part)), parameters.hidden_size)
        blocks[first : first + len(part) + 1] = work[: len(part) + 1]
        h, c = work[len(part), rows.h], work[len(part), rows.c]
    parameters.benches.append(bench)


class _Bench:
    """Some blocks to work on, small enough to stay in the cache, and their views, made once."""

    BYTES, STEPS = 2**15, 64

    def __init__(self, rows: _Rows, dtype: np.dtype[Any]) -> None:
        size = rows.a.stop * dtype.itemsize
        self.steps = max(1, min(self.STEPS, self.BYTES // size))
        self.blocks = np.zeros((self.steps + 1, rows.a.stop), dtype)
        self.blocks[:, rows.one] = 1
        self._rows = rows
        self._views: list[_Views] = []

    def views(self, steps: int) -> list[_Views]:
        """Those of the first steps."""
        for t in range(len(self._views), steps):
            self._views.append(_views(self.blocks[t], self.blocks[t + 1], self._rows))
        return self._views[:steps]


def _views(block: Array, after: Array, rows: _Rows) -> _Views:
    """What a step reads and writes, all but the column and its product in one dimension."""
    flat = [
        block[part].reshape(-1)
        for part in (rows.a, rows.gates, rows.sigmoids, rows.i_and_f, rows.g_and_c, rows.o)
    ]
    results = (block[rows.tanh_c], after[rows.c], after[rows.h])
    return (block[rows.column], block[rows.a], *flat, *(part.reshape(-1) for part in results))


def _advance(packed: Array, steps: Iterable[_Views], size: int) -> None:
    """Fill the blocks one after the other, c and h into the one that follows; size: N * H.

    The twos cancel: sigma(a) = (tanh(a / 2) + 1) / 2, so that 2i, 2f, 2o take one addition; the
    mean of 2i g and 2f c' is c; 2h meets a matrix with U halved. They don't change a bit.
    """
    one, halves = np.array(1, packed.dtype), np.full(2, 0.5, packed.dtype)
    products = np.empty((2, size), packed.dtype)
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


def _trace(x: Array, blocks: Array, parameters: LSTMParameters) -> LSTMTrace:
    hidden = parameters.hidden_size
    rows = _rows(parameters.input_size, hidden)
    by_step = blocks.transpose(0, 2, 1)
    now, after = by_step[:-1], by_step[1:]
    packed = now[..., rows.a]
    o, i_and_f, g = packed[..., :hidden], packed[..., hidden:-hidden], packed[..., -hidden:]
    return LSTMTrace(
        x=x,
        a=np.concatenate((i_and_f + i_and_f, g, o + o), axis=-1),
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
    d_h, d_c = after.h.T, after.c.T
    transposed = np.ascontiguousarray(weight_hh.T)
    for t in reversed(range(len(i))):
        d_h = d_h + d_out[t].T
        d_c = d_c + d_h * into_c[t]
        if d_c_out is not None:
            d_c = d_c + d_c_out[t].T
        np.multiply(through_c[t], d_c, d_a[t, :3])
        np.multiply(through_o[t], d_h, d_a[t, 3])
        d_c = d_c * f[t]
        d_h = transposed @ d_a[t].reshape(-1, d_h.shape[-1])
    return d_a.reshape(len(i), -1, i.shape[-1]), d_h, d_c
