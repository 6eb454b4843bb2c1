"""Train a cell with its readout on a task: one seed from start, or from where it stopped.

Adam with gradients by backpropagation through time; what is kept is a running average of the
weights. From 6 to 10 checkpoints, from untrained to done, are taken at log-spaced updates, each
with the loss so far and the figures on the task's dev data: the learning curve.
"""

import json
import os
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from gate_explorer.engine.checks import Array
from gate_explorer.errors import DataError
from gate_explorer.training.adam import Moments, clip, learning_rate, update
from gate_explorer.training.cells.model import CellRecipe, CellWeights, State, loss_and_gradients
from gate_explorer.training.cells.task import Task
from gate_explorer.training.interrupts import Interrupts, deferred_interrupts
from gate_explorer.zoo.cell_network import CellNetwork

CHECKPOINTS = 8
FIRST = 10  # the update of the first checkpoint after the untrained one

Figures = dict[str, float]


@dataclass(frozen=True)
class CellReport:
    """What one run came to; `checkpoints` and `curve` by their label, oldest first."""

    seed: int
    recipe: CellRecipe
    checkpoints: Mapping[str, CellNetwork]
    curve: Mapping[str, Figures]
    dev: Figures
    test: Figures
    seconds: float

    @property
    def network(self) -> CellNetwork:
        """The trained network."""
        return list(self.checkpoints.values())[-1]

    def __str__(self) -> str:
        figures = ", ".join(f"{name} {value:.4f}" for name, value in self.test.items())
        return (
            f"{self.recipe.cell}, H = {self.recipe.hidden}, rate {self.recipe.learning_rate:g},"
            f" seed {self.seed}: test {figures}; {self.seconds:.0f} s"
        )


@dataclass
class _Place:
    """Everything that training changes."""

    weights: CellWeights
    average: CellWeights
    moments: dict[str, Moments]
    rng: np.random.Generator
    step: int = 0
    state: State | None = None
    losses: list[float] = field(default_factory=list)  # since the last checkpoint
    checkpoints: dict[str, CellWeights] = field(default_factory=dict)
    curve: dict[str, Figures] = field(default_factory=dict)


def checkpoint_steps(updates: int, every: int = 1) -> tuple[int, ...]:
    """The updates after which a checkpoint is taken: 0, then log-spaced to the last.

    every: only its multiples count, but for the last.
    """
    spaced = np.geomspace(min(max(FIRST, every), updates), updates, CHECKPOINTS)
    steps = (np.maximum((spaced[:-1] / every).round(), 1) * every).astype(int).tolist()
    return tuple(sorted({0, *steps, updates}))


def label(step: int) -> str:
    """A checkpoint's name."""
    return f"step-{step}"


def train(
    task: Task,
    recipe: CellRecipe,
    seed: int,
    path: Path | None = None,
    *,
    resume: bool = False,
    quiet: bool = False,
    after_step: Callable[[int], None] | None = None,
) -> CellReport:
    """Train with one seed, keeping its place in the file `path` if one is given.

    With `resume` an existing file is taken up, and the result is bit for bit that of a run never
    stopped. Raises: DataError for a file of another run; KeyboardInterrupt after Ctrl-C, once the
    place is kept.
    """
    began = time.monotonic()
    rng = np.random.default_rng(seed)
    start = CellWeights.initial(recipe, task.input_size, task.output_size, rng)
    moments = {name: Moments.zeros_like(array) for name, array in start.arrays().items()}
    run = _Run(task, recipe, seed, path, _Place(start, start.copy(), moments, rng))
    if resume and path is not None and path.is_file():
        run.restore(path)
    with deferred_interrupts() as interrupts:
        run.to_the_end(interrupts, quiet, after_step)
    networks = {name: w.network(recipe.cell) for name, w in run.place.checkpoints.items()}
    network = networks[label(recipe.updates)]
    return CellReport(
        seed, recipe, networks, dict(run.place.curve), dict(task.dev(network)),
        dict(task.test(network)), time.monotonic() - began,
    )  # fmt: skip


