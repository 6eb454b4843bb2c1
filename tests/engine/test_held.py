"""Gates held by hand: what is held is held, the rest follows, and up to there nothing changes."""

from typing import Any

import numpy as np
import pytest

from gate_explorer.engine import lstm, toy
from gate_explorer.errors import NonFiniteError, ShapeError

from .builders import DTYPES, Array, arrays_of, assert_close, draw, draw_cell, draw_lstm, draw_state

STEPS, BATCH, WIDTH, HIDDEN = 5, 2, 3, 4


def held(**values: tuple[Any, float]) -> lstm.Held:
    """Everything free, but for each gate's (place, value)."""
    arrays = lstm.Held.nothing((STEPS, HIDDEN))
    for gate, (place, value) in values.items():
        getattr(arrays, gate)[place] = value
    return arrays


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch", [1, BATCH])
def test_held_gates_have_their_values_and_the_equations_hold(
    rng: np.random.Generator, dtype: Any, batch: int
) -> None:
    cell, x = draw_lstm(rng, WIDTH, HIDDEN, dtype), draw(rng, STEPS, batch, WIDTH, dtype=dtype)
    hold = held(f=(2, 0.0), i=((3, [1, 2]), 1.0), g=((slice(None), 0), -0.5), o=((2, 3), 0.25))

    t = lstm.forward(cell, x, draw_state(rng, batch, HIDDEN, dtype), hold)

    assert (t.f[2] == 0).all()
    assert (t.i[3][:, [1, 2]] == 1).all()
    assert (t.g[:, :, 0] == -0.5).all()
    assert (t.o[2][:, 3] == 0.25).all()
    a = x @ cell.weight_ih.T + t.h_prev @ cell.weight_hh.T + cell.bias
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=2)
    free = {name: np.isnan(getattr(hold, name))[:, None].repeat(batch, 1) for name in "ifgo"}
    tolerance = 50 * np.finfo(dtype).eps
    for name, sum_of in (("i", a_i), ("f", a_f), ("o", a_o)):
        expected = 1 / (1 + np.exp(-sum_of))
        assert_close(getattr(t, name)[free[name]], expected[free[name]], tolerance, name)
    assert_close(t.g[free["g"]], np.tanh(a_g)[free["g"]], tolerance)
    assert_close(t.c, t.f * t.c_prev + t.i * t.g, tolerance)
    assert_close(t.h, t.o * np.tanh(t.c), tolerance)
    assert np.array_equal(t.c_prev[1:], t.c[:-1])
    assert {array.dtype for array in arrays_of(t).values()} == {np.dtype(dtype)}


@pytest.mark.parametrize("batch", [1, BATCH])
def test_run_before_the_first_held_step_has_the_bits_of_a_free_run(
    rng: np.random.Generator, batch: int
) -> None:
    cell = draw_lstm(rng, WIDTH, HIDDEN, np.float32)
    x = draw(rng, STEPS, batch, WIDTH, dtype=np.float32)
    free, found = lstm.forward(cell, x), lstm.forward(cell, x, held=held(f=(3, 0.0)))
    for name, array in arrays_of(free).items():
        assert np.array_equal(getattr(found, name)[:3], array[:3]), name
    assert not np.array_equal(found.h[3:], free.h[3:])


def test_run_that_holds_nothing_is_the_free_run(rng: np.random.Generator) -> None:
    cell, x = draw_lstm(rng, WIDTH, HIDDEN), draw(rng, STEPS, 1, WIDTH)
    found = lstm.forward(cell, x, held=lstm.Held.nothing((STEPS, HIDDEN)))
    for name, array in arrays_of(lstm.forward(cell, x)).items():
        assert np.array_equal(getattr(found, name), array), name


def test_gate_held_at_its_own_value_changes_nothing(rng: np.random.Generator) -> None:
    cell = draw_cell(rng, WIDTH, HIDDEN, peephole=True, projection=2)
    x = draw(rng, STEPS, 1, WIDTH)
    free = lstm.forward(cell, x)
    hold = lstm.Held(*(getattr(free, name)[:, 0] for name in "ifgo"))
    found = lstm.forward(cell, x, held=hold)
    for name, array in arrays_of(free).items():
        assert_close(getattr(found, name), array, 1e-12, name)


def test_coupled_forget_gate_follows_a_held_input_gate(rng: np.random.Generator) -> None:
    cell = draw_cell(rng, WIDTH, HIDDEN, options=lstm.LSTMOptions(input_forget=True))
    found = lstm.forward(cell, draw(rng, STEPS, 1, WIDTH), held=held(i=(1, 0.25)))
    assert (found.f[1] == 0.75).all()


def test_rules_with_a_gate_held_follow_the_rest() -> None:
    rows = [[3, 1, 0], [5, 0, 1], [2, 1, 0], [3, 0, 1]]
    hold = lstm.Held.nothing((4, 1))
    hold.f[2], hold.g[0] = 0, 7

    t = toy.run(rows, held=hold)

    assert t.c.tolist() == [7, 7, 2, 2]
    assert t.y.tolist() == [0, 7, 0, 2]
    assert t.f.tolist() == [1, 1, 0, 1]


def test_held_that_doesnt_fit_is_refused(rng: np.random.Generator) -> None:
    cell, x = draw_lstm(rng, WIDTH, HIDDEN), draw(rng, STEPS, 1, WIDTH)
    with pytest.raises(ShapeError, match=r"held.i should have the shape \(5, 4\), or \(5, 1, 4\)"):
        lstm.forward(cell, x, held=lstm.Held.nothing((STEPS, HIDDEN + 1)))
    with pytest.raises(NonFiniteError, match=r"held.f holds an infinite value"):
        lstm.forward(cell, x, held=held(f=(0, np.inf)))


def test_held_steps_are_those_that_hold_anything() -> None:
    assert held(f=(2, 0.0), o=((4, 1), 1.0)).steps.tolist() == [False, False, True, False, True]
    by_batch: Array = lstm.Held(*(a[:, None] for a in held(g=(0, 0.0)))).steps
    assert by_batch.tolist() == [True, False, False, False, False]
