"""Rows that training never read go where their trained neighbours went."""

import numpy as np

from gate_explorer.training.sentiment.shift import Neighbourhood

START = np.array([[1, 0], [0, 1], [-1, 0], [0.99, 0.05], [0.1, 2.0]], np.float32)


def moved(trained: list[list[float]], leading: list[int]) -> list[list[float]]:
    rows = np.array(trained, np.float32)
    found = Neighbourhood.of(START, 3, np.array(leading, np.intp)).moved(START, rows)
    result: list[list[float]] = (found - START[3:]).tolist()
    return result


def test_moved_row_goes_with_the_nearest_trained_one() -> None:
    moves = moved([[1, 5], [0, 1], [-1, 0]], [0, 1, 2])
    np.testing.assert_allclose(moves, [[0, 5], [0, 0]], atol=0.01)


def test_moved_rows_stay_where_training_moved_nothing() -> None:
    assert moved(START[:3].tolist(), [0, 1, 2]) == [[0, 0], [0, 0]]


def test_moved_row_follows_leading_words_alone() -> None:
    moves = moved([[1, 5], [7, 1], [-1, 0]], [1, 2])
    assert abs(moves[0][1]) < 1e-3
    assert moves[1][0] > 6.9


def test_moved_vocabulary_that_is_all_trained_gives_no_row() -> None:
    found = Neighbourhood.of(START, 5, np.arange(5)).moved(START, START)
    assert found.shape == (0, 2)
