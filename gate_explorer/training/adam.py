"""Adam, dense and for the touched rows of a table; clipping; the course of the learning rate.

m = beta1 m + (1 - beta1) d;  v = beta2 v + (1 - beta2) d^2
w = w - rate * (m / (1 - beta1^k)) / (sqrt(v / (1 - beta2^k)) + epsilon)   at the k-th update
Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 1.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.checks import Array

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Moments:
    """The running mean and the running uncentred variance of a gradient, in the weight's shape."""

    m: Array
    v: Array

    @classmethod
    def zeros_like(cls, weight: Array) -> "Moments":
        """Moments of a weight that has not been updated yet."""
        return cls(np.zeros_like(weight), np.zeros_like(weight))


def update(weight: Array, moments: Moments, d_weight: Array, rate: float, count: int) -> None:
    """Move a weight, in place, by its `count`-th Adam update (1-based)."""
    m, v = moments.m, moments.v
    m += (1 - BETA1) * (d_weight - m)
    v += (1 - BETA2) * (d_weight * d_weight - v)
    weight -= _move(m, v, rate, count)


def update_rows(
    table: Array, moments: Moments, rows: NDArray[np.intp], d_rows: Array, rate: float, count: int
) -> None:
    """Move only the given rows of a table, in place; `rows` holds each row once.

    Lazy Adam: moments of the other rows stay as they were, so a step costs what it touches.
    """
    m = moments.m[rows]
    v = moments.v[rows]
    m += (1 - BETA1) * (d_rows - m)
    v += (1 - BETA2) * (d_rows * d_rows - v)
    moments.m[rows] = m
    moments.v[rows] = v
    table[rows] -= _move(m, v, rate, count)


def _move(m: Array, v: Array, rate: float, count: int) -> Array:
    step = rate / (1 - BETA1**count)
    move: Array = step * m / (np.sqrt(v / (1 - BETA2**count)) + EPSILON)
    return move


def clip(gradients: Iterable[Array], limit: float) -> float:
    """Scale gradients in place so that their common Euclidean norm is at most `limit`.

    Returns the norm before scaling. Source: Pascanu, Mikolov & Bengio 2013, algorithm 1.
    """
    arrays = list(gradients)
    norm = math.sqrt(sum(float(np.vdot(array, array)) for array in arrays))
    if norm > limit:
        for array in arrays:
            array *= limit / norm
    return norm


def learning_rate(peak: float, step: int, steps: int, warm_up: int, floor: float) -> float:
    """Linear from 0 to `peak` over `warm_up` steps, then linear to `floor` * `peak` at the end.

    Ranges: step 0 to steps - 1; the result is above 0 and at most `peak`.
    """
    if step < warm_up:
        return peak * (step + 1) / (warm_up + 1)
    share = (step - warm_up) / max(steps - warm_up, 1)
    return peak * (1 - (1 - floor) * share)


def summed_rows(rows: NDArray[np.intp], d_x: Array) -> tuple[NDArray[np.intp], Array]:
    """Sum the gradients that fall on the same table row.

    Shapes: rows (M,), d_x (M, D) -> each row once, ascending (R,), and its sum (R, D).
    Rows that come once, most of a large vocabulary's, are taken as they are; runs of the others are
    added.
    """
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    counts = np.diff(first, append=len(rows))
    sums = d_x[order[first]]
    repeated = counts > 1
    if repeated.any():
        starts = np.cumsum(counts[repeated]) - counts[repeated]
        runs = d_x[order[np.repeat(repeated, counts)]]
        sums[repeated] = np.add.reduceat(runs, starts, axis=0)
    return ordered[first], sums
