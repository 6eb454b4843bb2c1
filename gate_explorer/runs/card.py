"""What a model is: the card that its training writes, the zoo reads and the page shows.

Every fact has a field of its own, typed and frozen; `card_file` writes a card as JSON and reads it
back. Shares and correlations are dimensionless; everything counted is counted from 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Cell = Literal["toy", "lstm", "rnn"]
InputKind = Literal["vectors", "words", "characters"]
OutputKind = Literal["number", "classes", "next_token"]
Provenance = Literal["rules", "hand-set", "trained", "uploaded"]
Setting = int | float | str | None
Scaling = Literal["none", "spread"]


@dataclass(frozen=True)
class Example:
    """An input worth opening: its query, a title, and what to look for."""

    query: Mapping[str, str]
    title: str
    note: str


@dataclass(frozen=True)
class Figure:
    """A figure that a model is judged by: its name, what it counts, and on which data.

    form: how it is written: "share" (of 1, as per cent), "bits", "error", or a count "of 30".
    more: whether more is better. chance: of an error, what always giving the same answer has.
    """

    name: str
    what: str
    split: str
    form: str
    more: bool = True
    chance: float | None = None


@dataclass(frozen=True)
class Measurement:
    """A figure of the weights that are kept, and its mean and standard deviation over the seeds."""

    value: float
    mean: float
    deviation: float


@dataclass(frozen=True)
class Measured:
    """The figures by name; how many seeds the means are over, and among how many runs was chosen.

    runs: None where every run is a seed.
    """

    seeds: int
    figures: Mapping[str, Measurement]
    runs: int | None = None


@dataclass(frozen=True)
class TrainingRun:
    """One of the runs among which the kept one was chosen, and its figures on test data."""

    learning_rate: float
    seed: int
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Training:
    """How the weights came about, in words, and the numbers to do it again.

    seed: the one that was kept, of `seeds`; recipe: every setting by its name; rates: the learning
    rates tried; epoch: the one kept, where epochs were chosen among; phrases, made_texts: what was
    read in an epoch, where that is counted.
    """

    how: str
    seed: int
    seeds: tuple[int, ...]
    recipe: Mapping[str, Setting | Mapping[str, Setting]]
    rates: tuple[float, ...] = ()
    runs: tuple[TrainingRun, ...] = ()
    epoch: int | None = None
    phrases: int | None = None
    made_texts: int | None = None


@dataclass(frozen=True)
class CurvePoint:
    """The figures at a checkpoint, after `step` updates."""

    checkpoint: str
    step: int
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Damage:
    """What a figure falls to without a unit: what its memory is for, shown by taking it away.

    whole: the figure with every unit; silenced: with the unit's output gate at 0 throughout;
    erased: with its forget gate at 0 once, None where that isn't asked. more: whether more of the
    figure is better. rank, erased_rank: by how much worse it becomes, 1 the worst, among the
    model's units, or among groups of the same size.
    """

    measure: str
    whole: float
    silenced: float
    rank: int
    erased: float | None = None
    erased_rank: int | None = None
    more: bool = False


@dataclass(frozen=True)
class UnitFact:
    """A unit that tells something: its name, what its memory follows, and its gates on average.

    correlation: Pearson's r of its cell state with `of`, in [-1, 1]. gates: means in [0, 1] by
    gate and place ("forget gate at a"). words: the whole in a sentence. group: the units that do
    it together, where no single one does.
    """

    unit: int
    name: str
    correlation: float
    words: str
    gates: Mapping[str, float]
    of: str | None = None
    group: tuple[int, ...] = ()
    damage: Damage | None = None


@dataclass(frozen=True)
class Limit:
    """Something that the model can't do: what happens, and a text that shows it.

    score: log odds of positive over negative at the text's end, where it was measured. kind: what
    sort of limit it is ("irony").
    """

    note: str
    text: str | None = None
    score: float | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Source:
    """Data that went into a model, who made it, what it was used for, and under which licence."""

    name: str
    citation: str
    use: str
    licence: str


@dataclass(frozen=True)
class Split:
    """A part of the data: how many sentences, and how many of them are not neutral."""

    name: str
    sentences: int
    not_neutral: int


@dataclass(frozen=True)
class Sharpness:
    """How hard the hand-set gates are: the usual slope, its range, and the memory's scale."""

    usual: float
    softest: float
    sharpest: float
    scale: float


@dataclass(frozen=True)
class Exercise:
    """An exercise that the model answers: its title and address, and NumPy lines that do it."""

    title: str
    address: str
    lines: str


@dataclass(frozen=True)
class SeriesInput:
    """That a model takes any series of numbers: how they are scaled unless one says otherwise, and
    whether its answer is the series' next value, on the same scale.
    """

    scaling: Scaling
    forecasts: bool = False


@dataclass(frozen=True)
class Card:
    """What a model is, where it comes from, and how well it does what it does.

    family: which reader of the zoo opens it; order: its place in the menu. first_unit: the unit
    to show first: the one that tells most. twin: the id of the vanilla RNN of the same size that
    learned the same task; twin_measured: the other one's figures. listed: whether the menu shows
    it. symbols: what it reads, in the order of its inputs; inputs, range: the names of a vector's
    numbers and how far each may go; labels: its classes; rows, trained_rows: of its vocabulary.
    string_end: a pattern, over its symbols with spaces between, at which a string is at its end:
    what comes next was never asked from there on. series: that its numbers mean nothing in
    particular, so that any series can be given; None where they do. trained_by: the release whose
    training made the weights; None where that isn't known. exercise: the one that it answers,
    where it answers one.
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
    family: str = ""
    order: int = 0
    num_layers: int = 1
    bidirectional: bool = False
    checkpoints: tuple[str, ...] = ()
    first_unit: int = 1
    twin: str | None = None
    listed: bool = True
    task: str | None = None
    figures: tuple[Figure, ...] = ()
    measured: Measured | None = None
    twin_measured: Measured | None = None
    training: Training | None = None
    trained_by: str | None = None
    curve: tuple[CurvePoint, ...] = ()
    units: tuple[UnitFact, ...] = ()
    limits: tuple[Limit, ...] = ()
    symbols: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    string_end: str | None = None
    series: SeriesInput | None = None
    unknown_word: str | None = None
    rows: int | None = None
    trained_rows: int | None = None
    splits: tuple[Split, ...] = ()
    data: tuple[Source, ...] = ()
    sharpness: Sharpness | None = None
    exercise: Exercise | None = None
