"""Texts that nobody wrote: sentences with a phrase of another in them, and two sentences in a row.

They have no labels; what the teachers make of them is all that is asked for. So the sentence model
learns what the teachers do with more turns of phrase than the treebank has.
Sources of the idea: Tang et al. 2019, "Distilling task-specific knowledge from BERT into simple
neural networks" (made texts for a teacher to judge); Andreas 2020, "Good-enough compositional data
augmentation" (phrases in one another's place).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from app.training.phrases import Encoded, Keys, sentence_keys
from app.training.treebank import Sentence
from app.zoo.sentiment_network import LABELS
from app.zoo.vocabulary import Vocabulary

LONGEST_PHRASE = 10  # words, of those that are exchanged
LONGEST_PAIR = 45  # words, of two sentences in a row
PAIRS = 0.15  # share of the texts that are two sentences
TWICE = 0.5  # share of the others in which one word more is exchanged

Phrases = Mapping[int, Sequence[Keys]]


def made_texts(
    sentences: Sequence[Sentence], count: int, rng: np.random.Generator
) -> tuple[Keys, ...]:
    """`count` texts, each from one sentence and a phrase or the whole of another."""
    phrases = _by_size(sentences)
    return tuple(_made(sentences, phrases, rng) for _ in range(count))


def unlabelled(keys: Keys, weight: float, vocabulary: Vocabulary) -> Encoded:
    """A text without a label, something of that weight to be asked for at its end."""
    weights = np.zeros(len(keys), np.float32)
    weights[-1] = weight
    targets = np.zeros((len(keys), len(LABELS)), np.float32)
    return Encoded(np.array(vocabulary.rows(keys), np.intp), targets, weights)


def _made(sentences: Sequence[Sentence], phrases: Phrases, rng: np.random.Generator) -> Keys:
    sentence, other = (sentences[int(rng.integers(len(sentences)))] for _ in range(2))
    keys = sentence_keys(sentence)
    if len(keys) + len(other.words) <= LONGEST_PAIR and rng.random() < PAIRS:
        return keys + sentence_keys(other)
    short = [p for p in sentence.phrases if p.stop - p.start <= LONGEST_PHRASE]
    chosen = short[int(rng.integers(len(short)))]
    keys = _exchanged(keys, chosen.start, chosen.stop, phrases, rng)
    if rng.random() < TWICE:
        place = int(rng.integers(len(keys)))
        keys = _exchanged(keys, place, place + 1, phrases, rng)
    return keys


def _exchanged(
    keys: Keys, start: int, stop: int, phrases: Phrases, rng: np.random.Generator
) -> Keys:
    """The keys with another phrase of about as many words in place of keys[start:stop]."""
    alike = phrases[_size(stop - start)]
    return keys[:start] + alike[int(rng.integers(len(alike)))] + keys[stop:]


def _by_size(sentences: Sequence[Sentence]) -> Phrases:
    """Every phrase short enough, as often as it occurs, with those of about its size."""
    found: dict[int, list[Keys]] = {}
    for sentence in sentences:
        keys = sentence_keys(sentence)
        for phrase in sentence.phrases:
            words = phrase.stop - phrase.start
            if words <= LONGEST_PHRASE:
                found.setdefault(_size(words), []).append(keys[phrase.start : phrase.stop])
    return found


def _size(words: int) -> int:
    """0 for one word, 1 for two or three, 2 for four or five, and so on."""
    return words // 2
