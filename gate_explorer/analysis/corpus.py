"""Where over a corpus a unit's memory is highest, lowest, written, erased and shown most.

    highest, lowest    c                   the memory after the step
    written            i * g               what the step added, by its size
    erased             (1 - f) * c'        what the step took away, by its size
    shown              h                   what is shown, by its size

Each text gives its best step alone, so that ten places are ten texts. A gate is reckoned open above
OPEN: so every step of a unit is one of eight ways in which its gates stand together.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import numpy as np

from gate_explorer.analysis.patterns import OPEN, Mask, Patterns, traits_of
from gate_explorer.engine import lstm, rnn
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs.card import Card
from gate_explorer.runs.inputs import Inputs, Options, Text, Token, Vectors
from gate_explorer.runs.run import Layer, LSTMLayer, lstm_layer, rnn_layer
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.corpora import Corpus, load
from gate_explorer.zoo.learned import Learned

SEQUENCES, STEPS, SEED = 100, 8, 5005  # of random vectors
PLACES = 10
TOKENS = 5  # that are named beside a way in which gates stand
KINDS = ("highest", "lowest", "written", "erased", "shown")


@dataclass(frozen=True)
class Place:
    """A step of the corpus: the input that it is in, as an address writes it, and what it shows.

    t: from 1. value: of the quantity that it was chosen by, with its sign.
    """

    input: str
    t: int
    value: float


@dataclass(frozen=True)
class Stand:
    """One way in which a unit's gates stand together: how often, and at which tokens most.

    share: of all steps, 0 to 1; tokens: the commonest first; none for vectors.
    """

    keeps: bool
    writes: bool
    shows: bool
    share: float
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class UnitPlaces:
    """What a unit does over a corpus: places by kind, PLACES each, and how its gates stand.

    A unit without gates is neither written nor erased, and has no gates to stand.
    """

    unit: int
    places: Mapping[str, tuple[Place, ...]]
    stands: tuple[Stand, ...]


@cache
def survey(model_id: str) -> "Survey | None":
    """A model's survey of its corpus, made once; None for a model that has none to be looked at."""
    corpus = corpus_of(model_id)
    return None if corpus is None else Survey(registry.get(model_id), corpus)


def corpus_of(model_id: str) -> Corpus | None:
    """A model's corpus: its own, or its counterpart's; random vectors for the toys."""
    card = registry.get(model_id).card
    if follows_rules(card):
        return random_vectors()
    own = load(registry.ZOO / model_id)
    other = registry.counterpart(card)
    return load(registry.ZOO / other) if own is None and other else own


def follows_rules(card: Card) -> bool:
    """Whether a model is one of the toys: the three rules, or the LSTM that they are set into."""
    return card.cell == "toy" or card.sharpness is not None


def random_vectors() -> Corpus:
    """Sequences that the three rules read: a number, and what is to be done with it."""
    rng = np.random.default_rng(SEED)
    shape = (SEQUENCES, STEPS)
    x = np.stack(
        (
            rng.integers(1, 10, shape),
            rng.choice((-1, 0, 1), shape, p=(0.15, 0.4, 0.45)),
            rng.integers(0, 2, shape),
        ),
        axis=2,
    )
    inputs = (";".join(",".join(map(str, row)) for row in rows) for rows in x.tolist())
    return Corpus("Random vectors that the three rules read", tuple(inputs))


