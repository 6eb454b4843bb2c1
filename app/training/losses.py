"""Losses on logits, each with its gradient, averaged over the summed weights of the examples.

Source: the cross-entropy of a softmax and of a logistic unit (Goodfellow, Bengio & Courville
2016, section 6.2.2).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import sigmoid
from app.engine.checks import Array
from app.training.treebank import NEUTRAL
from app.zoo.sentiment_network import binary_score, log_softmax

Ints = NDArray[np.integer]


@dataclass(frozen=True)
class Loss:
    """A loss (in nats, where it is of logits) and its gradient, d_logits (M, K)."""

    value: float
    d_logits: Array


def cross_entropy(logits: Array, labels: Ints, weights: Array) -> Loss:
    """Cross-entropy: -sum_m w_m log softmax(z_m)[label_m] / sum_m w_m.

    Shapes: logits (M, K); labels (M,) 0 to K - 1; weights (M,) above 0.
    """
    rows = np.arange(len(labels))
    log_p = log_softmax(logits)
    share = weights / weights.sum()
    d_logits = np.exp(log_p)
    d_logits[rows, labels] -= 1
    d_logits *= share[:, None]
    return Loss(float(-(share * log_p[rows, labels]).sum()), d_logits)


def polarity(logits: Array, labels: Ints, weights: Array) -> Loss:
    """Logistic loss on s = logsumexp(z3, z4) - logsumexp(z0, z1); neutral examples count nothing.

    loss = sum_m w_m softplus(-y_m s_m) / sum_m w_m with y = +1 for labels 3, 4 and -1 for 0, 1,
    the sums over examples that are not neutral. Shapes as in `cross_entropy`.
    """
    signed = np.sign(labels - NEUTRAL).astype(logits.dtype)
    share = weights * (signed != 0)
    share = share / max(float(share.sum()), np.finfo(logits.dtype).tiny)
    score = binary_score(logits)
    value = float((share * np.logaddexp(0, -signed * score)).sum())
    d_score = -share * signed * sigmoid(-signed * score)
    positive = np.exp(log_softmax(logits[:, 3:]))
    negative = np.exp(log_softmax(logits[:, :2]))
    d_logits = np.zeros_like(logits)
    d_logits[:, 3:] = d_score[:, None] * positive
    d_logits[:, :2] = -d_score[:, None] * negative
    return Loss(value, d_logits)


def squared_error(values: Array, targets: Array) -> Loss:
    """Half the mean squared error: sum_m (z_m - target_m)^2 / 2M. Shapes: both (M,)."""
    error = values - targets
    return Loss(float((error * error).mean() / 2), (error / len(error))[:, None])
