"""A network that someone brought, opened out of their weight file, as a model like the others.

It reads vectors and answers nothing of itself: what its numbers mean, its file doesn't say. Every
pass of its stack is a layer of the run, lower ones first, forward before backward.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gate_explorer.engine import lstm
from gate_explorer.engine import stack as stacks
from gate_explorer.engine.activations import TANH
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters, LSTMState, LSTMTrace
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.engine.stack import Pass, Stack, State, Trace
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs.card import Card, Example
from gate_explorer.runs.cells import Equation, lstm_of, rnn_of
from gate_explorer.runs.inputs import Inputs, Options
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import Direction, Layer, LSTMLayer, RNNLayer, Run, RunState
from gate_explorer.weights.files import Opened
from gate_explorer.weights.torch import stack_to_torch
from gate_explorer.zoo.base import held_in, numbers_of, refuse_options

STEPS = 12
MOST_NUMBERS = 2_000  # of an example, so that its address isn't too long
LARGEST = 1e6  # of an example's numbers and of what may be given
_SEED = 20261126
_GATES = ("h_prev", "i", "f", "g", "o", "c_prev", "c", "tanh_c", "h")


def brought_card(model_id: str, title: str, opened: Opened) -> Card:
    """The card of an opened file: its sizes, and a drawn sequence of its width to begin with."""
    told, made = opened.interpretation, opened.stack
    rng = np.random.default_rng(_SEED)
    steps = min(STEPS, max(2, MOST_NUMBERS // made.input_size))
    rows = rng.standard_normal((steps, made.input_size)).round(2).tolist()
    query = {"x": ";".join(",".join(f"{value:g}" for value in row) for row in rows)}
    return Card(
        id=model_id,
        title=title,
        description=f"Brought as a file: {told.network}, laid out as {told.layout} does.",
        cell="rnn" if told.cell == "rnn" else "lstm",
        input="vectors",
        input_size=made.input_size,
        hidden_size=max(run.parameters.hidden_size for layer in made.layers for run in layer),
        output=None,
        provenance="uploaded",
        examples=(
            Example(
                query,
                "Drawn numbers",
                f"{steps} steps of numbers drawn from the normal distribution, always the same.",
            ),
        ),
        num_layers=told.layers,
        bidirectional=len(told.directions) > 1,
        listed=False,
        inputs=tuple(f"x{k + 1}" for k in range(made.input_size)),
        range=(-LARGEST, LARGEST),
    )


@dataclass(frozen=True, eq=False)
class Brought:
    """An opened network under a card of `brought_card`."""

    card: Card
    opened: Opened

    @property
    def stack(self) -> Stack:
        """The network itself."""
        return self.opened.stack

    def run(self, inputs: Inputs, state: RunState | None, options: Options) -> Run:
        """Read the vectors; the layers of the run are the stack's passes.

        Raises: InputError for what doesn't fit, and for gates to be held in more than one layer.
        """
        refuse_options(self.card, options)
        kind = np.float32 if self.stack.dtype == np.float32 else np.float64
        x = numbers_of(inputs, self.card, kind)
        start = state.t if state else 0
        before = self.opened.states if state is None else self._states(state)
        traces, ends = self._through(x, before, start, options)
        passes = [run for layer in self.stack.layers for run in layer]
        return Run(
            card=self.card,
            x=x,
            tokens=None,
            layers=tuple(_layer(run, trace) for run, trace in zip(passes, traces, strict=True)),
            outputs=(None,) * len(x),
            state=RunState(start + len(x), tuple(_numbers(end) for end in ends)),
            start=start,
            cell=self._standard_cell(),
            readout=self.readout(options),
            held=held_in(self.card, options, start, len(x)),
            equations=tuple(_equation(run) for run in passes),
            depths=tuple(n for n, layer in enumerate(self.stack.layers, 1) for _ in layer),
        )

    def weights(self, options: Options) -> dict[str, Array]:
        """The stack's weights under PyTorch's names. Raises: InputError for what torch lacks."""
        refuse_options(self.card, options)
        return stack_to_torch(self.stack)

    def readout(self, options: Options) -> Readout | None:
        """None: what the hidden state is read out to isn't known."""
        refuse_options(self.card, options)
        return None

    def _standard_cell(self) -> LSTMParameters | RNNParameters | None:
        """The only cell, where its sums are those of the six equations from nothing, forwards."""
        (run, *more), *above = self.stack.layers
        cell, started = run.parameters, self.opened.states is not None
        if more or above or run.reverse or started:
            return None
        if isinstance(cell, LSTMParameters):
            return cell if cell.is_standard else None
        return cell if cell.activation == TANH and cell.clip is None else None

    def _through(
        self, x: Array, before: stacks.States | None, start: int, options: Options
    ) -> tuple[Sequence[Trace], Sequence[State]]:
        """The traces and the last states of all passes."""
        if options.clamps:
            return self._held(x, before, start, options)
        trace = stacks.forward(self.stack, x[:, None], None, before)
        traces = [each for layer in trace.layers for each in layer]
        return traces, [state for layer in trace.states for state in layer]

    def _held(
        self, x: Array, before: stacks.States | None, start: int, options: Options
    ) -> tuple[Sequence[Trace], Sequence[State]]:
        """The same for gates that are held, in a network of one layer that reads forwards."""
        (run, *more), *above = self.stack.layers
        if more or above or run.reverse or not isinstance(run.parameters, LSTMParameters):
            words = (
                f"{self.card.id} has several layers or reads backwards: open one forward layer by"
                " its own name to hold its gates."
            )
            raise InputError(words, [FieldError(("clamp",), words)])
        first = None if before is None else before[0][0]
        held = held_in(self.card, options, start, len(x))
        given = first if isinstance(first, LSTMState) else None
        trace = lstm.forward(run.parameters, x[:, None], given, held)
        return [trace], [trace.state]

    def _states(self, state: RunState) -> stacks.States:
        """The engine's states from a run's. Raises: InputError where they don't fit."""
        passes = [run for layer in self.stack.layers for run in layer]
        if not self.stack.is_one_way:
            raise InputError(f"{self.card.id} reads backwards too: it can't be carried on.")
        shapes = [_shapes(run) for run in passes]
        if [(h.shape, c.shape) for h, c in state.layers] != shapes:
            words = (
                f"The state doesn't fit {self.card.id}, which has {len(passes)} layers. Pass on the"
                " state that the last step or trace returned."
            )
            raise InputError(words, [FieldError(("state", "layers"), words)])
        return [[_state(run, *pair)] for run, pair in zip(passes, state.layers, strict=True)]


