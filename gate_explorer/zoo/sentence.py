"""`sentiment`: the trained sentence model, reading text as people type it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from gate_explorer.engine.activations import sigmoid
from gate_explorer.engine.checks import Array
from gate_explorer.engine.ragged import through_lstm
from gate_explorer.errors import InputError
from gate_explorer.runs.card import Card
from gate_explorer.runs.card_file import read_card
from gate_explorer.runs.inputs import (
    Inputs,
    OneToken,
    Options,
    Text,
    Token,
)
from gate_explorer.runs.outputs import ClassesOutput
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import Run, RunState, lstm_layer
from gate_explorer.weights.torch import to_torch
from gate_explorer.zoo.base import (
    held_at_all,
    held_in,
    lstm_state,
    refuse_options,
    text_of,
)
from gate_explorer.zoo.cell_network import load_checkpoint
from gate_explorer.zoo.reading import Word, read_text
from gate_explorer.zoo.sentiment_network import (
    CHECKPOINTS,
    LABELS,
    SentimentNetwork,
    binary_score,
    log_softmax,
    with_cell,
)
from gate_explorer.zoo.vocabulary import Vocabulary

FOLDER = Path(__file__).parent / "sentiment"


class Sentiment:
    """A sentence model as a model of the zoo; the weights are read at the first run."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._earlier: dict[str, SentimentNetwork] = {}

    @cached_property
    def card(self) -> Card:
        """The model card."""
        return read_card(self._folder)

    @cached_property
    def network(self) -> SentimentNetwork:
        """The weights and the vocabulary."""
        return SentimentNetwork.load(self._folder)

    def at(self, checkpoint: str | None) -> SentimentNetwork:
        """The network as it was at a checkpoint of the card, with the final embedding."""
        if checkpoint is None or checkpoint == self.card.checkpoints[-1]:
            return self.network
        if checkpoint not in self._earlier:
            path = self._folder / CHECKPOINTS
            cell = load_checkpoint(path, checkpoint, self.card.cell)
            self._earlier[checkpoint] = with_cell(self.network, cell)
        return self._earlier[checkpoint]

    def run(self, inputs: Inputs, state: RunState | None, options: Options) -> Run:
        """Read a text word by word, with a prediction after each."""
        return self.runs([inputs], state, options)[0]

    def runs(self, inputs: Sequence[Inputs], state: RunState | None, options: Options) -> list[Run]:
        """The same over several texts at once."""
        refuse_options(self.card, options)
        network = self.at(options.checkpoint)
        read = [_words(network.vocabulary, text_of(each, self.card)) for each in inputs]
        before = lstm_state(state, self.card, np.float32)
        xs = [network.embedding.rows([word.row for word in words]) for words in read]
        start = state.t if state else 0
        held = [held_in(self.card, options, start, len(x)) for x in xs]
        traces = through_lstm(network.cell, xs, before, held_at_all(held))
        layers = [lstm_layer(trace) for trace in traces]
        return [
            Run(
                card=self.card,
                x=x,
                tokens=tuple(Token(w.text, w.key, w.known, w.read_as) for w in words),
                layers=(layer,),
                outputs=_outputs(network, layer.h),
                state=RunState(start + len(x), ((layer.h[-1], layer.c[-1]),)),
                start=start,
                cells=(network.cell,),
                readout=self.readout(options),
                before=_outputs(network, before.h)[0] if start else None,
                holds=(holds,),
            )
            for x, words, layer, holds in zip(xs, read, layers, held, strict=True)
        ]

    def weights(self, options: Options) -> Mapping[str, Array]:
        """The cell's weights under PyTorch's names."""
        refuse_options(self.card, options)
        return to_torch(self.at(options.checkpoint).cell)

    def readout(self, options: Options) -> Readout:
        """The cell, and the logits of the five labels."""
        refuse_options(self.card, options)
        network = self.at(options.checkpoint)
        return Readout(network.cell, network.readout_weight, network.readout_bias, LABELS)


def _outputs(network: SentimentNetwork, hidden: Array) -> tuple[ClassesOutput, ...]:
    """A prediction a step from h (T, H); read out a step at a time, as stepping does."""
    logits = np.stack([network.logits(h) for h in hidden])
    probabilities, scores = np.exp(log_softmax(logits)), sigmoid(binary_score(logits))
    return tuple(
        ClassesOutput(dict(zip(LABELS, p.tolist(), strict=True)), float(score))
        for p, score in zip(probabilities, scores, strict=True)
    )


def _words(vocabulary: Vocabulary, inputs: Text | OneToken) -> list[Word]:
    text = inputs.text if isinstance(inputs, Text) else inputs.token
    words = read_text(vocabulary, text)
    if not words:
        raise InputError("There is no word in the text; write one, such as I love France.")
    if isinstance(inputs, OneToken) and len(words) > 1:
        parts = ", ".join(f"“{word.text[:40]}”" for word in words[:8])
        raise InputError(f"A step takes one token; the model reads this as {len(words)}: {parts}.")
    return words
