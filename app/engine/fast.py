"""The standard LSTM, made fast without other mathematics.

One column [x | 1 | h'] meets one matrix [W | b | U], so a step is one matrix product; the rows of
i, f and o are halved there, since sigma(a) = tanh(a / 2) / 2 + 1/2, so one tanh serves all four
gates; the values of a step lie in one block of memory, feature-major, so that every operand is
contiguous and the trace is one copy. A run takes this step T times, a single step once: their
numbers are the same bit for bit.

`app.engine.plain` does the same an equation a line; tests hold the two equal. Arrays are trusted
here: `app.engine.lstm` checks them.
"""

from functools import cache
from itertools import accumulate

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
    """Where each value lies in a block: [x of the next step | 1 | h | a | o i f g | c | tanh c]."""

    def __init__(self, width: int, hidden: int) -> None:
        ends = list(accumulate((width, 1, hidden, 4 * hidden, *[hidden] * 6)))
        starts = [0, *ends[:-1]]
        parts = [slice(*ends_of) for ends_of in zip(starts, ends, strict=True)]
        self.x, self.one, self.h, self.a, self.o, self.i, self.f, self.g, self.c, self.tanh_c = (
            parts
        )
        self.column = slice(0, self.h.stop)
        self.computed = slice(self.h.start, self.tanh_c.stop)
        self.gates = slice(self.o.start, self.g.stop)
        self.sigmoids = slice(self.o.start, self.f.stop)
        self.i_and_f = slice(self.i.start, self.f.stop)
        self.g_and_c = slice(self.g.start, self.c.stop)


_rows = cache(_Rows)


def _run(parameters: LSTMParameters, x: Array, state: LSTMState) -> Array:
    """(T + 1, rows, N): a block a step, after the block that holds the initial state."""
    rows = _rows(parameters.input_size, parameters.hidden_size)
    blocks = np.empty((len(x) + 1, rows.tanh_c.stop, x.shape[1]), parameters.dtype)
    blocks[:-1, rows.x] = x.transpose(0, 2, 1)
    blocks[:-1, rows.one] = 1
    blocks[0, rows.h], blocks[0, rows.c] = state.h.T, state.c.T
    packed = parameters.packed if x.shape[1] > 1 else parameters.packed_by_column
    _advance(packed, blocks, rows)
    return blocks


def _advance(packed: Array, blocks: Array, rows: _Rows) -> None:
    """Fill every block from the one before it.

    All is done in one block, whose views are made once, and copied from there. `half` is an
    array, since NumPy would convert a scalar anew at each call.
    """
    block = blocks[0].copy()
    h, a, o, c, tanh_c = (block[part] for part in (rows.h, rows.a, rows.o, rows.c, rows.tanh_c))
    gates, sigmoids = block[rows.gates], block[rows.sigmoids]
    i_and_f, g_and_c = block[rows.i_and_f], block[rows.g_and_c]
    products = np.empty_like(g_and_c)
    written, kept = products[: len(c)], products[len(c) :]
    half = np.array(0.5, block.dtype)
    dot, tanh, multiply, add = packed.dot, np.tanh, np.multiply, np.add
    now = block[rows.computed]
    for column, after in zip(blocks[:-1, rows.column], blocks[1:, rows.computed], strict=True):
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
    packed = now[..., rows.a]
    o, i_and_f, g = packed[..., :hidden], packed[..., hidden:-hidden], packed[..., -hidden:]
    return LSTMTrace(
        x=x,
        a=np.concatenate((i_and_f + i_and_f, g, o + o), axis=-1),
        i=now[..., rows.i],
        f=now[..., rows.f],
        g=now[..., rows.g],
        o=now[..., rows.o],
        c_prev=before[..., rows.c],
        c=now[..., rows.c],
        tanh_c=now[..., rows.tanh_c],
        h_prev=before[..., rows.h],
        h=now[..., rows.h],
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
