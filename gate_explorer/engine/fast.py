"""The standard LSTM, made fast without other mathematics.

One column [x | 1 | h'] meets one matrix [W | b | U], so a step is one matrix product; the values
of a step lie in one block of memory, feature-major, so that every operand is contiguous and every
result lies where the trace reads it. A run takes a step T times, a single step once: their numbers
are the same bit for bit.

What else pays depends on N. One sequence is a few numbers a call, so the calls are few: one tanh
serves all four gates, since sigma(a) = (tanh(a / 2) + 1) / 2, where the rows of i, f and o are
halved in the matrix. A batch is many numbers a call, so each is cheap: sigma(a) =
1 / (1 + exp(-a)), and NumPy's exp takes half the time of its tanh.

`engine.plain` does the same an equation a line; tests hold the two equal. Arrays are trusted
here: `engine.lstm` checks them.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate, pairwise

import numpy as np

from gate_explorer.engine.activations import sigmoid_slope, tanh_slope
from gate_explorer.engine.cells import (
    LINE,
    LSTMGradients,
    LSTMParameters,
    LSTMState,
    LSTMTrace,
    on_lines,
)
from gate_explorer.engine.checks import Array


def forward(parameters: LSTMParameters, x: Array, state: LSTMState | None) -> LSTMTrace:
    """Run a sequence (T, N, D) from a state, None for zeros -> LSTMTrace (T, N, ·), all views."""
    run = _run_one if x.shape[1] == 1 else _run_batch
    return run(parameters, x, state)


def backward(
    parameters: LSTMParameters, trace: LSTMTrace, d_h: Array, d_c: Array | None, after: LSTMState
) -> LSTMGradients:
    """Backpropagate through time; gradients from above as in `engine.plain`, d_c may be None.

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
    """Where each value lies in a step's block: [a | x | 1 | h' | the gates and c' | tanh c].

    a has the rows i|f|g|o; order: that of the gates and c'.
    """

    def __init__(self, width: int, hidden: int, order: str) -> None:
        ends = list(accumulate((*[hidden] * 4, width, 1, *[hidden] * 7)))
        parts = [slice(*ends_of) for ends_of in pairwise((0, *ends))]
        a_i, a_f, self.a_g, self.a_o, self.x, self.one, self.h = parts[:7]
        self.i, self.f, self.g, self.o, self.c = (parts[7 + order.index(k)] for k in "ifgoc")
        self.tanh_c, self.size = parts[-1], ends[-1]
        self.a, self.a_i_and_f = _joint(a_i, self.a_o), _joint(a_i, a_f)
        self.column = _joint(self.x, self.h)


def _joint(first: slice, last: slice) -> slice:
    return slice(first.start, last.stop)


_rows = cache(_Rows)
_Views = tuple[Array, ...]


def _begin(h: Array, c: Array, state: LSTMState | None, times: int) -> None:
    """Lay a state, or zeros, where the first step reads c and so many times h."""
    if state is None:
        h.fill(0)
        c.fill(0)
    else:
        np.multiply(state.h, times, h)
        np.copyto(c, state.c)


def _run_one(parameters: LSTMParameters, x: Array, state: LSTMState | None) -> LSTMTrace:
    """One sequence, N = 1, on a bench: to make views costs more than to run.

    The benches that are free lie with the parameters; each run takes one, so threads don't meet.
    """
    bench = parameters.benches.pop() if parameters.benches else _Bench(parameters)
    work, steps, most = bench.blocks, len(x), bench.steps
    blocks = np.empty((steps + 1, 1, work.shape[1]), x.dtype)
    _begin(bench.h, bench.c, state, 2)
    for first in range(0, steps, most):
        if first:
            work[0] = work[most]
        count = min(most, steps - first)
        bench.x[:count] = x[first : first + count, 0]
        _advance(parameters.packed, bench.views[:count], bench)
        done = slice(count + 1)
        np.multiply(work[done], bench.factors[done], blocks[first : first + count + 1, 0])
    parameters.benches.append(bench)
    return _trace(x, blocks, bench.rows)


