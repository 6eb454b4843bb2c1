"""From trained weights to the network that is kept.

Rows that training never read move as their neighbours did (`shift`); the row of the unknown word
is settled, so that it says nothing; the embedding takes a byte a number.

Settled: with the rest of the weights as they are, the row x of `<unk>` is moved by Adam to make
    mean_n |z(h_n, c_n; x) - z(h_n, c_n)|^2  +  mean_k of the cross-entropy of z_k with TARGET
small: z(h, c; x), centred, are the logits one step after the state (h, c) of a text that training
read, cut at random, and z_k those after k = 1 to ALONE unknown words and nothing else. So an
unknown word leaves the verdict where it was, and is neutral where it stands alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters, LSTMState, backward, forward
from gate_explorer.training.adam import Moments, update
from gate_explorer.training.losses import soft_cross_entropy
from gate_explorer.training.sentiment.corpus import TreebankCorpus
from gate_explorer.training.sentiment.made_everyday import TONES
from gate_explorer.training.sentiment.model import SentenceWeights
from gate_explorer.training.sentiment.phrases import Encoded
from gate_explorer.zoo.sentiment_network import SentimentNetwork

TEXTS = 1500  # of everyday texts, and of all others
CUT = 0.3  # share of them that are cut
UPDATES = 200
RATE = 0.02
ALONE = 8
TARGET = np.array(TONES["plain"][1], np.float32)


def finished(weights: SentenceWeights, corpus: TreebankCorpus) -> SentimentNetwork:
    """The network of trained weights, as it is kept."""
    chosen = [*_some(corpus.everyday), *_some(corpus.train)]
    embedding = weights.embedding.copy()
    embedding[0] = settled(weights, chosen)
    moved = corpus.moved(weights.embedding)
    return replace(weights, embedding=embedding).network(corpus.vocabulary, moved)


def _some(texts: Sequence[Encoded]) -> list[Encoded]:
    order = np.random.default_rng(0).permutation(len(texts))[:TEXTS]
    return [texts[index] for index in order]


@dataclass(frozen=True)
class _Readout:
    """The cell and what is read off it, while the row moves. Shapes: weight (5, H), bias (5,)."""

    cell: LSTMParameters
    weight: Array
    bias: Array

    def logits(self, h: Array) -> Array:
        result: Array = h @ self.weight.T + self.bias
        return result


def settled(weights: SentenceWeights, texts: Sequence[Encoded]) -> Array:
    """The row of `<unk>`, (D,), that leaves what was read of the texts as it was."""
    network = _Readout(weights.cell(), weights.readout_weight, weights.readout_bias)
    states = _states(weights, network.cell, texts)
    row: Array = weights.embedding[0].copy()
    moments = Moments.zeros_like(row)
    for count in range(1, UPDATES + 1):
        gradient = _after_texts(network, states, row) + _alone(network, row)
        update(row, moments, gradient, RATE, count)
    return row


def _states(weights: SentenceWeights, cell: LSTMParameters, texts: Sequence[Encoded]) -> LSTMState:
    """The state after each text, some of them cut. Shapes: (N, H)."""
    rng = np.random.default_rng(0)
    ends = []
    for text in texts:
        steps = len(text.rows)
        stop = int(rng.integers(1, steps + 1)) if rng.random() < CUT else steps
        trace = forward(cell, weights.embedding[text.rows[:stop], None])
        ends.append((trace.h[-1, 0], trace.c[-1, 0]))
    h, c = zip(*ends, strict=True)
    return LSTMState(np.stack(h), np.stack(c))


def _after_texts(network: _Readout, states: LSTMState, row: Array) -> Array:
    """The gradient of how far one step with the row moves the logits."""
    x = np.repeat(row[None, None], len(states.h), axis=1)
    trace = forward(network.cell, x, states)
    moved = network.logits(trace.h[0]) - network.logits(states.h)
    moved -= moved.mean(axis=1, keepdims=True)
    d_h: Array = (2 / len(moved)) * moved @ network.weight
    d_row: Array = backward(network.cell, trace, d_h[None]).d_x.sum(axis=(0, 1))
    return d_row


def _alone(network: _Readout, row: Array) -> Array:
    """The gradient of the loss of a text of nothing but unknown words."""
    trace = forward(network.cell, np.repeat(row[None, None], ALONE, axis=0))
    targets = np.repeat(TARGET[None], ALONE, axis=0)
    loss = soft_cross_entropy(network.logits(trace.h[:, 0]), targets, np.ones(ALONE, np.float32))
    d_h = (loss.d_logits @ network.weight)[:, None]
    d_row: Array = backward(network.cell, trace, d_h).d_x.sum(axis=(0, 1))
    return d_row
