"""Where over a corpus a unit's memory is highest, lowest, written, erased and shown most.

    highest, lowest    c                   the memory after the step
    written            i * g               what the step added, by its size
    erased             (1 - f) * c'        what the step took away, by its size
    shown              h                   what is shown, by its size

Each text gives its best step alone, so that ten places are ten texts. A gate is reckoned open above
OPEN: so every step of a unit is one of eight ways in which its gates stand together.

And the other way round: units that do the same over a stretch of a run, and where else they all do.
What a step's units do is a mask of bits, one a unit, for each trait:

    high, low      tanh(c) >= CLEAR, tanh(c) <= -CLEAR
    writes, erases, shows      i, 1 - f, o above OPEN

Source of the idea: Strobelt, Gehrmann, Pfister & Rush 2018, LSTMVis.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine import lstm, rnn
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs.card import Card
from gate_explorer.runs.inputs import Inputs, Options, Text, Token, Vectors
from gate_explorer.runs.run import Layer, LSTMLayer, Run, lstm_layer, rnn_layer
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.corpora import Corpus, load
from gate_explorer.zoo.learned import Learned

OPEN, CLEAR = 0.5, 0.5
SEQUENCES, STEPS, SEED = 100, 8, 5005  # of random vectors
PLACES = 10
TOKENS = 5  # that are named beside a way in which gates stand
TRAITS = ("high", "low", "writes", "erases", "shows")
KINDS = ("highest", "lowest", "written", "erased", "shown")

Mask = NDArray[np.bool_]
Bits = NDArray[np.uint64]


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


@dataclass(frozen=True)
class Alike:
    """Units (from 1) that have a trait throughout a stretch, and where else they have it together.

    places: stretches of at least one step, the most units first, then the longest; value: how many
    of the units have it at the step named. selective: whether the units are those which have it in
    the stretch and not right beside it; else none is so, and they are all that have it there.
    """

    trait: str
    units: tuple[int, ...]
    selective: bool
    places: tuple[Place, ...]


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
        self._values = dict(_values([layer for layer, _ in runs], self.card))

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
    def patterns(self) -> "Patterns":
        """What all units do at every step, as bits."""
        return Patterns(self.lengths, traits_of(self._values))

    def alike(self, run: Run, first: int, last: int, trait: str) -> Alike:
        """Units that have a trait from step `first` to `last` of a run, and where else they do.

        Raises: InputError for a stretch or a trait that isn't there.
        """
        check_stretch(run, first, last)
        found = traits_of(dict(_values([run.layer], self.card)))
        if trait not in found:
            words = f"trait is “{trait[:20]}”; it should be one of {', '.join(found)}."
            raise InputError(words, [FieldError(("trait",), words)])
        begin, end = first - run.start - 1, last - run.start
        units, selective = doing_the_same(found[trait], begin, end)
        if not units.any():
            return Alike(trait, (), False, ())
        chosen = self.patterns.find(trait, units)
        places = [Place(self.corpus.inputs[text], t + 1, float(count)) for text, t, count in chosen]
        numbers = tuple(int(unit) + 1 for unit in np.flatnonzero(units))
        return Alike(trait, numbers, selective, tuple(places))

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


class Patterns:
    """What all units do at every step of a corpus, as masks of bits (W, M), 64 units a word."""

    def __init__(self, lengths: NDArray[np.intp], traits: Mapping[str, Mask]) -> None:
        self._texts = np.repeat(np.arange(len(lengths)), lengths)
        self._steps = np.arange(len(self._texts)) - np.repeat(
            np.concatenate(([0], lengths.cumsum()[:-1])), lengths
        )
        self._bits = {trait: np.ascontiguousarray(packed(mask).T) for trait, mask in traits.items()}

    def counts(self, trait: str, units: Mask) -> NDArray[np.uint16]:
        """How many of the units, a mask (H,), have the trait at every step: (M,)."""
        counts = np.zeros(len(self._texts), np.uint16)
        for word, wanted in zip(self._bits[trait], packed(units[None])[0], strict=True):
            if wanted:
                counts += np.bitwise_count(word & wanted)
        return counts

    def find(self, trait: str, units: Mask, count: int = PLACES) -> list[tuple[int, int, int]]:
        """The text, the step (from 0) and how many units, where most of them have the trait.

        One step a text: the first of its longest stretch at the text's best count.
        """
        counts = self.counts(trait, units)
        best = int(counts.max(initial=0))
        chosen: list[tuple[int, int, int]] = []
        taken: set[int] = set()
        while best and len(chosen) < count:
            for step in _longest_first(counts == best, self._texts):
                text = int(self._texts[step])
                if text not in taken:
                    taken.add(text)
                    chosen.append((text, int(self._steps[step]), best))
                if len(chosen) == count:
                    break
            best -= 1
        return chosen


def inputs_of(model: Model, one: str) -> Inputs:
    """An input as an address writes it, for a model that reads texts or vectors."""
    if model.card.input != "vectors":
        return Text(one)
    return Vectors([[float(cell) for cell in row.split(",")] for row in one.split(";")])


def packed(mask: Mask) -> Bits:
    """Booleans (M, H) as bits, (M, W) words of 64."""
    rows, units = mask.shape
    padded = np.zeros((rows, -(-units // 64) * 64), bool)
    padded[:, :units] = mask
    return np.packbits(padded, axis=1).view(np.uint64)


def traits_of(values: Mapping[str, Array]) -> dict[str, Mask]:
    """Which units have each trait at each step, (M, H)."""
    squashed = np.tanh(values["c"])
    found = {"high": squashed >= CLEAR, "low": squashed <= -CLEAR}
    if "f" in values:
        found |= {
            "writes": values["i"] > OPEN,
            "erases": values["f"] <= OPEN,
            "shows": values["o"] > OPEN,
        }
    return found


def doing_the_same(mask: Mask, begin: int, end: int) -> tuple[Mask, bool]:
    """Units that have a trait at all steps from begin to end, and not right before or after.

    Where there are none such, all that have it throughout; then the second is False.
    Shapes: mask (T, H) -> (H,).
    """
    throughout: Mask = np.logical_and.reduce(mask[begin:end])
    beside = [mask[t] for t in (begin - 1, end) if 0 <= t < len(mask)]
    either: Mask = np.logical_or.reduce([*beside, np.zeros_like(throughout)])
    alone: Mask = throughout & ~either
    return (alone, True) if alone.any() else (throughout, False)


def check_stretch(run: Run, first: int, last: int) -> None:
    """Raise InputError for a stretch that the run doesn't have."""
    low, high = run.start + 1, run.start + len(run)
    if not low <= first <= last <= high:
        words = f"The stretch is {first} to {last}; the run has steps {low} to {high}."
        raise InputError(words, [FieldError((name,), words) for name in ("first", "last")])


def _longest_first(at: Mask, texts: NDArray[np.intp]) -> list[int]:
    """Where each stretch of steps within one text begins, the longest first."""
    begins = at.copy()
    begins[1:] &= ~(at[:-1] & (texts[1:] == texts[:-1]))
    starts = np.flatnonzero(begins)
    ends = np.flatnonzero(np.append(at[:-1] & (~at[1:] | begins[1:]), at[-1:]))
    lengths = ends - starts
    order: list[int] = starts[np.argsort(-lengths, kind="stable")].tolist()
    return order


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


def _values(layers: Sequence[Layer], card: Card) -> Iterator[tuple[str, Array]]:
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
