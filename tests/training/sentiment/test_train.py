"""Training for real on a tiny treebank: it learns, it stops anywhere, it goes on bit for bit."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gate_explorer.errors import DataError
from gate_explorer.training.sentiment.corpus import read_corpus
from gate_explorer.training.sentiment.loop import Saving
from gate_explorer.training.sentiment.recipe import SentenceRecipe
from gate_explorer.training.sentiment.teachers import taught_texts
from gate_explorer.training.sentiment.train import SentenceReport, train
from tests.training.tiny import RECIPE, TEACHING, WORDS, lay_out, same, stop_at


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("data") / "tiny")


def run(
    data: Path,
    checkpoint: Path,
    *,
    seed: int = 3,
    recipe: SentenceRecipe = RECIPE,
    resume: bool = False,
    after_step: Callable[[int], None] | None = None,
) -> SentenceReport:
    """The teachers first, where the recipe has any."""
    saving = Saving(checkpoint, resume, True, after_step)
    teaching = recipe.teaching
    taught = taught_texts(data, recipe, teaching, saving) if teaching else ()
    return train(data, seed, saving, recipe, taught)


def test_train_tiny_treebank_learns_it(data: Path, tmp_path: Path) -> None:
    patient = replace(RECIPE, epochs=40, embedding_rate=2e-2, teaching=None)
    report = run(data, tmp_path / "run.npz", recipe=patient)
    assert len(report.history) == 40
    assert report.history[-1][0] < 0.7 * report.history[0][0]
    assert report.dev.binary >= 0.9
    assert (report.dev.sentences, report.test.sentences) == (20, 20)


def test_train_taught_reads_made_texts_too_and_learns_from_its_teachers(
    data: Path, tmp_path: Path
) -> None:
    """What teachers of forty epochs know comes to a model that is told no label at all."""
    teaching = replace(TEACHING, hidden=8, epochs=40, share=1.0)
    patient = replace(RECIPE, epochs=40, embedding_rate=2e-2, teaching=teaching)
    report = run(data, tmp_path / "run.npz", recipe=patient)
    alone = run(data, tmp_path / "alone.npz", recipe=replace(RECIPE, epochs=1, teaching=None))
    assert report.readings == alone.readings
    assert (report.made, alone.made) == (30, 0)
    assert report.dev.binary >= 0.9


def test_train_same_seed_gives_the_same_bits_and_another_seed_others(
    data: Path, tmp_path: Path
) -> None:
    first, second = (run(data, tmp_path / f"{name}.npz").network for name in "ab")
    other = run(data, tmp_path / "c.npz", seed=4).network
    assert same(first, second)
    assert not same(first, other)


def test_train_interrupted_anywhere_and_resumed_gives_the_same_bits(
    data: Path, tmp_path: Path
) -> None:
    whole = run(data, tmp_path / "whole.npz")
    checkpoint = tmp_path / "parts.npz"
    made: list[int] = []
    for stop in (7, 12, 13, 14):
        with pytest.raises(KeyboardInterrupt):
            run(data, checkpoint, resume=True, after_step=stop_at(stop, note=made))
    parts = run(data, checkpoint, resume=True, after_step=made.append)
    every: list[int] = []
    run(data, tmp_path / "every.npz", after_step=every.append)
    assert made == every
    assert same(whole.network, parts.network)
    assert whole.history == parts.history
    assert (whole.dev, whole.test) == (parts.dev, parts.test)


def test_train_interrupted_at_the_end_of_an_epoch_keeps_its_figures(
    data: Path, tmp_path: Path
) -> None:
    plain = replace(RECIPE, teaching=None)
    made: list[int] = []
    whole = run(data, tmp_path / "whole.npz", recipe=plain, after_step=made.append)
    per_epoch = len(made) // RECIPE.epochs
    for stop in (per_epoch, per_epoch):
        with pytest.raises(KeyboardInterrupt):
            run(
                data,
                tmp_path / "parts.npz",
                recipe=plain,
                resume=True,
                after_step=stop_at(stop, note=[]),
            )
    parts = run(data, tmp_path / "parts.npz", recipe=plain, resume=True)
    assert parts.history == whole.history
    assert same(parts.network, whole.network)


def test_train_finished_checkpoint_is_only_measured_again(data: Path, tmp_path: Path) -> None:
    first = run(data, tmp_path / "run.npz")
    steps: list[int] = []
    again = run(data, tmp_path / "run.npz", resume=True, after_step=steps.append)
    assert steps == []
    assert same(first.network, again.network)


def test_train_without_resume_starts_anew(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run.npz")
    steps: list[int] = []
    run(data, tmp_path / "run.npz", after_step=steps.append)
    assert steps[0] == 1


def test_train_ctrl_c_works_again_after_training(data: Path, tmp_path: Path) -> None:
    # A shell without job control starts what runs in the background deaf to Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run(data, tmp_path / "run.npz")
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("change", [{"hidden": 5}, {"learning_rate": 0.5}])
def test_train_resume_with_another_recipe_says_so(
    data: Path, tmp_path: Path, change: dict[str, float]
) -> None:
    run(data, tmp_path / "run.npz")
    other = replace(RECIPE, **change)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="belongs to another run"):
        run(data, tmp_path / "run.npz", recipe=other, resume=True)


@pytest.mark.parametrize("damage", [lambda content: content[:-300], lambda _: b"", lambda _: b"PK"])
def test_train_resume_from_damaged_checkpoint_says_so(
    data: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    run(data, tmp_path / "run.npz")
    content = (tmp_path / "run.npz").read_bytes()
    (tmp_path / "run.npz").write_bytes(damage(content))
    with pytest.raises(DataError, match="is not a whole checkpoint"):
        run(data, tmp_path / "run.npz", resume=True)


def test_train_leaves_no_partial_file(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run.npz")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["run-teacher-1.npz", "run.npz"]


def test_train_missing_data_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="python -m app data"):
        run(tmp_path / "none", tmp_path / "run.npz")


def test_train_words_known_and_unknown_get_their_rows(data: Path, tmp_path: Path) -> None:
    vocabulary = run(data, tmp_path / "run.npz").network.vocabulary
    assert vocabulary.words[0] == "<unk>"
    assert set(WORDS) <= set(vocabulary.words[: vocabulary.trained])
    assert vocabulary.words[-1] == "words"
    assert "sofa" in vocabulary.words[: vocabulary.trained]


def test_train_rows_that_it_never_reads_move_as_their_neighbours(
    data: Path, tmp_path: Path
) -> None:
    network = run(data, tmp_path / "run.npz").network
    start = read_corpus(data, RECIPE, np.random.default_rng(3)).start
    trained = network.vocabulary.trained
    words = network.embedding.rows(np.arange(len(start)))
    moves = np.linalg.norm(words - start, axis=1)
    assert np.median(moves[trained:]) > 0.01
    # A mean of moves is no longer than the longest of them, but for the rounding to a byte.
    assert moves[trained:].max() < moves[:trained].max() + 0.02


def test_report_says_what_was_reached(data: Path, tmp_path: Path) -> None:
    report = run(data, tmp_path / "run.npz")
    text = str(report)
    assert f"test  binary {report.test.binary:.2%}" in text
    assert text.count("<- chosen") == 1


def test_train_progress_bar_shows_loss_and_dev(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(data, 3, Saving(tmp_path / "run.npz"), replace(RECIPE, teaching=None))
    shown = capsys.readouterr().err
    assert "loss" in shown
    assert "dev" in shown