def _equation(run: Pass) -> Equation:
    cell = run.parameters
    if isinstance(cell, RNNParameters):
        return rnn_of(cell.activation)
    return lstm_of(cell.options, cell.output_size if cell.output_size != cell.hidden_size else None)


def _layer(run: Pass, trace: Trace) -> Layer:
    way: Direction = "backward" if run.reverse else "forward"
    if isinstance(trace, LSTMTrace):
        return LSTMLayer(way, **{name: getattr(trace, name)[:, 0] for name in _GATES})
    return RNNLayer(way, trace.h_prev[:, 0], trace.h[:, 0])


def _numbers(state: State) -> tuple[Array, Array]:
    if isinstance(state, LSTMState):
        return state.h[0], state.c[0]
    return state[0], np.zeros(0, state.dtype)


def _shapes(run: Pass) -> tuple[tuple[int], tuple[int]]:
    cell = run.parameters
    return (cell.output_size,), (0 if isinstance(cell, RNNParameters) else cell.hidden_size,)


def _state(run: Pass, h: Array, c: Array) -> State:
    dtype = run.parameters.dtype
    if isinstance(run.parameters, RNNParameters):
        return h.astype(dtype)[None]
    return LSTMState(h.astype(dtype)[None], c.astype(dtype)[None])
