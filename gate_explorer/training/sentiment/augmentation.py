"""Texts that nobody wrote: sentences with a phrase of another in them, and two sentences in a row.

They have no labels; what the teachers make of them is all that is asked for. So the sentence model
learns what the teachers do with more turns of phrase than the treebank has.
Sources of the idea: Tang et al. 2019, "Distilling task-specific knowledge from BERT into simple
neural networks" (made texts for a teacher to judge); Andreas 2020, "Good-enough compositional data
augmentation" (phrases in one another's place).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from gate_explorer.training.sentiment.trees import JOIN, Postfix, spans, words_of

LONGEST_PHRASE = 10  # words, of those that are exchanged
LONGEST_PAIR = 45  # words, of two sentences in a row
PAIRS = 0.15  # share of the texts that are two sentences
TWICE = 0.5  # share of the others in which one word more is exchanged

Phrases = Mapping[int, Sequence[Postfix]]


def made_texts(
    trees: Sequence[Postfix], count: int, rng: np.random.Generator
) -> tuple[Postfix, ...]:
    """`count` trees, each from one sentence's and a phrase or the whole of another."""
    phrases = _by_size(trees)
    return tuple(_made(trees, phrases, rng) for _ in range(count))


def _made(trees: Sequence[Postfix], phrases: Phrases, rng: np.random.Generator) -> Postfix:
    tree, other = (trees[int(rng.integers(len(trees)))] for _ in range(2))
    words = len(words_of(tree)) + len(words_of(other))
    if words <= LONGEST_PAIR and rng.random() < PAIRS:
        return (*tree, *other, JOIN)
    short = [span for span in spans(tree) if span.words <= LONGEST_PHRASE]
    chosen = short[int(rng.integers(len(short)))]
    tree = _exchanged(tree, chosen.start, chosen.stop, phrases, rng)
    if rng.random() < TWICE:
        places = [place for place, key in enumerate(tree) if key is not JOIN]
        place = places[int(rng.integers(len(places)))]
        tree = _exchanged(tree, place, place + 1, phrases, rng)
    return tree


def _exchanged(
    tree: Postfix, start: int, stop: int, phrases: Phrases, rng: np.random.Generator
) -> Postfix:
    """The tree with another phrase of about as many words in place of tree[start:stop]."""
    alike = phrases[_size(len(words_of(tree[start:stop])))]
    return tree[:start] + alike[int(rng.integers(len(alike)))] + tree[stop:]


def _by_size(trees: Sequence[Postfix]) -> Phrases:
    """Every phrase short enough, as often as it occurs, with those of about its size."""
    found: dict[int, list[Postfix]] = {}
    for tree in trees:
        for span in spans(tree):
            if span.words <= LONGEST_PHRASE:
                found.setdefault(_size(span.words), []).append(tree[span.start : span.stop])
    return found


def _size(words: int) -> int:
    """0 for one word, 1 for two or three, 2 for four or five, and so on."""
    return words // 2