class Survey:
    """A corpus read by a model: every step's values, for one unit or for all."""

    def __init__(self, model: Model, corpus: Corpus) -> None:
        self.card = model.card
        self.corpus = corpus
        runs = [_read(model, one) for one in corpus.inputs]
        self.lengths = np.array([len(layer.h) for layer, _ in runs])
        self.starts = np.concatenate(([0], self.lengths.cumsum()[:-1]))
        self.tokens = [token.key for _, tokens in runs for token in tokens or ()]
        self._values = dict(values_of([layer for layer, _ in runs], self.card))

    def __len__(self) -> int:
        return int(self.lengths.sum())

    def places(self, unit: int) -> UnitPlaces:
        """What a unit (from 1) does. Raises: InputError for one that the model doesn't have."""
        if not 1 <= unit <= self.card.hidden_size:
            words = f"unit is {unit}; {self.card.id} has units 1 to {self.card.hidden_size}."
            raise InputError(words, [FieldError(("unit",), words)])
        column = {name: values[:, unit - 1] for name, values in self._values.items()}
        memory = column["c"]
        ranked = {"highest": (memory, memory), "lowest": (-memory, memory)}
        for kind, name in (("written", "added"), ("erased", "taken"), ("shown", "h")):
            if name in column:
                ranked[kind] = (np.abs(column[name]), column[name])
        places = {kind: tuple(self._best(*ranked[kind])) for kind in KINDS if kind in ranked}
        stands = tuple(self._stands(column)) if "f" in column else ()
        return UnitPlaces(unit, places, stands)

    @cached_property
    def patterns(self) -> Patterns:
        """What all units do at every step, as bits."""
        return Patterns.of(self.lengths, traits_of(self._values))

    def _best(self, key: Array, value: Array) -> Iterator[Place]:
        """The best step of each text, of those the best."""
        firsts = self.starts
        best = np.maximum.reduceat(key, firsts)
        for text in np.argsort(-best, kind="stable")[:PLACES].tolist():
            part = slice(firsts[text], firsts[text] + self.lengths[text])
            t = int(key[part].argmax())
            yield Place(self.corpus.inputs[text], t + 1, float(value[part][t]))

    def _stands(self, column: Mapping[str, Array]) -> Iterator[Stand]:
        gates = [column[gate] > OPEN for gate in "fio"]
        found = []
        for keeps, writes, shows in product((True, False), repeat=3):
            at = (gates[0] == keeps) & (gates[1] == writes) & (gates[2] == shows)
            found.append(Stand(keeps, writes, shows, float(at.mean()), tuple(self._commonest(at))))
        yield from sorted((one for one in found if one.share), key=lambda one: -one.share)

    def _commonest(self, at: Mask) -> list[str]:
        if not self.tokens:
            return []
        counts = Counter(self.tokens[step] for step in np.flatnonzero(at).tolist())
        return [token for token, _ in counts.most_common(TOKENS)]


def inputs_of(model: Model, one: str) -> Inputs:
    """An input as an address writes it, for a model that reads texts or vectors."""
    if model.card.input != "vectors":
        return Text(one)
    return Vectors([[float(cell) for cell in row.split(",")] for row in one.split(";")])


def labels(model: Model, one: str) -> list[str]:
    """What each step of an input is called: its token, or the first number of its vector."""
    inputs = inputs_of(model, one)
    if isinstance(inputs, Vectors):
        return names(None, inputs.rows)
    if isinstance(model, Learned):
        return names(model.encode(inputs)[1], ())
    return names(model.run(inputs, None, Options()).tokens, ())


def names(tokens: Sequence[Token] | None, rows: Iterable[Sequence[float] | Array]) -> list[str]:
    """What steps are called in a word: their tokens, or the first number of each row."""
    if tokens is None:
        return [f"{row[0]:g}" for row in rows]
    return [token.text for token in tokens]


def _read(model: Model, one: str) -> tuple[Layer, tuple[Token, ...] | None]:
    """An input's layer and tokens; without its answers, which take longest, where that can be."""
    inputs = inputs_of(model, one)
    if not isinstance(model, Learned):
        run = model.run(inputs, None, Options())
        return run.layer, run.tokens
    x, tokens = model.encode(inputs)
    cell = model.network().cell
    if isinstance(cell, LSTMParameters):
        return lstm_layer(lstm.forward(cell, x[:, None])), tokens
    return rnn_layer(rnn.forward(cell, x[:, None])), tokens


def values_of(layers: Sequence[Layer], card: Card) -> Iterator[tuple[str, Array]]:
    """Memory and what is shown, gates, what is added and taken, over all steps: (M, H) each."""
    scale = card.sharpness.scale if card.sharpness else 1.0
    yield "c", np.concatenate([layer.memory for layer in layers]) / scale
    yield "h", np.concatenate([layer.h for layer in layers])
    gated = [layer for layer in layers if isinstance(layer, LSTMLayer)]
    if gated:
        for gate in "fio":
            yield gate, np.concatenate([getattr(layer, gate) for layer in gated])
        yield "added", np.concatenate([layer.i * layer.g for layer in gated])
        yield "taken", np.concatenate([(1 - layer.f) * layer.c_prev for layer in gated])
