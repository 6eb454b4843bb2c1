"""How closely a unit follows a quantity: Pearson's r, against NumPy's own."""

import numpy as np

from gate_explorer.training.correlation import correlation_with


def test_correlation_is_pearsons_of_every_unit() -> None:
    rng = np.random.default_rng(3)
    c, score = rng.normal(size=(50, 4)), rng.normal(size=50)
    expected = [np.corrcoef(c[:, unit], score)[0, 1] for unit in range(4)]
    np.testing.assert_allclose(correlation_with(c, score), expected)


def test_correlation_of_what_follows_exactly_is_one_whatever_the_scale() -> None:
    score = np.array([0.0, 1, 4, 2])
    np.testing.assert_allclose(
        correlation_with(np.stack([3 * score + 1, -score], 1), score), [1, -1]
    )
