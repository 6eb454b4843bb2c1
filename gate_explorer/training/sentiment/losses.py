"""The sentence model's own loss: positive against negative, beside the five classes."""

import numpy as np

from gate_explorer.engine.activations import sigmoid
from gate_explorer.engine.checks import Array
from gate_explorer.training.losses import Loss
from gate_explorer.training.sentiment.treebank import NEUTRAL
from gate_explorer.zoo.sentiment_network import binary_score, log_softmax


def polarity(logits: Array, targets: Array, weights: Array) -> Loss:
    """Logistic loss on s = logsumexp(z3, z4) - logsumexp(z0, z1); what is neutral counts nothing.

    With n_m = q_m2 and t_m = (q_m3 + q_m4) / (1 - n_m), the positive share of what isn't neutral,
    loss = sum_m w_m (1 - n_m) (softplus(s_m) - t_m s_m) / sum_m w_m (1 - n_m).
    Shapes as in `soft_cross_entropy`, with K = 5 labels.
    """
    smallest = np.finfo(logits.dtype).tiny
    judged = 1 - targets[:, NEUTRAL]
    positive = targets[:, NEUTRAL + 1 :].sum(axis=1) / np.maximum(judged, smallest)
    share = weights * judged
    share = share / max(float(share.sum()), smallest)
    score = binary_score(logits)
    value = float((share * (np.logaddexp(0, score) - positive * score)).sum())
    d_score = (share * (sigmoid(score) - positive))[:, None]
    d_logits = np.zeros_like(logits)
    d_logits[:, 3:] = d_score * np.exp(log_softmax(logits[:, 3:]))
    d_logits[:, :2] = -d_score * np.exp(log_softmax(logits[:, :2]))
    return Loss(value, d_logits)
