"""What units are missed by: bits and shares, worked out by hand."""

import numpy as np
import pytest

from gate_explorer.training.measures import bits, either


def test_bits_are_those_of_what_came_where_it_counts() -> None:
    z = np.log(np.array([[[1, 1, 2]], [[8, 4, 4]], [[1, 1, 1]]], float))
    right = np.array([[2], [0], [1]])
    where = np.array([[True], [True], [False]])
    assert bits(z, right, where) == pytest.approx(1.0)


def test_either_asks_for_the_right_of_two_at_one_step_of_each_sequence() -> None:
    z = np.zeros((2, 2, 3))
    z[1, 0], z[0, 1] = [np.log(3), 0, 9], [0, 9, np.log(3)]
    in_bits, share = either("T from P", np.array([1, 0]), np.array([0, 0]), np.array([1, 2]))
    assert share.figure(z) == 0.5
    assert share.more
    assert in_bits.figure(z) == pytest.approx((-np.log2(3 / 4) - np.log2(1 / 4)) / 2)
