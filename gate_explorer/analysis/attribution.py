"""How much each word moved the final verdict, by two ways of asking, each with its limits.

left out:          p(all words) - p(all but word k), p the share of positive. It asks what would
                   be read without the word; words that lean on each other are told apart badly.
gradient x input:  sum_d x_kd * ds/dx_kd, s the log odds of positive. It asks how the verdict
                   would react to a small change of the word's vector; where gates saturate it
                   says little.
References: Li, Monroe & Jurafsky 2016, Understanding neural networks through representation
erasure; Denil, Demiraj & de Freitas 2014, Extraction of salient sentences (gradient times input).
"""

from dataclasses import dataclass

import numpy as np

from gate_explorer.engine.activations import sigmoid
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import backward, forward
from gate_explorer.runs.run import Run
from gate_explorer.zoo.sentiment_network import SentimentNetwork

MOST_WORDS = 64


@dataclass(frozen=True, slots=True)
class Effect:
    """One word's effect: in the share of positive (-1 to 1), and in log odds (nats)."""

    left_out: float
    gradient_times_input: float


def effects(network: SentimentNetwork, run: Run) -> list[Effect]:
    """Every word's effect on the verdict after the last one; none for a text of one word.

    The run must have started from nothing. The work grows with the square of the words: callers
    ask for no more than MOST_WORDS.
    """
    if len(run) < 2:
        return []
    without = sigmoid(network.score(_leaving_out(network, run.x)))
    whole = sigmoid(network.score(run.layer.h[-1]))
    pulls = _gradient_times_input(network, run.x)
    return [
        Effect(float(whole - each), float(pull)) for each, pull in zip(without, pulls, strict=True)
    ]


def _leaving_out(network: SentimentNetwork, x: Array) -> Array:
    """The final hidden state without each word in turn: (T, H), as one batch of T texts."""
    steps = len(x)
    kept = [[k for k in range(steps) if k != left] for left in range(steps)]
    last: Array = forward(network.cell, x[np.array(kept).T]).h[-1]
    return last


def _gradient_times_input(network: SentimentNetwork, x: Array) -> Array:
    trace = forward(network.cell, x[:, None])
    d_h = np.zeros_like(trace.h)
    d_h[-1, 0] = _score_slope(network, trace.h[-1, 0])
    products: Array = (backward(network.cell, trace, d_h).d_x[:, 0] * x).sum(axis=1)
    return products


def _score_slope(network: SentimentNetwork, h: Array) -> Array:
    """ds/dh of s = logsumexp(z3, z4) - logsumexp(z0, z1), z = W h + b: (H,)."""
    p = network.predict(h)
    slope = np.zeros_like(p)
    slope[3:], slope[:2] = p[3:] / p[3:].sum(), -p[:2] / p[:2].sum()
    result: Array = slope @ network.readout_weight
    return result
