"""The model's loss and gradients, through embedding, dropout, cell and readout."""

from dataclasses import replace

import numpy as np
import pytest

from gate_explorer.engine.gradcheck import numerical_gradient
from gate_explorer.training.sentiment.model import SentenceStep, SentenceWeights, loss_and_gradients
from gate_explorer.training.sentiment.phrases import Encoded, PhraseBatch, pad
from gate_explorer.training.sentiment.recipe import SentenceRecipe

ROWS, WIDTH = 6, 3
RARE = np.array([False, True, False, False, True, False])
RECIPE = SentenceRecipe(hidden=4, input_dropout=0.4, output_dropout=0.3, rare_to_unknown=0.5)


def batch() -> PhraseBatch:
    def one(rows: list[int], labels: list[int]) -> Encoded:
        asked = np.array(labels) >= 0
        targets = 0.8 * np.eye(5, dtype=np.float32)[labels] + np.float32(0.04)
        weights = np.arange(1.0, 1 + len(rows), dtype=np.float32) * asked
        return Encoded(np.array(rows, np.intp), targets, weights)

    return pad([one([1, 2, 1, 4], [2, -1, 3, 4]), one([5], [0]), one([4, 5, 3], [-1, 1, 2])])


def weights() -> SentenceWeights:
    rng = np.random.default_rng(2)
    start = SentenceWeights.initial(rng.normal(size=(ROWS, WIDTH)).astype(np.float32), 4, rng)
    return SentenceWeights(
        **{name: array.astype(np.float64) for name, array in start.arrays().items()}
    )


def step(at: SentenceWeights, recipe: SentenceRecipe = RECIPE) -> SentenceStep:
    """The same dropout at every call."""
    return loss_and_gradients(at, batch(), recipe, RARE, np.random.default_rng(9))


@pytest.mark.parametrize(
    "name", ["weight_ih", "weight_hh", "bias", "readout_weight", "readout_bias"]
)
def test_gradients_of_dense_weights_agree_with_central_differences(name: str) -> None:
    at = weights()
    expected = numerical_gradient(lambda: step(at).loss, at.arrays()[name])
    np.testing.assert_allclose(step(at).gradients[name], expected, atol=1e-7)


def test_gradients_of_the_embedding_agree_with_central_differences() -> None:
    at = weights()
    expected = numerical_gradient(lambda: step(at).loss, at.embedding)
    found = np.zeros((ROWS, WIDTH))
    taken = step(at)
    found[taken.rows] = taken.d_rows
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_step_padding_touches_no_row() -> None:
    taken = step(weights(), replace(RECIPE, rare_to_unknown=0.0, word_to_unknown=0.0))
    assert taken.rows.tolist() == [1, 2, 3, 4, 5]


def test_step_rare_words_are_read_as_unknown_now_and_then() -> None:
    taken = step(weights(), replace(RECIPE, rare_to_unknown=1.0, word_to_unknown=0.0))
    assert taken.rows.tolist() == [0, 2, 3, 5]


def test_step_any_word_is_read_as_unknown_now_and_then() -> None:
    taken = step(weights(), replace(RECIPE, rare_to_unknown=0.0, word_to_unknown=1.0))
    assert taken.rows.tolist() == [0, 1, 4]


def test_initial_weights_have_a_forget_bias_of_one() -> None:
    start = SentenceWeights.initial(np.zeros((2, 3), np.float32), 4, np.random.default_rng(1))
    assert start.bias.reshape(4, 4).tolist() == [[0] * 4, [1] * 4, [0] * 4, [0] * 4]
    assert np.abs(start.weight_hh).max() <= 0.5
