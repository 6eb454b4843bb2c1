"""The loop that trains cells: it learns, keeps checkpoints, stops anywhere, goes on bit for bit."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gate_explorer.analysis.damage import Trial
from gate_explorer.errors import DataError
from gate_explorer.runs.card import Limit
from gate_explorer.training.cells.loop import Report, train
from gate_explorer.training.cells.model import CellKind, Recipe
from gate_explorer.training.cells.task import Batch
from gate_explorer.training.tasks.reber import Reber
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.symbols import one_hot

RECIPE = Recipe(hidden=3, updates=40, batch=4, learning_rate=1e-2, output_dropout=0.2)
STOPS = (7, 23)


class Stream:
    """A text without an end, whose state goes on from batch to batch."""

    input_size = output_size = 2
    symbols = ("a", "b")

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """a b a b …, wherever the batch begins."""
        places = (np.arange(step * 5, step * 5 + 6)[:, None] + np.arange(size)) % 2
        return Batch(one_hot(places[:-1], 2), places[1:], goes_on=step > 0)

    def dev(self, network: CellNetwork) -> dict[str, float]:
        """Nothing to be measured."""
        return {"nothing": 0.0}

    test = dev

    def limits(self, network: CellNetwork) -> tuple[Limit, ...]:
        """Nothing to go beyond."""
        return ()

    def trial(self, again: bool = False) -> Trial:
        """Nothing to be missed."""
        return Trial("nothing", "never", np.zeros((3, 1, 2)), np.zeros(1, np.intp), (), ())


def same(one: CellNetwork, other: CellNetwork) -> bool:
    pairs = zip(arrays(one), arrays(other), strict=True)
    return all(a.tobytes() == b.tobytes() for a, b in pairs)


def arrays(network: CellNetwork) -> list[np.ndarray]:
    return [*network.torch_weights().values(), network.readout_weight, network.readout_bias]


def stop_at(step: int) -> Callable[[int], None]:
    def after_step(taken: int) -> None:
        if taken == step:
            os.kill(os.getpid(), signal.SIGINT)

    return after_step


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
@pytest.mark.parametrize("task", [Reber, Stream])
def test_train_interrupted_twice_and_resumed_gives_the_same_bits(
    cell: CellKind, task: type[Reber | Stream], tmp_path: Path
) -> None:
    recipe = replace(RECIPE, cell=cell, recurrent_dropout=0.1)
    whole = train(task(), recipe, 5, quiet=True)
    place = tmp_path / "parts.npz"
    for step in STOPS:
        with pytest.raises(KeyboardInterrupt):
            train(task(), recipe, 5, place, resume=True, quiet=True, after_step=stop_at(step))
    steps: list[int] = []
    parts = train(task(), recipe, 5, place, resume=True, quiet=True, after_step=steps.append)
    assert steps[0] == STOPS[-1] + 1
    assert list(parts.checkpoints) == list(whole.checkpoints)
    for label, network in whole.checkpoints.items():
        assert same(network, parts.checkpoints[label]), label
    assert (parts.curve, parts.dev, parts.test) == (whole.curve, whole.dev, whole.test)


def test_train_another_seed_gives_other_numbers() -> None:
    one, other = (train(Stream(), RECIPE, seed, quiet=True).network for seed in (1, 2))
    assert not same(one, other)


def test_train_learns_what_alternates() -> None:
    recipe = replace(RECIPE, updates=300, learning_rate=3e-2, output_dropout=0.0)
    network = train(Stream(), recipe, 1, quiet=True).network
    z = network.read(one_hot(np.array([[0], [1], [0], [1]]), 2))[:, 0]
    assert z.argmax(axis=1).tolist() == [1, 0, 1, 0]


def test_train_resume_with_another_recipe_says_so(tmp_path: Path) -> None:
    train(Stream(), RECIPE, 1, tmp_path / "run.npz", quiet=True)
    other = replace(RECIPE, learning_rate=0.5)
    with pytest.raises(DataError, match="belongs to another run"):
        train(Stream(), other, 1, tmp_path / "run.npz", resume=True, quiet=True)


def test_train_resume_from_a_damaged_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "run.npz").write_bytes(b"PK")
    with pytest.raises(DataError, match="is not a whole checkpoint"):
        train(Stream(), RECIPE, 1, tmp_path / "run.npz", resume=True, quiet=True)


def test_train_progress_bar_shows_loss_and_figures(capsys: pytest.CaptureFixture[str]) -> None:
    report: Report = train(Stream(), RECIPE, 1)
    shown = capsys.readouterr().err
    assert "loss" in shown
    assert "nothing" in shown
    assert "seed 1" in str(report)
