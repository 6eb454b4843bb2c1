"""What each learned model of the zoo is: its task, how it is trained, and what its card says.

Notes and limits claim things about the shipped weights; the tests hold every claim against them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gate_explorer.runs.card import Example, Figure, InputKind, Limit, OutputKind, Source
from gate_explorer.training.cells.model import CellRecipe
from gate_explorer.training.cells.task import Task
from gate_explorer.training.cells.units import (
    Observed,
    observe_adding,
    observe_agreement,
    observe_characters,
    observe_counter,
    observe_reber,
)
from gate_explorer.training.tasks import adding, agreement, counter, reber
from gate_explorer.training.tasks.adding import Adding
from gate_explorer.training.tasks.agreement import Agreement
from gate_explorer.training.tasks.characters import Characters, read_text
from gate_explorer.training.tasks.counter import Counter
from gate_explorer.training.tasks.reber import Reber
from gate_explorer.zoo.cell_network import CellNetwork

ZEROS = "What isn’t among the model’s symbols reaches the cell as zeros, as if nothing were there."
TWIN = (
    "The same task and the same size for a vanilla RNN, which has no gates:"
    " h = tanh(W x + U h’ + b)"
    " is all there is. It is trained as well as we could (the best of {runs} runs, with learning"
    " rates {rates}, recurrent weights orthogonal at the start)."
)


@dataclass(frozen=True)
class Project:
    """A model to be learned; figures: the first is what seeds and rates are chosen by, on dev."""

    name: str
    title: str
    description: str
    task: str
    input: InputKind
    output: OutputKind
    make: Callable[[Path], Task]
    observe: Callable[[CellNetwork, Task], Observed]
    recipe: CellRecipe
    figures: tuple[Figure, ...]
    examples: tuple[Example, ...]
    order: int
    seeds: tuple[int, ...] = (1, 2, 3)
    twin_rates: tuple[float, ...] = ()
    symbols: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    limits: tuple[Limit, ...] = ()
    data: tuple[Source, ...] = ()

    def rank(self, dev: Mapping[str, float]) -> tuple[float, ...]:
        """What a better run has more of."""
        return tuple(dev[one.name] * (1 if one.more else -1) for one in self.figures)


def example(title: str, note: str, **query: str) -> Example:
    """An example as the card has it."""
    return Example(query, title, note)


def rows(x: np.ndarray[Any, Any]) -> str:
    """Numbers (T, 2) as an address writes them."""
    return ";".join(f"{value:.1f},{mark:.0f}" for value, mark in x)


def long_example() -> str:
    """A hundred random numbers to one place, two of them marked."""
    x, _ = adding.sequences(1, adding.STEPS, np.random.default_rng(4))
    return rows(x[:, 0])


COUNTER = Project(
    name="counter",
    title="Counter",
    description=(
        "An LSTM of 4 units that reads a’s and then b’s and says after each whether the string is"
        " still open, just closed (as many b’s as a’s) or broken."
    ),
    task=(
        "Is a string of the form aⁿbⁿ? After every symbol: open, closed or broken. It learned from"
        f" random strings of at most {counter.TRAINED} a’s and is measured up to {counter.LONGEST}."
    ),
    input="characters",
    output="classes",
    make=lambda _: Counter(),
    observe=lambda network, _: observe_counter(network),
    recipe=CellRecipe(hidden=4, updates=5000, batch=32, learning_rate=3e-2),
    twin_rates=(3e-3, 1e-2, 3e-2),
    figures=(
        Figure("strings", "strings with every answer right", "500 random strings", "share"),
        Figure("lengths", "n for which aⁿbⁿ and one b more are read without a fault",
               f"n = 1 to {counter.LONGEST}", f"of {counter.LONGEST}"),
        Figure("answers", "right answers", "500 random strings", "share"),
    ),
    examples=(
        example("Three and three",
                "Open until the third b closes it. The memory of the unit shown first moves one"
                " way with every a and back with every b.", text="aaabbb"),
        example("One b too many", "Closed at the second b, broken at the third.", text="aabbb"),
        example("Longer than any it learned from",
                f"26 a’s, where training had at most {counter.TRAINED}: it closes at the 26th b"
                " and not before.", text="a" * 26 + "b" * 26),
        example("Broken for good",
                "An a after a b breaks the string, and nothing mends it.", text="aababbb"),
    ),
    seeds=(1, 2, 3, 4, 5),
    order=40,
    symbols=counter.SYMBOLS,
    labels=counter.LABELS,
)  # fmt: skip

REBER = Project(
    name="reber",
    title="Reber grammar",
    description=(
        "An LSTM of 8 units on embedded Reber strings: after every symbol it says which comes next."
        " The second symbol, T or P, comes back three random strings later: it has to be kept."
    ),
    task=(
        "Embedded Reber strings with three inner strings (the classic has one, which an RNN learns"
        " too). The figure that counts: is the right one of T and P the likelier where the outer"
        " string closes? Chance is one half. Most runs of a vanilla RNN stay there; see its card."
    ),
    input="characters",
    output="next_token",
    make=lambda _: Reber(),
    observe=lambda network, _: observe_reber(network),
    recipe=CellRecipe(hidden=8, updates=3000, batch=32, learning_rate=2e-2),
    twin_rates=(3e-3, 1e-2, 2e-2),
    figures=(
        Figure("closing", "T or P right where the string closes", "500 random strings", "share"),
        Figure("bits", "bits a symbol", "500 random strings", "bits", more=False),
    ),
    examples=(
        example("It opens with T",
                "T is second. Seventeen steps later, where it has to come back, it expects T"
                " and not P.", text="BTBTXSEBPVVEBTSXSETE"),
        example("The same with P",
                "One symbol differs, and so does what it expects before the last but one.",
                text="BPBTXSEBPVVEBTSXSEPE"),
        example("Two ways on",
                "Where the grammar leaves two ways open it gives both a chance, and nothing else"
                " to speak of: after “BTB”, T and P.", text="BTB"),
    ),
    order=60,
    symbols=reber.SYMBOLS,
)  # fmt: skip

ADDING = Project(
    name="adding",
    title="Adding",
    description=(
        "An LSTM of 16 units that reads a number and a mark a step, and answers with the sum of the"
        " two marked numbers, however far apart they stand."
    ),
    task=(
        f"The adding problem at T = {adding.STEPS}: mean squared error of the answer after the last"
        " step. Always answering 1 has 0.167. Half of the training sequences were shorter."
    ),
    input="vectors",
    output="number",
    make=lambda _: Adding(),
    observe=lambda network, _: observe_adding(network),
    recipe=CellRecipe(hidden=16, updates=4000, batch=32, learning_rate=1e-2),
    twin_rates=(1e-3, 3e-3, 1e-2),
    figures=(
        Figure("squared_error", "mean squared error", "500 random sequences of 100 steps",
               "error", more=False),
    ),
    examples=(
        example("0.3 and 0.6",
                "Two numbers are marked; the answer after the last step is their sum, 0.9, to"
                " within 0.1.", x="0.8,0;0.3,1;0.5,0;0.9,0;0.6,1;0.2,0;0.7,0;0.1,0"),
        example("A hundred numbers",
                "The answer after step 100 is the sum of the two marked ones, to within 0.1.",
                x=long_example()),
        example("A large and a small one",
                "0.9 and 0.1 are marked: the answer is 1.0, to within 0.1.",
                x="0.9,1;0.4,0;0.4,0;0.4,0;0.1,1;0.4,0"),
    ),
    order=50,
    inputs=("the number", "the mark"),
    range=(0, 1),
)  # fmt: skip

AGREEMENT = Project(
    name="agreement",
    title="Agreement",
    description=(
        "An LSTM of 16 units on a small English grammar of our own: after every word it says which"
        " comes next. The verb agrees with a subject that may stand far before it."
    ),
    task=(
        "Subject and verb agree across up to four phrases, as in “the keys to the cabinet … are”."
        " The figure: is the verb’s right form likelier than its wrong one? The hard half: where"
        " the noun nearest to the verb has the other number. A vanilla RNN of the same size learns"
        " it too, at the right learning rate: here gates are a help, not a need."
    ),
    input="words",
    output="next_token",
    make=lambda _: Agreement(),
    observe=lambda network, _: observe_agreement(network),
    recipe=CellRecipe(hidden=16, updates=4000, batch=32, learning_rate=1e-2),
    twin_rates=(1e-3, 3e-3, 1e-2),
    figures=(
        Figure("misleading", "verbs right where the nearest noun misleads",
               "1000 random sentences", "share"),
        Figure("agreement", "verbs right", "1000 random sentences", "share"),
    ),
    examples=(
        example("The keys … are",
                "After “cabinet” are, were and have are each likelier than is, was and has: the"
                " number of “keys” has held.",
                text="The keys to the cabinet are lost."),
        example("The key … is",
                "The other way round: “cabinets” are many, but the key is one.",
                text="The key to the cabinets is lost."),
        example("Four phrases in between",
                "Four nouns of the other number, and it still expects a plural verb.",
                text="The dogs near the house behind the tree with the child from the picture"
                     " are here."),
        example("A verb in between",
                "“likes” belongs to the woman; the books still are.",
                text="The books that the woman likes are old."),
    ),
    order=70,
    symbols=agreement.SYMBOLS,
    limits=(
        Limit("It knows 55 words. A subject that isn’t among them leaves no number behind.",
              "The unicorns to the cabinet"),
    ),
)  # fmt: skip


def _observe_characters(network: CellNetwork, task: Task) -> Observed:
    if not isinstance(task, Characters):
        raise TypeError("expected the characters")
    return observe_characters(network, task.symbols, task.held_out)


CHARACTERS = Project(
    name="characters",
    title="Shakespeare",
    description=(
        "An LSTM of 128 units that learned Shakespeare’s plays character by character. After every"
        " character it says which comes next."
    ),
    task=(
        "The next character of tiny Shakespeare: bits a character, fewer are better. Of every"
        " twenty passages of 5000 characters one was held out for choices and one for measuring, so"
        " that every play has its share in each; a play it had no part of would be harder."
    ),
    input="characters",
    output="next_token",
    make=lambda data: Characters(read_text(data)),
    observe=_observe_characters,
    recipe=CellRecipe(
        hidden=128, updates=8000, batch=32, learning_rate=7e-3, warm_up=100, final_rate=0.02,
        recurrent_dropout=0.08, output_dropout=0.1, remembered=300,
    ),
    figures=(
        Figure("bits", "bits a character", "held-out passages, 5 % of the text", "bits",
               more=False),
    ),
    examples=(
        example("A scene",
                "After “q” it is sure of “u”; after a colon, of a new line.",
                text="ROMEO:\nGood queen, "),
        example("A speaker’s name",
                "After an empty line it expects a capital; KING RICH is finished by itself.",
                text="Shall we go?\n\nKING RICH"),
        example("A sonnet it never read",
                "Within a word it grows surer: after “summe” comes “r”.",
                text="Shall I compare thee to a summer's day?"),
    ),
    order=30,
    data=(
        Source(
            "Tiny Shakespeare",
            "Karpathy 2015: The unreasonable effectiveness of recurrent neural networks.",
            "1,115,394 characters of the plays, in order",
            "public domain; the selection comes with the MIT licence",
        ),
    ),
)  # fmt: skip

PROJECTS: Mapping[str, Project] = {
    project.name: project for project in (CHARACTERS, COUNTER, ADDING, REBER, AGREEMENT)
}
