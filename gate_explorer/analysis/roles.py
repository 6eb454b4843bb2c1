"""A real step read as the toy reads its own: how much it stored, reset and showed.

    store  = sum(i |g|) / sum(|g|)               how much of the draft was written
    reset  = 1 - sum(f |c'|) / sum(|c'|)         how much of the memory was erased
    output = sum(o |tanh c|) / sum(|tanh c|)     how much of the memory was shown

sums over the units. With an empty draft or memory there is nothing to weigh by, and the gate's
plain mean stands in. On the toy itself they are exactly the three rules. A cell without gates
rewrites all of its state and shows all of it: 1, 1, 1.
"""

from dataclasses import dataclass

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.runs.run import Layer, RNNLayer


@dataclass(frozen=True, slots=True)
class Roles:
    """One step's roles, each in [0, 1]."""

    store: float
    reset: float
    output: float


def roles(layer: Layer) -> list[Roles]:
    """The roles of each of a layer's T steps."""
    if isinstance(layer, RNNLayer):
        return [Roles(1.0, 1.0, 1.0)] * len(layer.h)
    store = _share(layer.i, layer.g)
    kept = _share(layer.f, layer.c_prev)
    shown = _share(layer.o, layer.tanh_c)
    return [
        Roles(float(s), float(1 - k), float(o)) for s, k, o in zip(store, kept, shown, strict=True)
    ]


def _share(gate: Array, amount: Array) -> Array:
    """(T,): how much of the `amount` (T, H) passes the gate, a mean weighted by its size."""
    gate, weight = gate.astype(np.float64), np.abs(amount.astype(np.float64))
    total = weight.sum(axis=1)
    empty = total == 0
    passed = (gate * weight).sum(axis=1) / np.where(empty, 1, total)
    share: Array = np.clip(np.where(empty, gate.mean(axis=1), passed), 0, 1)
    return share
