"""Texts made of the treebank's own phrases."""

import numpy as np
import pytest

from gate_explorer.training.sentiment.augmentation import LONGEST_PAIR, made_texts
from gate_explorer.training.sentiment.phrases import Keys
from gate_explorer.training.sentiment.teachers import unlabelled
from gate_explorer.training.sentiment.treebank import Sentence, parse_tree
from gate_explorer.training.sentiment.trees import JOIN, postfix, spans, words_of
from gate_explorer.zoo.vocabulary import Vocabulary

SHORT = (
    parse_tree("(3 (2 The) (3 (2 plot) (4 sparkles)))"),
    parse_tree("(1 (2 it) (0 fails))"),
)
ALONE = parse_tree("(4 great)")


def made(sentences: tuple[Sentence, ...], count: int = 300, seed: int = 1) -> tuple[Keys, ...]:
    trees = [postfix(sentence) for sentence in sentences]
    return tuple(words_of(t) for t in made_texts(trees, count, np.random.default_rng(seed)))


def test_made_texts_are_as_many_as_asked_for_and_of_the_treebank_s_words() -> None:
    found = made(SHORT)
    assert len(found) == 300
    assert {key for keys in found for key in keys} == {"the", "plot", "sparkles", "it", "fails"}


def test_made_texts_put_a_phrase_of_one_sentence_into_another() -> None:
    assert ("the", "it", "fails") in made(SHORT)
    assert ("it", "sparkles") in made(SHORT)


def test_made_texts_are_whole_trees() -> None:
    trees = [postfix(sentence) for sentence in (*SHORT, ALONE)]
    for tree in made_texts(trees, 200, np.random.default_rng(2)):
        assert spans(tree)[-1] == (0, len(tree), len(words_of(tree)))


def test_made_texts_some_are_two_sentences_in_a_row() -> None:
    pairs = made(SHORT).count(("the", "plot", "sparkles", "it", "fails"))
    assert 1 <= pairs < 60


def test_made_texts_two_long_sentences_are_never_put_in_a_row() -> None:
    text = "(2 so)"
    for _ in range(LONGEST_PAIR - 1):
        text = f"(2 {text} (2 so))"
    long = parse_tree(text)
    assert max(len(keys) for keys in made((long,))) < 2 * LONGEST_PAIR


def test_made_texts_sentence_of_one_word_is_exchanged_whole() -> None:
    assert ("fails",) in made((ALONE, *SHORT))


def test_made_texts_same_generator_gives_the_same_texts() -> None:
    assert made(SHORT, seed=4) == made(SHORT, seed=4)
    assert made(SHORT, seed=4) != made(SHORT, seed=5)


@pytest.mark.parametrize("weight", [1.0, 4.0])
def test_unlabelled_text_is_asked_for_something_at_its_end_alone(weight: float) -> None:
    words = Vocabulary(("<unk>", "it", "fails"), trained=3)
    found = unlabelled(("it", "really", "fails", JOIN, JOIN), weight, words)
    assert found.rows.tolist() == [1, 0, 2]
    assert found.weights.tolist() == [0, 0, weight]
    assert not found.targets.any()
