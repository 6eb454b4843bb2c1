"""Counting: is a string of a's and then b's still open, just closed, or broken?

After every symbol of a string over a and b the answer is
    open    a^n b^m with n > m: more b's may close it
    closed  a^n b^n
    broken  anything else, whatever follows
Training strings have at most `TRAINED` a's; the figures also ask for longer ones.
Source of the task: Gers & Schmidhuber 2001, "LSTM recurrent networks learn simple context-free
and context-sensitive languages", here with an answer after every symbol.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gate_explorer.analysis.damage import Claim, Measure, Trial
from gate_explorer.runs.card import Figure, Limit
from gate_explorer.training.cells.model import Recipe
from gate_explorer.training.cells.project import Project, example
from gate_explorer.training.cells.release import release_project
from gate_explorer.training.cells.task import NO_TARGET, Batch, Drawn
from gate_explorer.training.measures import TRIED, bits, spans, tried_by
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.symbols import NONE, one_hot

SYMBOLS = ("a", "b")
LABELS = ("open", "closed", "broken")
TRAINED, LONGEST, FARTHEST = 20, 30, 60
STRINGS = 500


def verdicts(text: str) -> list[int]:
    """The right answer after every symbol, as places in LABELS."""
    found, a, b, broken = [], 0, 0, False
    for symbol in text:
        broken = broken or (symbol == "a" and b > 0)
        a, b = a + (symbol == "a"), b + (symbol == "b")
        broken = broken or b > a
        found.append(2 if broken else int(a == b))
    return found


def random_string(rng: np.random.Generator, longest: int) -> str:
    """Mostly a^n b^m with m near n, the rest with one symbol changed."""
    n = int(rng.integers(1, longest + 1))
    m = max(n + int(rng.integers(-2, 4)), 0)
    symbols = list("a" * n + "b" * m)
    if rng.random() < 0.2:
        symbols[int(rng.integers(len(symbols)))] = str(rng.choice(SYMBOLS))
    return "".join(symbols)


def encode(texts: Sequence[str]) -> Batch:
    """Strings side by side."""
    shape = (max(map(len, texts)), len(texts))
    places, targets = np.full(shape, NONE), np.full(shape, NO_TARGET)
    for column, text in enumerate(texts):
        places[: len(text), column] = [SYMBOLS.index(symbol) for symbol in text]
        targets[: len(text), column] = verdicts(text)
    return Batch(one_hot(places, len(SYMBOLS)), targets)


def right(network: CellNetwork, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Whether every answer to a string is right, for each of the strings."""
    batch = encode(texts)
    chosen = network.read(batch.x).argmax(axis=-1)
    result: NDArray[np.bool_] = ((chosen == batch.targets) | (batch.targets == NO_TARGET)).all(0)
    return result


def answers(network: CellNetwork, texts: Sequence[str]) -> float:
    """The share of right answers over all symbols of all strings."""
    batch = encode(texts)
    asked = batch.targets != NO_TARGET
    return float((network.read(batch.x).argmax(axis=-1) == batch.targets)[asked].mean())


def every_length() -> list[str]:
    """a^n b^n and one b more, for every n up to LONGEST: open, closed, broken."""
    return ["a" * n + "b" * (n + 1) for n in range(1, LONGEST + 1)]


