"""The treebank's two measures, worked out by hand, and padding that never counts."""

import numpy as np
import pytest

from gate_explorer.training.sentiment.evaluation import every_logits, figures
from gate_explorer.zoo.registry import ZOO
from gate_explorer.zoo.sentiment_network import SentimentNetwork


def test_figures_are_the_shares_that_are_right_and_the_mean_losses() -> None:
    """Four sentences: one very positive and right, one negative and wrong, two neutral."""
    logits = np.log(
        np.array([[1, 1, 1, 3, 4], [1, 1, 4, 3, 1], [1, 1, 6, 1, 1], [4, 3, 1, 1, 1.0]])
    )
    found = figures(logits, [4, 1, 2, 2])
    assert (found.sentences, found.not_neutral) == (4, 2)
    assert found.binary == 0.5
    assert found.five_classes == 0.5
    # log odds: log 7/2 for the first, log 4/2 for the second, which is negative.
    assert found.binary_loss == pytest.approx((np.log1p(2 / 7) + np.log1p(4 / 2)) / 2)
    assert found.five_class_loss == pytest.approx(-np.log([0.4, 0.1, 0.6, 0.1]).mean())


def test_better_binary_accuracy_ranks_first_then_the_smaller_loss() -> None:
    right = figures(np.log(np.array([[1, 1, 1, 3, 4.0]])), [4])
    surer = figures(np.log(np.array([[1, 1, 1, 3, 9.0]])), [4])
    wrong = figures(np.log(np.array([[4, 3, 1, 1, 1.0]])), [4])
    assert surer.rank > right.rank > wrong.rank


def test_logits_of_texts_side_by_side_are_those_of_each_alone() -> None:
    network = SentimentNetwork.load(ZOO / "sentiment")
    texts = [["a", "good", "film"], ["bad"], ["it", "is", "not", "bad", "at", "all"]]
    rows = [np.array(network.vocabulary.rows(keys), np.intp) for keys in texts]
    for found, keys in zip(every_logits(network, rows), texts, strict=True):
        np.testing.assert_allclose(found, network.read(keys), rtol=2e-4, atol=2e-5)
