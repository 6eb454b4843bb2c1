"""Everyday sentences made by a grammar of our own, each with what it says of its subject.

The treebank has film reviews alone. What people type of products, places and one another, and how
they turn it round from afar ("nobody could call it boring"), is written down in
`everyday_grammar.txt`; the label follows from the rule a text began with, so no text needs a
judge. The words of its lists are joined by their neighbours among the word vectors.
Source of the idea: Ribeiro et al. 2020, "Beyond accuracy: behavioral testing of NLP models with
CheckList" (templates with slots, labels by construction).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gate_explorer.training.sentiment.emoji import EMOJI_VALUES
from gate_explorer.training.sentiment.phrases import Encoded, Keys
from gate_explorer.training.sentiment.vectors import WordVectors
from gate_explorer.zoo.tokenizer import tokenize
from gate_explorer.zoo.vocabulary import UNKNOWN, Vocabulary

GRAMMAR = Path(__file__).parent / "everyday_grammar.txt"

# What a text is, how many of a hundred are so, and how likely each label is then to be given.
TONES: Mapping[str, tuple[int, tuple[float, ...]]] = {
    "great praise": (7, (0.005, 0.015, 0.05, 0.43, 0.5)),
    "praise": (25, (0.01, 0.03, 0.14, 0.62, 0.2)),
    "mild praise": (13, (0.01, 0.07, 0.24, 0.58, 0.1)),
    "plain": (12, (0.01, 0.1, 0.78, 0.1, 0.01)),
    "mild blame": (13, (0.12, 0.6, 0.21, 0.06, 0.01)),
    "blame": (23, (0.2, 0.62, 0.14, 0.03, 0.01)),
    "great blame": (7, (0.5, 0.43, 0.05, 0.015, 0.005)),
}
JOINED = 0.8  # neighbours for each word of a list that they join
AWAY = 0.6  # how much nearness to the opposite counts against nearness
FREQUENT = 20_000  # of the vectors' words, those that may join
SURPRISES = 0.25  # share of the texts in which a word more is put that says nothing
DEEPEST = 12  # rules inside rules

_SLOT = re.compile(r"\{([^}]+)\}")
_OPPOSED = {"good": "bad", "bad": "good"}


@dataclass(frozen=True)
class Text:
    """A made text: its keys, and how likely each of the five labels is to be given to it."""

    keys: Keys
    target: tuple[float, ...]


@dataclass(frozen=True)
class Grammar:
    """Rules by name, each the ways it is written; `joined` names those that neighbours join."""

    rules: Mapping[str, tuple[str, ...]]
    joined: frozenset[str]

    @classmethod
    def read(cls, path: Path = GRAMMAR) -> "Grammar":
        """Read the rules, and add those of the emoji."""
        rules: dict[str, list[str]] = {}
        joined = set()
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.endswith(" ="):
                name = line.removesuffix(" =").removesuffix("*").strip()
                joined |= {name} if "*" in line else set()
                ways = rules.setdefault(name, [])
            elif line and not line.startswith("#"):
                ways.extend(_ways(line))
        rules |= _emoji_rules()
        return cls({name: tuple(ways) for name, ways in rules.items()}, frozenset(joined))

    def with_neighbours(self, vectors: WordVectors, fits: Callable[[str, str], bool]) -> "Grammar":
        """The grammar with its lists joined by their words' neighbours.

        fits(word, rule) says whether a word may join a rule.
        """
        found = {
            name: (*ways, *self._neighbours(name, vectors, fits)) if name in self.joined else ways
            for name, ways in self.rules.items()
        }
        return Grammar(found, self.joined)

    def _neighbours(
        self, name: str, vectors: WordVectors, fits: Callable[[str, str], bool]
    ) -> list[str]:
        """The words nearest to a list's, nearer to it than to the list of the opposite."""
        own = self.rules[name]
        near = _nearness(vectors, own)
        first, _, rest = name.partition(" ")
        opposite = f"{_OPPOSED[first]} {rest}".strip() if first in _OPPOSED else None
        if opposite:
            near = near - AWAY * _nearness(vectors, self.rules[opposite])
        wanted = round(JOINED * len(own))
        listed = {word for ways in self.rules.values() for word in ways}
        ordered = (vectors.words[row] for row in np.argsort(-near[:FREQUENT], kind="stable"))
        fitting = (w for w in ordered if w not in listed and w.isalpha() and fits(w, name))
        return [word for word, _ in zip(fitting, range(wanted), strict=False)]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every key that a text may have, in order of first mention."""
        texts = (_SLOT.sub(" ", way) for ways in self.rules.values() for way in ways)
        keys = (key for text in texts for key in _keys(text))
        return tuple(key for key in dict.fromkeys(keys) if key != UNKNOWN)

    def write(self, rule: str, rng: np.random.Generator, depth: int = 0) -> str:
        """One way to write a rule, chosen by chance."""
        if depth > DEEPEST:
            raise RecursionError(f"the rule {rule!r} of the grammar leads back to itself")
        ways = self.rules[rule]
        way = ways[int(rng.integers(len(ways)))]
        return _SLOT.sub(lambda slot: self.write(slot[1], rng, depth + 1), way)


def _ways(line: str) -> Sequence[str]:
    kind, _, rest = line.partition(" ")
    if kind == "words":
        return rest.split()
    return rest.split(" | ") if kind == "phrases" else [line]


def _emoji_rules() -> dict[str, list[str]]:
    def of(*values: int) -> list[str]:
        return [emoji for emoji, value in EMOJI_VALUES.items() if value in values]

    return {
        "good emoji": of(1, 2),
        "very good emoji": of(2),
        "plain emoji": of(0),
        "bad emoji": of(-1, -2),
        "very bad emoji": of(-2),
    }


def _nearness(vectors: WordVectors, words: Sequence[str]) -> NDArray[np.float32]:
    """The mean of a word's three greatest cosines with the words, for each word: (V,).

    0 for all where none of the words has a vector.
    """
    table = vectors.table.astype(np.float32)
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-6)
    rows = [vectors.rows[word] for word in words if word in vectors]
    if not rows:
        return np.zeros(len(table), np.float32)
    cosines = table @ table[rows].T
    best: NDArray[np.float32] = np.sort(cosines, axis=1)[:, -3:].mean(axis=1)
    return best


def made_everyday(
    grammar: Grammar, count: int, rng: np.random.Generator, *, without: frozenset[Keys]
) -> tuple[Text, ...]:
    """`count` different texts, none of those that a model is judged by."""
    made: dict[Keys, Text] = {}
    names = list(TONES)
    shares = np.array([share for share, _ in TONES.values()], float)
    while len(made) < count:
        tone = names[int(rng.choice(len(names), p=shares / shares.sum()))]
        text = Text(_surprised(_keys(grammar.write(tone, rng)), grammar, rng), TONES[tone][1])
        if text.keys not in without:
            made.setdefault(text.keys, text)
    return tuple(made.values())


def _surprised(keys: Keys, grammar: Grammar, rng: np.random.Generator) -> Keys:
    """Now and then with a word more that says nothing: an unknown one, or a thing's or a name's."""
    if rng.random() >= SURPRISES:
        return keys
    rule = ("thing", "food", "name", "place", "aside")[int(rng.integers(5))]
    word = (UNKNOWN,) if rng.random() < 0.4 else _keys(grammar.write(rule, rng))
    at = len(keys) if rng.random() < 0.6 else int(rng.integers(len(keys) + 1))
    return (*keys[:at], *word, *keys[at:])


def _keys(text: str) -> Keys:
    """The keys of a text in which UNKNOWN stands for a word that no vocabulary has."""
    parts = text.split(UNKNOWN)
    return tuple(_joined([tuple(piece.key for piece in tokenize(part)) for part in parts]))


def _joined(parts: Sequence[Keys]) -> Iterator[str]:
    for place, part in enumerate(parts):
        if place:
            yield UNKNOWN
        yield from part


def encoded(text: Text, weight: float, vocabulary: Vocabulary) -> Encoded:
    """The text as rows, its target asked for after the last word with this weight."""
    steps, classes = len(text.keys), len(text.target)
    targets = np.zeros((steps, classes), np.float32)
    targets[-1] = text.target
    weights = np.zeros(steps, np.float32)
    weights[-1] = weight
    return Encoded(np.array(vocabulary.rows(text.keys), np.intp), targets, weights)