class Counter(Drawn[list[str]]):
    """The task as the training loop sees it."""

    input_size, output_size = len(SYMBOLS), len(LABELS)
    symbols = SYMBOLS

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Random strings of at most TRAINED a's."""
        return encode([random_string(rng, TRAINED) for _ in range(size)])

    def drawn(self, rng: np.random.Generator) -> list[str]:
        """Random strings of at most LONGEST a's."""
        return [random_string(rng, LONGEST) for _ in range(STRINGS)]

    def figures(self, network: CellNetwork, texts: list[str]) -> Mapping[str, float]:
        """How many strings, lengths and answers are right."""
        return {
            "strings": float(right(network, texts).mean()),
            "lengths": float(right(network, every_length()).sum()),
            "answers": answers(network, texts),
        }

    def limits(self, network: CellNetwork) -> tuple[Limit, ...]:
        """Up to which n it reads a^n b^n and one b more without a fault, of FARTHEST tried."""
        texts = ["a" * n + "b" * (n + 1) for n in range(1, FARTHEST + 1)]
        rights = right(network, texts)
        wrong = [texts[n] for n in np.flatnonzero(~rights).tolist()]
        note = (
            f"aⁿbⁿ and one b more are read without a fault for n = {spans(rights)}, of"
            f" {FARTHEST} tried; it learned from at most {TRAINED} a’s."
        )
        return (Limit(note, wrong[0] if wrong else None),)

    def trial(self, again: bool = False) -> Trial:
        """Random strings of at most LONGEST a's; a unit is erased at the last a before a b."""
        rng = tried_by(again)
        texts = [random_string(rng, LONGEST) for _ in range(TRIED)]
        batch = encode(texts)
        asked = batch.targets != NO_TARGET
        at_a = (batch.x[..., 0] == 1) & asked
        right = np.where(asked, batch.targets, 0).astype(np.intp)
        waiting = np.where(at_a, 1, -1).cumsum(axis=0)
        sound = asked & (right < LABELS.index("broken"))
        claim = Claim(
            "counts", "how many a’s wait for their b", waiting.astype(float), sound, 0, holds=True,
            moments={"at a": at_a, "at b": asked & ~at_a},
        )  # fmt: skip
        measures = (
            Measure("bits an answer", lambda z: bits(z, right, asked)),
            Measure("the share of strings with every answer right",
                    lambda z: float(((z.argmax(axis=-1) == right) | ~asked).all(axis=0).mean()),
                    more=True),
        )  # fmt: skip
        last_a = np.array([max(text.find("b") - 1, 0) if "b" in text else 0 for text in texts])
        return Trial(
            f"{TRIED} random strings of at most {LONGEST} a’s",
            "at the last a before the first b", batch.x, last_a, measures, (claim,),
        )  # fmt: skip


PROJECT = Project(
    name="counter",
    title="Counter",
    description=(
        "An LSTM of 4 units that reads a’s and then b’s and says after each whether the string is"
        " still open, just closed (as many b’s as a’s) or broken."
    ),
    task=(
        "Is a string of the form aⁿbⁿ? After every symbol: open, closed or broken. It learned from"
        f" random strings of at most {TRAINED} a’s and is measured up to {LONGEST}."
    ),
    input="characters",
    output="classes",
    make=lambda _: Counter(),
    recipe=Recipe(hidden=4, updates=5000, batch=32, learning_rate=3e-2),
    twin_rates=(3e-3, 1e-2, 3e-2),
    figures=(
        Figure("strings", "strings with every answer right", "500 random strings", "share"),
        Figure("lengths", "n for which aⁿbⁿ and one b more are read without a fault",
               f"n = 1 to {LONGEST}", f"of {LONGEST}"),
        Figure("answers", "right answers", "500 random strings", "share"),
    ),
    examples=(
        example("Three and three",
                "Open until the third b closes it. The memory of the unit shown first moves one"
                " way with every a and back with every b.", text="aaabbb"),
        example("One b too many", "Closed at the second b, broken at the third.", text="aabbb"),
        example("Longer than any it learned from",
                f"26 a’s, where training had at most {TRAINED}: it closes at the 26th b"
                " and not before.", text="a" * 26 + "b" * 26),
        example("Broken for good",
                "An a after a b breaks the string, and nothing mends it.", text="aababbb"),
    ),
    seeds=(1, 2, 3, 4, 5),
    order=40,
    labels=LABELS,
)  # fmt: skip

release = partial(release_project, PROJECT)
