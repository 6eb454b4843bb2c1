"""The state of a training run, and its checkpoint on disk: stop anywhere, go on bit for bit."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gate_explorer.training.adam import Moments
from gate_explorer.training.checkpoint import Arrays, read_checkpoint, write_checkpoint
from gate_explorer.training.sentiment.evaluation import Figures
from gate_explorer.training.sentiment.model import SentenceWeights


@dataclass
class Progress:
    """Everything that training changes.

    step: updates made so far; epoch_start: the generator's state when the current epoch's order
    was drawn; average: the running mean of the weights, of `averaged` samples; best: the average
    at the end of the epoch that did best on dev; history: one entry a finished epoch;
    snapshots: cell and readout of the average after some updates, by their count.
    """

    weights: SentenceWeights
    moments: dict[str, Moments]
    average: SentenceWeights
    best: SentenceWeights
    rng: np.random.Generator
    epoch_start: dict[str, Any] = field(default_factory=dict)
    step: int = 0
    averaged: int = 0
    history: list[tuple[float, Figures]] = field(default_factory=list)  # train loss, dev
    snapshots: dict[int, dict[str, NDArray[Any]]] = field(default_factory=dict)

    @classmethod
    def begin(cls, weights: SentenceWeights, rng: np.random.Generator) -> "Progress":
        """The state before the first update."""
        moments = {name: Moments.zeros_like(array) for name, array in weights.arrays().items()}
        return cls(weights, moments, weights.copy(), weights.copy(), rng)

    def take_snapshot(self) -> None:
        """Keep the average's cell and readout as they are now."""
        arrays = self.average.arrays()
        self.snapshots[self.step] = {
            name: array.copy() for name, array in arrays.items() if name != "embedding"
        }

    @property
    def best_epoch(self) -> int:
        """The 1-based epoch that did best on dev; the earliest of equals; 0 before the first."""
        ranks = [figures.rank for _, figures in self.history]
        return 1 + ranks.index(max(ranks)) if ranks else 0


def save(path: Path, progress: Progress, run: dict[str, Any], losses: list[float]) -> None:
    """Write a checkpoint; the file is whole or not there, whenever the machine stops.

    run: what was asked for (recipe, seed, data); losses: those of the current epoch so far.
    """
    facts = {
        "step": progress.step,
        "averaged": progress.averaged,
        "epoch_start": progress.epoch_start,
        "rng": progress.rng.bit_generator.state,
        "history": [(loss, vars(figures)) for loss, figures in progress.history],
        "losses": losses,
        "snapshots": list(progress.snapshots),
    }
    write_checkpoint(path, run, facts, _arrays(progress))


def restore(path: Path, progress: Progress, run: dict[str, Any]) -> list[float]:
    """Bring a fresh `progress` to where the checkpoint stood; the losses of its epoch so far.

    Raises: DataError for a file that is not a checkpoint, or one of another run.
    """
    facts, arrays = read_checkpoint(path, run)
    for step in facts["snapshots"]:
        progress.step = step
        progress.take_snapshot()  # room for what is read into it
    for name, array in _arrays(progress).items():
        array[...] = arrays[name]
    progress.step, progress.averaged = facts["step"], facts["averaged"]
    progress.epoch_start = facts["epoch_start"]
    progress.rng.bit_generator.state = facts["rng"]
    progress.history = [(loss, Figures(**figures)) for loss, figures in facts["history"]]
    losses: list[float] = facts["losses"]
    return losses


def _arrays(progress: Progress) -> Arrays:
    """Every array of the state by name; the arrays themselves, not copies."""
    named: Arrays = {}
    for name, array in progress.weights.arrays().items():
        named[f"weights.{name}"] = array
        named[f"m.{name}"] = progress.moments[name].m
        named[f"v.{name}"] = progress.moments[name].v
    for part in ("average", "best"):
        weights: SentenceWeights = getattr(progress, part)
        named |= {f"{part}.{name}": array for name, array in weights.arrays().items()}
    for step, arrays in progress.snapshots.items():
        named |= {f"snapshot-{step}.{name}": array for name, array in arrays.items()}
    return named
