"""Slopes by differences: of functions whose slopes are known."""

import numpy as np
import pytest

from gate_explorer.engine.gradcheck import numerical_gradient
from gate_explorer.errors import ShapeError


def test_slopes_of_a_known_function_are_found_and_the_array_is_put_back() -> None:
    at = np.array([[0.3, -1.2], [2.0, 0.0]])
    before = at.copy()
    slopes = numerical_gradient(lambda: float((at**3).sum() + at[0, 0] * at[1, 0]), at)
    expected = 3 * before**2
    expected[0, 0] += before[1, 0]
    expected[1, 0] += before[0, 0]
    np.testing.assert_allclose(slopes, expected, atol=1e-8)
    assert np.array_equal(at, before)


def test_single_precision_is_refused() -> None:
    with pytest.raises(ShapeError, match="float64"):
        numerical_gradient(lambda: 0.0, np.zeros(2, np.float32))
