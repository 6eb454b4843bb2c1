"""What the model reads while training: phrases, a label after every word that completes one.

A phrase that begins a longer phrase is not read on its own: the longer one passes through it, and
its label is asked for there. So one left-to-right reading trains the prediction after every word.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gate_explorer.training.sentiment.treebank import Sentence
from gate_explorer.zoo.sentiment_network import LABELS
from gate_explorer.zoo.tokenizer import key_of
from gate_explorer.zoo.vocabulary import Vocabulary

NO_LABEL = -1

Keys = tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """One sequence to read: keys, and after each key its label or NO_LABEL, and a loss weight."""

    keys: Keys
    labels: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Encoded:
    """A reading with its words as rows of the embedding, and after each word what is asked for.

    rows (T,); targets (T, 5), how likely each label is to be; weights (T,), of the losses there:
    0 where nothing is asked.
    """

    rows: NDArray[np.intp]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class PhraseBatch:
    """Readings side by side, padded at the end with row 0 and weight 0.

    Shapes: rows, weights (T, N); targets (T, N, 5); lengths (N,).
    """

    rows: NDArray[np.intp]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32]
    lengths: NDArray[np.intp]


def sentence_keys(sentence: Sentence) -> Keys:
    """The words of a sentence as they are looked up."""
    return tuple(key_of(word) for word in sentence.words)


def readings(sentences: Sequence[Sentence], sentence_weight: float) -> tuple[Reading, ...]:
    """The unique phrases that begin no longer phrase, in alphabetical order.

    A label that closes a whole sentence weighs `sentence_weight`, any other 1.
    """
    labels: dict[Keys, int] = {}
    whole: set[Keys] = set()
    for sentence in sentences:
        keys = sentence_keys(sentence)
        whole.add(keys)
        for phrase in sentence.phrases:
            labels[keys[phrase.start : phrase.stop]] = phrase.label
    ordered = sorted(labels)
    followers = [*ordered[1:], ()]
    return tuple(
        _reading(keys, labels, whole, sentence_weight)
        for keys, following in zip(ordered, followers, strict=True)
        if following[: len(keys)] != keys
    )


def _reading(keys: Keys, labels: dict[Keys, int], whole: set[Keys], weight: float) -> Reading:
    prefixes = [keys[:stop] for stop in range(1, len(keys) + 1)]
    return Reading(
        keys,
        tuple(labels.get(prefix, NO_LABEL) for prefix in prefixes),
        tuple(weight if prefix in whole else 1.0 for prefix in prefixes),
    )


def encode(reading: Reading, vocabulary: Vocabulary) -> Encoded:
    """The reading with rows for words, all of a target on its label, weight 0 without a label."""
    labels = np.array(reading.labels)
    labelled = labels != NO_LABEL
    return Encoded(
        np.array(vocabulary.rows(reading.keys), dtype=np.intp),
        np.eye(len(LABELS), dtype=np.float32)[labels] * labelled[:, None],
        np.array(reading.weights, dtype=np.float32) * labelled,
    )


def batch_order(
    lengths: NDArray[np.intp], size: int, rng: np.random.Generator
) -> list[NDArray[np.intp]]:
    """Indices for each batch of one epoch: like lengths together, otherwise in random order."""
    shuffled = rng.permutation(len(lengths))
    by_length = shuffled[np.argsort(lengths[shuffled], kind="stable")]
    batches = [by_length[start : start + size] for start in range(0, len(by_length), size)]
    return [batches[index] for index in rng.permutation(len(batches))]


def pad(sequences: Sequence[Encoded]) -> PhraseBatch:
    """Lay sequences side by side."""
    lengths = np.array([len(sequence.rows) for sequence in sequences], dtype=np.intp)
    shape = (int(lengths.max()), len(sequences))
    batch = PhraseBatch(
        np.zeros(shape, np.intp),
        np.zeros((*shape, len(LABELS)), np.float32),
        np.zeros(shape, np.float32),
        lengths,
    )
    for column, sequence in enumerate(sequences):
        steps = len(sequence.rows)
        batch.rows[:steps, column] = sequence.rows
        batch.targets[:steps, column] = sequence.targets
        batch.weights[:steps, column] = sequence.weights
    return batch


def in_batches(count: int, size: int) -> Iterator[slice]:
    """Slices that cover `count` items in steps of `size`."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))
