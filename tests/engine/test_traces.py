"""What a trace holds is what the equations say, in the precision asked for, and nothing is
written into what came in."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.engine import lstm, rnn

from .builders import DTYPES, Array, arrays_of, draw, draw_lstm, draw_rnn, draw_state

SIZES = st.integers(1, 12)


def _sigmoid(a: Array) -> Array:
    result: Array = 1 / (1 + np.exp(-a))
    return result


@given(steps=SIZES, batch=SIZES, width=SIZES, hidden=SIZES, seed=st.integers(0, 2**32))
def test_lstm_trace_of_any_size_holds_the_equations(
    steps: int, batch: int, width: int, hidden: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    p, state = draw_lstm(rng, width, hidden), draw_state(rng, batch, hidden)
    x = draw(rng, steps, batch, width)

    t = lstm.forward(p, x, state)

    a = t.x @ p.weight_ih.T + t.h_prev @ p.weight_hh.T + p.bias
    rows_i, rows_f, rows_g, rows_o = np.split(t.a, 4, axis=-1)
    for name, ours, equation in (
        ("x", t.x, x),
        ("a", t.a, a),
        ("i", t.i, _sigmoid(rows_i)),
        ("f", t.f, _sigmoid(rows_f)),
        ("g", t.g, np.tanh(rows_g)),
        ("o", t.o, _sigmoid(rows_o)),
        ("c", t.c, t.f * t.c_prev + t.i * t.g),
        ("tanh_c", t.tanh_c, np.tanh(t.c)),
        ("h", t.h, t.o * t.tanh_c),
        ("h_prev", t.h_prev, np.concatenate((state.h[None], t.h[:-1]))),
        ("c_prev", t.c_prev, np.concatenate((state.c[None], t.c[:-1]))),
    ):
        np.testing.assert_allclose(ours, equation, rtol=1e-13, atol=1e-13, err_msg=name)
    np.testing.assert_array_equal(t.state.h, t.h[-1])
    np.testing.assert_array_equal(t.state.c, t.c[-1])


@given(steps=SIZES, batch=SIZES, width=SIZES, hidden=SIZES, seed=st.integers(0, 2**32))
def test_rnn_trace_of_any_size_holds_the_equation(
    steps: int, batch: int, width: int, hidden: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    p, h0 = draw_rnn(rng, width, hidden), draw(rng, batch, hidden)
    x = draw(rng, steps, batch, width)

    t = rnn.forward(p, x, h0)

    a = t.x @ p.weight_ih.T + t.h_prev @ p.weight_hh.T + p.bias
    np.testing.assert_array_equal(t.x, x)
    np.testing.assert_allclose(t.a, a, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(t.h, np.tanh(t.a), rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(t.h_prev, np.concatenate((h0[None], t.h[:-1])))
    np.testing.assert_array_equal(t.state, t.h[-1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_trace_has_the_dtype_of_the_weights_whatever_x_has(dtype: Any) -> None:
    rng = np.random.default_rng(1)
    parameters, plain = draw_lstm(rng, 2, 3, dtype), draw_rnn(rng, 2, 3, dtype)

    for x in (np.ones((4, 1, 2), np.float32), np.ones((4, 1, 2)), np.ones((4, 1, 2), int)):
        arrays = [*lstm.forward(parameters, x)]
        arrays += rnn.forward(plain, x)
        assert {array.dtype for array in arrays} == {np.dtype(dtype)}


def test_state_left_out_is_zero() -> None:
    rng = np.random.default_rng(2)
    parameters, plain = draw_lstm(rng, 2, 3), draw_rnn(rng, 2, 3)
    x = draw(rng, 4, 2, 2)

    trace = lstm.forward(parameters, x)

    given_zeros = lstm.forward(parameters, x, lstm.LSTMState.zeros(2, 3))
    np.testing.assert_array_equal(trace.h, given_zeros.h)
    assert not trace.c_prev[0].any()
    np.testing.assert_array_equal(rnn.forward(plain, x).h, rnn.forward(plain, x, [[0] * 3] * 2).h)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_that_come_in_are_never_changed(batch: int, dtype: Any) -> None:
    rng = np.random.default_rng(3)
    parameters, state = draw_lstm(rng, 2, 3, dtype), draw_state(rng, batch, 3, dtype)
    plain = draw_rnn(rng, 2, 3, dtype)
    x, d_h = draw(rng, 4, batch, 2, dtype=dtype), draw(rng, 4, batch, 3, dtype=dtype)
    weights = (*arrays_of(parameters).values(), *arrays_of(plain).values())
    owned = [*weights, state.h, state.c, x, d_h]
    before = [array.copy() for array in owned]
    for array in owned:
        array.flags.writeable = False

    trace, plain_trace = lstm.forward(parameters, x, state), rnn.forward(plain, x, state.h)
    kept = [array.copy() for array in (*trace, *plain_trace)]
    lstm.step(parameters, x[0], state)
    rnn.step(plain, x[0], state.h)
    lstm.backward(parameters, trace, d_h, state)
    rnn.backward(plain, plain_trace, d_h, state.h)

    for array, copy in zip(owned, before, strict=True):
        np.testing.assert_array_equal(array, copy)
    for array, copy in zip((*trace, *plain_trace), kept, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_state_of_a_trace_is_its_own_copy() -> None:
    rng = np.random.default_rng(4)
    trace = lstm.forward(draw_lstm(rng, 2, 3), draw(rng, 4, 1, 2))
    plain = rnn.forward(draw_rnn(rng, 2, 3), draw(rng, 4, 1, 2))

    for array, kept in ((trace.state.h, trace.h), (trace.state.c, trace.c), (plain.state, plain.h)):
        assert not np.shares_memory(array, kept)


def test_sequence_in_a_batch_equals_the_sequence_alone() -> None:
    rng = np.random.default_rng(5)
    parameters, plain = draw_lstm(rng, 4, 6), draw_rnn(rng, 4, 6)
    x = draw(rng, 8, 5, 4)

    together, plain_together = lstm.forward(parameters, x).h, rnn.forward(plain, x).h

    for n in range(5):
        alone = lstm.forward(parameters, x[:, n : n + 1]).h[:, 0]
        np.testing.assert_allclose(together[:, n], alone, rtol=0, atol=1e-14)
        plain_alone = rnn.forward(plain, x[:, n : n + 1]).h[:, 0]
        np.testing.assert_allclose(plain_together[:, n], plain_alone, rtol=0, atol=1e-14)


def test_input_that_isnt_contiguous_gives_the_same_numbers() -> None:
    rng = np.random.default_rng(6)
    parameters = draw_lstm(rng, 3, 5)
    x = draw(rng, 3, 2, 14).transpose(2, 1, 0)[::2]

    found = lstm.forward(parameters, x)

    np.testing.assert_array_equal(found.h, lstm.forward(parameters, x.copy()).h)
