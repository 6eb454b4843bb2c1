"""Trees in postfix, as nodes, cut after a word, and side by side."""

import numpy as np

from gate_explorer.training.sentiment.treebank import parse_tree
from gate_explorer.training.sentiment.trees import (
    JOIN,
    NO_NODE,
    nodes,
    postfix,
    side_by_side,
    spans,
    words_of,
)
from gate_explorer.zoo.vocabulary import Vocabulary

SENTENCE = parse_tree("(1 (2 (2 the) (2 plot)) (1 (2 is) (1 (2 not) (3 good))))")
TREE = postfix(SENTENCE)
WORDS = Vocabulary(("<unk>", "the", "plot", "is", "not", "good"), trained=6)


def test_postfix_has_a_node_a_phrase_in_the_order_of_the_treebank() -> None:
    assert TREE == ("the", "plot", JOIN, "is", "not", "good", JOIN, JOIN, JOIN)
    assert words_of(TREE) == ("the", "plot", "is", "not", "good")
    for span, phrase in zip(spans(TREE), SENTENCE.phrases, strict=True):
        assert words_of(TREE[span.start : span.stop]) == SENTENCE.words[phrase.start : phrase.stop]
        assert span.words == phrase.stop - phrase.start


def test_nodes_of_a_tree_know_their_parts_and_height() -> None:
    found = nodes(TREE, WORDS)
    assert found.rows.tolist() == [1, 2, NO_NODE, 3, 4, 5, NO_NODE, NO_NODE, NO_NODE]
    assert found.left.tolist() == [-1, -1, 0, -1, -1, -1, 4, 3, 2]
    assert found.right.tolist() == [-1, -1, 1, -1, -1, -1, 5, 6, 7]
    assert found.height.tolist() == [0, 0, 1, 0, 0, 0, 1, 2, 3]
    assert found.after.tolist() == [8]


def test_nodes_of_prefixes_are_the_tree_cut_after_each_word() -> None:
    found = nodes(TREE, WORDS, prefixes=True)
    assert [shape(found.left, found.right, node) for node in found.after] == [
        0,
        (0, 1),
        ((0, 1), 3),
        ((0, 1), (3, 4)),
        ((0, 1), (3, (4, 5))),
    ]
    assert found.after[-1] == 8  # the whole tree, not a copy


def shape(left: np.ndarray, right: np.ndarray, node: int) -> object:
    """A node as its leaves' numbers, bracketed."""
    if left[node] == NO_NODE:
        return int(node)
    return shape(left, right, left[node]), shape(left, right, right[node])


def test_side_by_side_puts_words_first_and_parts_before_what_they_make() -> None:
    one, two = nodes(TREE, WORDS), nodes(("good",), WORDS)
    forest = side_by_side([one, two, one])
    assert sorted(forest.rows.tolist()) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5]
    assert forest.levels == ((11, 15), (15, 17), (17, 19))
    for start, stop in forest.levels:
        assert (forest.left[start:stop] < start).all()
        assert (forest.right[start:stop] < start).all()
    assert forest.after.tolist() == forest.place[[8, 9, 18]].tolist()
