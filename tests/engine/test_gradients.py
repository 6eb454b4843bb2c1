"""Backpropagation through time against central differences, along every number there is."""

from collections.abc import Callable

import numpy as np
import pytest

from gate_explorer.engine import lstm, rnn
from gate_explorer.engine.gradcheck import numerical_gradient
from gate_explorer.errors import ShapeError

from .builders import SIZES, Array, arrays_of, assert_close, draw, draw_lstm, draw_rnn, draw_state

# Central differences at e = 1e-6: e^2 = 1e-12 from the formula, 1e-16 / e = 1e-10 from rounding.
TOLERANCE = 1e-8

Size = tuple[int, int, int, int]


def _check(loss: Callable[[], float], pairs: dict[str, tuple[Array, Array]]) -> None:
    for name, (array, gradient) in pairs.items():
        assert_close(gradient, numerical_gradient(loss, array), TOLERANCE, name)


@pytest.mark.parametrize("size", SIZES)
def test_lstm_gradients_of_everything_match_central_differences(size: Size) -> None:
    steps, batch, width, hidden = size
    rng = np.random.default_rng(11)
    weights = draw_lstm(rng, width, hidden)
    x, state = draw(rng, steps, batch, width), draw_state(rng, batch, hidden)
    d_h, d_state = draw(rng, steps, batch, hidden), draw_state(rng, batch, hidden)

    def loss() -> float:
        parameters = lstm.LSTMParameters(weights.weight_ih, weights.weight_hh, weights.bias)
        trace = lstm.forward(parameters, x, state)
        last = trace.state
        return float((trace.h * d_h).sum() + (last.h * d_state.h + last.c * d_state.c).sum())

    found = lstm.backward(weights, lstm.forward(weights, x, state), d_h, d_state)

    _check(
        loss,
        {
            "weight_ih": (weights.weight_ih, found.d_weight_ih),
            "weight_hh": (weights.weight_hh, found.d_weight_hh),
            "bias": (weights.bias, found.d_bias),
            "x": (x, found.d_x),
            "h0": (state.h, found.d_h0),
            "c0": (state.c, found.d_c0),
        },
    )


@pytest.mark.parametrize("size", SIZES)
def test_rnn_gradients_of_everything_match_central_differences(size: Size) -> None:
    steps, batch, width, hidden = size
    rng = np.random.default_rng(12)
    weights = draw_rnn(rng, width, hidden)
    x, h0 = draw(rng, steps, batch, width), draw(rng, batch, hidden)
    d_h, d_last = draw(rng, steps, batch, hidden), draw(rng, batch, hidden)

    def loss() -> float:
        parameters = rnn.RNNParameters(weights.weight_ih, weights.weight_hh, weights.bias)
        trace = rnn.forward(parameters, x, h0)
        return float((trace.h * d_h).sum() + (trace.state * d_last).sum())

    found = rnn.backward(weights, rnn.forward(weights, x, h0), d_h, d_last)

    _check(
        loss,
        {
            "weight_ih": (weights.weight_ih, found.d_weight_ih),
            "weight_hh": (weights.weight_hh, found.d_weight_hh),
            "bias": (weights.bias, found.d_bias),
            "x": (x, found.d_x),
            "h0": (h0, found.d_h0),
        },
    )


def test_backward_without_final_gradient_equals_a_final_gradient_of_zero() -> None:
    rng = np.random.default_rng(13)
    weights, plain = draw_lstm(rng, 2, 3), draw_rnn(rng, 2, 3)
    x, d_h = draw(rng, 4, 2, 2), draw(rng, 4, 2, 3)
    trace, plain_trace = lstm.forward(weights, x), rnn.forward(plain, x)
    zeros = lstm.LSTMState.zeros(2, 3, np.float64)

    without, given = (lstm.backward(weights, trace, d_h, d) for d in (None, zeros))
    plain_without, plain_given = (rnn.backward(plain, plain_trace, d_h, d) for d in (None, zeros.h))

    for name, array in arrays_of(without).items():
        np.testing.assert_array_equal(array, getattr(given, name), name)
    for name, array in vars(plain_without).items():
        np.testing.assert_array_equal(array, getattr(plain_given, name), name)


def test_backward_of_a_right_padded_batch_equals_the_sequences_alone() -> None:
    rng = np.random.default_rng(14)
    weights = draw_lstm(rng, 3, 4)
    x, d_h = draw(rng, 6, 2, 3), draw(rng, 6, 2, 4)
    d_h[4:, 1] = 0

    batch = lstm.backward(weights, lstm.forward(weights, x), d_h)
    long, short = (
        lstm.backward(weights, lstm.forward(weights, x[:end, n : n + 1]), d_h[:end, n : n + 1])
        for n, end in ((0, 6), (1, 4))
    )

    for name in ("d_weight_ih", "d_weight_hh", "d_bias"):
        alone = getattr(long, name) + getattr(short, name)
        assert_close(getattr(batch, name), alone, 1e-12, name)
    assert_close(batch.d_x[:4, 1:], short.d_x, 1e-12)
    assert not batch.d_x[4:, 1].any()


def test_backward_keeps_float32() -> None:
    rng = np.random.default_rng(15)
    weights, plain = draw_lstm(rng, 2, 3, np.float32), draw_rnn(rng, 2, 3, np.float32)
    x, d_h = draw(rng, 4, 2, 2), draw(rng, 4, 2, 3)

    found = lstm.backward(weights, lstm.forward(weights, x), d_h)
    plain_found = rnn.backward(plain, rnn.forward(plain, x), d_h)

    assert {array.dtype for array in arrays_of(found).values()} == {np.dtype(np.float32)}
    assert {array.dtype for array in arrays_of(plain_found).values()} == {np.dtype(np.float32)}


def test_numerical_gradient_of_a_cube_is_its_slope() -> None:
    array = np.array([[-1.5, 0.0], [0.25, 2.0]])

    slopes = numerical_gradient(lambda: float((array**3).sum()), array)

    np.testing.assert_allclose(slopes, 3 * array**2, rtol=0, atol=1e-8)
    np.testing.assert_array_equal(array, [[-1.5, 0.0], [0.25, 2.0]])


def test_numerical_gradient_of_float32_names_what_it_needs() -> None:
    with pytest.raises(ShapeError, match=r"float64 .* but is float32"):
        numerical_gradient(lambda: 0.0, np.zeros(3, np.float32))