@dataclass
class _Run:
    """One run: the task, how it is learned, and where it keeps its place."""

    task: Task
    recipe: CellRecipe
    seed: int
    path: Path | None
    place: _Place

    def to_the_end(
        self, interrupts: Interrupts, quiet: bool, after_step: Callable[[int], None] | None
    ) -> None:
        """Make all updates that are left; keep the place at every checkpoint and on Ctrl-C."""
        place, steps = self.place, checkpoint_steps(self.recipe.updates)
        if not place.checkpoints:
            self._keep_checkpoint()
        total = self.recipe.updates
        with tqdm(total=total, initial=place.step, disable=quiet, unit="step") as bar:
            while place.step < total:
                self._update()
                bar.update()
                bar.set_postfix_str(self._figures(), refresh=False)
                if place.step in steps:
                    self._keep_checkpoint()
                if after_step is not None:
                    after_step(place.step)
                if interrupts.asked:
                    self._save()
                    raise KeyboardInterrupt

    def _update(self) -> None:
        place, recipe = self.place, self.recipe
        batch = self.task.batch(place.step, recipe.batch, place.rng)
        step = loss_and_gradients(place.weights, batch, recipe, place.rng, place.state)
        clip(step.gradients.values(), recipe.clip)
        course = (place.step, recipe.updates, recipe.warm_up, recipe.final_rate)
        rate = learning_rate(recipe.learning_rate, *course)
        place.step += 1
        place.state = step.state
        place.losses.append(step.loss)
        # The average spans ever more updates, so that it leaves the untrained weights behind.
        share = np.float32(max(1 / recipe.remembered, 9 / (place.step + 9)))
        average = place.average.arrays()
        for name, array in place.weights.arrays().items():
            update(array, place.moments[name], step.gradients[name], rate, place.step)
            average[name] += (array - average[name]) * share

    def _keep_checkpoint(self) -> None:
        place, name = self.place, label(self.place.step)
        place.checkpoints[name] = place.average.copy()
        figures = dict(self.task.dev(place.average.network(self.recipe.cell)))
        place.curve[name] = {"step": place.step, **figures}
        place.losses = []
        self._save()

    def _figures(self) -> str:
        last = list(self.place.curve.values())[-1]
        dev = ", ".join(f"{name} {value:.3g}" for name, value in last.items() if name != "step")
        return f"loss {np.mean(self.place.losses[-100:]):.4f}; dev {dev}"

    def _identity(self) -> dict[str, Any]:
        name = type(self.task).__name__
        return {"task": name, "seed": self.seed, "recipe": asdict(self.recipe)}

    def _save(self) -> None:
        """The file is whole or not there, whenever the machine stops."""
        if self.path is None:
            return
        place = self.place
        facts = {
            "run": self._identity(),
            "step": place.step,
            "rng": place.rng.bit_generator.state,
            "losses": place.losses,
            "curve": place.curve,
            "carried": len(place.state or ()),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(self.path.name + ".part")
        with partial.open("wb") as file:
            np.savez(file, facts=np.array(json.dumps(facts)), **self._arrays())  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)

    def restore(self, path: Path) -> None:
        """Bring the run to where the file stood."""
        facts, arrays = _read(path)
        if facts["run"] != json.loads(json.dumps(self._identity())):
            raise DataError(
                f"{path} belongs to another run (other task, seed or recipe); start without"
                " resuming, or name another folder for checkpoints"
            )
        place = self.place
        place.step, place.losses, place.curve = facts["step"], facts["losses"], facts["curve"]
        place.rng.bit_generator.state = facts["rng"]
        place.checkpoints = {name: place.weights.copy() for name in place.curve}
        if facts["carried"]:
            place.state = tuple(arrays[f"state.{k}"] for k in range(facts["carried"]))
        for name, array in self._arrays().items():
            array[...] = arrays[name]

    def _arrays(self) -> dict[str, Array]:
        """Every array of the state by name; the arrays themselves, not copies."""
        place = self.place
        parts = {"weights": place.weights, "average": place.average, **place.checkpoints}
        named = {f"state.{k}": array for k, array in enumerate(place.state or ())}
        for part, weights in parts.items():
            named |= {f"{part}.{name}": array for name, array in weights.arrays().items()}
        for name, moments in place.moments.items():
            named |= {f"m.{name}": moments.m, f"v.{name}": moments.v}
        return named


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return json.loads(str(arrays.pop("facts"))), arrays
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is not a whole checkpoint: {error}") from error
