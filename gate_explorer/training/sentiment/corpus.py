"""What one training run reads: words, starting rows, phrases, and the sentences it is judged by."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gate_explorer.training.sentiment.phrases import Encoded, encode, readings, sentence_keys
from gate_explorer.training.sentiment.recipe import Recipe
from gate_explorer.training.sentiment.treebank import Sentence, read_split
from gate_explorer.training.sentiment.vectors import choose_words, read_vectors, starting_rows
from gate_explorer.zoo.vocabulary import Vocabulary


@dataclass(frozen=True)
class Corpus:
    """The train split as readings, the dev split as sentences.

    start (V, D): the row each word starts from, trained or not; rare (trained,): seen once.
    """

    vocabulary: Vocabulary
    start: NDArray[np.float32]
    rare: NDArray[np.bool_]
    train: tuple[Encoded, ...]
    train_sentences: tuple[Sentence, ...]
    dev_sentences: tuple[Sentence, ...]

    @cached_property
    def lengths(self) -> NDArray[np.intp]:
        """The number of words in each reading."""
        return np.array([len(reading.rows) for reading in self.train], dtype=np.intp)

    @property
    def untrained(self) -> NDArray[np.float32]:
        """The rows of words that training never reads."""
        return self.start[self.vocabulary.trained :]


def read_corpus(data: Path, recipe: Recipe, rng: np.random.Generator) -> Corpus:
    """Read a data folder. Raises: DataError naming the file that is missing or damaged."""
    sentences = read_split(data, "train")
    vectors = read_vectors(data)
    counts = Counter(key for sentence in sentences for key in sentence_keys(sentence))
    vocabulary = choose_words(counts, vectors, recipe.rows)
    trained = vocabulary.words[: vocabulary.trained]
    return Corpus(
        vocabulary,
        starting_rows(vocabulary.words, vectors, rng),
        np.array([counts[word] == 1 for word in trained]),
        _encoded(sentences, vocabulary, recipe),
        sentences,
        read_split(data, "dev"),
    )


def _encoded(
    sentences: Sequence[Sentence], vocabulary: Vocabulary, recipe: Recipe
) -> tuple[Encoded, ...]:
    found = readings(sentences, recipe.sentence_weight)
    return tuple(encode(reading, vocabulary) for reading in found)
