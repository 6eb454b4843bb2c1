"""The adding problem: the sum of the two numbers that are marked, far apart, among many.

Every step has a number from 0 to 1 and a mark, 1 at two steps and 0 elsewhere: the first mark lies
in the first half, the second in the second half. The answer after the last step should be the sum
of the two marked numbers. Always answering 1 has a mean squared error of 1/6.
Source: Hochreiter & Schmidhuber 1997, "Long short-term memory", experiment 4.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np

from gate_explorer.analysis.damage import Claim, Measure, Trial
from gate_explorer.engine.checks import Array
from gate_explorer.runs.card import Figure, Limit
from gate_explorer.training.cells.model import Recipe
from gate_explorer.training.cells.project import Project, example
from gate_explorer.training.cells.release import release_project
from gate_explorer.training.cells.task import Batch, Drawn
from gate_explorer.training.measures import SEED, TRIED, listed, tried_by
from gate_explorer.zoo.cell_network import CellNetwork

STEPS = 100
SHORTEST = 4
BEYOND = (200, 300, 500)
SEQUENCES = 500


def sequences(count: int, steps: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Random inputs (T, N, 2) and their sums (N,), float32."""
    x = np.zeros((steps, count, 2), np.float32)
    x[:, :, 0] = rng.random((steps, count))
    columns = np.arange(count)
    for low, high in ((0, steps // 2), (steps // 2, steps)):
        x[rng.integers(low, high, count), columns, 1] = 1
    return x, x.prod(axis=2).sum(axis=0)


def squared_errors(network: CellNetwork, x: Array, sums: Array) -> Array:
    """The squared error of the answer after the last step of each sequence, (N,)."""
    answers = network.read(x)[-1, :, 0]
    result: Array = (answers - sums) ** 2
    return result


class Adding(Drawn[tuple[Array, Array]]):
    """The task as the training loop sees it: every other batch is shorter than STEPS."""

    input_size, output_size = 2, 1
    symbols: tuple[str, ...] = ()

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Random sequences, all of one length; the sum is asked for after the last step."""
        steps = int(rng.integers(SHORTEST, STEPS + 1)) if step % 2 else STEPS
        x, sums = sequences(size, steps, rng)
        targets = np.full((steps, size), np.nan, np.float32)
        targets[-1] = sums
        return Batch(x, targets)

    def drawn(self, rng: np.random.Generator) -> tuple[Array, Array]:
        """Random sequences of STEPS steps, with their sums."""
        return sequences(SEQUENCES, STEPS, rng)

    def figures(self, network: CellNetwork, data: tuple[Array, Array]) -> Mapping[str, float]:
        """The mean squared error of the sums."""
        return {"squared_error": float(squared_errors(network, *data).mean())}

    def limits(self, network: CellNetwork) -> tuple[Limit, ...]:
        """Its error on sequences longer than any it learned from."""
        rng = np.random.default_rng(SEED)
        errors = {
            steps: squared_errors(network, *sequences(TRIED, steps, rng)).mean() for steps in BEYOND
        }
        words = listed([f"{error:.4f} at {steps} steps" for steps, error in errors.items()])
        return (
            Limit(
                f"Beyond the {STEPS} steps that it learned from, the mean squared error is {words}."
            ),
        )

    def trial(self, again: bool = False) -> Trial:
        """Random sequences of STEPS steps; a unit is erased midway between the two marks."""
        x, sums = sequences(TRIED, STEPS, tried_by(again))
        marked = x[..., 1] == 1
        between = marked.cumsum(axis=0) == 1
        steps = np.arange(len(x))[:, None]
        middle = np.where(marked, steps, 0).sum(axis=0) // 2
        middle = np.maximum(middle, marked.argmax(axis=0) + 1)
        claim = Claim(
            "holds the first number, to add the second to it",
            "the number marked first, from then until the second",
            x.prod(axis=2).cumsum(axis=0), between, 0, holds=True,
            moments={"at marked numbers": marked, "at the others": ~marked},
        )  # fmt: skip
        error = Measure(
            "the mean squared error of the last answer",
            lambda z: float(((z[-1, :, 0] - sums) ** 2).mean()),
        )
        return Trial(
            f"{TRIED} random sequences of {STEPS} steps",
            "midway between the two marks", x, middle, (error,), (claim,),
        )  # fmt: skip


def rows(x: Array) -> str:
    """Numbers (T, 2) as an address writes them."""
    return ";".join(f"{value:.1f},{mark:.0f}" for value, mark in x)


def long_example() -> str:
    """A hundred random numbers to one place, two of them marked."""
    x, _ = sequences(1, STEPS, np.random.default_rng(4))
    return rows(x[:, 0])


PROJECT = Project(
    name="adding",
    title="Adding",
    description=(
        "An LSTM of 16 units that reads a number and a mark a step, and answers with the sum of the"
        " two marked numbers, which may stand a hundred steps apart."
    ),
    task=(
        f"The adding problem at T = {STEPS}: mean squared error of the answer after the last"
        " step. Always answering 1 has 0.167. Half of the training sequences were shorter."
    ),
    input="vectors",
    output="number",
    make=lambda _: Adding(),
    recipe=Recipe(hidden=16, updates=4000, batch=32, learning_rate=1e-2),
    twin_rates=(1e-3, 3e-3, 1e-2),
    figures=(
        Figure("squared_error", "mean squared error", "500 random sequences of 100 steps",
               "error", more=False, chance=0.1667),
    ),
    examples=(
        example("A hundred numbers",
                "The answer after step 100 is the sum of the two marked ones, to within 0.1.",
                x=long_example()),
        example("0.3 and 0.6",
                "Two numbers are marked; the answer after the last step is their sum, 0.9, to"
                " within 0.1.", x="0.8,0;0.3,1;0.5,0;0.9,0;0.6,1;0.2,0;0.7,0;0.1,0"),
        example("A large and a small one",
                "0.9 and 0.1 are marked: the answer is 1.0, to within 0.1.",
                x="0.9,1;0.4,0;0.4,0;0.4,0;0.1,1;0.4,0"),
    ),
    order=50,
    inputs=("the number", "the mark"),
    range=(0, 1),
)  # fmt: skip

release = partial(release_project, PROJECT)
