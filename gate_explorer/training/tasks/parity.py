"""Parity: is the number of ones so far even or odd?

After every symbol of a string over 0 and 1 the answer is even or odd. One symbol changes every
answer after it, so nothing can be left out, and nothing averaged. Training strings have at most
`TRAINED` symbols; the figures ask for `LONGEST`.
Source: Minsky & Papert 1969, "Perceptrons"; as a task for recurrent networks Hochreiter &
Schmidhuber 1997, "Long short-term memory", section 5, where guessing weights solves it sooner
than gradients do.
"""

from collections.abc import Mapping
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from gate_explorer.analysis.damage import Claim, Measure, Trial
from gate_explorer.runs.card import Figure
from gate_explorer.training.cells.model import Recipe
from gate_explorer.training.cells.project import Project, example
from gate_explorer.training.cells.release import release_project
from gate_explorer.training.cells.task import Batch
from gate_explorer.training.measures import SEED, bits
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.symbols import one_hot

SYMBOLS = ("0", "1")
LABELS = ("even", "odd")
TRAINED, LONGEST = 30, 1000
STRINGS = 200
TRIED_STEPS = 100

Ints = NDArray[np.intp]


def random_bits(steps: int, count: int, rng: np.random.Generator) -> Ints:
    """Fair coins, (T, N)."""
    return rng.integers(0, 2, (steps, count)).astype(np.intp)


def encode(bits: Ints) -> Batch:
    """Strings side by side, with the right answer after every symbol, as a place in LABELS."""
    return Batch(one_hot(bits, len(SYMBOLS)), bits.cumsum(axis=0) % 2)


class Parity:
    """The task as the training loop sees it: all strings of a batch are of one random length."""

    input_size, output_size = len(SYMBOLS), len(LABELS)
    symbols = SYMBOLS

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Random strings of at most TRAINED symbols."""
        return encode(random_bits(int(rng.integers(1, TRAINED + 1)), size, rng))

    def dev(self, network: CellNetwork) -> Mapping[str, float]:
        """Figures over random strings of LONGEST symbols."""
        return _figures(network, self._dev)

    def test(self, network: CellNetwork) -> Mapping[str, float]:
        """The same over other strings."""
        return _figures(network, self._test)

    def trial(self) -> Trial:
        """Random strings; a unit is erased in the middle of them."""
        batch = encode(random_bits(TRIED_STEPS, STRINGS, np.random.default_rng(SEED)))
        right = batch.targets.astype(np.intp)
        everywhere = np.ones(right.shape, bool)
        claim = Claim(
            "flips", "whether the ones so far are odd", right.astype(float), everywhere, 0,
            holds=False, moments={"at 0": batch.x[..., 0] == 1, "at 1": batch.x[..., 1] == 1},
        )  # fmt: skip
        measures = (
            Measure("bits an answer", lambda z: bits(z, right, everywhere)),
            Measure("the share of right answers",
                    lambda z: float((z.argmax(axis=-1) == right).mean()), more=True),
        )  # fmt: skip
        return Trial(
            f"{STRINGS} random strings of {TRIED_STEPS} symbols", "at symbol 50", batch.x,
            np.full(STRINGS, TRIED_STEPS // 2 - 1), measures, (claim,),
        )  # fmt: skip

    @cached_property
    def _dev(self) -> Batch:
        return encode(random_bits(LONGEST, STRINGS, np.random.default_rng(1001)))

    @cached_property
    def _test(self) -> Batch:
        return encode(random_bits(LONGEST, STRINGS, np.random.default_rng(2002)))


def _figures(network: CellNetwork, batch: Batch) -> Mapping[str, float]:
    right = network.read(batch.x).argmax(axis=-1) == batch.targets
    return {
        "answers": float(right.mean()),
        "strings": float(right.all(axis=0).mean()),
        "trained": float(right[:TRAINED].mean()),
    }


PROJECT = Project(
    name="parity",
    title="Parity",
    description=(
        "An LSTM of 4 units that reads zeros and ones and says after each whether the ones so far"
        " are even or odd."
    ),
    task=(
        f"Even or odd? It learned from random strings of at most {TRAINED} symbols and is measured"
        f" on strings of {LONGEST}. A vanilla RNN of the same size learns it too, but in some runs"
        " alone; see its card."
    ),
    input="characters",
    output="classes",
    make=lambda _: Parity(),
    recipe=Recipe(hidden=4, updates=2500, batch=32, learning_rate=1e-2),
    twin_rates=(3e-3, 1e-2, 3e-2),
    figures=(
        Figure("answers", "right answers", f"{STRINGS} random strings of {LONGEST}", "share"),
        Figure("strings", "strings with every answer right",
               f"{STRINGS} random strings of {LONGEST}", "share"),
        Figure("trained", f"right answers among the first {TRAINED}",
               f"{STRINGS} random strings of {LONGEST}", "share"),
    ),
    examples=(
        example("Three ones",
                "Odd, even, odd: every 1 turns the answer over, and no 0 does.", text="0110010"),
        example("All ones", "The answer flips at every step.", text="1" * 12),
        example("Twice as long as any it learned from",
                f"60 symbols, where training had at most {TRAINED}: every answer is right.",
                text="011010001110101100100111010110" * 2),
    ),
    seeds=(1, 2, 3, 4, 5),
    order=45,
    labels=LABELS,
)  # fmt: skip

release = partial(release_project, PROJECT)
