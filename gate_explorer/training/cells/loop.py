"""Train a cell with its readout on a task: one seed from start, or from where it stopped.

Adam with gradients by backpropagation through time; what is kept is a running average of the
weights. From 6 to 10 checkpoints, from untrained to done, are taken at log-spaced updates, each
with the loss so far and the figures on the task's dev data: the learning curve.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from gate_explorer.engine.checks import Array
from gate_explorer.training.adam import Moments, clip, learning_rate, update
from gate_explorer.training.cells.model import Recipe, State, Weights, loss_and_gradients
from gate_explorer.training.cells.task import Task
from gate_explorer.training.checkpoint import read_checkpoint, write_checkpoint
from gate_explorer.training.interrupts import Interrupts, deferred_interrupts
from gate_explorer.training.schedule import checkpoint_steps, label
from gate_explorer.zoo.cell_network import CellNetwork

Figures = dict[str, float]


@dataclass(frozen=True)
class Report:
    """What one run came to; `checkpoints` and `curve` by their label, oldest first."""

    seed: int
    recipe: Recipe
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
class _State:
    """Everything that training changes."""

    weights: Weights
    average: Weights
    moments: dict[str, Moments]
    rng: np.random.Generator
    step: int = 0
    carried: State | None = None  # h and c after the last batch
    losses: list[float] = field(default_factory=list)  # since the last checkpoint
    checkpoints: dict[str, Weights] = field(default_factory=dict)
    curve: dict[str, Figures] = field(default_factory=dict)


def train(
    task: Task,
    recipe: Recipe,
    seed: int,
    path: Path | None = None,
    *,
    resume: bool = False,
    quiet: bool = False,
    after_step: Callable[[int], None] | None = None,
) -> Report:
    """Train with one seed, saving its state in the file `path` if one is given.

    With `resume` an existing file is taken up, and the result is bit for bit that of a run never
    stopped. Raises: DataError for a file of another run; KeyboardInterrupt after Ctrl-C, once the
    state is saved.
    """
    began = time.monotonic()
    rng = np.random.default_rng(seed)
    start = Weights.initial(recipe, task.input_size, task.output_size, rng)
    moments = {name: Moments.zeros_like(array) for name, array in start.arrays().items()}
    run = _Run(task, recipe, seed, path, _State(start, start.copy(), moments, rng))
    if resume and path is not None and path.is_file():
        run.restore(path)
    with deferred_interrupts() as interrupts:
        run.to_the_end(interrupts, quiet, after_step)
    networks = {name: w.network(recipe.cell) for name, w in run.state.checkpoints.items()}
    network = networks[label(recipe.updates)]
    return Report(
        seed, recipe, networks, dict(run.state.curve), dict(task.dev(network)),
        dict(task.test(network)), time.monotonic() - began,
    )  # fmt: skip


@dataclass
class _Run:
    """One run: the task, how it is learned, and where its state is saved."""

    task: Task
    recipe: Recipe
    seed: int
    path: Path | None
    state: _State

    def to_the_end(
        self, interrupts: Interrupts, quiet: bool, after_step: Callable[[int], None] | None
    ) -> None:
        """Make all updates that are left; save the state at every checkpoint and on Ctrl-C."""
        state, steps = self.state, checkpoint_steps(self.recipe.updates)
        if not state.checkpoints:
            self._take_checkpoint()
        total = self.recipe.updates
        with tqdm(total=total, initial=state.step, disable=quiet, unit="step") as bar:
            while state.step < total:
                self._update()
                bar.update()
                bar.set_postfix_str(self._figures(), refresh=False)
                if state.step in steps:
                    self._take_checkpoint()
                if after_step is not None:
                    after_step(state.step)
                if interrupts.asked:
                    self._save()
                    raise KeyboardInterrupt

    def _update(self) -> None:
        state, recipe = self.state, self.recipe
        batch = self.task.batch(state.step, recipe.batch, state.rng)
        step = loss_and_gradients(state.weights, batch, recipe, state.rng, state.carried)
        clip(step.gradients.values(), recipe.clip)
        course = (state.step, recipe.updates, recipe.warm_up, recipe.final_rate)
        rate = learning_rate(recipe.learning_rate, *course)
        state.step += 1
        state.carried = step.state
        state.losses.append(step.loss)
        # The average spans ever more updates, so that it leaves the untrained weights behind.
        share = np.float32(max(1 / recipe.remembered, 9 / (state.step + 9)))
        average = state.average.arrays()
        for name, array in state.weights.arrays().items():
            update(array, state.moments[name], step.gradients[name], rate, state.step)
            average[name] += (array - average[name]) * share

    def _take_checkpoint(self) -> None:
        state, name = self.state, label(self.state.step)
        state.checkpoints[name] = state.average.copy()
        figures = dict(self.task.dev(state.average.network(self.recipe.cell)))
        state.curve[name] = {"step": state.step, **figures}
        state.losses = []
        self._save()

    def _figures(self) -> str:
        last = list(self.state.curve.values())[-1]
        dev = ", ".join(f"{name} {value:.3g}" for name, value in last.items() if name != "step")
        return f"loss {np.mean(self.state.losses[-100:]):.4f}; dev {dev}"

    def _identity(self) -> dict[str, Any]:
        name = type(self.task).__name__
        return {"task": name, "seed": self.seed, "recipe": asdict(self.recipe)}

    def _save(self) -> None:
        if self.path is None:
            return
        state = self.state
        facts = {
            "step": state.step,
            "rng": state.rng.bit_generator.state,
            "losses": state.losses,
            "curve": state.curve,
            "carried": len(state.carried or ()),
        }
        write_checkpoint(self.path, self._identity(), facts, self._arrays())

    def restore(self, path: Path) -> None:
        """Bring the run to where the file stood. Raises: DataError."""
        facts, arrays = read_checkpoint(path, self._identity())
        state = self.state
        state.step, state.losses, state.curve = facts["step"], facts["losses"], facts["curve"]
        state.rng.bit_generator.state = facts["rng"]
        state.checkpoints = {name: state.weights.copy() for name in state.curve}
        if facts["carried"]:
            state.carried = tuple(arrays[f"state.{k}"] for k in range(facts["carried"]))
        for name, array in self._arrays().items():
            array[...] = arrays[name]

    def _arrays(self) -> dict[str, Array]:
        """Every array of the state by name; the arrays themselves, not copies."""
        state = self.state
        parts = {"weights": state.weights, "average": state.average, **state.checkpoints}
        named = {f"state.{k}": array for k, array in enumerate(state.carried or ())}
        for part, weights in parts.items():
            named |= {f"{part}.{name}": array for name, array in weights.arrays().items()}
        for name, moments in state.moments.items():
            named |= {f"m.{name}": moments.m, f"v.{name}": moments.v}
        return named
