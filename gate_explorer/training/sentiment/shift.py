"""Rows that training never read, moved as it moved their neighbours.

row = start + sum_n w_n (trained_n - start_n), over the nearest trained words by the cosine of their
starting rows, w = softmax(cosine / sharpness).
So a word that means what trained words mean is read as they are, wherever they went.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.checks import Array

NEAREST = 20
SHARPNESS = 0.1
_BLOCK = 2048  # untrained words that are compared at once


@dataclass(frozen=True)
class Neighbourhood:
    """The trained neighbours of each untrained word.

    nearest (U, N): their rows; shares (U, N): their weights, with sum 1.
    """

    nearest: NDArray[np.intp]
    shares: NDArray[np.float32]

    @classmethod
    def of(cls, start: Array, trained: int, leading: NDArray[np.intp]) -> "Neighbourhood":
        """The neighbours of start[trained:] among the rows `leading`, all of them trained."""
        unit = start / np.maximum(np.linalg.norm(start, axis=1, keepdims=True), 1e-6)
        count = min(NEAREST, len(leading))
        nearest, shares = [], []
        for first in range(trained, len(start), _BLOCK):
            cosines = unit[first : first + _BLOCK] @ unit[leading].T
            chosen = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
            near = np.take_along_axis(cosines, chosen, axis=1)
            share = np.exp((near - near.max(axis=1, keepdims=True)) / SHARPNESS)
            nearest.append(leading[chosen])
            shares.append((share / share.sum(axis=1, keepdims=True)).astype(np.float32))
        empty = np.empty((0, count))
        return cls(
            np.concatenate([empty.astype(np.intp), *nearest]),
            np.concatenate([empty.astype(np.float32), *shares]),
        )

    def moved(self, start: Array, trained: Array) -> Array:
        """The untrained rows after training. Shapes: start (V, D), trained (V - U, D) -> (U, D)."""
        moves = trained - start[: len(trained)]
        rows = start[len(trained) :].copy()
        for nearest, share in zip(self.nearest.T, self.shares.T, strict=True):
            rows += share[:, None] * moves[nearest]
        return rows
