"""Teachers read a text either way; what they teach is their mean, mixed with the label."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.training.corpus import Corpus, read_corpus
from app.training.made import unlabelled
from app.training.phrases import Encoded
from app.training.run import Keeping
from app.training.teachers import Teacher, taught, train_teachers
from tests.training.tiny import RECIPE, TEACHING, lay_out, same, stop_at


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("data") / "tiny")


@pytest.fixture(scope="module")
def corpus(data: Path) -> Corpus:
    return read_corpus(data, RECIPE, np.random.default_rng(3))


@pytest.fixture(scope="module")
def teachers(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Teacher, ...]:
    keeping = Keeping(tmp_path_factory.mktemp("kept") / "run.npz", quiet=True)
    return train_teachers(data, RECIPE, TEACHING, keeping)


def probabilities(teacher: Teacher, words: Sequence[str]) -> NDArray[np.float64]:
    """After the last of the words, in the order in which the teacher is to read them."""
    exponentials = np.exp(teacher.network.read(words)[-1].astype(np.float64))
    return np.asarray(exponentials / exponentials.sum())


def encoded(corpus: Corpus, words: list[str], weights: list[float]) -> Encoded:
    targets = np.zeros((len(words), 5), np.float32)
    targets[:, 3] = np.array(weights) > 0
    rows = np.array(corpus.vocabulary.rows(words), np.intp)
    return Encoded(rows, targets, np.array(weights, np.float32))


def test_train_teachers_half_of_them_read_backward(teachers: tuple[Teacher, ...]) -> None:
    assert [teacher.backward for teacher in teachers] == [False, True]
    assert {teacher.network.cell.hidden_size for teacher in teachers} == {TEACHING.hidden}


def test_train_teachers_keep_their_place_in_files_of_their_own(data: Path, tmp_path: Path) -> None:
    keeping = Keeping(tmp_path / "run.npz", quiet=True)
    two = train_teachers(data, RECIPE, replace(TEACHING, teachers=2), keeping)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "run-backward-1.npz",
        "run-backward-2.npz",
        "run-forward-1.npz",
        "run-forward-2.npz",
    ]
    assert len({teacher.network.cell.weight_hh.tobytes() for teacher in two}) == 4


def test_train_teachers_interrupted_and_resumed_are_the_same(
    data: Path, teachers: tuple[Teacher, ...], tmp_path: Path
) -> None:
    made: list[int] = []
    checkpoint = tmp_path / "run.npz"
    for stop in (5, 30):
        keeping = Keeping(checkpoint, True, True, stop_at(stop, note=made))
        with pytest.raises(KeyboardInterrupt):
            train_teachers(data, RECIPE, TEACHING, keeping)
    keeping = Keeping(checkpoint, True, True, made.append)
    again = train_teachers(data, RECIPE, TEACHING, keeping)
    every: list[int] = []
    unbroken = Keeping(tmp_path / "every.npz", quiet=True, after_step=every.append)
    train_teachers(data, RECIPE, TEACHING, unbroken)
    assert made == every
    for one, other in zip(again, teachers, strict=True):
        assert same(one.network, other.network)


def test_mirrored_corpus_has_words_and_phrases_from_right_to_left(corpus: Corpus) -> None:
    mirrored = corpus.mirrored(RECIPE)
    for there, back in zip(corpus.train_sentences, mirrored.train_sentences, strict=True):
        assert back.words == there.words[::-1]
        assert back.label == there.label
        phrases = {(there.words[p.start : p.stop], p.label) for p in there.phrases}
        assert {(back.words[p.start : p.stop][::-1], p.label) for p in back.phrases} == phrases
    assert mirrored.mirrored(RECIPE).dev_sentences == corpus.dev_sentences


def test_taught_labelled_word_mixes_the_label_with_all_teachers(
    corpus: Corpus, teachers: tuple[Teacher, ...]
) -> None:
    words = ["the", "film", "is", "good"]
    reading = encoded(corpus, words, [1, 0, 0, 4])
    (found,) = taught([reading], teachers, replace(TEACHING, share=0.6), quiet=True)
    forward, backward = teachers
    for stop in (1, 4):
        text = words[:stop]
        mean = (probabilities(forward, text) + probabilities(backward, text[::-1])) / 2
        expected = 0.4 * np.eye(5)[3] + 0.6 * mean
        np.testing.assert_allclose(found.targets[stop - 1], expected, atol=1e-6)
    assert found.weights[[0, 3]].tolist() == [1, 4]


def test_taught_word_without_a_label_is_asked_for_what_forward_teachers_say(
    corpus: Corpus, teachers: tuple[Teacher, ...]
) -> None:
    words = ["it", "is", "not", "bad"]
    reading = encoded(corpus, words, [0, 0, 0, 1])
    teaching = replace(TEACHING, unlabelled_weight=0.25)
    (found,) = taught([reading], teachers, teaching, quiet=True)
    for stop in (1, 2, 3):
        expected = probabilities(teachers[0], words[:stop])
        np.testing.assert_allclose(found.targets[stop - 1], expected, atol=1e-6)
    assert found.weights.tolist() == [0.25, 0.25, 0.25, 1]


def test_taught_text_without_a_label_is_asked_for_what_all_teachers_say(
    corpus: Corpus, teachers: tuple[Teacher, ...]
) -> None:
    words = ("the", "plot", "is", "dull")
    reading = unlabelled(words, 4.0, corpus.vocabulary)
    (found,) = taught([reading], teachers, TEACHING, quiet=True)
    forward, backward = (
        probabilities(teacher, text)
        for teacher, text in zip(teachers, (words, words[::-1]), strict=True)
    )
    np.testing.assert_allclose(found.targets[-1], (forward + backward) / 2, atol=1e-6)
    assert found.weights[-1] == 4


def test_taught_several_teachers_are_averaged(
    corpus: Corpus, teachers: tuple[Teacher, ...]
) -> None:
    texts = corpus.train[:20]
    once = taught(texts, teachers, TEACHING, quiet=True)
    twice = taught(texts, teachers * 2, replace(TEACHING, teachers=2), quiet=True)
    for one, other in zip(once, twice, strict=True):
        np.testing.assert_allclose(one.targets, other.targets, atol=1e-6)


def test_taught_targets_are_distributions(corpus: Corpus, teachers: tuple[Teacher, ...]) -> None:
    found = taught(corpus.train, teachers, TEACHING, quiet=True)
    assert len(found) == len(corpus.train)
    for reading in found:
        np.testing.assert_allclose(reading.targets.sum(axis=1), 1, atol=1e-5)
        assert (reading.weights > 0).all()
