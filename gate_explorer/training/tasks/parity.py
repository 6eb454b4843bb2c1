"""Parity: is the number of ones in a string of zeros and ones even or odd?

One bit has to be kept, for ever, and turned over at every 1. Training strings have 1 to `TRAINED`
symbols and the answer is asked for after the last alone; the figures ask after a thousand.
Source of the task: Hochreiter & Schmidhuber 1997, "LSTM can solve hard long time lag problems",
where an RNN solves it too, by guessing weights at random.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gate_explorer.analysis.damage import Claim, Measure, Subject, Trial, silenced
from gate_explorer.runs.card import Figure, Limit
from gate_explorer.training.cells.model import Recipe
from gate_explorer.training.cells.project import Project, example
from gate_explorer.training.cells.release import release_project
from gate_explorer.training.cells.task import NO_TARGET, Batch, Drawn
from gate_explorer.training.measures import SEED, TRIED, bits, listed, tried_by
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.symbols import NONE, one_hot

SYMBOLS = ("0", "1")
LABELS = ("even", "odd")
TRAINED, FAR = 30, 1000
STRINGS = 500
EACH = {30: TRIED, 100: TRIED, 1000: TRIED, 10_000: 50}  # symbols, and how many such strings

Bits = NDArray[np.intp]


def drawn(steps: int, count: int, rng: np.random.Generator) -> Bits:
    """Random zeros and ones, (T, N)."""
    return rng.integers(0, 2, (steps, count))


def parities(found: Bits) -> Bits:
    """1 after each symbol where the ones so far are odd, else 0. Shapes: (T, N) both."""
    result: Bits = found.cumsum(axis=0) % 2
    return result


def encode(found: Bits, lengths: Bits | None = None) -> Batch:
    """Strings side by side, cut at their lengths (N,), the answer wanted after the last alone."""
    steps, count = found.shape
    lengths = np.full(count, steps) if lengths is None else lengths
    places = np.where(np.arange(steps)[:, None] < lengths, found, NONE)
    targets, ends = np.full(found.shape, NO_TARGET), (lengths - 1, np.arange(count))
    targets[ends] = parities(found)[ends]
    return Batch(one_hot(places, len(SYMBOLS)), targets)


def right(network: CellNetwork, found: Bits) -> NDArray[np.bool_]:
    """Whether each answer is right. Shapes: (T, N) both."""
    result: NDArray[np.bool_] = network.read(encode(found).x).argmax(-1) == parities(found)
    return result


def lead(network: CellNetwork, found: Bits) -> float:
    """How many more answers after the last symbol, as a share, one unit costs than any other.

    Each unit is silenced by itself; near one half the whole bit is that unit's.
    """
    subject = Subject(network.cell, network.readout_weight, network.readout_bias)
    x, wanted = encode(found).x, parities(found)[-1]
    most, next_to_it, *_ = sorted(
        float((silenced(subject, (unit,), x)[-1].argmax(axis=-1) == wanted).mean())
        for unit in range(network.cell.hidden_size)
    )
    return next_to_it - most


class Parity(Drawn[Bits]):
    """The task as the training loop sees it."""

    input_size, output_size = len(SYMBOLS), len(LABELS)
    symbols = SYMBOLS

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Random strings of 1 to TRAINED symbols."""
        lengths = rng.integers(1, TRAINED + 1, size)
        return encode(drawn(int(lengths.max()), size, rng), lengths)

    def drawn(self, rng: np.random.Generator) -> Bits:
        """Random strings of FAR symbols."""
        return drawn(FAR, STRINGS, rng)

    def figures(self, network: CellNetwork, found: Bits) -> Mapping[str, float]:
        """How many answers are right, how far that is one unit's doing, and bits an answer."""
        z, wanted = network.read(encode(found).x), parities(found)
        rights = z.argmax(axis=-1) == wanted
        return {
            "far": float(rights[-1].mean()),
            "near": float(rights[TRAINED - 1].mean()),
            "lead": lead(network, found[:TRAINED]),
            "bits": bits(z, wanted, np.ones(found.shape, bool)),
        }

    def limits(self, network: CellNetwork) -> tuple[Limit, ...]:
        """How many answers are right after the last symbol, by how many there are."""
        rng, shares, wrong = np.random.default_rng(SEED), [], None
        for steps, count in EACH.items():
            found = drawn(steps, count, rng)
            last = right(network, found)[-1]
            shares.append(f"{last.mean():.1%} after {steps:,}".replace("%", " %"))
            if wrong is None and not last.all():
                wrong = "".join(SYMBOLS[bit] for bit in found[:, last.argmin()])
        note = (
            f"It learned from strings of 1 to {TRAINED} symbols. By how many there are, the answer"
            f" after the last is right in {listed(shares)}. Chance is 50 %."
        )
        return (Limit(note, wrong),)

    def trial(self, again: bool = False) -> Trial:
        """Random strings of TRAINED symbols; a unit is erased in the middle of them."""
        found = drawn(TRAINED, TRIED, tried_by(again))
        wanted, everywhere = parities(found), np.ones(found.shape, bool)
        claim = Claim(
            "flips at every 1", "whether the ones so far are odd", 2.0 * wanted - 1, everywhere, 0,
            holds=False, moments={"at 1": found == 1, "at 0": found == 0},
        )  # fmt: skip
        measures = (
            Measure("bits an answer", lambda z: bits(z, wanted, everywhere)),
            Measure(f"the share right after {TRAINED} symbols",
                    lambda z: float((z[-1].argmax(axis=-1) == wanted[-1]).mean()), more=True),
        )  # fmt: skip
        return Trial(
            f"{TRIED} random strings of {TRAINED} symbols", f"at step {TRAINED // 2}",
            encode(found).x, np.full(TRIED, TRAINED // 2 - 1), measures, (claim,),
        )  # fmt: skip


PROJECT = Project(
    name="parity",
    title="Parity",
    description=(
        "An LSTM of 4 units that reads zeros and ones and says after each whether the ones so far"
        " are even or odd: one bit to keep for as long as it takes, and to turn over at every 1."
    ),
    task=(
        f"Are the ones even or odd? It learned from random strings of 1 to {TRAINED} symbols, asked"
        f" after the last alone, and is measured after {FAR} symbols. Chance is one half."
    ),
    input="characters",
    output="classes",
    make=lambda _: Parity(),
    recipe=Recipe(hidden=4, updates=1500, batch=32, learning_rate=2e-2),
    twin_rates=(1e-2, 2e-2, 5e-2),
    twin_of_the_seed=True,
    figures=(
        Figure("far", f"right after {FAR} symbols", f"500 random strings of {FAR} symbols",
               "share"),
        Figure("near", f"right after {TRAINED} symbols", f"the same strings, cut at {TRAINED}",
               "share"),
        Figure("lead", "answers lost without the most needed unit, more than without the next",
               f"the same strings, cut at {TRAINED}", "share"),
        Figure("bits", "bits an answer", f"500 random strings of {FAR} symbols", "bits",
               more=False),
    ),
    examples=(
        example("Two ones", "Odd after the first 1, even after the second.", text="0100100"),
        example("Ones alone", "It turns over at every step.", text="11111111"),
        example("A hundred symbols",
                f"Its training strings had at most {TRAINED}; all hundred answers are right.",
                text="0110100110010110100101100110100110010110011010010110100110010110"
                     "011010011001011010010110011010011001"),
        example("Zeros alone",
                "One 1, then forty times nothing: odd all the way.", text="1" + "0" * 40),
    ),
    seeds=tuple(range(1, 13)),
    order=45,
    labels=LABELS,
)  # fmt: skip

release = partial(release_project, PROJECT)
