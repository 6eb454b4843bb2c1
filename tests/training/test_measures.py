"""What several tasks measure, and how it is said."""

import numpy as np
import pytest

from gate_explorer.training.measures import bits, either, listed, spans


@pytest.mark.parametrize(
    ("holds", "words"),
    [([1, 1, 1], "1 to 3"), ([1, 0, 1, 1], "1 and 3 to 4"), ([0, 0], "none"), ([0, 1], "2"),
     ([1, 0, 1, 0, 1], "1, 3 and 5")],
)  # fmt: skip
def test_spans_are_the_ranges_for_which_something_holds(holds: list[int], words: str) -> None:
    assert spans(np.array(holds, bool)) == words


@pytest.mark.parametrize(
    ("parts", "words"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (list("abc"), "a, b and c")],
)
def test_listed_joins_as_a_person_would(parts: list[str], words: str) -> None:
    assert listed(parts) == words


def test_bits_are_minus_log_2_of_what_came_where_it_counts() -> None:
    z = np.log(np.array([[[0.25, 0.75], [0.5, 0.5]]]))
    right, where = np.array([[0, 1]]), np.array([[True, False]])
    assert bits(z, right, where) == pytest.approx(2)
    assert bits(z, right, np.array([[True, True]])) == pytest.approx(1.5)


def test_either_measures_the_right_one_against_the_wrong_one() -> None:
    z = np.array([[[2.0, 0.0, 9.0], [0.0, 2.0, 9.0]]])
    in_bits, share = either("this", np.array([0, 0]), np.array([0, 0]), np.array([1, 1]))
    odds = np.log2(1 + np.exp([-2, 2]))
    assert in_bits.figure(z) == pytest.approx(odds.mean())
    assert share.figure(z) == 0.5
    assert (in_bits.more, share.more) == (False, True)