class _Bench:
    """Some blocks to work on, few enough to stay in the cache, and their views, made once.

    The gates lie as their a do, and c' before them, so that [c' i] meets [f g] in one product.
    factors: what the blocks, once done, are multiplied with for what they hold doubled or halved;
    of their shape, since NumPy multiplies two arrays of one shape twice as fast as rows with a row.
    sigmoids: 1 for the rows of i, f and o, 0 for those of g.
    """

    BYTES, STEPS = 2**18, 64

    def __init__(self, parameters: LSTMParameters) -> None:
        dtype, hidden = parameters.dtype, parameters.hidden_size
        self.rows = rows = _rows(parameters.input_size, hidden, "cifgo")
        line = LINE // dtype.itemsize
        width = -(-rows.size // line) * line
        self.steps = max(1, min(self.STEPS, self.BYTES // (width * dtype.itemsize)))
        self.blocks = on_lines((self.steps + 1, width), dtype)
        self.blocks[:, rows.one] = 1
        self.x = self.blocks[:-1, rows.x]
        self.h, self.c = self.blocks[:1, rows.h], self.blocks[:1, rows.c]
        self.views = list(self._views())
        self.factors = np.ones_like(self.blocks)
        for halved in (rows.a_i_and_f, rows.a_o):
            self.factors[:, halved] = 2
        for doubled in (rows.h, rows.i, rows.f, rows.o):
            self.factors[:, doubled] = 0.5
        self.sigmoids = np.repeat(np.array((1, 1, 0, 1), dtype), hidden)
        self.products, self.halves = np.empty((2, hidden), dtype), np.full(2, 0.5, dtype)

    def _views(self) -> Iterator[_Views]:
        """What each step reads and writes."""
        rows, now, after = self.rows, self.blocks[:-1], self.blocks[1:]
        parts = (
            rows.column, rows.a, _joint(rows.i, rows.o), _joint(rows.c, rows.i),
            _joint(rows.f, rows.g), rows.o, rows.tanh_c,
        )  # fmt: skip
        views = (now[:, part] for part in parts)
        return zip(*views, after[:, rows.c], after[:, rows.h], strict=True)


def _advance(packed: Array, steps: Iterable[_Views], bench: _Bench) -> None:
    """Fill a bench's blocks one after the other, c and h into the one that follows.

    The twos cancel: sigma(a) = (tanh(a / 2) + 1) / 2, so that 2i, 2f, 2o take one addition; the
    mean of 2f c' and 2i g is c; 2h meets a matrix with U halved. They don't change a bit.
    """
    sigmoids, products = bench.sigmoids, bench.products
    both = products.reshape(-1)
    dot, mean, tanh, multiply, add = packed.dot, bench.halves.dot, np.tanh, np.multiply, np.add
    for column, a, gates, c_and_i, f_and_g, o, tanh_c, c, h in steps:
        dot(column, a)
        tanh(a, gates)
        add(gates, sigmoids, gates)
        multiply(c_and_i, f_and_g, both)
        mean(products, c)
        tanh(c, tanh_c)
        multiply(o, tanh_c, h)


def _run_batch(parameters: LSTMParameters, x: Array, state: LSTMState | None) -> LSTMTrace:
    """A batch, N > 1: blocks (T + 1, rows, N), of which the trace shows the views (T, N, ·).

    The sigmoids lie beside each other; i and f meet g and c' in one product.
    """
    rows = _rows(parameters.input_size, parameters.hidden_size, "ifogc")
    blocks = np.empty((len(x) + 1, rows.size, x.shape[1]), x.dtype)
    blocks[:-1, rows.x] = x.transpose(0, 2, 1)
    blocks[:-1, rows.one] = 1
    _begin(blocks[0, rows.h].T, blocks[0, rows.c].T, state, 1)
    with np.errstate(over="ignore"):  # 1 / (1 + exp(100)) = 0
        _advance_batch(parameters.stacked, blocks, rows)
    return _trace(x, blocks.transpose(0, 2, 1), rows)


def _advance_batch(stacked: Array, blocks: Array, rows: _Rows) -> None:
    """Fill a batch's blocks one after the other, c and h into the one that follows."""
    i_and_f, i_to_o, g_and_c = (
        _joint(rows.i, rows.f),
        _joint(rows.i, rows.o),
        _joint(rows.g, rows.c),
    )
    one, products = np.array(1, blocks.dtype), np.empty_like(blocks[0, i_and_f])
    ig, fc = np.split(products, 2)
    for now, after in pairwise(blocks):
        sigmoids, c = now[i_to_o], after[rows.c]
        stacked.dot(now[rows.column], now[rows.a])
        np.negative(now[rows.a_i_and_f], now[i_and_f])
        np.negative(now[rows.a_o], now[rows.o])
        np.exp(sigmoids, sigmoids)
        np.divide(one, np.add(sigmoids, one, sigmoids), sigmoids)
        np.tanh(now[rows.a_g], now[rows.g])
        np.multiply(now[i_and_f], now[g_and_c], products)
        np.tanh(np.add(ig, fc, c), now[rows.tanh_c])
        np.multiply(now[rows.o], now[rows.tanh_c], after[rows.h])


def _trace(x: Array, blocks: Array, rows: _Rows) -> LSTMTrace:
    """What blocks (T + 1, N, rows) hold, as views; the last has h' and c' alone."""
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
