"""Which units of a learned cell tell the most: what their memories demonstrably follow.

Each finding is Pearson's correlation, over held-out data, of a unit's cell state with a quantity
that has a meaning (how many a's wait for their b), beside what its gates do where that matters.
Only steps at which the quantity is defined are observed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMTrace
from gate_explorer.runs.card import UnitFact
from gate_explorer.training.correlation import correlation_with
from gate_explorer.zoo.cell_network import CellNetwork

SEED = 3003  # of what units are observed over, none of which is learned or tested on
OBSERVED = 200  # sequences

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Quantity:
    """Something a unit may follow: name and words, its values over the steps observed, (M,).

    moments: kinds of steps at which the gates are looked at, each a mask (M,).
    """

    name: str
    follows: str
    values: Array
    moments: Mapping[str, Mask]


@dataclass(frozen=True)
class Observed:
    """Cell states and gates at the steps observed, each (M, H), and what they may follow."""

    c: Array
    f: Array
    i: Array
    quantities: Sequence[Quantity]


def findings(seen: Observed) -> tuple[UnitFact, ...]:
    """For each quantity the unit that follows it most closely; no unit twice."""
    found: list[UnitFact] = []
    for quantity in seen.quantities:
        r = correlation_with(seen.c, quantity.values)
        r[[one.unit - 1 for one in found]] = 0
        unit = int(np.abs(r).argmax())
        gates = {
            f"{gate} {moment}": round(float(values[mask, unit].mean()), 3)
            for moment, mask in quantity.moments.items()
            for gate, values in (("forget gate", seen.f), ("input gate", seen.i))
        }
        words = _words(quantity, float(r[unit]), gates)
        figures = (round(float(r[unit]), 3), words, gates, quantity.follows)
        found.append(UnitFact(unit + 1, quantity.name, *figures))
    return tuple(found)


def _words(quantity: Quantity, r: float, gates: Mapping[str, float]) -> str:
    averages = ", ".join(f"{name} {value:.2f}" for name, value in gates.items())
    number = f"{r:+.2f}".replace("-", "\N{MINUS SIGN}")
    return (
        f"{quantity.name}: its memory follows {quantity.follows}, with a correlation of {number}"
        f" (on average: {averages})"
    )


def observed(
    network: CellNetwork, x: Array, real: Mask, quantities: Sequence[Quantity]
) -> Observed:
    """An LSTM's values at the steps that are real, over inputs x (T, N, D); real: (T, N)."""
    trace = network.trace(x)
    if not isinstance(trace, LSTMTrace):
        raise TypeError("only an LSTM has gates to observe")
    return Observed(trace.c[real], trace.f[real], trace.i[real], quantities)
