"""A network that someone brought, opened out of their weight file, as a model like the others.

It reads vectors, or, with the vocabulary of its embedding, texts; it answers where a head stands
right on its last hidden state and its shape says what it means. Every pass of its stack is a layer
of the run, lower ones first, forward before backward.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from gate_explorer.engine import ragged
from gate_explorer.engine import stack as stacks
from gate_explorer.engine.activations import sigmoid
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import Held, LSTMState, LSTMTrace
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.engine.stack import Pass, Stack, StackTrace, State, Trace
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs.card import Card, Example, InputKind, OutputKind, SeriesInput
from gate_explorer.runs.cells import Equation, lstm_of, rnn_of
from gate_explorer.runs.inputs import Inputs, OneToken, Options, Token
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, Output
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import (
    Direction,
    Layer,
    Run,
    RunState,
    layer_names,
    lstm_layer,
    rnn_layer,
)
from gate_explorer.weights.files import Opened
from gate_explorer.weights.files import Options as FileOptions
from gate_explorer.weights.torch import stack_to_torch
from gate_explorer.zoo.base import (
    held_in_layers,
    how_to_give,
    numbers_of,
    refuse_options,
    series_in,
    text_of,
)
from gate_explorer.zoo.lexicon import Lexicon
from gate_explorer.zoo.sentiment_network import log_softmax

STEPS = 12
MOST_NUMBERS = 2_000  # of an example, so that its address isn't too long
MOST_NAMED = 2048  # rows of a head whose shares are told at every step
LARGEST = 1e6  # of an example's numbers and of what may be given
UNCHOSEN = FileOptions()
_SEED = 20261126


def brought_card(model_id: str, title: str, opened: Opened) -> Card:
    """The card of an opened file: its sizes, and a drawn sequence of its width to begin with."""
    told, made = opened.interpretation, opened.stack
    lexicon = lexicon_of(opened)
    return Card(
        id=model_id,
        title=title,
        description=f"Brought as a file: {told.network}, laid out as {told.layout} does.",
        cell="rnn" if told.cell == "rnn" else "lstm",
        input=_input(lexicon),
        input_size=made.input_size,
        hidden_size=max(run.parameters.hidden_size for layer in made.layers for run in layer),
        output=output_of(opened),
        provenance="uploaded",
        examples=(_sentence(lexicon) if lexicon else _drawn(made.input_size),),
        num_layers=told.layers,
        bidirectional=len(told.directions) > 1,
        listed=False,
        inputs=() if lexicon else tuple(f"x{k + 1}" for k in range(made.input_size)),
        range=None if lexicon else (-LARGEST, LARGEST),
        series=None if lexicon else SeriesInput("none"),
    )


def lexicon_of(opened: Opened) -> Lexicon | None:
    """The words of the embedding's rows, where there are both and as many."""
    if opened.vocabulary is None or opened.embedding is None:
        return None
    fits = len(opened.vocabulary) == len(opened.embedding.matrix)
    return Lexicon(opened.vocabulary) if fits else None


def output_of(opened: Opened) -> OutputKind | None:
    """What the head says; None where there is none that says so.

    A number where it is one row; what comes next where it has a row a word of the vocabulary;
    classes where a softmax is known to follow.
    """
    return None if _unread(opened) else _kind_of(opened)


def why_silent(opened: Opened) -> str:
    """Why nothing is read out of the network, in a sentence; "" where something is."""
    if output_of(opened):
        return ""
    head = opened.head
    unread = _unread(opened)
    if unread or head is None:
        return unread
    rows, follows = len(head.weight), head.activation
    if follows not in {None, "linear", "softmax"}:
        return f"{head.name} is followed by {follows}, and what its {rows} rows mean isn’t told."
    return (
        f"{head.name} has {rows} rows, and the file doesn’t say what they are; they are classes"
        " where a softmax is known to follow, words where a vocabulary has as many."
    )


def _unread(opened: Opened) -> str:
    """Why the head can't be read at all; "" where it can."""
    head = opened.head
    if head is None:
        return "The file has no head that is known to stand right on the last hidden state."
    rows, width = head.weight.shape
    if not head.last:
        return f"More layers follow {head.name}, so that its numbers are no answer."
    if width != opened.stack.output_size:
        return f"{head.name} reads {width} numbers, not the {opened.stack.output_size} shown."
    if not opened.stack.is_one_way and head.reads is None:
        return (
            "It reads backwards too, and the file doesn’t say whether"
            f" {head.name} reads every step, or what the passes end with."
        )
    if rows > MOST_NAMED:
        return f"{head.name} has {rows:,} rows; shares are told of up to {MOST_NAMED:,}."
    return ""


