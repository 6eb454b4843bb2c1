"""What one training run reads: words, starting rows, phrases, and the sentences it is judged by."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.checks import Array
from gate_explorer.training.sentiment.emoji import EMOJI_NEIGHBOURS
from gate_explorer.training.sentiment.everyday import everyday_keys
from gate_explorer.training.sentiment.made_everyday import Grammar, Text, encoded, made_everyday
from gate_explorer.training.sentiment.phrases import Encoded, encode, readings, sentence_keys
from gate_explorer.training.sentiment.recipe import SentenceRecipe
from gate_explorer.training.sentiment.shift import Neighbourhood
from gate_explorer.training.sentiment.treebank import NEUTRAL, Sentence, read_split
from gate_explorer.training.sentiment.vectors import (
    WordVectors,
    choose_words,
    read_vectors,
    starting_rows,
)
from gate_explorer.zoo.vocabulary import Vocabulary

LEADING = 3  # times that a word is read, at least, before others are moved as it was


@dataclass(frozen=True)
class TreebankCorpus:
    """The train split as readings, everyday texts, the dev split as sentences.

    start (V, D): the row each word starts from, trained or not; rare, leading (trained,): words
    seen once, and those that others are moved by.
    """

    vocabulary: Vocabulary
    start: NDArray[np.float32]
    rare: NDArray[np.bool_]
    leading: NDArray[np.bool_]
    train: tuple[Encoded, ...]
    everyday: tuple[Encoded, ...]
    train_sentences: tuple[Sentence, ...]
    dev_sentences: tuple[Sentence, ...]

    @cached_property
    def lengths(self) -> NDArray[np.intp]:
        """The number of words in each reading."""
        return np.array([len(reading.rows) for reading in self.train], dtype=np.intp)

    @cached_property
    def read(self) -> Vocabulary:
        """The words that training moves; it reads any other as `<unk>`."""
        return _cut(self.vocabulary)

    @property
    def untrained(self) -> NDArray[np.float32]:
        """The rows of words that training never reads, as they start."""
        return self.start[self.vocabulary.trained :]

    def moved(self, trained: Array) -> Array:
        """The rows of words that training never reads, moved as their neighbours were."""
        return self._neighbourhood.moved(self.start, trained)

    @cached_property
    def _neighbourhood(self) -> Neighbourhood:
        leading = np.flatnonzero(self.leading)
        return Neighbourhood.of(self.start, self.vocabulary.trained, leading)


def read_corpus(data: Path, recipe: SentenceRecipe, rng: np.random.Generator) -> TreebankCorpus:
    """Read a data folder. Raises: DataError naming the file that is missing or damaged."""
    sentences = read_split(data, "train")
    vectors = read_vectors(data)
    counts = Counter(key for sentence in sentences for key in sentence_keys(sentence))
    texts = everyday_texts(sentences, vectors, recipe.everyday)
    also = Counter(key for text in texts for key in text.keys)
    vocabulary = choose_words(counts, vectors, also, (*EMOJI_NEIGHBOURS, *ascii_lowercase))
    trained = vocabulary.words[: vocabulary.trained]
    return TreebankCorpus(
        vocabulary,
        starting_rows(vocabulary.words, vectors, rng),
        np.array([counts[word] == 1 and not also[word] for word in trained]),
        np.array([counts[word] + also[word] >= LEADING for word in trained]),
        _encoded(sentences, _cut(vocabulary), recipe),
        tuple(encoded(text, recipe.everyday_weight, vocabulary) for text in texts),
        sentences,
        read_split(data, "dev"),
    )


def _cut(vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary without the words that training doesn't move."""
    return replace(vocabulary, words=vocabulary.words[: vocabulary.trained])


def _encoded(
    sentences: Sequence[Sentence], vocabulary: Vocabulary, recipe: SentenceRecipe
) -> tuple[Encoded, ...]:
    found = readings(sentences, recipe.sentence_weight)
    return tuple(encode(reading, vocabulary) for reading in found)


def everyday_texts(
    sentences: Sequence[Sentence], vectors: WordVectors, count: int
) -> tuple[Text, ...]:
    """Texts of the grammar, the same at every call; a word joins its lists if its label fits.

    A word joins a list of good or bad words if the treebank's label of that word alone says so,
    and another list if no label says otherwise.
    """
    if not count:
        return ()
    labels = _word_labels(sentences)

    def fits(word: str, rule: str) -> bool:
        label = labels.get(word)
        if rule.startswith("good"):
            return label is not None and label > NEUTRAL
        if rule.startswith("bad"):
            return label is not None and label < NEUTRAL
        return label in (None, NEUTRAL)

    grammar = Grammar.read().with_neighbours(vectors, fits)
    judged = frozenset(everyday_keys())
    return made_everyday(grammar, count, np.random.default_rng(0), without=judged)


def _word_labels(sentences: Sequence[Sentence]) -> dict[str, int]:
    """The label of each word that the treebank labels on its own, the first that it gives."""
    labels: dict[str, int] = {}
    for sentence in sentences:
        keys = sentence_keys(sentence)
        for phrase in sentence.phrases:
            if phrase.stop - phrase.start == 1:
                labels.setdefault(keys[phrase.start], phrase.label)
    return labels
