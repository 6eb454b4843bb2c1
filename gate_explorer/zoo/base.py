"""What every model of the zoo has in common: how it is run, what it refuses, what it reads out."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import Held, LSTMState
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs import clamps
from gate_explorer.runs.card import Card
from gate_explorer.runs.cells import EQUATIONS
from gate_explorer.runs.inputs import Inputs, OneToken, Options, Text, Vectors
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import Run, RunState
from gate_explorer.runs.series import Series

# What an address says of a series beside its numbers.
SERIES_FIELDS = ("columns", "rows", "scaling", "season")


class Model(Protocol):
    """A model that can be opened: the registry holds these."""

    @property
    def card(self) -> Card:
        """What the model is."""
        ...

    def run(self, inputs: Inputs, state: RunState | None, options: Options) -> Run:
        """Run the model over one input, from `state` or from nothing.

        Raises: InputError and its kin for input that the model can't read.
        """
        ...

    def runs(self, inputs: Sequence[Inputs], state: RunState | None, options: Options) -> list[Run]:
        """Run the model over several inputs at once, each from `state` or from nothing.

        Each run is that of its input alone, to rounding. Raises: as `run`, for any of them.
        """
        ...

    def weights(self, options: Options) -> Mapping[str, Array] | None:
        """The cell's weights under PyTorch's names; None where there are none."""
        ...

    def readout(self, options: Options) -> Readout | None:
        """The cell and what its outputs follow from; None where there are no weights."""
        ...


def held_in(
    card: Card, options: Options, start: int, steps: int, largest: float = 1.0
) -> Held | None:
    """What the options hold in a run of so many steps after `start`, (T, H); None for nothing.

    largest: how far the model's candidate can be from 0. Raises: InputError.
    """
    return held_in_layers(card, options, start, steps, {"1": card.hidden_size}, largest)[0]


def held_in_layers(
    card: Card,
    options: Options,
    start: int,
    steps: int,
    units: Mapping[str, int],
    largest: float = 1.0,
) -> tuple[Held | None, ...]:
    """The same of each layer of a stack; units: how many each has, by what an address calls it."""
    if not options.clamps:
        return (None,) * len(units)
    if not EQUATIONS[card.cell].gates:
        words = f"{card.id} has no gates to hold; leave clamp out."
        raise InputError(words, [FieldError(("clamp",), words)])
    return clamps.held(options.clamps, start + 1, steps, units, largest)


def held_at_all(held: Sequence[Held | None]) -> list[Held] | None:
    """What is held over each of several inputs; None for nothing, which options hold in all."""
    holds = [each for each in held if each is not None]
    return holds or None


def lstm_state(state: RunState | None, card: Card, dtype: type[np.floating[Any]]) -> LSTMState:
    """The engine's state, (1, H), from a run's; zeros where None.

    Raises: InputError if the number of layers or of units doesn't fit the model.
    """
    if state is None:
        return LSTMState.zeros(1, card.hidden_size, dtype)
    h, c = checked_layers(state, card)[0]
    return LSTMState(h.astype(dtype)[None], c.astype(dtype)[None])


def checked_layers(state: RunState, card: Card) -> tuple[tuple[Array, Array], ...]:
    """The state's layers, if they fit the card's sizes; else InputError says what was expected."""
    expected = card.num_layers * (2 if card.bidirectional else 1)
    if len(state.layers) != expected:
        words = (
            f"The state has {len(state.layers)} layers, but {card.id} has {expected}. Pass on the"
            " state that the last step or trace returned."
        )
        raise InputError(words, [FieldError(("state", "layers"), words)])
    cells = card.hidden_size if EQUATIONS[card.cell].gates else 0
    for k, (h, c) in enumerate(state.layers):
        if h.shape != (card.hidden_size,) or c.shape != (cells,):
            words = (
                f"The state's h and c have {h.size} and {c.size} numbers, but {card.id} has"
                f" {card.hidden_size} and {cells}. Pass on the state that the last step or trace"
                " returned."
            )
            raise InputError(words, [FieldError(("state", "layers", k), words)])
    return state.layers


def how_to_give(card: Card) -> str:
    """How the model is given its input, by an example of its own: in an address and in a body."""
    query = card.examples[0].query
    if card.input != "vectors":
        body = json.dumps({"text": query["text"]}, ensure_ascii=False)
        return f"give text={query['text']} in an address, or {body} in a body"
    rows = query["x"].split(";")[:2]
    body = ", ".join(f"[{row.replace(',', ', ')}]" for row in rows)
    return f'give x={";".join(rows)} in an address, or {{"vectors": [{body}]}} in a body'


def vectors_of(inputs: Inputs, card: Card) -> Sequence[Sequence[float]]:
    """The rows of an input of numbers, for a model that reads them; else InputError."""
    if isinstance(inputs, Vectors):
        if inputs.series and card.series is None:
            words = (
                f"{card.id}’s numbers have a meaning of their own ({', '.join(card.inputs)}), so it"
                " takes no series: leave out columns, rows, scaling and season."
            )
            raise InputError(words, [FieldError((name,), words) for name in SERIES_FIELDS])
        return inputs.rows
    numbers = "one number" if card.input_size == 1 else f"{card.input_size} numbers"
    raise InputError(f"{card.id} reads vectors of {numbers}, not text: {how_to_give(card)}.")


def numbers_of(inputs: Inputs, card: Card, dtype: type[np.floating[Any]]) -> Array:
    """The rows of an input of numbers as an array (T, I), within the card's range.

    Raises: InputError, which names row and field of what doesn't fit.
    """
    rows = vectors_of(inputs, card)
    if not rows:
        raise InputError(f"There is no row; give one or more rows of {card.input_size} numbers.")
    errors = []
    series = series_in(inputs)
    names = tuple(column.name for column in series.columns) if series else card.inputs
    low, high = card.range or (-math.inf, math.inf)
    for n, row in enumerate(rows):
        if len(row) != card.input_size:
            words = (
                f"Row {n + 1} has {len(row)} numbers; {card.id} reads {card.input_size}:"
                f" {', '.join(names)}."
            )
            errors.append(FieldError(("vectors", n), words))
            continue
        for k, value in enumerate(row):
            if not low <= value <= high:
                words = f"Row {n + 1}: {names[k]} is {value:g}; it should be {low:g} to {high:g}."
                errors.append(FieldError(("vectors", n, f"x{k + 1}"), words))
    if errors:
        raise InputError.telling(errors)
    return np.array(rows, dtype)


def series_in(inputs: Inputs) -> Series | None:
    """The series that an input is of, where it says so."""
    return inputs.series if isinstance(inputs, Vectors) else None


def text_of(inputs: Inputs, card: Card) -> Text | OneToken:
    """The text of an input of words or characters, for a model that reads them; else InputError."""
    if not isinstance(inputs, Vectors):
        return inputs
    raise InputError(f"{card.id} reads {card.input}, not vectors: {how_to_give(card)}.")


def refuse_options(card: Card, options: Options, *, sharpness: bool = False) -> None:
    """Raise InputError for an option that the model doesn't have."""
    if options.checkpoint is not None and options.checkpoint not in card.checkpoints:
        have = ", ".join(card.checkpoints) or "none"
        words = f"{card.id} has no checkpoint of that name; it has {have}."
        raise InputError(words, [FieldError(("checkpoint",), words)])
    if options.sharpness is not None and not sharpness:
        words = f"{card.id} has no sharpness to set; only toy-lstm has."
        raise InputError(words, [FieldError(("sharpness",), words)])
