"""Models that learned a task of symbols or of vectors: an LSTM, or its twin without gates.

Everything a page says about one is in its folder's `card.json`; `weights.safetensors` keeps every
checkpoint of its training. Both are read when first asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from gate_explorer.engine import ragged
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import Held, LSTMParameters
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs.card import Card
from gate_explorer.runs.card_file import read_card
from gate_explorer.runs.inputs import (
    Inputs,
    OneToken,
    Options,
    Text,
    Token,
)
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, Output
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import (
    Layer,
    LSTMLayer,
    Run,
    RunState,
    lstm_layer,
    rnn_layer,
)
from gate_explorer.zoo.base import (
    checked_layers,
    held_at_all,
    held_in,
    lstm_state,
    numbers_of,
    refuse_options,
    series_in,
    text_of,
)
from gate_explorer.zoo.cell_network import CellNetwork, load_checkpoint
from gate_explorer.zoo.sentiment_network import WEIGHTS, log_softmax
from gate_explorer.zoo.symbols import Symbols

HOTTEST = 5.0


class Learned:
    """A trained cell with its readout as a model of the zoo."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._networks: dict[str, CellNetwork] = {}

    @cached_property
    def card(self) -> Card:
        """The model card."""
        return read_card(self._folder)

    @cached_property
    def symbols(self) -> Symbols | None:
        """What it reads, where that isn't vectors."""
        if self.card.input == "vectors":
            return None
        return Symbols(self.card.symbols, self.card.input)

    @property
    def loaded(self) -> list[str]:
        """The checkpoints that were read so far."""
        return list(self._networks)

    def network(self, checkpoint: str | None = None) -> CellNetwork:
        """The network of a checkpoint of the card, or the trained one."""
        label = checkpoint or self.card.checkpoints[-1]
        if label not in self._networks:
            path = self._folder / WEIGHTS
            self._networks[label] = load_checkpoint(path, label, self.card.cell)
        return self._networks[label]

    def run(self, inputs: Inputs, state: RunState | None, options: Options) -> Run:
        """Read the input step by step, with an answer after each."""
        return self.runs([inputs], state, options)[0]

    def runs(self, inputs: Sequence[Inputs], state: RunState | None, options: Options) -> list[Run]:
        """The same over several inputs at once."""
        refuse_options(self.card, options)
        network = self.network(options.checkpoint)
        read = [self.encode(each) for each in inputs]
        start = state.t if state else 0
        held = [held_in(self.card, options, start, len(x)) for x, _ in read]
        layers = self._through(network, [x for x, _ in read], state, held)
        before = self._outputs(network, state.layers[0][0][None])[0] if state and start else None
        return [
            Run(
                card=self.card,
                x=x,
                tokens=tokens,
                layers=(layer,),
                outputs=self._outputs(network, layer.h),
                state=RunState(start + len(x), (_last(layer),)),
                start=start,
                cells=(network.cell,),
                readout=self.readout(options),
                before=before,
                holds=(holds,),
                series=series_in(each),
            )
            for each, (x, tokens), layer, holds in zip(inputs, read, layers, held, strict=True)
        ]

    def weights(self, options: Options) -> Mapping[str, Array]:
        """The cell's weights under PyTorch's names."""
        refuse_options(self.card, options)
        return self.network(options.checkpoint).torch_weights()

    def readout(self, options: Options) -> Readout:
        """The cell, and the logits of its classes or symbols, or its number."""
        refuse_options(self.card, options)
        network = self.network(options.checkpoint)
        return Readout(network.cell, network.readout_weight, network.readout_bias, self._names)

    @property
    def _names(self) -> tuple[str, ...]:
        """Those of what the readout gives a share to; none if it gives a number."""
        if self.card.output == "classes":
            return self.card.labels
        if self.card.output == "next_token" and self.symbols:
            return self.symbols.names
        return ()

    def _through(
        self,
        network: CellNetwork,
        xs: Sequence[Array],
        state: RunState | None,
        held: Sequence[Held | None],
    ) -> list[Layer]:
        """The layer's values over each input."""
        if isinstance(network.cell, LSTMParameters):
            before = lstm_state(state, self.card, np.float32)
            return [
                lstm_layer(trace)
                for trace in ragged.through_lstm(network.cell, xs, before, held_at_all(held))
            ]
        hidden = checked_layers(state, self.card)[0][0].astype(np.float32)[None] if state else None
        return [rnn_layer(trace) for trace in ragged.through_rnn(network.cell, xs, hidden)]

    def encode(self, inputs: Inputs) -> tuple[Array, tuple[Token, ...] | None]:
        """What the cell receives, (T, I), and the tokens that it stands for."""
        if self.symbols is None:
            return numbers_of(inputs, self.card, np.float32), None
        asked = text_of(inputs, self.card)
        tokens = _tokens(asked, self.symbols, self.card)
        return self.symbols.encode([token.key for token in tokens]), tokens

    def _outputs(self, network: CellNetwork, hidden: Array) -> tuple[Output, ...]:
        """An answer a step from h (T, H); read out a step at a time, as stepping does."""
        z = np.stack([network.read_out(h) for h in hidden.astype(np.float32)])
        if self.card.output == "number":
            return tuple(NumberOutput(float(value), shown=True) for value in z[:, 0])
        shares = [tuple(p) for p in np.exp(log_softmax(z)).tolist()]
        if self.card.output == "classes":
            return tuple(ClassesOutput(dict(zip(self._names, p, strict=True))) for p in shares)
        return tuple(NextTokenOutput(self._names, p) for p in shares)


