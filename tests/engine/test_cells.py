"""What an LSTM is made of: sizes follow from the weights, and what doesn't fit is named."""

from typing import Any

import numpy as np
import pytest

from gate_explorer.engine.cells import (
    Held,
    LSTMParameters,
    LSTMState,
    hold,
    on_lines,
    sum_of_biases,
)
from gate_explorer.errors import ShapeError

from .builders import draw_cell


def test_sizes_follow_from_the_weights() -> None:
    cell = draw_cell(np.random.default_rng(1), 3, 4, projection=2, dtype=np.float32)
    assert (cell.input_size, cell.hidden_size, cell.output_size) == (3, 4, 2)
    assert cell.dtype == np.float32


@pytest.mark.parametrize(
    ("shapes", "named"),
    [
        (((8, 3), (8, 3), (8,)), r"weight_hh should have the shape \(4H, H\)"),
        (((8, 3), (7, 2), (8,)), r"weight_hh should have the shape \(4H, H\)"),
        (((4, 3), (8, 2), (8,)), r"weight_ih should have the shape \(8, D\)"),
        (((8, 3), (8, 2), (4,)), r"bias should have the shape \(8,\)"),
    ],
)
def test_weights_that_do_not_fit_are_named(shapes: Any, named: str) -> None:
    with pytest.raises(ShapeError, match=named):
        LSTMParameters(*(np.zeros(shape) for shape in shapes))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_biases_are_added_and_remembered_where_there_is_not_just_one(count: int) -> None:
    weight_hh = np.zeros((8, 2))
    parts = [np.arange(8.0) + k for k in range(count)]
    total, kept = sum_of_biases(parts, weight_hh)
    np.testing.assert_array_equal(total, sum(parts, np.zeros(8)))
    assert (kept is None) == (count == 1)


def test_three_biases_are_refused() -> None:
    with pytest.raises(ShapeError, match="3 came"):
        sum_of_biases([np.zeros(8)] * 3, np.zeros((8, 2)))


def test_state_before_anything_was_read_is_zero() -> None:
    state = LSTMState.zeros(2, 4, np.float64, output_size=3)
    assert (state.h.shape, state.c.shape) == ((2, 3), (2, 4))
    assert state.h.dtype == state.c.dtype == np.float64
    assert not np.concatenate([state.h, state.c], axis=1).any()


def test_held_names_the_steps_that_hold_anything() -> None:
    held = Held.nothing((3, 2))
    assert held.steps.tolist() == [False] * 3
    held.f[1, 0] = 0.0
    assert held.steps.tolist() == [False, True, False]
    assert np.isnan(held.at(0).f).all()


def test_hold_leaves_what_is_free_and_its_precision() -> None:
    held = Held.nothing((2,))
    held.i[1] = 0.25
    gate = np.array([0.5, 0.5], np.float32)
    assert hold(gate, held, "i").tolist() == [0.5, 0.25]
    assert hold(gate, held, "i").dtype == np.float32
    assert hold(gate, None, "i") is gate


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_memory_begins_on_a_line_of_the_cache(dtype: Any) -> None:
    for size in (1, 7, 64):
        array = on_lines((size, 3), np.dtype(dtype))
        assert array.ctypes.data % 64 == 0
        assert array.shape == (size, 3)
        assert not array.any()
