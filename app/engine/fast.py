"""The standard LSTM, made fast without other mathematics.

One column [x | 1 | h'] meets one matrix [W | b | U], so a step is one matrix product; the values
of a step lie in one block of memory, feature-major, so that every operand is contiguous and every
result lies where the trace reads it. A run takes a step T times, a single step once: their numbers
are the same bit for bit.

What else pays depends on N. One sequence is a few numbers a call, so the calls are few: one tanh
serves all four gates, since sigma(a) = (tanh(a / 2) + 1) / 2, where the rows of i, f and o are
halved in the matrix. A batch is many numbers a call, so each is cheap: sigma(a) =
1 / (1 + exp(-a)), and NumPy's exp takes half the time of its tanh.

`app.engine.plain` does the same an equation a line; tests hold the two equal. Arrays are trusted
here: `app.engine.lstm` checks them.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate, pairwise
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


def forward(parameters: LSTMParameters, x: Array, state: LSTMState | None) -> LSTMTrace:
    """Run a sequence (T, N, D) from a state, None for zeros -> LSTMTrace (T, N, ·), all views."""
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
    """Where each value lies in a step's block: [a_o | a | x | 1 | h' | o i f g | c' | tanh c].

    a has the rows i|f|g|o; before it there is room for a second a_o, so that they lie as o|i|f|g
    too.
    """

    def __init__(self, width: int, hidden: int) -> None:
        ends = list(accumulate((*[hidden] * 5, width, 1, *[hidden] * 7)))
        starts = [0, *ends[:-1]]
        parts = [slice(*ends_of) for ends_of in zip(starts, ends, strict=True)]
        self.a_o_first, a_i, a_f, self.a_g, self.a_o, self.x, self.one, self.h = parts[:8]
        self.o, i, f, self.g, self.c, self.tanh_c = parts[8:]
        self.i, self.f, self.size = i, f, ends[-1]
        self.a = slice(a_i.start, self.a_o.stop)
        self.a_i_and_f = slice(a_i.start, a_f.stop)
        self.a_from_o = slice(0, self.a_g.stop)
        self.a_sigmoids = slice(0, a_f.stop)
        self.column = slice(self.x.start, self.h.stop)
        self.gates = slice(self.o.start, self.g.stop)
        self.sigmoids = slice(self.o.start, f.stop)
        self.i_and_f = slice(i.start, f.stop)
        self.g_and_c = slice(self.g.start, self.c.stop)
        self.doubled = slice(self.h.start, f.stop)


_rows = cache(_Rows)
_Views = tuple[Array, ...]


def _run(parameters: LSTMParameters, x: Array, state: LSTMState | None, rows: _Rows) -> Array:
    """(T + 1, N, rows): a block a step, and one whose h' and c' are those after the last."""
    if x.shape[1] == 1:
        return _run_one(parameters, x[:, 0], state, rows)[:, None]
    return _run_batch(parameters, x, state, rows)


def _begin(h: Array, c: Array, state: LSTMState | None, times: int) -> None:
    """Lay a state, or zeros, where the first step reads c and so many times h."""
    if state is None:
        h.fill(0)
        c.fill(0)
    else:
        np.multiply(state.h, times, h)
        np.copyto(c, state.c)


def _run_one(parameters: LSTMParameters, x: Array, state: LSTMState | None, rows: _Rows) -> Array:
    """(T + 1, rows and padding) for N = 1, on a bench: to make views costs more than to run.

    The benches that are free lie with the parameters; each run takes one, so threads don't meet.
    """
    bench = parameters.benches.pop() if parameters.benches else _Bench(rows, x.dtype)
    work, steps, most = bench.blocks, len(x), bench.steps
    blocks = np.empty((steps + 1, work.shape[1]), x.dtype)
    _begin(bench.h, bench.c, state, 2)
    for first in range(0, steps, most):
        if first:
            work[0] = work[most]
        count = min(most, steps - first)
        work[:count, rows.x] = x[first : first + count]
        _advance(parameters.packed, bench.views[:count], bench.tools)
        done = slice(count + 1)
        np.multiply(work[done], bench.factors[done], blocks[first : first + count + 1])
    blocks[:, rows.a_o] = blocks[:, rows.a_o_first]
    parameters.benches.append(bench)
    return blocks


class _Bench:
    """Some blocks to work on, few enough to stay in the cache, and their views, made once.

    factors: what the blocks, once done, are multiplied with for what they hold doubled or halved;
    of their shape, since NumPy multiplies two arrays of one shape twice as fast as rows with a row.
    """

    BYTES, STEPS = 2**18, 64

    def __init__(self, rows: _Rows, dtype: np.dtype[Any]) -> None:
        line = LINE // dtype.itemsize
        width = -(-rows.size // line) * line
        self.steps = max(1, min(self.STEPS, self.BYTES // (width * dtype.itemsize)))
        self.blocks = on_lines((self.steps + 1, width), dtype)
        self.blocks[:, rows.one] = 1
        self.views = list(_views(self.blocks, rows))
        self.h, self.c = self.blocks[:1, rows.h], self.blocks[:1, rows.c]
        self.tools = _Tools(self.c.size, dtype)
        self.factors = np.ones_like(self.blocks)
        self.factors[:, rows.a_sigmoids], self.factors[:, rows.doubled] = 2, 0.5


class _Tools:
    """The constants as arrays, since NumPy would convert a scalar at each call, and a scratch."""

    def __init__(self, size: int, dtype: np.dtype[Any]) -> None:
        self.one, self.halves = np.array(1, dtype), np.full(2, 0.5, dtype)
        self.products = np.empty((2, size), dtype)


def _views(blocks: Array, rows: _Rows) -> Iterator[_Views]:
    """What each step reads and writes."""
    now, after = blocks[:-1], blocks[1:]
    parts = (
        rows.column, rows.a_from_o, rows.gates, rows.sigmoids, rows.i_and_f, rows.g_and_c,
        rows.o, rows.tanh_c,
    )  # fmt: skip
    return zip(*(now[:, part] for part in parts), after[:, rows.c], after[:, rows.h], strict=True)


def _advance(packed: Array, steps: Iterable[_Views], tools: _Tools) -> None:
    """Fill a bench's blocks one after the other, c and h into the one that follows.

    The twos cancel: sigma(a) = (tanh(a / 2) + 1) / 2, so that 2i, 2f, 2o take one addition; the
    mean of 2i g and 2f c' is c; 2h meets a matrix with U halved. They don't change a bit.
    """
    one, halves, products = tools.one, tools.halves, tools.products
    both = products.reshape(-1)
    dot, mean, tanh, multiply, add = packed.dot, halves.dot, np.tanh, np.multiply, np.add
    for column, a, gates, sigmoids, i_and_f, g_and_c, o, tanh_c, c, h in steps:
        dot(column, a)
        tanh(a, gates)
        add(sigmoids, one, sigmoids)
        multiply(i_and_f, g_and_c, both)
        mean(products, c)
        tanh(c, tanh_c)
        multiply(o, tanh_c, h)


def _run_batch(parameters: LSTMParameters, x: Array, state: LSTMState | None, rows: _Rows) -> Array:
    """(T + 1, N, rows) for N > 1: views of (T + 1, rows, N)."""
    blocks = np.empty((len(x) + 1, rows.size, x.shape[1]), x.dtype)
    blocks[:-1, rows.x] = x.transpose(0, 2, 1)
    blocks[:-1, rows.one] = 1
    _begin(blocks[0, rows.h].T, blocks[0, rows.c].T, state, 1)
    with np.errstate(over="ignore"):  # 1 / (1 + exp(100)) = 0
        _advance_batch(parameters.stacked, blocks, rows)
    return blocks.transpose(0, 2, 1)


def _advance_batch(stacked: Array, blocks: Array, rows: _Rows) -> None:
    """Fill a batch's blocks one after the other, c and h into the one that follows."""
    one, products = np.array(1, blocks.dtype), np.empty_like(blocks[0, rows.i_and_f])
    ig, fc = np.split(products, 2)
    for now, after in pairwise(blocks):
        sigmoids, c = now[rows.sigmoids], after[rows.c]
        stacked.dot(now[rows.column], now[rows.a])
        np.negative(now[rows.a_i_and_f], now[rows.i_and_f])
        np.negative(now[rows.a_o], now[rows.o])
        np.exp(sigmoids, sigmoids)
        np.divide(one, np.add(sigmoids, one, sigmoids), sigmoids)
        np.tanh(now[rows.a_g], now[rows.g])
        np.multiply(now[rows.i_and_f], now[rows.g_and_c], products)
        np.tanh(np.add(ig, fc, c), now[rows.tanh_c])
        np.multiply(now[rows.o], now[rows.tanh_c], after[rows.h])


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
    through_c = np.empty((len(i), 3, *i.shape[1:]), i.dtype)
    np.multiply(g, sigmoid_slope(i), through_c[:, 0])
    np.multiply(c_prev, sigmoid_slope(f), through_c[:, 1])
    np.multiply(i, tanh_slope(g), through_c[:, 2])
    through_o = tanh_c * sigmoid_slope(o)
    into_c = o * tanh_slope(tanh_c)
    d_a = np.empty((len(i), 4, *i.shape[1:]), d_out.dtype)
    d_out = np.ascontiguousarray(d_out.transpose(0, 2, 1))
    d_h, d_c = after.h.T.copy(), after.c.T.copy()
    from_h = np.empty_like(d_c)
    rows = d_a.reshape(len(i), -1, i.shape[-1])
    for t in reversed(range(len(i))):
        d_h += d_out[t]
        d_c += np.multiply(d_h, into_c[t], from_h)
        if d_c_out is not None:
            d_c += d_c_out[t].T
        np.multiply(through_c[t], d_c, d_a[t, :3])
        np.multiply(through_o[t], d_h, d_a[t, 3])
        d_c *= f[t]
        weight_hh.T.dot(rows[t], d_h)
    return rows, d_h, d_c
