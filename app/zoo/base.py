"""What every model of the zoo has in common: a card, inputs, runs, and the state between steps.

A `Run` holds one sequence (no batch axis) with all its values, whatever cell computed them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any, Literal, Protocol

import numpy as np

from app.engine.checks import Array
from app.engine.lstm import Held, LSTMParameters, LSTMState, LSTMTrace
from app.engine.rnn import RNNParameters, RNNTrace
from app.errors import FieldError, InputError
from app.zoo import clamps
from app.zoo.clamps import Clamp

Cell = Literal["toy", "lstm", "rnn"]
InputKind = Literal["vectors", "words", "characters"]
OutputKind = Literal["number", "classes", "next_token"]
Provenance = Literal["rules", "hand-set", "trained", "uploaded"]
Direction = Literal["forward", "backward"]


@dataclass(frozen=True)
class Example:
    """An input worth opening: its query, a title, and what to look for."""

    query: Mapping[str, str]
    title: str
    note: str


@dataclass(frozen=True)
class Card:
    """What a model is, where it comes from, and how well it does what it does.

    first_unit: the unit to show first, from 1: the one that tells most. twin: the id of the
    vanilla RNN of the same size that learned the same task. listed: whether the menu shows it.
    """

    id: str
    title: str
    description: str
    cell: Cell
    input: InputKind
    input_size: int
    hidden_size: int
    output: OutputKind | None
    provenance: Provenance
    examples: tuple[Example, ...]
    num_layers: int = 1
    bidirectional: bool = False
    checkpoints: tuple[str, ...] = ()
    first_unit: int = 1
    twin: str | None = None
    listed: bool = True
    metrics: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Vectors:
    """An input of numbers: T rows."""

    rows: Sequence[Sequence[float]]


@dataclass(frozen=True)
class Text:
    """An input of words, as a person types them."""

    text: str


@dataclass(frozen=True)
class OneToken:
    """A single token, for one step."""

    token: str


Inputs = Vectors | Text | OneToken


@dataclass(frozen=True)
class Options:
    """How to run a model: which checkpoint (None: the last), how hard the toy's sigmoids are, and
    what is held.
    """

    checkpoint: str | None = None
    sharpness: float | None = None
    clamps: tuple[Clamp, ...] = ()


@dataclass(frozen=True)
class Token:
    """A token as typed, the key it was looked up by, and whether the vocabulary has it."""

    text: str
    key: str
    known: bool


@dataclass(frozen=True)
class NumberOutput:
    """A number, and whether the output gate shows it."""

    value: float
    shown: bool


@dataclass(frozen=True)
class ClassesOutput:
    """Probabilities of the classes, in [0, 1], summing to 1.

    score: for a scale from negative to positive, the probability of positive given that it is
    not neutral; None for classes without such a scale.
    """

    probabilities: Mapping[str, float]
    score: float | None = None

    @property
    def likeliest(self) -> tuple[str, float]:
        """The likeliest class and its probability."""
        return max(self.probabilities.items(), key=lambda pair: pair[1])


@dataclass(frozen=True)
class NextTokenOutput:
    """What is likely to come next: every token of the vocabulary with its probability.

    Shapes: both (K,), in the vocabulary's order; the probabilities sum to 1.
    """

    tokens: tuple[str, ...]
    probabilities: tuple[float, ...]

    def top(self, count: int = 10) -> list[tuple[str, float]]:
        """The likeliest tokens, the likeliest first."""
        pairs = zip(self.tokens, self.probabilities, strict=True)
        return nlargest(count, pairs, key=lambda pair: pair[1])


Output = NumberOutput | ClassesOutput | NextTokenOutput | None


@dataclass(frozen=True, eq=False)
class LayerRun:
    """One layer in one direction over T steps, every array (T, H), in the engine's letters.

    tanh_c is what the output gate multiplies: tanh(c) in an LSTM, c itself in the toy. A vanilla
    RNN, which has no gates, is written in the same letters: its hidden state is all its memory,
    rewritten at every step (f = 0, i = o = 1, and g = c = tanh_c = h).
    """

    direction: Direction
    i: Array
    f: Array
    g: Array
    o: Array
    c_prev: Array
    c: Array
    tanh_c: Array
    h: Array


@dataclass(frozen=True, eq=False)
class RunState:
    """What to carry to the next step: how many were taken, and h and c, (H,), of each layer.

    In a vanilla RNN c is empty, (0,).
    """

    t: int
    layers: tuple[tuple[Array, Array], ...]


@dataclass(frozen=True, eq=False)
class Run:
    """A model's run over T steps: x (T, I), tokens for text, and an output a step.

    start: the number of steps taken before the first of these. cell: the weights that made it,
    where there are some. unit_scale: what one unit of the
    toy's memory is in the cell (1 but in `toy-lstm`). before: the output at the state it started
    from, where that came from earlier steps. deviation: for `toy-lstm`, the output of
    each step less the rules' own. held: the gates that were held, (T, H), where some were.
    """

    card: Card
    x: Array
    tokens: tuple[Token, ...] | None
    layers: tuple[LayerRun, ...]
    outputs: tuple[Output, ...]
    state: RunState
    start: int = 0
    cell: LSTMParameters | None = None
    unit_scale: float = 1.0
    before: Output = None
    deviation: Array | None = None
    held: Held | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def title(self) -> str:
        """The model's title, and whether this is how it runs by itself."""
        return f"{self.card.title}, gates held" if self.held else self.card.title


