"""What a request will cost, told before the work: milliseconds of one core.

    cost = at_once + steps * (a_step + units * a_number)

for a run of so many steps through so many units. The figures were measured on one core of a small
server (`make test-load` prints them beside the estimate); they decide what is done at once, what
waits its turn among the heavy work, what a visitor's rate is charged, and what is refused.
"""

import re
from dataclasses import dataclass
from typing import Literal

from gate_explorer.errors import LimitError
from gate_explorer.runs.card import Card
from gate_explorer.runs.inputs import Inputs, OneToken, Text, Vectors

from ..settings import settings

Kind = Literal["run", "csv", "npz", "svg", "png", "html", "gradients", "written"]

WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Rate:
    """Milliseconds for each part of the formula."""

    at_once: float
    a_step: float
    a_number: float


RATES: dict[Kind, Rate] = {
    "run": Rate(0.3, 0.04, 0.0028),  # as JSON, whole or a step a line
    "csv": Rate(0.3, 0.04, 0.0048),
    "npz": Rate(2.0, 0.03, 0.0007),
    "svg": Rate(6.0, 0.01, 0.0003),
    "png": Rate(95.0, 0.01, 0.0003),
    "html": Rate(12.0, 0.15, 0.009),
    "gradients": Rate(2.0, 0.1, 0.0005),
    "written": Rate(2.0, 0.5, 0.006),
}
A_FRAME, A_FRAMES_UNIT = 52.0, 0.36


def cost(kind: Kind, steps: int, card: Card) -> float:
    """What a run of so many steps through the card's units costs, made into this kind of answer."""
    rate = RATES[kind]
    layers = card.num_layers * (2 if card.bidirectional else 1)
    return rate.at_once + steps * (rate.a_step + rate.a_number * card.hidden_size * layers)


def frame_cost(card: Card) -> float:
    """What a frame of an animation costs."""
    return A_FRAME + A_FRAMES_UNIT * card.hidden_size


def most_frames(card: Card, steps: int) -> int:
    """How many frames of an animation of such a run the budget allows."""
    return max(1, int((settings().budget - cost("run", steps, card)) / frame_cost(card)))


def steps_of(card: Card, inputs: Inputs | None) -> int:
    """About how many steps an input has, without running it, and at most as many as are run."""
    match inputs:
        case Vectors(rows):
            count = len(rows)
        case Text(text):
            # So much is read before the text is refused for its length.
            text = text[: settings().max_text]
            count = len(WORD.findall(text)) if card.input == "words" else len(text)
        case OneToken():
            count = 1
        case None:
            count = 0
    return min(count, settings().max_steps)


def check_budget(milliseconds: float) -> None:
    """Raise LimitError for work beyond the budget, and say what to do instead."""
    most = settings().budget
    if milliseconds > most:
        raise LimitError(
            f"This would take about {milliseconds:,.0f} ms of work; a request may cost {most:,} ms."
            " Ask for a shorter input, or run it in parts: a trace's state goes on where it ended."
        )
