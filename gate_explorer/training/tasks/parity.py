"""Parity: is the number of ones so far even or odd?

After every symbol of a string over 0 and 1 the answer is even or odd. One symbol changes every
answer after it, so nothing can be left out, and nothing averaged. Training strings have at most
`TRAINED` symbols; the figures ask for `LONGEST`.
Source: Minsky & Papert 1969, "Perceptrons"; as a task for recurrent networks Hochreiter &
Schmidhuber 1997, "Long short-term memory", section 5, where guessing weights solves it sooner
than gradients do.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gate_explorer.training.cells.task import Batch
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.symbols import one_hot

SYMBOLS = ("0", "1")
LABELS = ("even", "odd")
TRAINED, LONGEST = 30, 1000
STRINGS = 200

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

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Random strings of at most TRAINED symbols."""
        return encode(random_bits(int(rng.integers(1, TRAINED + 1)), size, rng))

    def dev(self, network: CellNetwork) -> Mapping[str, float]:
        """Figures over random strings of LONGEST symbols."""
        return _figures(network, self._dev)

    def test(self, network: CellNetwork) -> Mapping[str, float]:
        """The same over other strings."""
        return _figures(network, self._test)

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
