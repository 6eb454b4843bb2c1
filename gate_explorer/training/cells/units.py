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
from gate_explorer.training.sentiment.units import correlation_with
from gate_explorer.training.tasks import agreement, counter, reber
from gate_explorer.training.tasks.adding import STEPS, sequences
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.symbols import Symbols, one_hot

SEED = 3003
OBSERVED = 200  # sequences
CHARACTERS = 20_000

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


def observe_counter(network: CellNetwork) -> Observed:
    """Over a^n b^n for every n up to LONGEST."""
    texts = ["a" * n + "b" * n for n in range(1, counter.LONGEST + 1)]
    batch = counter.encode(texts)
    real = batch.targets >= 0
    at_a = batch.x[..., 0] == 1
    waiting = np.where(at_a, 1, -1).cumsum(axis=0)
    quantity = Quantity(
        "counts", "how many a’s wait for their b", waiting[real],
        {"at a": at_a[real], "at b": ~at_a[real]},
    )  # fmt: skip
    return _observed(network, batch.x, real, [quantity])


def observe_reber(network: CellNetwork) -> Observed:
    """Over random strings, where the second symbol has to come back."""
    rng = np.random.default_rng(SEED)
    texts = [reber.embedded(rng) for _ in range(OBSERVED)]
    batch = reber.encode(texts)
    real = np.arange(len(batch.x))[:, None] == np.array([len(text) - 3 for text in texts])
    kept = np.where([text[1] == "T" for text in texts], 1, -1)
    quantity = Quantity(
        "brings the second symbol back", "which of T and P came second, where it has to come back",
        np.broadcast_to(kept, real.shape)[real], {"there": np.ones(len(texts), bool)},
    )  # fmt: skip
    return _observed(network, batch.x, real, [quantity])


def observe_adding(network: CellNetwork) -> Observed:
    """Over random sequences of STEPS steps."""
    x, _ = sequences(OBSERVED, STEPS, np.random.default_rng(SEED))
    real = np.ones(x.shape[:2], bool)
    marked = x[..., 1] == 1
    quantity = Quantity(
        "adds up", "the sum of the numbers marked so far", x.prod(axis=2).cumsum(axis=0)[real],
        {"at marked numbers": marked[real], "at the others": ~marked[real]},
    )  # fmt: skip
    return _observed(network, x, real, [quantity])


def observe_agreement(network: CellNetwork) -> Observed:
    """Over random sentences, at the word before the main verb."""
    rng = np.random.default_rng(SEED)
    sentences = [agreement.sentence(rng) for _ in range(OBSERVED)]
    batch = agreement.encode(sentences)
    real = np.arange(len(batch.x))[:, None] == np.array([one.verb - 1 for one in sentences])
    plural = np.where([one.plural for one in sentences], 1, -1)
    quantity = Quantity(
        "holds the subject’s number", "whether the subject is one or many, right before its verb",
        np.broadcast_to(plural, real.shape)[real], {"there": np.ones(len(sentences), bool)},
    )  # fmt: skip
    return _observed(network, batch.x, real, [quantity])


def observe_characters(network: CellNetwork, symbols: Symbols, text: str) -> Observed:
    """Over the beginning of a text that the model didn't learn."""
    text = text[:CHARACTERS]
    x = one_hot(symbols.places(text), len(symbols))[:, None]
    line_end, space = (np.array([char == mark for char in text]) for mark in "\n ")
    moments = {"at a line’s end": line_end, "elsewhere": ~line_end}
    quantities = [
        Quantity("measures the line", "how long the line is so far", since(line_end), moments),
        Quantity("knows a speaker’s name", "whether a speaker is being named", speaker(text),
                 moments),
        Quantity("measures the word", "how long the word is so far", since(space | line_end),
                 {"at a space": space, "elsewhere": ~space}),
    ]  # fmt: skip
    return _observed(network, x, np.ones(x.shape[:2], bool), quantities)


def since(mark: Mask) -> Array:
    """How many steps ago a mark was last seen, 0 at a mark; counted from the start before one."""
    steps = np.arange(len(mark))
    last = np.maximum.accumulate(np.where(mark, steps, -1))
    result: Array = (steps - last).astype(np.float64)
    return result


def speaker(text: str) -> Array:
    """1 at the letters of a speaker's name (a line after an empty one that ends in a colon)."""
    inside = np.zeros(len(text))
    start = 0
    for paragraph in text.split("\n\n"):
        name, colon, _ = paragraph.partition(":\n")
        if colon and "\n" not in name:
            inside[start : start + len(name)] = 1
        start += len(paragraph) + 2
    return inside


def _observed(
    network: CellNetwork, x: Array, real: Mask, quantities: Sequence[Quantity]
) -> Observed:
    trace = network.trace(x)
    if not isinstance(trace, LSTMTrace):
        raise TypeError("only an LSTM has gates to observe")
    return Observed(trace.c[real], trace.f[real], trace.i[real], quantities)
