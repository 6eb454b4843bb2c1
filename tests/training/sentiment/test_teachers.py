"""Teachers read trees; what they teach is their mean, mixed with the label."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gate_explorer.training.sentiment.corpus import TreebankCorpus, read_corpus
from gate_explorer.training.sentiment.evaluation import figures
from gate_explorer.training.sentiment.loop import Saving
from gate_explorer.training.sentiment.model import SentenceWeights
from gate_explorer.training.sentiment.phrases import Encoded
from gate_explorer.training.sentiment.recipe import Teaching
from gate_explorer.training.sentiment.teachers import (
    Trees,
    every_logits,
    taught,
    taught_texts,
    train_teachers,
    unlabelled,
)
from gate_explorer.training.sentiment.treebank import checksums
from gate_explorer.training.sentiment.trees import JOIN, Postfix, nodes, words_of
from tests.training.tiny import RECIPE, TEACHING, lay_out, stop_at

TREE = ("the", "film", JOIN, "is", "good", JOIN, JOIN)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("data") / "tiny")


@pytest.fixture(scope="module")
def corpus(data: Path) -> TreebankCorpus:
    return read_corpus(data, RECIPE, np.random.default_rng(3))


def trained(
    corpus: TreebankCorpus, data: Path, saving: Saving, teaching: Teaching = TEACHING
) -> tuple[SentenceWeights, ...]:
    return train_teachers(corpus, checksums(data), RECIPE, teaching, saving)


@pytest.fixture(scope="module")
def teachers(
    corpus: TreebankCorpus, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SentenceWeights, ...]:
    saving = Saving(tmp_path_factory.mktemp("kept") / "run.npz", quiet=True)
    return trained(corpus, data, saving, replace(TEACHING, teachers=2))


def mean(
    teachers: Sequence[SentenceWeights], tree: Postfix, corpus: TreebankCorpus
) -> NDArray[np.float64]:
    """What the teachers say of a whole tree."""
    found = [every_logits(w, [nodes(tree, corpus.vocabulary)])[0][-1] for w in teachers]
    exponentials = np.exp(np.array(found, np.float64))
    result = (exponentials / exponentials.sum(axis=1, keepdims=True)).mean(axis=0)
    return np.asarray(result)


def encoded(corpus: TreebankCorpus, tree: Postfix, weights: list[float]) -> Encoded:
    targets = np.zeros((len(weights), 5), np.float32)
    targets[:, 3] = np.array(weights) > 0
    rows = np.array(corpus.vocabulary.rows(words_of(tree)), np.intp)
    return Encoded(rows, targets, np.array(weights, np.float32))


def test_train_teachers_learn_a_tiny_treebank(
    corpus: TreebankCorpus, data: Path, tmp_path: Path
) -> None:
    patient = replace(TEACHING, hidden=8, epochs=40, batch=8, learning_rate=2e-2)
    (teacher,) = trained(corpus, data, Saving(tmp_path / "run.npz", quiet=True), patient)
    dev = Trees.of(corpus.dev_sentences, corpus.vocabulary)
    logits = np.concatenate(every_logits(teacher, dev.nodes))
    assert figures(logits, [s.label for s in corpus.dev_sentences]).binary >= 0.9


def test_train_teachers_keep_their_place_in_files_of_their_own(
    corpus: TreebankCorpus, data: Path, tmp_path: Path
) -> None:
    saving = Saving(tmp_path / "run.npz", quiet=True)
    two = trained(corpus, data, saving, replace(TEACHING, teachers=2))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["run-teacher-1.npz", "run-teacher-2.npz"]
    assert len({teacher.weight_hh.tobytes() for teacher in two}) == 2


def test_train_teachers_interrupted_and_resumed_are_the_same(
    corpus: TreebankCorpus, data: Path, tmp_path: Path
) -> None:
    teaching = replace(TEACHING, teachers=2, batch=8)
    made: list[int] = []
    for stop in (5, 11):
        saving = Saving(tmp_path / "run.npz", True, True, stop_at(stop, note=made))
        with pytest.raises(KeyboardInterrupt):
            trained(corpus, data, saving, teaching)
    again = trained(corpus, data, Saving(tmp_path / "run.npz", True, True, made.append), teaching)
    every: list[int] = []
    unbroken = Saving(tmp_path / "every.npz", quiet=True, after_step=every.append)
    whole = trained(corpus, data, unbroken, teaching)
    assert made == every
    for one, other in zip(again, whole, strict=True):
        for name, array in one.arrays().items():
            assert array.tobytes() == other.arrays()[name].tobytes()


def test_taught_labelled_word_mixes_the_label_with_the_teachers_mean(
    corpus: TreebankCorpus, teachers: tuple[SentenceWeights, ...]
) -> None:
    teaching = replace(TEACHING, share=0.6)
    texts = [encoded(corpus, TREE, [1, 0, 0, 4])]
    (found,) = taught(texts, [TREE], teachers, teaching, corpus.vocabulary, quiet=True)
    for stop, part in ((1, ("the",)), (4, TREE)):
        expected = 0.4 * np.eye(5)[3] + 0.6 * mean(teachers, part, corpus)
        np.testing.assert_allclose(found.targets[stop - 1], expected, atol=1e-6)
    assert found.weights[[0, 3]].tolist() == [1, 4]


def test_taught_word_without_a_label_is_asked_for_what_is_said_of_the_tree_cut_there(
    corpus: TreebankCorpus, teachers: tuple[SentenceWeights, ...]
) -> None:
    teaching = replace(TEACHING, unlabelled_weight=0.25)
    texts = [encoded(corpus, TREE, [0, 0, 0, 1])]
    (found,) = taught(texts, [TREE], teachers, teaching, corpus.vocabulary, quiet=True)
    cut = (("the",), ("the", "film", JOIN), ("the", "film", JOIN, "is", JOIN))
    for row, part in zip(found.targets, cut, strict=False):
        np.testing.assert_allclose(row, mean(teachers, part, corpus), atol=1e-6)
    assert found.weights.tolist() == [0.25, 0.25, 0.25, 1]


def test_taught_text_without_a_label_is_asked_for_what_the_teachers_say(
    corpus: TreebankCorpus, teachers: tuple[SentenceWeights, ...]
) -> None:
    texts = [unlabelled(TREE, 4.0, corpus.vocabulary)]
    (found,) = taught(texts, [TREE], teachers, TEACHING, corpus.vocabulary, quiet=True)
    np.testing.assert_allclose(found.targets[-1], mean(teachers, TREE, corpus), atol=1e-6)
    assert found.weights[-1] == 4


def test_taught_texts_are_the_phrases_and_the_made_texts_with_distributions_to_learn(
    corpus: TreebankCorpus, data: Path, tmp_path: Path
) -> None:
    found = taught_texts(data, RECIPE, TEACHING, Saving(tmp_path / "run.npz", quiet=True))
    assert len(found) == len(corpus.train) + TEACHING.texts(len(corpus.train_sentences))
    for text, phrase in zip(found, corpus.train, strict=False):
        assert text.rows.tolist() == phrase.rows.tolist()
    for text in found:
        np.testing.assert_allclose(text.targets.sum(axis=1), 1, atol=1e-5)
        assert (text.weights > 0).all()
