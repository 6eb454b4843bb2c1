"""Gates driven to their ends: exact limits, and no warning (a warning fails the tests)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gate_explorer.engine import (
    fast,
    lstm,
    plain,
    rnn,
    stack,
)
from gate_explorer.engine.activations import Activation, sigmoid, sigmoid_slope, tanh_slope
from gate_explorer.errors import ShapeError

from .builders import DTYPES, arrays_of, draw, draw_cell

FAR = 1e4
BATCHES = (1, 2)  # one sequence and a batch are squashed by different formulas


def _one_unit(a: Sequence[float], dtype: Any) -> lstm.LSTMParameters:
    """One unit whose pre-activations are x times `a`, in the order i, f, g, o."""
    weights = np.array(a, dtype)[:, None]
    return lstm.LSTMParameters(weights, np.zeros((4, 1), dtype), np.zeros(4, dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("signs", [(1, 1, 1, 1), (-1, 1, -1, 1), (1, -1, 1, -1), (-1, -1, -1, -1)])
def test_saturated_gates_are_exactly_at_their_limits(
    dtype: Any, batch: int, signs: tuple[int, int, int, int]
) -> None:
    parameters = _one_unit([FAR * sign for sign in signs], dtype)
    state = lstm.LSTMState(np.zeros((batch, 1), dtype), np.full((batch, 1), 0.75, dtype))

    t = lstm.step(parameters, np.ones((batch, 1)), state)

    i, f, g, o = (float(sign > 0) for sign in signs)
    g = g or -1.0
    for n in range(batch):
        assert (t.i[n, 0], t.f[n, 0], t.g[n, 0], t.o[n, 0]) == (i, f, g, o)
        assert t.a[n].tolist() == [FAR * sign for sign in signs]
        assert t.c[n, 0] == f * 0.75 + i * g
        assert t.h[n, 0] == o * t.tanh_c[n, 0]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch", BATCHES)
def test_saturated_gates_pass_no_gradient(dtype: Any, batch: int) -> None:
    parameters = _one_unit([FAR] * 4, dtype)
    trace = lstm.forward(parameters, np.ones((3, batch, 1)))

    found = lstm.backward(parameters, trace, np.ones((3, batch, 1)))

    assert not found.d_weight_ih.any()
    assert not found.d_x.any()
    assert (found.d_c0 > 0).all()  # the forget gate stands open: c's own path remains


@pytest.mark.parametrize("dtype", DTYPES)
def test_gate_that_is_nearly_shut_is_known_to_its_own_rounding_in_a_batch(dtype: Any) -> None:
    a = np.linspace(-80, -10, 71)
    parameters = _one_unit([1, 0, 0, 0], dtype)

    t = lstm.step(parameters, a[:, None])

    np.testing.assert_allclose(t.i[:, 0], 1 / (1 + np.exp(-a)), rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
def test_cell_counted_up_for_long_saturates_its_tanh(dtype: Any) -> None:
    trace = lstm.forward(_one_unit([FAR] * 4, dtype), np.ones((300, 1, 1)))

    assert trace.c[-1].item() == 300
    assert trace.tanh_c[-1].item() == trace.h[-1].item() == 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_saturated_rnn_is_exactly_at_its_limits(dtype: Any) -> None:
    parameters = rnn.RNNParameters(
        np.array([[FAR], [-FAR]], dtype), np.zeros((2, 2), dtype), np.zeros(2, dtype)
    )

    trace = rnn.forward(parameters, np.ones((2, 1, 1)))
    found = rnn.backward(parameters, trace, np.ones((2, 1, 2)))

    assert trace.h[-1].ravel().tolist() == [1, -1]
    assert not found.d_x.any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_equals_its_definition_and_keeps_its_limits(dtype: Any) -> None:
    a = np.linspace(-30, 30, 601).astype(dtype)
    largest = np.finfo(dtype).max

    np.testing.assert_allclose(
        sigmoid(a), 1 / (1 + np.exp(-a.astype(float))), rtol=0, atol=2 * np.finfo(dtype).eps
    )
    ends = sigmoid(np.array([-largest, -FAR, 0, FAR, largest], dtype))
    assert ends.tolist() == [0, 0, 0.5, 1, 1]
    assert ends.dtype == dtype


def test_slopes_from_the_values_equal_differences() -> None:
    a, e = np.linspace(-4, 4, 81), 1e-6

    by_sigmoid = (sigmoid(a + e) - sigmoid(a - e)) / (2 * e)
    np.testing.assert_allclose(sigmoid_slope(sigmoid(a)), by_sigmoid, rtol=0, atol=1e-9)
    by_tanh = (np.tanh(a + e) - np.tanh(a - e)) / (2 * e)
    np.testing.assert_allclose(tanh_slope(np.tanh(a)), by_tanh, rtol=0, atol=1e-9)


OPTIONS = (
    lstm.STANDARD,
    lstm.LSTMOptions(clip=2.0, input_forget=True),
    lstm.LSTMOptions(Activation("hard_sigmoid"), Activation("softsign"), Activation("elu")),
    lstm.LSTMOptions(cell=Activation("softplus")),
)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("size", [(1, 1), (5, 1), (5, 3)])
def test_cell_of_any_kind_far_out_stays_finite_without_a_warning(
    dtype: Any, options: lstm.LSTMOptions, size: tuple[int, int]
) -> None:
    steps, hidden = size
    rng = np.random.default_rng(9)
    p = draw_cell(rng, 2, hidden, dtype, peephole=True, options=options, scale=FAR)
    d_h = draw(rng, steps, 2, hidden, dtype=dtype)

    trace = lstm.forward(p, draw(rng, steps, 2, 2, dtype=dtype))
    found = lstm.backward(p, trace, d_h)

    for array in (*arrays_of(trace).values(), *arrays_of(found).values()):
        assert array.dtype == dtype
        assert np.isfinite(array).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("run", [fast.forward, plain.forward])
def test_denormal_numbers_run_through_like_any_other(dtype: Any, run: Any) -> None:
    rng = np.random.default_rng(10)
    tiny = np.finfo(dtype).smallest_subnormal
    signs = [rng.integers(-3, 4, shape).astype(dtype) for shape in ((12, 2), (12, 3), (12,))]
    p = lstm.LSTMParameters(*(sign * tiny for sign in signs))
    x = rng.integers(-3, 4, (4, 2, 2)).astype(dtype)

    trace = run(p, x, lstm.LSTMState.zeros(2, 3, dtype))
    found = lstm.backward(p, trace, np.ones((4, 2, 3), dtype))

    assert (trace.i == 0.5).all()
    assert (abs(trace.c) <= 100 * tiny).all()
    assert (abs(trace.h) <= 100 * tiny).all()
    assert all(np.isfinite(array).all() for array in arrays_of(found).values())


@pytest.mark.parametrize("steps", [0, 1])
def test_stack_needs_one_step_at_least(steps: int) -> None:
    rng = np.random.default_rng(11)
    made = stack.Stack(
        ((stack.Pass(draw_cell(rng, 2, 1)), stack.Pass(draw_cell(rng, 2, 1), True)),)
    )

    if steps:
        assert stack.forward(made, np.ones((1, 1, 2))).h.shape == (1, 1, 2)
    else:
        with pytest.raises(
            ShapeError, match=r"x should have the shape \(T, N, 2\), but has \(0, 1"
        ):
            stack.forward(made, np.ones((0, 1, 2)))
