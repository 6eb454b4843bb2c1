"""One sequence (no batch axis) through a model, with all its values, whatever cell made them."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import Held, LSTMParameters, LSTMTrace
from gate_explorer.engine.rnn import RNNParameters, RNNTrace
from gate_explorer.errors import InputError
from gate_explorer.runs.card import Card
from gate_explorer.runs.cells import EQUATIONS, Equation
from gate_explorer.runs.inputs import Token
from gate_explorer.runs.outputs import Output
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.series import Series

Direction = Literal["forward", "backward"]


@dataclass(frozen=True, eq=False)
class LSTMLayer:
    """An LSTM, or the toy, in one direction over T steps: every array (T, H), the engine's letters.

    h_prev is the hidden state that each step started from, (T, P) where h is projected to P.
    tanh_c is what the output gate multiplies: tanh(c) in an LSTM, c itself in the toy.
    """

    direction: Direction
    h_prev: Array
    i: Array
    f: Array
    g: Array
    o: Array
    c_prev: Array
    c: Array
    tanh_c: Array
    h: Array

    @property
    def memory(self) -> Array:
        """What it carries from step to step, (T, H)."""
        return self.c

    @property
    def memory_before(self) -> Array:
        """The memory that each step started from, (T, H)."""
        return self.c_prev


@dataclass(frozen=True, eq=False)
class RNNLayer:
    """A vanilla RNN in one direction over T steps: its hidden state before and after, (T, H)."""

    direction: Direction
    h_prev: Array
    h: Array

    @property
    def memory(self) -> Array:
        """What it carries from step to step: all that it shows, (T, H)."""
        return self.h

    @property
    def memory_before(self) -> Array:
        """The memory that each step started from, (T, H)."""
        return self.h_prev


Layer = LSTMLayer | RNNLayer


def by_unit(layer: Layer, key: str) -> Array:
    """A quantity of a layer, (T, H): an h that is projected, before it is."""
    values: Array = getattr(layer, key)
    if values.shape[1] != layer.memory.shape[1]:
        return layer.o * layer.tanh_c if isinstance(layer, LSTMLayer) else values
    return values


def gated(layer: Layer) -> LSTMLayer:
    """The layer, if its cell has gates. Raises: InputError."""
    if isinstance(layer, LSTMLayer):
        return layer
    raise InputError("This cell has no gates.")


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
    where there are some. readout: what the outputs follow from, where that is known. unit_scale:
    what one unit of the toy's memory is in the cell (1 but in `toy-lstm`). before: the output at
    the state it started from, where that came from earlier steps. deviation: for `toy-lstm`, the
    output of each step less the rules' own. held: the gates that were held, (T, H), where some
    were. depths: which layer of a stack each of `layers` is, from 1: both directions of one have
    its number. place: which of `layers` is looked at, from 0; -1 for the last. equations: that of
    each of `layers`, where it isn't the usual one of the card's cell. series: what x is, in units
    of its own, where that was given.
    """

    card: Card
    x: Array
    tokens: tuple[Token, ...] | None
    layers: tuple[Layer, ...]
    outputs: tuple[Output, ...]
    state: RunState
    start: int = 0
    cell: LSTMParameters | RNNParameters | None = None
    readout: Readout | None = None
    unit_scale: float = 1.0
    before: Output = None
    deviation: Array | None = None
    held: Held | None = None
    depths: tuple[int, ...] = (1,)
    place: int = -1
    equations: tuple[Equation, ...] = ()
    series: Series | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def layer(self) -> Layer:
        """The layer, in the direction, that is looked at."""
        return self.layers[self.place]

    @cached_property
    def places(self) -> dict[str, int]:
        """The places of its layers, from 0, by what an address calls them.

        `2` is the second layer, or the forward one of its two directions; `2-backward` the other.
        """
        names: dict[str, int] = {}
        for place, number in enumerate(self.depths):
            name = f"{number}" if f"{number}" not in names else f"{number}-backward"
            names[name] = place
        return names

    @property
    def layer_words(self) -> str:
        """Which of several it is, `layer 2, backward`; empty where there is but one, forwards."""
        way = self.layer.direction
        if len(self.layers) == 1:
            return way if way == "backward" else ""
        both = self.depths.count(self.depths[self.place]) > 1
        return f"layer {self.depths[self.place]}{f', {way}' if both or way == 'backward' else ''}"

    def looking_at(self, place: int) -> "Run":
        """The same run with another of its layers looked at, from 0 or, below it, from the end."""
        last = len(self.layers) - 1
        wanted = -1 if place in {last, -1} else place % len(self.layers)
        if wanted == self.place:
            return self
        return self._looks.setdefault(wanted, replace(self, place=wanted))

    @cached_property
    def _looks(self) -> dict[int, "Run"]:
        return {}

    @property
    def one_way(self) -> bool:
        """Whether it is a run of one layer that reads forwards."""
        return len(self.layers) == 1 and self.layers[0].direction == "forward"

    @property
    def equation(self) -> Equation:
        """What its cell is: the quantities that its layers hold."""
        return self.equations[self.place] if self.equations else EQUATIONS[self.card.cell]

    @property
    def follows_rules(self) -> bool:
        """Whether the memory is the toy's one number, in the rules themselves or in their LSTM."""
        return self.card.cell == "toy" or self.unit_scale != 1

    @property
    def title(self) -> str:
        """The model's title, and whether this is how it runs by itself."""
        return f"{self.card.title}, gates held" if self.held else self.card.title


def lstm_layer(trace: LSTMTrace, direction: Direction = "forward") -> LSTMLayer:
    """A batch-of-one LSTM trace, (T, 1, ·), as a run's layer."""
    names = ("h_prev", "i", "f", "g", "o", "c_prev", "c", "tanh_c", "h")
    return LSTMLayer(direction, **{name: getattr(trace, name)[:, 0] for name in names})


def rnn_layer(trace: RNNTrace, direction: Direction = "forward") -> RNNLayer:
    """A batch-of-one RNN trace, (T, 1, ·), as a run's layer."""
    return RNNLayer(direction, trace.h_prev[:, 0], trace.h[:, 0])
