"""The optimiser against its definition, and the helpers around it."""

import numpy as np
import pytest

from gate_explorer.training.adam import (
    Moments,
    clip,
    learning_rate,
    summed_rows,
    update,
    update_rows,
)

RNG = np.random.default_rng(5)


def test_update_follows_the_published_algorithm() -> None:
    weight = RNG.normal(size=(3, 2))
    expected, m, v = weight.copy(), np.zeros((3, 2)), np.zeros((3, 2))
    moments = Moments.zeros_like(weight)
    for k in range(1, 6):
        d = RNG.normal(size=(3, 2))
        m, v = 0.9 * m + 0.1 * d, 0.999 * v + 0.001 * d**2
        expected -= 0.01 * (m / (1 - 0.9**k)) / (np.sqrt(v / (1 - 0.999**k)) + 1e-8)
        update(weight, moments, d, 0.01, k)
    np.testing.assert_allclose(weight, expected, rtol=1e-12)


def test_update_rows_all_rows_equals_the_dense_update() -> None:
    table, dense = (np.arange(8.0).reshape(4, 2) for _ in range(2))
    sparse_moments, dense_moments = Moments.zeros_like(table), Moments.zeros_like(dense)
    for k in range(1, 4):
        d = RNG.normal(size=(4, 2))
        update_rows(table, sparse_moments, np.arange(4), d, 0.1, k)
        update(dense, dense_moments, d, 0.1, k)
    np.testing.assert_array_equal(table, dense)


def test_update_rows_other_rows_and_their_moments_stay() -> None:
    table = np.ones((4, 2))
    moments = Moments.zeros_like(table)
    update_rows(table, moments, np.array([1]), np.ones((1, 2)), 0.1, 1)
    assert (table[[0, 2, 3]] == 1).all()
    assert (table[1] < 1).all()
    assert not moments.m[[0, 2, 3]].any()


def test_clip_long_gradients_are_scaled_together() -> None:
    first, second = np.array([3.0, 0.0]), np.array([[4.0]])
    assert clip([first, second], 1.0) == pytest.approx(5)
    np.testing.assert_allclose(first, [0.6, 0])
    np.testing.assert_allclose(second, [[0.8]])


def test_clip_short_gradients_stay() -> None:
    gradient = np.array([0.3, 0.4])
    clip([gradient], 1.0)
    assert gradient.tolist() == [0.3, 0.4]


def test_learning_rate_rises_then_falls_to_the_floor() -> None:
    course = [learning_rate(2.0, step, 1000, 100, 0.05) for step in range(1000)]
    assert np.argmax(course) == 100
    assert max(course) == 2.0
    assert min(course) > 0
    assert course[-1] == pytest.approx(0.1, rel=0.03)
    assert learning_rate(2.0, 0, 50, 100, 0.05) > 0


def test_summed_rows_agrees_with_adding_one_by_one() -> None:
    rows = RNG.integers(0, 6, size=40)
    d_x = RNG.normal(size=(40, 3))
    expected = np.zeros((6, 3))
    np.add.at(expected, rows, d_x)
    found, sums = summed_rows(rows, d_x)
    assert found.tolist() == sorted(set(rows.tolist()))
    np.testing.assert_allclose(sums, expected[found], rtol=1e-12)
