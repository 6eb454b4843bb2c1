"""The error bounds of docs/equations.md, held on random cells: float32 against float64."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.engine import lstm, plain

from .builders import Array, draw, draw_lstm

U = 2.0**-24  # the rounding unit of float32
SQUASH = 4 * U  # of sigma and tanh as NumPy computes them

SIZES = st.integers(1, 40)


def _bounds(p: lstm.LSTMParameters, t: lstm.LSTMTrace) -> dict[str, Array]:
    """The largest error of float32 after each step, from exact weights, inputs and zero state."""
    n = p.input_size + p.hidden_size + 2
    gamma = n * U / (1 - n * U)
    w, u, b = abs(p.weight_ih), abs(p.weight_hh), abs(p.bias)
    d_h = d_c = np.zeros_like(t.h[0])
    bounds: dict[str, list[Array]] = {"h": [], "c": []}
    for k in range(len(t.h)):
        s = t.at(k)
        size = abs(s.x) @ w.T + (abs(s.h_prev) + d_h) @ u.T + b
        d_a = gamma * size + d_h @ u.T
        d_i, d_f, d_g, d_o = (
            np.minimum(slope * part + SQUASH, width)
            for slope, width, part in zip(
                (1 / 4, 1 / 4, 1, 1 / 4), (1, 1, 2, 1), np.split(d_a, 4, axis=1), strict=True
            )
        )
        size_c = (s.f + d_f) * (abs(s.c_prev) + d_c) + (s.i + d_i) * (abs(s.g) + d_g)
        d_c = (
            (s.f + d_f) * d_c
            + d_f * abs(s.c_prev)
            + (s.i + d_i) * d_g
            + d_i * abs(s.g)
            + 3 * U * size_c
        )
        d_tanh = np.minimum(d_c + SQUASH, 2)
        d_h = (s.o + d_o) * d_tanh + d_o * abs(s.tanh_c)
        d_h = np.minimum(d_h + 2 * U * (s.o + d_o) * (abs(s.tanh_c) + d_tanh), 2)
        bounds["h"].append(d_h)
        bounds["c"].append(d_c)
    return {name: np.stack(arrays) for name, arrays in bounds.items()}


@given(
    steps=st.integers(1, 60),
    batch=st.integers(1, 3),
    width=SIZES,
    hidden=SIZES,
    scale=st.sampled_from((0.1, 1.0, 10.0)),
    seed=st.integers(0, 2**32),
)
def test_error_of_float32_stays_below_its_bound(
    steps: int, batch: int, width: int, hidden: int, scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    single = draw_lstm(rng, width, hidden, np.float32)
    x = draw(rng, steps, batch, width, scale=scale, dtype=np.float32)
    exact = lstm.LSTMParameters(
        *(array.astype(float) for array in (single.weight_ih, single.weight_hh, single.bias))
    )
    reference = lstm.forward(exact, x)
    bounds = _bounds(exact, reference)

    state = lstm.LSTMState.zeros(batch, hidden, np.float32)
    for trace in (lstm.forward(single, x), plain.forward(single, x, state)):
        for name, bound in bounds.items():
            error = abs(getattr(trace, name) - getattr(reference, name))
            assert (error <= bound).all(), name


def test_bound_of_a_forgetful_cell_doesnt_grow_with_the_steps() -> None:
    rng = np.random.default_rng(81)
    p = draw_lstm(rng, 3, 8)
    p.bias[8:16] -= 3  # the forget gates
    p.weight_hh[...] *= 0.2
    fresh = lstm.LSTMParameters(p.weight_ih, p.weight_hh, p.bias)

    bounds = _bounds(fresh, lstm.forward(fresh, draw(rng, 2000, 1, 3)))

    assert bounds["h"][100:].max() < 2e-5
    assert bounds["h"][1000:].max() < 1.5 * bounds["h"][100:1000].max()
