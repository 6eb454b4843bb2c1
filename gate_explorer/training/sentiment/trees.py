"""Binary trees as what is read by a network that works on them: phrases inside phrases.

A tree is written in postfix: a word, or JOIN for the two parts before it made one. So every phrase
is a slice of it, and putting another in its place is joining tuples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gate_explorer.training.sentiment.phrases import Keys, sentence_keys
from gate_explorer.training.sentiment.treebank import Sentence
from gate_explorer.zoo.vocabulary import Vocabulary

JOIN = None
NO_NODE = -1

Postfix = tuple[str | None, ...]
Ints = NDArray[np.intp]


class Span(NamedTuple):
    """One phrase of a tree: the slice start:stop of its postfix, and how many words it has."""

    start: int
    stop: int
    words: int


def postfix(sentence: Sentence) -> Postfix:
    """The tree of a sentence; its nodes are in the order of the sentence's phrases."""
    keys = sentence_keys(sentence)
    return tuple(keys[p.start] if p.stop - p.start == 1 else JOIN for p in sentence.phrases)


def words_of(tree: Postfix) -> Keys:
    """The words of a tree from left to right."""
    return tuple(key for key in tree if key is not JOIN)


def spans(tree: Postfix) -> tuple[Span, ...]:
    """Every phrase of a tree, in the order of its nodes; the last is the whole."""
    found: list[Span] = []
    for stop, key in enumerate(tree, start=1):
        if key is JOIN:
            right = found[-1]
            left = found[right.start - 1]
            found.append(Span(left.start, stop, left.words + right.words))
        else:
            found.append(Span(stop - 1, stop, 1))
    return tuple(found)


@dataclass(frozen=True)
class Nodes:
    """Nodes in an order in which parts come before what they make.

    Shapes: rows, left, right, height (M,); rows are of the embedding and NO_NODE for a join; left
    and right are nodes and NO_NODE for a word; after (T,): the node of the text up to each word.
    """

    rows: Ints
    left: Ints
    right: Ints
    height: Ints
    after: Ints


def nodes(tree: Postfix, vocabulary: Vocabulary, *, prefixes: bool = False) -> Nodes:
    """The nodes of a tree, and with `prefixes` those of the tree cut after each word too.

    Cut after a word, a tree keeps what is left of the cut: where the right part of a node is gone
    altogether, the left part stands for it. Without `prefixes`, `after` has the root alone.
    """
    grown = _Grown()
    rows = iter(vocabulary.rows(words_of(tree)))
    found = spans(tree)
    for node, (key, span) in enumerate(zip(tree, found, strict=True)):
        if key is JOIN:
            grown.join(found[node - 1].start - 1, node - 1)
        else:
            grown.word(next(rows), span.start)
    after = grown.cut_after_every_word() if prefixes else [len(tree) - 1]
    columns = (grown.rows, grown.left, grown.right, grown.height, after)
    return Nodes(*(np.array(column, np.intp) for column in columns))


class _Grown:
    """Nodes while they are added."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.height: list[int] = []
        self.leaves: list[int] = []

    def word(self, row: int, node: int) -> None:
        self.leaves.append(node)
        self._add(row, NO_NODE, NO_NODE, 0)

    def join(self, left: int, right: int) -> int:
        height = 1 + max(self.height[left], self.height[right])
        return self._add(NO_NODE, left, right, height)

    def _add(self, row: int, left: int, right: int, height: int) -> int:
        for column, value in (
            (self.rows, row), (self.left, left), (self.right, right), (self.height, height),
        ):  # fmt: skip
            column.append(value)
        return len(self.rows) - 1

    def cut_after_every_word(self) -> list[int]:
        """Add what is new in the tree cut after each word; its root for each word."""
        parents: dict[int, int] = {}
        for node, (left, right) in enumerate(zip(self.left, self.right, strict=True)):
            parents[left] = parents[right] = node
        parents.pop(NO_NODE, None)
        return [self._cut(leaf, parents) for leaf in self.leaves]

    def _cut(self, leaf: int, parents: dict[int, int]) -> int:
        root = at = leaf
        while at in parents:
            parent = parents[at]
            if self.right[parent] == at:
                root = parent if root == at else self.join(self.left[parent], root)
            at = parent
        return root


@dataclass(frozen=True)
class Forest:
    """Trees side by side, their nodes in order of height: the words first.

    rows (L,) of the embedding, one a word; left and right (M,), NO_NODE or less for words; levels:
    first and last node of each height above 0; place: where the nodes lie that the trees' nodes,
    one tree after another, have become; after (A,): the nodes of `Nodes.after`.
    """

    rows: Ints
    left: Ints
    right: Ints
    levels: tuple[tuple[int, int], ...]
    place: Ints
    after: Ints


def side_by_side(trees: Sequence[Nodes]) -> Forest:
    """Lay trees side by side."""
    sizes = np.array([len(tree.rows) for tree in trees])
    offsets = np.cumsum(sizes) - sizes
    height = np.concatenate([tree.height for tree in trees])
    order = np.argsort(height, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    left, right, after = (
        np.concatenate([getattr(tree, name) + o for tree, o in zip(trees, offsets, strict=True)])
        for name in ("left", "right", "after")
    )
    rows = np.concatenate([tree.rows for tree in trees])[order]
    ends = np.cumsum(np.bincount(height)).tolist()
    levels = tuple(pairwise(ends))
    return Forest(
        rows[: ends[0]], place[left[order]], place[right[order]], levels, place, place[after]
    )
