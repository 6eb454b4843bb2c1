"""Orders of the units: always a permutation, the busiest first, kin beside kin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.analysis.ordering import by_movement, by_similarity

SIZES = st.tuples(st.integers(1, 12), st.integers(1, 20), st.integers(0, 2**32))


@pytest.mark.parametrize("order", [by_movement, by_similarity])
@given(sizes=SIZES)
def test_order_of_any_run_has_every_unit_once(order, sizes) -> None:  # type: ignore[no-untyped-def]
    steps, units, seed = sizes
    values = np.random.default_rng(seed).normal(size=(steps, units)).astype(np.float32)
    assert sorted(order(values).tolist()) == list(range(units))


@pytest.mark.parametrize("order", [by_movement, by_similarity])
def test_order_of_a_run_without_motion_is_finite_and_whole(order) -> None:  # type: ignore[no-untyped-def]
    assert sorted(order(np.zeros((5, 4))).tolist()) == [0, 1, 2, 3]


def test_movement_counts_the_way_and_not_the_end() -> None:
    h = np.array([[0.0, 0.5, 0.1], [0.9, 0.5, 0.1], [0.0, 0.5, 0.1], [0.9, 0.5, 0.1]])
    assert by_movement(h).tolist() == [0, 1, 2]


def test_similarity_puts_units_of_one_course_side_by_side() -> None:
    t = np.linspace(0, 6, 30)
    rng = np.random.default_rng(3)
    courses = (np.sin(t), np.cos(t), -np.sin(t))
    kinds = rng.permutation(np.repeat([0, 1, 2], 5))
    c = np.stack([(0.5 + 2 * rng.random()) * courses[k] + rng.normal() for k in kinds], axis=1)
    found = kinds[by_similarity(c)]
    assert np.count_nonzero(np.diff(found)) == 2, found


def test_similarity_of_a_single_step_goes_by_value() -> None:
    assert by_similarity(np.array([[0.1, -2.0, 3.0]])).tolist() == [2, 0, 1]
