"""Embedded Reber strings: the first T or P comes back at the end, three random strings later.

A Reber string is a walk through a graph with two ways on from every node (Reber 1967). An embedded
one is B, T or P, then here three Reber strings in a row, then the same T or P, then E. After every
symbol the network says which comes next; only a memory of the second symbol tells the last but one.
Source: Hochreiter & Schmidhuber 1997, "Long short-term memory", experiment 1, with one inner
string, which an RNN learns too; three make the memory last about three times as long.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from gate_explorer.training.cells.task import NO_TARGET, Batch
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.sentiment_network import log_softmax
from gate_explorer.zoo.symbols import NONE, one_hot

SYMBOLS = ("B", "T", "P", "S", "X", "V", "E")
INNER = 3
STRINGS = 500
# Node -> the symbols that lead on, and where to; node 5 ends in E.
GRAPH: Mapping[int, tuple[tuple[str, int], tuple[str, int]]] = {
    0: (("T", 1), ("P", 2)),
    1: (("S", 1), ("X", 3)),
    2: (("T", 2), ("V", 4)),
    3: (("X", 2), ("S", 5)),
    4: (("P", 3), ("V", 5)),
}


def reber(rng: np.random.Generator) -> str:
    """One Reber string, B to E."""
    node, text = 0, "B"
    while node != 5:
        symbol, node = GRAPH[node][int(rng.integers(2))]
        text += symbol
    return text + "E"


def embedded(rng: np.random.Generator, inner: int = INNER) -> str:
    """B, T or P, `inner` Reber strings, the same T or P, E."""
    kept = "TP"[int(rng.integers(2))]
    return f"B{kept}{''.join(reber(rng) for _ in range(inner))}{kept}E"


def encode(texts: Sequence[str]) -> Batch:
    """Strings side by side; what is wanted after a symbol is the next."""
    shape = (max(map(len, texts)) - 1, len(texts))
    places, targets = np.full(shape, NONE), np.full(shape, NO_TARGET)
    for column, text in enumerate(texts):
        found = [SYMBOLS.index(symbol) for symbol in text]
        places[: len(text) - 1, column], targets[: len(text) - 1, column] = found[:-1], found[1:]
    return Batch(one_hot(places, len(SYMBOLS)), targets)


def closing(network: CellNetwork, texts: Sequence[str]) -> float:
    """How often the right one of T and P is the likelier where the outer string closes."""
    batch = encode(texts)
    z = network.read(batch.x)
    right = [
        z[len(text) - 3, column, SYMBOLS.index(text[1])]
        > z[len(text) - 3, column, SYMBOLS.index("TP"[text[1] == "T"])]
        for column, text in enumerate(texts)
    ]
    return float(np.mean(right))


class Reber:
    """The task as the training loop sees it."""

    input_size = output_size = len(SYMBOLS)

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Random strings."""
        return encode([embedded(rng) for _ in range(size)])

    def dev(self, network: CellNetwork) -> Mapping[str, float]:
        """Figures over random strings."""
        return _figures(network, self._dev)

    def test(self, network: CellNetwork) -> Mapping[str, float]:
        """The same over others."""
        return _figures(network, self._test)

    @cached_property
    def _dev(self) -> list[str]:
        rng = np.random.default_rng(1001)
        return [embedded(rng) for _ in range(STRINGS)]

    @cached_property
    def _test(self) -> list[str]:
        """Strings that dev doesn't have."""
        rng = np.random.default_rng(2002)
        return held_out(rng, set(self._dev))


def held_out(rng: np.random.Generator, without: set[str]) -> list[str]:
    """Random strings that are not among others."""
    texts: list[str] = []
    while len(texts) < STRINGS:
        text = embedded(rng)
        if text not in without:
            texts.append(text)
    return texts


def _figures(network: CellNetwork, texts: Sequence[str]) -> Mapping[str, float]:
    batch = encode(texts)
    asked = batch.targets != NO_TARGET
    log_p = log_softmax(network.read(batch.x))[asked]
    nats = -log_p[np.arange(len(log_p)), batch.targets[asked].astype(np.intp)].mean()
    return {"closing": closing(network, texts), "bits": float(nats / np.log(2))}
