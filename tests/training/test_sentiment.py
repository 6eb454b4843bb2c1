"""Training for real on a tiny treebank: it learns, it stops anywhere, it goes on bit for bit."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import DataError
from app.training.sentiment import Report, train
from app.zoo.sentiment_network import SentimentNetwork
from tests.training.tiny import RECIPE, WORDS, lay_out


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("data") / "tiny")


def run(data: Path, checkpoint: Path, **options: object) -> Report:
    return train(data, 3, checkpoint, recipe=RECIPE, quiet=True, **options)  # type: ignore[arg-type]


def stop_at(*steps: int) -> Callable[[int], None]:
    def after_step(step: int) -> None:
        if step in steps:
            os.kill(os.getpid(), signal.SIGINT)

    return after_step


def same(one: SentimentNetwork, other: SentimentNetwork) -> bool:
    pairs = (
        (one.embedding, other.embedding),
        (one.cell.weight_ih, other.cell.weight_ih),
        (one.cell.weight_hh, other.cell.weight_hh),
        (one.cell.bias, other.cell.bias),
        (one.readout_weight, other.readout_weight),
        (one.readout_bias, other.readout_bias),
    )
    return all(a.tobytes() == b.tobytes() for a, b in pairs)


def test_train_tiny_treebank_learns_it(data: Path, tmp_path: Path) -> None:
    patient = replace(RECIPE, epochs=40, embedding_rate=2e-2)
    report = train(data, 3, tmp_path / "run.npz", recipe=patient, quiet=True)
    assert len(report.history) == 40
    assert report.history[-1][0] < 0.7 * report.history[0][0]
    assert report.dev.binary >= 0.9
    assert (report.dev.sentences, report.test.sentences) == (20, 20)


def test_train_same_seed_gives_the_same_bits_and_another_seed_others(
    data: Path, tmp_path: Path
) -> None:
    first, second = (run(data, tmp_path / f"{name}.npz").network for name in "ab")
    other = train(data, 4, tmp_path / "c.npz", recipe=RECIPE, quiet=True).network
    assert same(first, second)
    assert not same(first, other)


def test_train_interrupted_twice_and_resumed_gives_the_same_bits(
    data: Path, tmp_path: Path
) -> None:
    whole = run(data, tmp_path / "whole.npz")
    checkpoint = tmp_path / "parts.npz"
    for steps in ((7,), (20, 1000)):
        with pytest.raises(KeyboardInterrupt):
            run(data, checkpoint, resume=True, after_step=stop_at(*steps))
        assert checkpoint.is_file()
    taken_up: list[int] = []
    parts = run(data, checkpoint, resume=True, after_step=taken_up.append)
    assert taken_up[0] == 21
    assert same(whole.network, parts.network)
    assert whole.history == parts.history
    assert (whole.dev, whole.test) == (parts.dev, parts.test)


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
    run(data, tmp_path / "run.npz")
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("change", [{"hidden": 5}, {"learning_rate": 0.5}])
def test_train_resume_with_another_recipe_says_so(
    data: Path, tmp_path: Path, change: dict[str, float]
) -> None:
    run(data, tmp_path / "run.npz")
    other = replace(RECIPE, **change)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="belongs to another run"):
        train(data, 3, tmp_path / "run.npz", recipe=other, resume=True, quiet=True)


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
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def test_train_missing_data_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="python -m app data"):
        train(tmp_path / "none", 1, tmp_path / "run.npz", quiet=True)


def test_train_words_known_and_unknown_get_their_rows(data: Path, tmp_path: Path) -> None:
    vocabulary = run(data, tmp_path / "run.npz").network.vocabulary
    assert vocabulary.words[0] == "<unk>"
    assert set(WORDS) <= set(vocabulary.words[: vocabulary.trained])
    assert vocabulary.words[vocabulary.trained :] == ("frequent", "words")


def test_report_says_what_was_reached(data: Path, tmp_path: Path) -> None:
    report = run(data, tmp_path / "run.npz")
    text = str(report)
    assert f"test  binary {report.test.binary:.2%}" in text
    assert text.count("<- chosen") == 1


def test_train_progress_bar_shows_loss_and_dev(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(data, 3, tmp_path / "run.npz", recipe=RECIPE)
    shown = capsys.readouterr().err
    assert "loss" in shown
    assert "dev" in shown
