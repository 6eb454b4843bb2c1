"""The toy's three rules, learned from examples: nobody tells the network what its gates are for.

    x2 =  1   add x1 to the memory        x2 =  0   leave it alone
    x2 = -1   reset the memory to 0       x3 =  1   output it, else 0

The answer after every step is what the rules say (`engine.toy`). x1 lies between -1 and 1, so that
a cell whose values lie between -1 and 1 can write it.
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

STEPS = 20
SEQUENCES = 500
BEYOND = (100, 300)  # steps that no training sequence had
RESETS, ADDS, SHOWS = 0.15, 0.4, 0.5  # shares of the steps


def sequences(count: int, steps: int, rng: np.random.Generator) -> Array:
    """Random inputs (T, N, 3), float32."""
    x = np.empty((steps, count, 3), np.float32)
    x[..., 0] = rng.uniform(-1, 1, (steps, count))
    x[..., 1] = rng.choice((-1, 0, 1), (steps, count), p=(RESETS, 1 - RESETS - ADDS, ADDS))
    x[..., 2] = rng.random((steps, count)) < SHOWS
    return x


def memory(x: Array) -> Array:
    """The memory after each step of inputs (T, N, 3): (T, N)."""
    kept, added = x[..., 1] != -1, x[..., 0] * (x[..., 1] == 1)
    found: Array = np.empty_like(added)
    now = np.zeros_like(added[0])
    for t in range(len(x)):
        now = now * kept[t] + added[t]
        found[t] = now
    return found


def answers(x: Array) -> Array:
    """What the rules say after each step of inputs (T, N, 3): (T, N)."""
    result: Array = memory(x) * x[..., 2]
    return result


class ToyLearned(Drawn[Array]):
    """The task as the training loop sees it."""

    input_size, output_size = 3, 1
    symbols: tuple[str, ...] = ()

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Random sequences of STEPS steps, an answer asked for after each."""
        x = sequences(size, STEPS, rng)
        return Batch(x, answers(x))

    def drawn(self, rng: np.random.Generator) -> Array:
        """Random sequences of STEPS steps."""
        return sequences(SEQUENCES, STEPS, rng)

    def figures(self, network: CellNetwork, x: Array) -> Mapping[str, float]:
        """The mean squared error of the answers."""
        return {"squared_error": _error(network, x)}

    def limits(self, network: CellNetwork) -> tuple[Limit, ...]:
        """Its error on sequences longer than any it learned from."""
        rng = np.random.default_rng(SEED)
        errors = {steps: _error(network, sequences(TRIED, steps, rng)) for steps in BEYOND}
        words = listed([f"{error:.4f} at {steps} steps" for steps, error in errors.items()])
        return (
            Limit(
                f"Beyond the {STEPS} steps that it learned from, the mean squared error is {words}."
            ),
        )

    def trial(self, again: bool = False) -> Trial:
        """Random sequences; a unit is erased in the middle of them."""
        x = sequences(TRIED, STEPS, tried_by(again))
        right = answers(x)
        everywhere = np.ones(right.shape, bool)
        claim = Claim(
            "is the memory", "what the rules have in memory", memory(x), everywhere, 0, holds=True,
            moments={"at add": x[..., 1] == 1, "at leave alone": x[..., 1] == 0,
                     "at reset": x[..., 1] == -1},
        )  # fmt: skip
        error = Measure(
            "the mean squared error of the answers",
            lambda z: float(((z[..., 0] - right) ** 2).mean()),
        )
        return Trial(
            f"{TRIED} random sequences of {STEPS} steps", "at step 10", x,
            np.full(TRIED, STEPS // 2 - 1), (error,), (claim,),
        )  # fmt: skip


def _error(network: CellNetwork, x: Array) -> float:
    return float(((network.read(x)[..., 0] - answers(x)) ** 2).mean())


PROJECT = Project(
    name="toy-learned",
    title="Three rules, learned",
    description=(
        "An LSTM of 4 units that learned the toy’s three rules from examples alone. Beside it stand"
        " the rules themselves and the same as hand-set weights: here training found the gates."
    ),
    task=(
        "The toy’s rules on [x1, x2, x3], x1 from -1 to 1: x2 = 1 adds x1 to the memory, x2 = -1"
        " resets it, x3 = 1 outputs it, else the answer is 0. Mean squared error of the answer"
        " after every step."
    ),
    input="vectors",
    output="number",
    make=lambda _: ToyLearned(),
    recipe=Recipe(hidden=4, updates=4000, batch=32, learning_rate=2e-2),
    twin_rates=(1e-2, 2e-2),
    figures=(
        Figure("squared_error", "mean squared error", f"500 random sequences of {STEPS} steps",
               "error", more=False, chance=0.3197),
    ),
    examples=(
        example("Add, add, show",
                "0.3 and 0.5 are written, and shown as 0.8, to within 0.1.",
                x="0.3,1,0;0.5,1,0;0.9,0,1"),
        example("Reset in the middle",
                "At step 3 the memory is let go: the forget gate of the unit shown first falls, and"
                " what is shown after it is 0.4 alone, to within 0.1.",
                x="0.7,1,0;0.6,1,0;0,-1,0;0.4,1,1"),
        example("Remember for a while",
                "0.9 is written once and survives six steps of noise, to within 0.15.",
                x="0.9,1,0;0.2,0,0;-0.8,0,0;0.5,0,0;-0.3,0,0;0.7,0,0;-0.9,0,0;0.1,0,1"),
    ),
    order=25,
    inputs=("x1", "x2", "x3"),
    range=(-1, 1),
)  # fmt: skip

release = partial(release_project, PROJECT)
