"""Losses against their definition and central differences."""

import numpy as np
import pytest

from app.engine.gradcheck import numerical_gradient
from app.training.losses import Loss, cross_entropy, polarity

LOGITS = np.random.default_rng(1).normal(size=(7, 5)) * 3
LABELS = np.array([0, 1, 2, 3, 4, 2, 0], dtype=np.int8)
WEIGHTS = np.array([1.0, 4, 1, 4, 1, 4, 1])


@pytest.mark.parametrize("loss", [cross_entropy, polarity])
def test_loss_gradient_agrees_with_central_differences(loss) -> None:  # type: ignore[no-untyped-def]
    logits = LOGITS.copy()
    expected = numerical_gradient(lambda: loss(logits, LABELS, WEIGHTS).value, logits)
    np.testing.assert_allclose(loss(logits, LABELS, WEIGHTS).d_logits, expected, atol=1e-8)


def test_cross_entropy_equal_logits_gives_the_logarithm_of_five() -> None:
    assert cross_entropy(np.zeros((3, 5)), LABELS[:3], WEIGHTS[:3]).value == pytest.approx(
        np.log(5)
    )


def test_cross_entropy_weights_decide_the_shares() -> None:
    heavy = np.array([1.0, 3.0])
    one, two = (
        cross_entropy(LOGITS[k : k + 1], LABELS[k : k + 1], heavy[:1]).value for k in (0, 1)
    )
    assert cross_entropy(LOGITS[:2], LABELS[:2], heavy).value == pytest.approx((one + 3 * two) / 4)


def test_polarity_neutral_examples_count_nothing() -> None:
    judged = LABELS != 2
    alone = polarity(LOGITS[judged], LABELS[judged], WEIGHTS[judged])
    together = polarity(LOGITS, LABELS, WEIGHTS)
    assert together.value == pytest.approx(alone.value)
    assert not together.d_logits[~judged].any()


def test_polarity_only_neutral_examples_gives_zero() -> None:
    found = polarity(LOGITS[:2], np.array([2, 2], dtype=np.int8), WEIGHTS[:2])
    assert found.value == 0
    assert not found.d_logits.any()


@pytest.mark.parametrize("loss", [cross_entropy, polarity])
def test_loss_huge_logits_stays_finite(loss) -> None:  # type: ignore[no-untyped-def]
    found: Loss = loss(np.float32(LOGITS * 1e4), LABELS, np.float32(WEIGHTS))
    assert np.isfinite(found.value)
    assert np.isfinite(found.d_logits).all()
