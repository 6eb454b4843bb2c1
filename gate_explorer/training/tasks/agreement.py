"""A small English grammar of our own, in which the verb agrees with a subject far before it.

    S     -> the N(n) Between* V(n) Rest .         none to four phrases between noun and verb
    Between -> P the N(m)  |  that the N(m) V2(m)  m and n are singular or plural, at random
    V     -> is/are, was/were, has/have;  P -> to, of, near, behind, with, from

After every word the network says which comes next. At the main verb the number of the last noun
misleads: only a memory of the subject tells "is" from "are".
The question, asked of English itself: Linzen, Dupoux & Goldberg 2016, "Assessing the ability of
LSTMs to learn syntax-sensitive dependencies".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gate_explorer.training.cells.task import NO_TARGET, Batch
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.symbols import NONE, one_hot

NOUNS = (
    ("key", "keys"),
    ("cabinet", "cabinets"),
    ("dog", "dogs"),
    ("author", "authors"),
    ("book", "books"),
    ("picture", "pictures"),
    ("child", "children"),
    ("friend", "friends"),
    ("house", "houses"),
    ("tree", "trees"),
    ("woman", "women"),
    ("man", "men"),
)
MAIN = (("is", "are"), ("was", "were"), ("has", "have"))
OBJECTIVE = (("sees", "see"), ("knows", "know"), ("likes", "like"), ("finds", "find"))
PREPOSITIONS = ("to", "of", "near", "behind", "with", "from")
AFTER_BE = ("here", "old", "new", "lost", "famous")
AFTER_HAVE = ("come", "gone", "changed")
OTHERS = ("the", "that", ".")
SYMBOLS = tuple(
    [word for pair in (*NOUNS, *MAIN, *OBJECTIVE) for word in pair]
    + [*PREPOSITIONS, *AFTER_BE, *AFTER_HAVE, *OTHERS]
)
PLACE = {word: place for place, word in enumerate(SYMBOLS)}
MOST_BETWEEN = 4
SENTENCES = 1000

T = TypeVar("T")


@dataclass(frozen=True)
class Sentence:
    """A sentence's words; where its main verb stands, the wrong form of that verb, its number.

    between: how many phrases stand before the verb; misleading: whether the noun nearest to the
    verb has the other number than the subject.
    """

    words: tuple[str, ...]
    verb: int
    wrong: str
    plural: bool
    between: int
    misleading: bool


def sentence(rng: np.random.Generator, between: int | None = None) -> Sentence:
    """A random sentence of the grammar."""
    count = int(rng.integers(MOST_BETWEEN + 1)) if between is None else between
    number = int(rng.integers(2))
    others = rng.integers(2, size=count).tolist()
    words = ["the", _one(NOUNS, rng)[number]]
    for other in others:
        words += _phrase(other, rng)
    forms = _one(MAIN, rng)
    rest = _one(AFTER_HAVE if forms[0] == "has" else AFTER_BE, rng)
    misleading = count > 0 and others[-1] != number
    whole = (*words, forms[number], rest, ".")
    return Sentence(whole, len(words), forms[1 - number], number == 1, count, misleading)


def _phrase(other: int, rng: np.random.Generator) -> list[str]:
    """A phrase between the subject and its verb, with one noun of the number `other`."""
    noun = _one(NOUNS, rng)[other]
    if rng.random() < 0.3:
        return ["that", "the", noun, _one(OBJECTIVE, rng)[other]]
    return [_one(PREPOSITIONS, rng), "the", noun]


def _one(choices: Sequence[T], rng: np.random.Generator) -> T:
    return choices[int(rng.integers(len(choices)))]


def encode(sentences: Sequence[Sentence]) -> Batch:
    """Sentences side by side; what is wanted after a word is the next."""
    shape = (max(len(one.words) for one in sentences) - 1, len(sentences))
    places, targets = np.full(shape, NONE), np.full(shape, NO_TARGET)
    for column, one in enumerate(sentences):
        found = [PLACE[word] for word in one.words]
        places[: len(found) - 1, column], targets[: len(found) - 1, column] = found[:-1], found[1:]
    return Batch(one_hot(places, len(SYMBOLS)), targets)


def agrees(network: CellNetwork, sentences: Sequence[Sentence]) -> NDArray[np.bool_]:
    """Whether the verb's right form is likelier than its wrong one, in each sentence."""
    z = network.read(encode(sentences).x)
    return np.array(
        [
            z[one.verb - 1, column, PLACE[one.words[one.verb]]]
            > z[one.verb - 1, column, PLACE[one.wrong]]
            for column, one in enumerate(sentences)
        ]
    )


class Agreement:
    """The task as the training loop sees it."""

    input_size = output_size = len(SYMBOLS)

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Random sentences."""
        return encode([sentence(rng) for _ in range(size)])

    def dev(self, network: CellNetwork) -> Mapping[str, float]:
        """Figures over random sentences."""
        return _figures(network, self._dev)

    def test(self, network: CellNetwork) -> Mapping[str, float]:
        """The same over others."""
        return _figures(network, self._test)

    @cached_property
    def _dev(self) -> list[Sentence]:
        rng = np.random.default_rng(1001)
        return [sentence(rng) for _ in range(SENTENCES)]

    @cached_property
    def _test(self) -> list[Sentence]:
        rng = np.random.default_rng(2002)
        return [sentence(rng) for _ in range(SENTENCES)]


def _figures(network: CellNetwork, sentences: Sequence[Sentence]) -> Mapping[str, float]:
    right = agrees(network, sentences)
    misleading = np.array([one.misleading for one in sentences])
    return {"agreement": float(right.mean()), "misleading": float(right[misleading].mean())}
