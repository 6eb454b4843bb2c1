"""Losses on logits, each with its gradient, averaged over the summed weights of the examples.

Source: the cross-entropy of a softmax and of a logistic unit (Goodfellow, Bengio & Courville
2016, section 6.2.2).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.checks import Array
from gate_explorer.zoo.sentiment_network import log_softmax

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


def soft_cross_entropy(logits: Array, targets: Array, weights: Array) -> Loss:
    """Cross-entropy with a distribution: -sum_m w_m sum_k q_mk log softmax(z_m)[k] / sum_m w_m.

    Where a row of q is 1 at a label and 0 elsewhere, it is `cross_entropy`.
    Shapes: logits (M, K); targets q (M, K), rows in [0, 1] with sum 1; weights (M,) above 0.
    """
    log_p = log_softmax(logits)
    share = (weights / weights.sum())[:, None]
    return Loss(float(-(share * targets * log_p).sum()), share * (np.exp(log_p) - targets))


def squared_error(values: Array, targets: Array) -> Loss:
    """Half the mean squared error: sum_m (z_m - target_m)^2 / 2M. Shapes: both (M,)."""
    error = values - targets
    return Loss(float((error * error).mean() / 2), (error / len(error))[:, None])
