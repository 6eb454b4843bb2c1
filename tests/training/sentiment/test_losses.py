"""Positive against negative, against its definition and central differences."""

import numpy as np
import pytest

from gate_explorer.engine.gradcheck import numerical_gradient
from gate_explorer.training.sentiment.losses import polarity

LOGITS = np.random.default_rng(1).normal(size=(7, 5)) * 3
LABELS = np.array([0, 1, 2, 3, 4, 2, 0], dtype=np.int8)
CERTAIN = np.eye(5)[LABELS]
SOFT = np.random.default_rng(2).dirichlet(np.ones(5), size=7)
WEIGHTS = np.array([1.0, 4, 1, 4, 1, 4, 1])

each_target = pytest.mark.parametrize("wanted", [CERTAIN, SOFT], ids=["certain", "soft"])


@each_target
def test_polarity_gradient_agrees_with_central_differences(wanted: np.ndarray) -> None:
    logits = LOGITS.copy()
    expected = numerical_gradient(lambda: polarity(logits, wanted, WEIGHTS).value, logits)
    np.testing.assert_allclose(polarity(logits, wanted, WEIGHTS).d_logits, expected, atol=1e-8)


@each_target
def test_polarity_huge_logits_stays_finite(wanted: np.ndarray) -> None:
    huge, targets, weights = (a.astype(np.float32) for a in (LOGITS * 1e4, wanted, WEIGHTS))
    found = polarity(huge, targets, weights)
    assert np.isfinite(found.value)
    assert np.isfinite(found.d_logits).all()


def test_polarity_labels_give_the_logistic_loss_of_the_score() -> None:
    """One negative and one positive example, worked out by hand: s = log 3 and log 2."""
    logits = np.log(np.array([[1, 1, 9, 3, 3], [1, 1, 9, 2, 2.0]]))
    found = polarity(logits, np.eye(5)[[1, 4]], np.array([1.0, 3.0]))
    assert found.value == pytest.approx((np.log(4) + 3 * np.log(3 / 2)) / 4)


def test_polarity_neutral_examples_count_nothing() -> None:
    judged = LABELS != 2
    alone = polarity(LOGITS[judged], CERTAIN[judged], WEIGHTS[judged])
    together = polarity(LOGITS, CERTAIN, WEIGHTS)
    assert together.value == pytest.approx(alone.value)
    assert not together.d_logits[~judged].any()


def test_polarity_only_neutral_examples_gives_zero() -> None:
    found = polarity(LOGITS[:2], CERTAIN[[2, 2]], WEIGHTS[:2])
    assert found.value == 0
    assert not found.d_logits.any()
