"""Embedded Reber strings: the first T or P comes back at the end, some random strings later.

A Reber string is a walk through a graph with two ways on from every node (Reber 1967). An embedded
one is B, T or P, then here one to five Reber strings in a row, then the same T or P, then E. After
every symbol the network says which comes next; only a memory of the second symbol tells the last
but one, and nothing tells how long it has to last.
Source: Hochreiter & Schmidhuber 1997, "Long short-term memory", experiment 1, with one inner
string, which an RNN learns too.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, partial

import numpy as np

from gate_explorer.analysis.damage import Claim, Trial
from gate_explorer.runs.card import Figure, Limit
from gate_explorer.training.cells.model import Recipe
from gate_explorer.training.cells.project import Project, example
from gate_explorer.training.cells.release import release_project
from gate_explorer.training.cells.task import NO_TARGET, TEST_SEED, Batch, Drawn
from gate_explorer.training.measures import SEED, TRIED, either, listed, tried_by
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.sentiment_network import log_softmax
from gate_explorer.zoo.symbols import NONE, one_hot

SYMBOLS = ("B", "T", "P", "S", "X", "V", "E")
INNER, LONGEST = 5, 12  # most inner strings that it learns from, and that it is measured with
EACH = (1, 5, 8, 12, 20, 40)  # inner strings of which it is told how it does
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


def embedded(rng: np.random.Generator, most: int = INNER, least: int = 1) -> str:
    """B, T or P, from `least` to `most` Reber strings, the same T or P, E."""
    inner = int(rng.integers(least, most + 1))
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


class Reber(Drawn[list[str]]):
    """The task as the training loop sees it."""

    input_size = output_size = len(SYMBOLS)
    symbols = SYMBOLS

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Random strings of at most INNER inner strings."""
        return encode([embedded(rng) for _ in range(size)])

    def drawn(self, rng: np.random.Generator) -> list[str]:
        """Random strings, more than half of them longer than any that it learns from."""
        return [embedded(rng, LONGEST) for _ in range(STRINGS)]

    def figures(self, network: CellNetwork, texts: list[str]) -> Mapping[str, float]:
        """How often the string closes right, and bits a symbol."""
        batch = encode(texts)
        asked = batch.targets != NO_TARGET
        log_p = log_softmax(network.read(batch.x))[asked]
        nats = -log_p[np.arange(len(log_p)), batch.targets[asked].astype(np.intp)].mean()
        return {"closing": closing(network, texts), "bits": float(nats / np.log(2))}

    def limits(self, network: CellNetwork) -> tuple[Limit, ...]:
        """How often it closes strings right, by how many inner strings they have."""
        rng = np.random.default_rng(SEED)
        texts = {inner: [embedded(rng, inner, inner) for _ in range(TRIED)] for inner in EACH}
        shares = listed(
            [f"{closing(network, many):.1%} with {inner}" for inner, many in texts.items()]
        )
        note = (
            f"It learned from strings of 1 to {INNER} inner strings. By how many there are, T or P"
            f" is right where the string closes in {shares}. Chance is 50%."
        )
        wrong = (text for many in texts.values() for text in many if not closing(network, [text]))
        return (Limit(note.replace("%", " %"), next(wrong, None)),)

    def trial(self, again: bool = False) -> Trial:
        """Random strings; a unit is erased in the middle of the string."""
        rng = tried_by(again)
        texts = [embedded(rng) for _ in range(TRIED)]
        batch = encode(texts)
        ends = np.array([len(text) - 3 for text in texts])
        kept = np.array([text[1] for text in texts])
        right = np.array([SYMBOLS.index(symbol) for symbol in kept])
        wrong = np.array([SYMBOLS.index("TP"[symbol == "T"]) for symbol in kept])
        steps = np.arange(len(batch.x))[:, None]
        claim = Claim(
            "holds the second symbol",
            "which of T and P came second, from then until it comes back",
            np.broadcast_to(np.where(kept == "T", 1.0, -1.0), batch.x.shape[:2]),
            (steps >= 1) & (steps <= ends), 0, holds=True,
            moments={"until it comes back": (steps > 1) & (steps <= ends)},
        )  # fmt: skip
        measures = either("T from P where the string closes", ends, right, wrong)
        return Trial(
            f"{TRIED} random strings of 1 to {INNER} inner strings", "in the middle of the string",
            batch.x, (ends + 3) // 2, measures, (claim,),
        )  # fmt: skip

    @cached_property
    def test_data(self) -> list[str]:
        """Strings that dev doesn't have."""
        return held_out(np.random.default_rng(TEST_SEED), set(self.dev_data))


def held_out(rng: np.random.Generator, without: set[str]) -> list[str]:
    """Random strings that are not among others."""
    texts: list[str] = []
    while len(texts) < STRINGS:
        text = embedded(rng, LONGEST)
        if text not in without:
            texts.append(text)
    return texts


PROJECT = Project(
    name="reber",
    title="Reber grammar",
    description=(
        "An LSTM of 8 units on embedded Reber strings: after every symbol it says which comes next."
        " The second symbol, T or P, comes back after one or many random strings: it has to be"
        " kept, and nothing tells for how long."
    ),
    task=(
        f"Embedded Reber strings with 1 to {INNER} inner strings (the classic has one, which an RNN"
        " learns too). The figure that counts: is the right one of T and P the likelier where the"
        f" outer string closes, with up to {LONGEST} inner strings? Chance is one half."
    ),
    input="characters",
    output="next_token",
    make=lambda _: Reber(),
    recipe=Recipe(hidden=8, updates=6000, batch=32, learning_rate=2e-2),
    twin_rates=(3e-3, 1e-2, 2e-2),
    figures=(
        Figure("closing", "T or P right where the string closes",
               f"500 random strings of 1 to {LONGEST} inner strings", "share"),
        Figure("bits", "bits a symbol", f"500 random strings of 1 to {LONGEST} inner strings",
               "bits", more=False),
    ),
    examples=(
        example("It opens with T",
                "T is second. Seventeen steps later, where it comes back, it expects T, or B for"
                " one string more, and not P.", text="BTBTXSEBPVVEBTSXSETE"),
        example("The same with P",
                "One symbol differs, and so does what it expects before the last but one.",
                text="BPBTXSEBPVVEBTSXSEPE"),
        example("Twelve in between",
                f"Twelve inner strings, where training had at most {INNER}: the T is still kept.",
                text=f"BT{'BPVVEBTXSEBTSXSEBPTVVE' * 3}TE"),
        example("Two ways on",
                "Where the grammar leaves two ways open it gives both a chance, and nothing else"
                " to speak of: after “BTB”, T and P.", text="BTB"),
    ),
    seeds=(1, 2, 3, 4, 5),
    order=60,
    string_end=r"E [TP] E$",
)  # fmt: skip

release = partial(release_project, PROJECT)
