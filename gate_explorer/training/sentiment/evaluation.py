"""How well a sentence model does on a split, by the treebank's two measures.

Binary: the sign of the score at the last word, over the sentences that are not neutral.
Five classes: the most probable label at the last word, over all sentences.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import forward
from gate_explorer.training.sentiment.phrases import in_batches, sentence_keys
from gate_explorer.training.sentiment.treebank import NEUTRAL, Sentence
from gate_explorer.zoo.sentiment_network import SentimentNetwork, binary_score, log_softmax

_BATCH = 128


@dataclass(frozen=True)
class Figures:
    """Accuracies in [0, 1] and the mean losses in nats, over `sentences` and `not_neutral`."""

    sentences: int
    not_neutral: int
    binary: float
    five_classes: float
    binary_loss: float
    five_class_loss: float

    @property
    def rank(self) -> tuple[float, float]:
        """What a better model has more of: binary accuracy, then a small binary loss."""
        return self.binary, -self.binary_loss


def evaluate(network: SentimentNetwork, sentences: Sequence[Sentence]) -> Figures:
    """Measure a network on labelled sentences."""
    logits = final_logits(network, [sentence_keys(sentence) for sentence in sentences])
    return figures(logits, [sentence.label for sentence in sentences])


def figures(logits: Array, given: Sequence[int]) -> Figures:
    """Measure logits (N, 5) against the labels that were given."""
    labels = np.array(given)
    signed = np.sign(labels - NEUTRAL)
    judged = signed != 0
    scores = binary_score(logits)
    chosen = -log_softmax(logits)[np.arange(len(labels)), labels]
    return Figures(
        sentences=len(labels),
        not_neutral=int(judged.sum()),
        binary=float(((scores > 0) == (signed > 0))[judged].mean()),
        five_classes=float((logits.argmax(axis=1) == labels).mean()),
        binary_loss=float(np.logaddexp(0, -signed * scores)[judged].mean()),
        five_class_loss=float(chosen.mean()),
    )


def final_logits(network: SentimentNetwork, texts: Sequence[Sequence[str]]) -> Array:
    """The logits after the last word of each sequence of keys: (N, 5)."""
    rows = [np.array(network.vocabulary.rows(keys), np.intp) for keys in texts]
    return np.stack([logits[-1] for logits in every_logits(network, rows)])


def every_logits(network: SentimentNetwork, texts: Sequence[NDArray[np.intp]]) -> list[Array]:
    """The logits (T, 5) after every word of each text, given as rows (T,) of the embedding."""
    result: list[Array] = [np.empty(0)] * len(texts)
    lengths = np.array([len(rows) for rows in texts])
    by_length = np.argsort(lengths, kind="stable")
    for part in in_batches(len(texts), _BATCH):
        chosen = by_length[part]
        padded = np.zeros((lengths[chosen].max(), len(chosen)), np.intp)
        for column, index in enumerate(chosen):
            padded[: lengths[index], column] = texts[index]
        trace = forward(network.cell, network.embedding.rows(padded))
        logits = network.logits(trace.h)
        for column, index in enumerate(chosen):
            result[index] = logits[: lengths[index], column]
    return result