@dataclass(frozen=True, eq=False)
class Readout:
    """What the outputs follow from: a cell's hidden state, z = weight h + bias.

    Shapes: weight (K, H); names (K,): the classes or tokens whose logits z are; none where z is
    the number itself, K = 1.
    """

    cell: LSTMParameters | RNNParameters
    weight: Array
    names: tuple[str, ...] = ()


class Model(Protocol):
    """A model that can be opened: the registry holds these."""

    @property
    def card(self) -> Card:
        """What the model is."""
        ...

    def run(self, inputs: Inputs, state: RunState | None, options: Options) -> Run:
        """Run the model over the inputs, from `state` or from nothing.

        Raises: InputError and its kin for input that the model can't read.
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
    if not options.clamps:
        return None
    if card.cell == "rnn":
        words = f"{card.id} has no gates to hold; leave clamp out."
        raise InputError(words, [FieldError(("clamp",), words)])
    return clamps.held(options.clamps, start + 1, steps, card.hidden_size, largest)


def lstm_layer(trace: LSTMTrace) -> LayerRun:
    """A batch-of-one LSTM trace, (T, 1, ·), as a run's layer."""
    names = ("i", "f", "g", "o", "c_prev", "c", "tanh_c", "h")
    return LayerRun("forward", **{name: getattr(trace, name)[:, 0] for name in names})


def rnn_layer(trace: RNNTrace) -> LayerRun:
    """A batch-of-one RNN trace, (T, 1, ·), as a run's layer: see there."""
    h, h_prev = trace.h[:, 0], trace.h_prev[:, 0]
    shut, open_ = np.zeros_like(h), np.ones_like(h)
    return LayerRun("forward", i=open_, f=shut, g=h, o=open_, c_prev=h_prev, c=h, tanh_c=h, h=h)


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
    cells = 0 if card.cell == "rnn" else card.hidden_size
    for k, (h, c) in enumerate(state.layers):
        if h.shape != (card.hidden_size,) or c.shape != (cells,):
            words = (
                f"The state's h and c have {h.size} and {c.size} numbers, but {card.id} has"
                f" {card.hidden_size} and {cells}. Pass on the state that the last step or trace"
                " returned."
            )
            raise InputError(words, [FieldError(("state", "layers", k), words)])
    return state.layers


def vectors_of(inputs: Inputs, card: Card) -> Sequence[Sequence[float]]:
    """The rows of an input of numbers, for a model that reads them; else InputError."""
    if isinstance(inputs, Vectors):
        return inputs.rows
    rows = card.examples[0].query["x"].split(";")[:2]
    body = ", ".join(f"[{row.replace(',', ', ')}]" for row in rows)
    raise InputError(
        f"{card.id} reads vectors of {card.input_size} numbers, not text: give x={';'.join(rows)}"
        f' in an address, or {{"vectors": [{body}]}} in a body.'
    )


def text_of(inputs: Inputs, card: Card) -> Text | OneToken:
    """The text of an input of words or characters, for a model that reads them; else InputError."""
    if not isinstance(inputs, Vectors):
        return inputs
    text = card.examples[0].query["text"]
    raise InputError(
        f"{card.id} reads {card.input}, not vectors: give text={text} in an address, or"
        f' {{"text": "{text}"}} in a body.'
    )


def refuse_options(card: Card, options: Options, *, sharpness: bool = False) -> None:
    """Raise InputError for an option that the model doesn't have."""
    if options.checkpoint is not None and options.checkpoint not in card.checkpoints:
        have = ", ".join(card.checkpoints) or "none"
        words = f"{card.id} has no checkpoint of that name; it has {have}."
        raise InputError(words, [FieldError(("checkpoint",), words)])
    if options.sharpness is not None and not sharpness:
        words = f"{card.id} has no sharpness to set; only toy-lstm has."
        raise InputError(words, [FieldError(("sharpness",), words)])