def _kind_of(opened: Opened) -> OutputKind | None:
    head, lexicon = opened.head, lexicon_of(opened)
    if head is None:
        return None
    rows = len(head.weight)
    if rows == 1 and head.activation in {None, "linear", "sigmoid"}:
        return "number"
    if head.activation not in {None, "linear", "softmax"}:
        return None
    if lexicon and rows == len(lexicon.words):
        return "next_token"
    return "classes" if head.activation == "softmax" else None


def _input(lexicon: Lexicon | None) -> InputKind:
    if lexicon is None:
        return "vectors"
    return "characters" if lexicon.of_characters else "words"


def _sentence(lexicon: Lexicon) -> Example:
    note = "A text of words that it knows, always the same."
    return Example({"text": lexicon.example}, "Words that it knows", note)


def _drawn(width: int) -> Example:
    """Numbers drawn from a seed, a row a step."""
    rng = np.random.default_rng(_SEED)
    steps = min(STEPS, max(2, MOST_NUMBERS // width))
    rows = rng.standard_normal((steps, width)).round(2).tolist()
    query = {"x": ";".join(",".join(f"{value:g}" for value in row) for row in rows)}
    note = f"{steps} steps of numbers drawn from the normal distribution, always the same."
    return Example(query, "Drawn numbers", note)


@dataclass(frozen=True, eq=False)
class Brought:
    """An opened network under a card of `brought_card`; choices: those that it was read with."""

    card: Card
    opened: Opened
    choices: FileOptions = UNCHOSEN

    @property
    def stack(self) -> Stack:
        """The network itself."""
        return self.opened.stack

    def run(self, inputs: Inputs, state: RunState | None, options: Options) -> Run:
        """Read the vectors, or the text; the layers of the run are the stack's passes.

        Raises: InputError for what doesn't fit.
        """
        return self.runs([inputs], state, options)[0]

    def runs(self, inputs: Sequence[Inputs], state: RunState | None, options: Options) -> list[Run]:
        """The same over several inputs at once."""
        refuse_options(self.card, options)
        kind = np.float32 if self.stack.dtype == np.float32 else np.float64
        read = [self._read(each, kind) for each in inputs]
        xs = [x for x, _ in read]
        start = state.t if state else 0
        before = self.opened.states if state is None else self._states(state)
        passes, depths = self._passes, self._depths
        held = [self._held(options, start, len(x)) for x in xs]
        found = ragged.through_stack(self.stack, xs, before, held if options.clamps else None)
        return [
            Run(
                card=self.card,
                x=x,
                tokens=tokens,
                layers=tuple(map(_layer, passes, chain(*trace.layers))),
                outputs=self._outputs(trace),
                state=RunState(start + len(x), tuple(map(_numbers, chain(*trace.states)))),
                start=start,
                cells=tuple(run.parameters for run in passes),
                readout=self.readout(options),
                holds=holds,
                equations=tuple(_equation(run) for run in passes),
                depths=depths,
                series=series_in(each),
            )
            for each, (x, tokens), trace, holds in zip(inputs, read, found, held, strict=True)
        ]

    @property
    def _passes(self) -> tuple[Pass, ...]:
        """The stack's passes, lower ones first, forward before backward."""
        return tuple(chain(*self.stack.layers))

    @property
    def _depths(self) -> tuple[int, ...]:
        """Which layer of the stack each of them is, from 1."""
        return tuple(n for n, layer in enumerate(self.stack.layers, 1) for _ in layer)

    def _held(self, options: Options, start: int, steps: int) -> tuple[Held | None, ...]:
        """What the options hold in each pass, over so many steps after `start`."""
        sizes = [run.parameters.hidden_size for run in self._passes]
        units = dict(zip(layer_names(self._depths), sizes, strict=True))
        unbounded = any("g" in each and not each["g"].span for each in map(_equation, self._passes))
        largest = LARGEST if unbounded else 1.0
        return held_in_layers(self.card, options, start, steps, units, largest)

    def _read(
        self, inputs: Inputs, kind: type[np.floating[Any]]
    ) -> tuple[Array, tuple[Token, ...] | None]:
        """What the network receives, (T, D), and the tokens of a text."""
        lexicon, embedding = lexicon_of(self.opened), self.opened.embedding
        if lexicon is None or embedding is None:
            return numbers_of(inputs, self.card, kind), None
        given = text_of(inputs, self.card)
        one = isinstance(given, OneToken)
        found = lexicon.read(given.token if isinstance(given, OneToken) else given.text)
        if not found:
            raise InputError(f"There is no word in the text; {how_to_give(self.card)}.")
        if one and len(found) > 1:
            raise InputError(f"A step takes one token; the model reads this as {len(found)}.")
        matrix = embedding.matrix.astype(kind)
        zeros = np.zeros(matrix.shape[1], kind)
        x = np.stack([zeros if row is None else matrix[row] for _, row in found])
        return x, tuple(token for token, _ in found)

    @property
    def _reads_ends(self) -> bool:
        """Whether the head reads what the passes end with, so that it answers but once."""
        head = self.opened.head
        return not self.stack.is_one_way and head is not None and head.reads == "ends"

    def _outputs(self, trace: StackTrace) -> tuple[Output, ...]:
        """What the head says after each step; of a stack that reads backwards and is read at its
        ends, once all is read.
        """
        if self.card.output is None:
            return (None,) * len(trace.h)
        if not self._reads_ends:
            return self._said_of(trace.h[:, 0])
        ends = [state.h if isinstance(state, LSTMState) else state for state in trace.states[-1]]
        return (*(None,) * (len(trace.h) - 1), *self._said_of(np.concatenate(ends, axis=1)))

    def _said_of(self, h: Array) -> tuple[Output, ...]:
        """What the head says of hidden states, (T, P)."""
        head, kind = self.opened.head, self.card.output
        if head is None or kind is None:
            return (None,) * len(h)
        z = h @ head.weight.T.astype(h.dtype)
        z = z if head.bias is None else z + head.bias.astype(h.dtype)
        if kind == "number":
            values = sigmoid(z[:, 0]) if head.activation == "sigmoid" else z[:, 0]
            return tuple(NumberOutput(float(value), shown=True) for value in values)
        shares = np.exp(log_softmax(z.astype(np.float64))).tolist()
        names = self._names()
        if kind == "next_token":
            return tuple(NextTokenOutput(names, tuple(each)) for each in shares)
        return tuple(ClassesOutput(dict(zip(names, each, strict=True))) for each in shares)

    def _names(self) -> tuple[str, ...]:
        """Those of the head's rows: words of the vocabulary, or classes by number."""
        count = 0 if self.opened.head is None else len(self.opened.head.weight)
        if self.card.output == "next_token" and self.opened.vocabulary:
            named = enumerate(self.opened.vocabulary)
            return tuple(word or f"row {row}" for row, word in named)
        return tuple(f"class {k}" for k in range(count)) if self.card.output == "classes" else ()

    def weights(self, options: Options) -> dict[str, Array]:
        """The stack's weights under PyTorch's names, its biases summed in `bias_ih`, beside zeros.

        So `torch.nn.LSTM(I, H)` takes those of a file without biases too. Raises: InputError for
        what torch lacks.
        """
        refuse_options(self.card, options)
        layers = (tuple(map(_with_one_bias, layer)) for layer in self.stack.layers)
        return stack_to_torch(Stack(tuple(layers)))

    def readout(self, options: Options) -> Readout | None:
        """The head over the uppermost cell, where its outputs are told; else None."""
        refuse_options(self.card, options)
        head, cell = self.opened.head, self._passes[-1].parameters
        if head is None or not self.card.output:
            return None
        bias = np.zeros(len(head.weight)) if head.bias is None else head.bias
        squashed = head.activation == "sigmoid"
        return Readout(cell, head.weight, bias, self._names(), squashed, self._reads_ends)

    def _states(self, state: RunState) -> stacks.States:
        """The engine's states from a run's. Raises: InputError where they don't fit."""
        passes = self._passes
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


def _with_one_bias(run: Pass) -> Pass:
    """The same pass with the sum of its biases for the only one."""
    return replace(run, parameters=replace(run.parameters, biases=None))


def _equation(run: Pass) -> Equation:
    cell = run.parameters
    if isinstance(cell, RNNParameters):
        return rnn_of(cell.activation)
    return lstm_of(cell.options, cell.output_size if cell.output_size != cell.hidden_size else None)


def _layer(run: Pass, trace: Trace) -> Layer:
    way: Direction = "backward" if run.reverse else "forward"
    return lstm_layer(trace, way) if isinstance(trace, LSTMTrace) else rnn_layer(trace, way)


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
