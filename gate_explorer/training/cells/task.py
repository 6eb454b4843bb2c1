"""What the training loop asks of a task: batches to learn from, and figures to be judged by."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from gate_explorer.analysis.damage import Trial
from gate_explorer.engine.checks import Array
from gate_explorer.runs.card import Limit
from gate_explorer.zoo.cell_network import CellNetwork

NO_TARGET = -1
DEV_SEED, TEST_SEED = 1001, 2002

Data = TypeVar("Data")


@dataclass(frozen=True)
class Batch:
    """Sequences side by side, padded at the end.

    x (T, N, D) float32; targets (T, N): the class or symbol wanted after a step, NO_TARGET where
    nothing is asked, or a number, NaN where nothing is asked. goes_on: the sequences continue
    those of the batch before, so the state is carried over.
    """

    x: Array
    targets: NDArray[np.intp] | Array
    goes_on: bool = False


class Task(Protocol):
    """Something to learn. Batch k of a run is the same whenever it is asked for with one rng."""

    @property
    def input_size(self) -> int:
        """D, the width of one input."""
        ...

    @property
    def output_size(self) -> int:
        """K, the width of the readout."""
        ...

    @property
    def symbols(self) -> Sequence[str]:
        """What it reads, in the order of the inputs; none where it reads vectors."""
        ...

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """The sequences of update `step`, 0-based."""
        ...

    def dev(self, network: CellNetwork) -> Mapping[str, float]:
        """Figures on the data that choices are made by."""
        ...

    def test(self, network: CellNetwork) -> Mapping[str, float]:
        """Figures on data that nothing was chosen by."""
        ...

    def limits(self, network: CellNetwork) -> tuple[Limit, ...]:
        """What a network does beyond what it learned from, measured, in words."""
        ...

    def trial(self, again: bool = False) -> Trial:
        """What the units of a network that learned it are tried by, over held-out data.

        again: the same over other held-out data.
        """
        ...


class Drawn(ABC, Generic[Data]):
    """The part of a task whose data is drawn: the same on dev and test, from seeds of their own."""

    @abstractmethod
    def drawn(self, rng: np.random.Generator) -> Data:
        """What a network is measured on."""

    @abstractmethod
    def figures(self, network: CellNetwork, data: Data) -> Mapping[str, float]:
        """The card's figures over it."""

    def dev(self, network: CellNetwork) -> Mapping[str, float]:
        """Figures on the data that choices are made by."""
        return self.figures(network, self.dev_data)

    def test(self, network: CellNetwork) -> Mapping[str, float]:
        """Figures on data that nothing was chosen by."""
        return self.figures(network, self.test_data)

    @cached_property
    def dev_data(self) -> Data:
        """Drawn once."""
        return self.drawn(np.random.default_rng(DEV_SEED))

    @cached_property
    def test_data(self) -> Data:
        """Drawn once, apart from dev."""
        return self.drawn(np.random.default_rng(TEST_SEED))
