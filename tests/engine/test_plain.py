"""The plain implementation: equal to the fast one on the standard cell, and its gradients right
for every option, alone and together."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.engine import fast, lstm, plain, rnn
from gate_explorer.engine.activations import RULES, SIGMOID, Activation
from gate_explorer.engine.gradcheck import numerical_gradient
from gate_explorer.errors import InputError, NonFiniteError, ShapeError

from .builders import (
    DTYPES,
    arrays_of,
    assert_close,
    draw,
    draw_cell,
    draw_lstm,
    draw_rnn,
    draw_state,
)

TOLERANCES = {np.float32: 2e-6, np.float64: 1e-14}
SIZES = st.integers(1, 12)

OPTIONS: dict[str, dict[str, Any]] = {
    "standard": {},
    "peepholes": {"peephole": True},
    "projection": {"projection": 2},
    "projection wider than the cell": {"projection": 5},
    "clip": {"options": lstm.LSTMOptions(clip=0.4)},
    "coupled": {"options": lstm.LSTMOptions(input_forget=True)},
    "activations": {
        "options": lstm.LSTMOptions(
            Activation("hard_sigmoid"), Activation("softsign"), Activation("elu")
        )
    },
    "all together": {
        "peephole": True,
        "projection": 2,
        "options": lstm.LSTMOptions(
            Activation("hard_sigmoid", 1 / 6), Activation("softsign"), clip=0.9, input_forget=True
        ),
    },
}


@given(
    steps=SIZES,
    batch=SIZES,
    width=SIZES,
    hidden=SIZES,
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 2**32),
)
def test_fast_forward_equals_the_plain_one(
    steps: int, batch: int, width: int, hidden: int, dtype: Any, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    p, state = draw_lstm(rng, width, hidden, dtype), draw_state(rng, batch, hidden, dtype)
    x = draw(rng, steps, batch, width, dtype=dtype)

    quick, slow = fast.forward(p, x, state), plain.forward(p, x, state)

    for name, array in slow._asdict().items():
        assert_close(getattr(quick, name), array, TOLERANCES[dtype], name)


@given(
    steps=SIZES,
    batch=SIZES,
    width=SIZES,
    hidden=SIZES,
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 2**32),
)
def test_fast_backward_equals_the_plain_one(
    steps: int, batch: int, width: int, hidden: int, dtype: Any, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    p, state = draw_lstm(rng, width, hidden, dtype), draw_state(rng, batch, hidden, dtype)
    trace = plain.forward(p, draw(rng, steps, batch, width, dtype=dtype), state)
    d_h, d_c = (draw(rng, steps, batch, hidden, dtype=dtype) for _ in range(2))

    quick, slow = (m.backward(p, trace, d_h, d_c, state) for m in (fast, plain))

    for name, array in arrays_of(slow).items():
        assert_close(getattr(quick, name), array, 10 * TOLERANCES[dtype], name)


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("size", [(1, 1, 1, 1), (4, 2, 3, 3), (3, 3, 1, 2)])
def test_lstm_gradients_of_every_option_match_central_differences(
    name: str, size: tuple[int, int, int, int]
) -> None:
    steps, batch, width, hidden = size
    rng = np.random.default_rng(21)
    p = draw_cell(rng, width, hidden, **OPTIONS[name])
    x, state = draw(rng, steps, batch, width), draw_state(rng, batch, hidden, width=p.output_size)
    d_h, d_c = draw(rng, steps, batch, p.output_size), draw(rng, steps, batch, hidden)
    d_state = draw_state(rng, batch, hidden, width=p.output_size)

    def loss() -> float:
        parameters = lstm.LSTMParameters(
            p.weight_ih,
            p.weight_hh,
            p.bias,
            peephole=p.peephole,
            weight_hr=p.weight_hr,
            options=p.options,
        )
        trace = lstm.forward(parameters, x, state)
        at_the_end = trace.h[-1] * d_state.h
        cells = (trace.c * d_c).sum() + (trace.c[-1] * d_state.c).sum()
        return float((trace.h * d_h).sum() + at_the_end.sum() + cells)

    found = lstm.backward(p, lstm.forward(p, x, state), d_h, d_state, d_c)

    arrays = arrays_of(p) | {"x": x, "h0": state.h, "c0": state.c}
    assert arrays_of(found).keys() == {f"d_{name}" for name in arrays}
    for key, array in arrays.items():
        gradient = getattr(found, f"d_{key}")
        assert_close(gradient, numerical_gradient(loss, array), 1e-8, key)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("place", ["gate", "candidate", "cell"])
def test_lstm_gradients_of_every_activation_match_central_differences(
    name: str, place: str
) -> None:
    rng = np.random.default_rng(22)
    options = lstm.LSTMOptions(**{place: Activation(name)})  # type: ignore[arg-type]
    p = draw_cell(rng, 2, 3, options=options)
    x, d_h = draw(rng, 3, 2, 2), draw(rng, 3, 2, 3)

    found = lstm.backward(p, lstm.forward(p, x), d_h)

    slopes = numerical_gradient(lambda: float((lstm.forward(p, x).h * d_h).sum()), x)
    assert_close(found.d_x, slopes, 1e-7)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("clip", [None, 0.6])
def test_rnn_gradients_of_every_activation_match_central_differences(
    name: str, clip: float | None
) -> None:
    rng = np.random.default_rng(23)
    weights = draw_rnn(rng, 2, 3)
    p = rnn.RNNParameters(
        weights.weight_ih, weights.weight_hh, weights.bias, activation=Activation(name), clip=clip
    )
    x, d_h = draw(rng, 4, 2, 2), draw(rng, 4, 2, 3)

    found = rnn.backward(p, rnn.forward(p, x), d_h)

    slopes = numerical_gradient(lambda: float((rnn.forward(p, x).h * d_h).sum()), x)
    assert_close(found.d_x, slopes, 1e-7)


def test_coupled_gates_add_up_to_one() -> None:
    rng = np.random.default_rng(24)
    trace = lstm.forward(draw_cell(rng, 2, 3, **OPTIONS["coupled"]), draw(rng, 4, 2, 2))

    np.testing.assert_array_equal(trace.i + trace.f, np.ones((4, 2, 3)))


def test_projected_state_is_the_projection_of_the_cells_output() -> None:
    rng = np.random.default_rng(25)
    p = draw_cell(rng, 2, 5, projection=3)
    trace = lstm.forward(p, draw(rng, 4, 2, 2))

    assert (p.hidden_size, p.output_size, trace.h.shape) == (5, 3, (4, 2, 3))
    assert p.weight_hr is not None
    assert_close(trace.h, (trace.o * trace.tanh_c) @ p.weight_hr.T, 1e-14)
    assert_close(trace.h_prev[1:], trace.h[:-1], 0)


def test_trace_holds_the_sums_as_they_were_before_the_clip() -> None:
    rng = np.random.default_rng(26)
    p = draw_cell(rng, 2, 3, options=lstm.LSTMOptions(clip=0.1), scale=4)
    trace = lstm.forward(p, draw(rng, 4, 2, 2))

    assert np.abs(trace.a).max() > 1
    assert np.abs(trace.g).max() <= np.tanh(0.1)
    assert trace.i.max() <= SIGMOID(np.array(0.1))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_biases_count_as_their_sum_and_are_remembered(count: int) -> None:
    rng = np.random.default_rng(27)
    whole, simple = draw_lstm(rng, 2, 3), draw_rnn(rng, 2, 3)
    biases, few = [draw(rng, 12) for _ in range(count)], [draw(rng, 3) for _ in range(count)]

    p = lstm.LSTMParameters.with_biases(whole.weight_ih, whole.weight_hh, biases)
    q = rnn.RNNParameters.with_biases(simple.weight_ih, simple.weight_hh, few)

    assert_close(p.bias, np.zeros(12) + sum(biases), 0)
    assert_close(q.bias, np.zeros(3) + sum(few), 0)
    for found, given_ones in ((p.stored_biases, biases), (q.stored_biases, few)):
        assert [part.tolist() for part in found] == [part.tolist() for part in given_ones]
    assert whole.stored_biases[0] is whole.bias


def test_three_biases_are_refused() -> None:
    with pytest.raises(ShapeError, match="two that are added; 3 came"):
        lstm.LSTMParameters.with_biases(np.ones((4, 1)), np.ones((4, 1)), [np.ones(4)] * 3)


def test_parts_that_dont_fit_are_named() -> None:
    w, b = np.ones((8, 2)), np.ones(8)
    with pytest.raises(ShapeError, match=r"peephole should have the shape \(6,\), but has \(8,\)"):
        lstm.LSTMParameters(w, w, b, peephole=b)
    words = r"weight_hr should have the shape \(3, 2\), but has \(2, 3\)"
    with pytest.raises(ShapeError, match=words):
        lstm.LSTMParameters(w, np.ones((8, 3)), b, weight_hr=np.ones((2, 3)))


@pytest.mark.parametrize("clip", [0.0, -1.0, np.inf, np.nan])
def test_clip_that_isnt_above_zero_is_refused(clip: float) -> None:
    with pytest.raises(InputError, match="should be above 0 and finite"):
        lstm.LSTMOptions(clip=clip)
    with pytest.raises(InputError, match="should be above 0 and finite"):
        rnn.RNNParameters(np.ones((1, 1)), np.ones((1, 1)), np.ones(1), clip=clip)


def test_state_that_grows_beyond_all_numbers_is_refused() -> None:
    linear = Activation("linear")
    w = np.full((4, 1), 1e30, np.float32)
    p = lstm.LSTMParameters(
        w, w, w[:, 0], options=lstm.LSTMOptions(candidate=linear, cell=linear, gate=linear)
    )
    q = rnn.RNNParameters(w[:1], w[:1], w[0], activation=Activation("relu"))

    with pytest.raises(NonFiniteError, match="grows beyond the range of float32 at step 0"):
        lstm.forward(p, np.ones((3, 1, 1)))
    with pytest.raises(NonFiniteError, match="grows beyond the range of float32 at step 1"):
        rnn.forward(q, np.ones((3, 1, 1)))
