"""The adding problem: the sum of the two numbers that are marked, far apart, among many.

Every step has a number from 0 to 1 and a mark, 1 at two steps and 0 elsewhere: the first mark lies
in the first half, the second in the second half. The answer after the last step should be the sum
of the two marked numbers. Always answering 1 has a mean squared error of 1/6.
Source: Hochreiter & Schmidhuber 1997, "Long short-term memory", experiment 4.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.training.cells.task import Batch
from gate_explorer.zoo.cell_network import CellNetwork

STEPS = 100
SHORTEST = 4
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


class Adding:
    """The task as the training loop sees it: every other batch is shorter than STEPS."""

    input_size, output_size = 2, 1

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Random sequences, all of one length; the sum is asked for after the last step."""
        steps = int(rng.integers(SHORTEST, STEPS + 1)) if step % 2 else STEPS
        x, sums = sequences(size, steps, rng)
        targets = np.full((steps, size), np.nan, np.float32)
        targets[-1] = sums
        return Batch(x, targets)

    def dev(self, network: CellNetwork) -> Mapping[str, float]:
        """The mean squared error over sequences of STEPS steps."""
        return {"squared_error": float(squared_errors(network, *self._dev).mean())}

    def test(self, network: CellNetwork) -> Mapping[str, float]:
        """The same over other sequences."""
        return {"squared_error": float(squared_errors(network, *self._test).mean())}

    @cached_property
    def _dev(self) -> tuple[Array, Array]:
        return sequences(SEQUENCES, STEPS, np.random.default_rng(1001))

    @cached_property
    def _test(self) -> tuple[Array, Array]:
        return sequences(SEQUENCES, STEPS, np.random.default_rng(2002))
