"""One sequence (no batch axis) through a model, with all its values, whatever cell made them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import Held, LSTMParameters, LSTMTrace
from gate_explorer.engine.rnn import RNNParameters, RNNTrace
from gate_explorer.errors import FieldError, InputError
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

    start: the number of steps taken before the first of these. cells: the weights that made each of
    `layers`, where there are some. readout: what the outputs follow from, where that is known.
    unit_scale: what one unit of the toy's memory is in the cell (1 but in `toy-lstm`). before: the
    output at the state it started from, where that came from earlier steps. deviation: for
    `toy-lstm`, the output of each step less the rules' own. holds: the gates that were held in each
    of `layers`, (T, H), None where none was; empty where nothing was held. depths: which layer of a
    stack each of `layers` is, from 1: both directions of one have its number. place: which of
    `layers` is looked at, from 0; -1 for the last. equations: that of each of `layers`, where it
    isn't the usual one of the card's cell. series: what x is, in units of its own, where that was
    given.
    """

    card: Card
    x: Array
    tokens: tuple[Token, ...] | None
    layers: tuple[Layer, ...]
    outputs: tuple[Output, ...]
    state: RunState
    start: int = 0
    cells: tuple[LSTMParameters | RNNParameters, ...] = ()
    readout: Readout | None = None
    unit_scale: float = 1.0
    before: Output = None
    deviation: Array | None = None
    holds: tuple[Held | None, ...] = ()
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

    @property
    def cell(self) -> LSTMParameters | RNNParameters | None:
        """The weights of the layer that is looked at; None where there are none."""
        return self.cells[self.place] if self.cells else None

    def inputs_of(self, place: int) -> Array:
        """What a layer reads, (T, D): x, or what the layer below shows in its directions, joined.

        place: which of `layers`, from 0 or, below it, from the end.
        """
        below = self._read_by(place)
        return self.shown_by(below) if below else self.x

    def width_of_inputs(self, place: int) -> int:
        """D, how many numbers it reads at a step."""
        below = self._read_by(place)
        return sum(self.layers[n].h.shape[1] for n in below) if below else self.x.shape[1]

    def shown_by(self, places: Sequence[int]) -> Array:
        """What a layer's directions show, joined, (T, ·)."""
        shown = [self.layers[place].h for place in places]
        return shown[0] if len(shown) == 1 else np.concatenate(shown, axis=1)

    def _read_by(self, place: int) -> list[int]:
        """The places of the directions below that a layer reads; none for the lowest."""
        below = self.depths[place] - 1
        return [n for n, depth in enumerate(self.depths) if depth == below]

    def place_of(self, name: str) -> int:
        """The place of the layer that an address calls so. Raises: InputError for none."""
        if name not in self.places:
            words = f"{self.card.id} has no layer {name}; it has {', '.join(self.places)}."
            raise InputError(words, [FieldError(("layer",), words)])
        return self.places[name]

    @property
    def held(self) -> Held | None:
        """The gates that were held in the layer that is looked at, (T, H); None for none."""
        return self.holds[self.place] if self.holds else None

    @property
    def is_held(self) -> bool:
        """Whether a gate was held in any of its layers."""
        return any(each is not None for each in self.holds)

    @cached_property
    def places(self) -> dict[str, int]:
        """The places of its layers, from 0, by what an address calls them."""
        return {name: place for place, name in enumerate(layer_names(self.depths))}

    @property
    def layer_name(self) -> str:
        """What an address calls the layer that is looked at."""
        return layer_names(self.depths)[self.place]

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
        return f"{self.card.title}, gates held" if self.is_held else self.card.title


def layer_names(depths: Sequence[int]) -> tuple[str, ...]:
    """What an address calls layers, each given by its number in the stack, from 1.

    `2` is the second layer, or the forward one of its two directions; `2-backward` the other.
    """
    names: list[str] = []
    for number in depths:
        names.append(f"{number}" if f"{number}" not in names else f"{number}-backward")
    return tuple(names)


def lstm_layer(trace: LSTMTrace, direction: Direction = "forward") -> LSTMLayer:
    """A batch-of-one LSTM trace, (T, 1, ·), as a run's layer."""
    names = ("h_prev", "i", "f", "g", "o", "c_prev", "c", "tanh_c", "h")
    return LSTMLayer(direction, **{name: getattr(trace, name)[:, 0] for name in names})


def rnn_layer(trace: RNNTrace, direction: Direction = "forward") -> RNNLayer:
    """A batch-of-one RNN trace, (T, 1, ·), as a run's layer."""
    return RNNLayer(direction, trace.h_prev[:, 0], trace.h[:, 0])