def continue_text(
    model: Learned,
    text: str,
    count: int,
    temperature: float,
    rng: np.random.Generator,
    options: Options | None = None,
) -> Iterator[Run]:
    """Write on after a text: `count` symbols, each drawn from what the model expects next.

    Yields the text's run, then a run of one step for every symbol drawn, with all its gates.
    temperature: p is sharpened to p^(1/temperature): 0 takes the likeliest, 1 draws from p as it
    is, up to HOTTEST. Raises: InputError for another temperature, or a model that doesn't predict
    the next symbol.
    """
    if not 0 <= temperature <= HOTTEST:
        words = f"The temperature is {temperature:g}; it should lie between 0 and {HOTTEST:g}."
        raise InputError(words, [FieldError(("temperature",), words)])
    if model.card.output != "next_token":
        raise InputError(f"{model.card.id} can't write on: it doesn't predict what comes next.")
    options = options or Options()
    run = model.run(Text(text), None, options)
    yield run
    for _ in range(count):
        run = model.run(OneToken(_drawn(run.outputs[-1], temperature, rng)), run.state, options)
        yield run


def _drawn(output: Output, temperature: float, rng: np.random.Generator) -> str:
    if not isinstance(output, NextTokenOutput):
        raise TypeError(f"expected what comes next, got {output}")
    if temperature == 0:
        return output.top(1)[0][0]
    p = np.array(output.probabilities)
    sharpened = np.exp(log_softmax(np.log(np.maximum(p, np.finfo(float).tiny)) / temperature))
    return output.tokens[int(rng.choice(len(p), p=sharpened / sharpened.sum()))]


def _last(layer: Layer) -> tuple[Array, Array]:
    """The state after the last step."""
    if isinstance(layer, LSTMLayer):
        return layer.h[-1], layer.c[-1]
    return layer.h[-1], np.zeros(0, np.float32)


def _tokens(inputs: Text | OneToken, symbols: Symbols, card: Card) -> tuple[Token, ...]:
    text = inputs.text if isinstance(inputs, Text) else inputs.token
    tokens = symbols.tokens(text)
    if not tokens:
        example = card.examples[0].query["text"]
        raise InputError(f"There is nothing to read in the text; write some, such as {example}")
    if isinstance(inputs, OneToken) and len(tokens) > 1:
        parts = ", ".join(f"“{token.text[:40]}”" for token in tokens[:8])
        raise InputError(f"A step takes one token; the model reads this as {len(tokens)}: {parts}.")
    return tokens
