"""Losses against their definition and central differences."""

import numpy as np
import pytest

from gate_explorer.engine.gradcheck import numerical_gradient
from gate_explorer.training.losses import Loss, cross_entropy, soft_cross_entropy, squared_error

LOGITS = np.random.default_rng(1).normal(size=(7, 5)) * 3
LABELS = np.array([0, 1, 2, 3, 4, 2, 0], dtype=np.int8)
CERTAIN = np.eye(5)[LABELS]
SOFT = np.random.default_rng(2).dirichlet(np.ones(5), size=7)
WEIGHTS = np.array([1.0, 4, 1, 4, 1, 4, 1])

ALL = pytest.mark.parametrize(
    ("loss", "wanted"),
    [
        (cross_entropy, LABELS),
        (soft_cross_entropy, CERTAIN),
        (soft_cross_entropy, SOFT),
    ],
)


@ALL
def test_loss_gradient_agrees_with_central_differences(loss, wanted) -> None:  # type: ignore[no-untyped-def]
    logits = LOGITS.copy()
    expected = numerical_gradient(lambda: loss(logits, wanted, WEIGHTS).value, logits)
    np.testing.assert_allclose(loss(logits, wanted, WEIGHTS).d_logits, expected, atol=1e-8)


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


def test_soft_cross_entropy_certain_targets_give_that_of_the_labels() -> None:
    soft, plain = (
        soft_cross_entropy(LOGITS, CERTAIN, WEIGHTS),
        cross_entropy(LOGITS, LABELS, WEIGHTS),
    )
    assert soft.value == pytest.approx(plain.value)
    np.testing.assert_allclose(soft.d_logits, plain.d_logits, atol=1e-12)


def test_soft_cross_entropy_is_least_where_the_targets_are_met() -> None:
    met = soft_cross_entropy(np.log(SOFT), SOFT, WEIGHTS)
    np.testing.assert_allclose(met.d_logits, 0, atol=1e-12)
    assert met.value < soft_cross_entropy(np.log(SOFT) + LOGITS / 100, SOFT, WEIGHTS).value


def test_squared_error_is_half_the_mean_and_its_gradient_the_error() -> None:
    values, wanted = np.array([1.0, 2.0, 4.0]), np.array([1.0, 0.0, 1.0])
    found = squared_error(values, wanted)
    assert found.value == pytest.approx((0 + 4 + 9) / 6)
    np.testing.assert_allclose(found.d_logits[:, 0], [0, 2 / 3, 1])


@ALL
def test_loss_huge_logits_stays_finite(loss, wanted) -> None:  # type: ignore[no-untyped-def]
    targets = wanted if loss is cross_entropy else np.float32(wanted)
    found: Loss = loss(np.float32(LOGITS * 1e4), targets, np.float32(WEIGHTS))
    assert np.isfinite(found.value)
    assert np.isfinite(found.d_logits).all()
