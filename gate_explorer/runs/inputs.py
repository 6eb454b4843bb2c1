"""What goes into a run: vectors, a text or one token, and how the model is to be run."""

from collections.abc import Sequence
from dataclasses import dataclass

from gate_explorer.runs.clamps import Clamp
from gate_explorer.runs.series import Series


@dataclass(frozen=True)
class Vectors:
    """An input of numbers: T rows; the series that they are of, scaled, where that was given."""

    rows: Sequence[Sequence[float]]
    series: Series | None = None

    @classmethod
    def of(cls, series: Series) -> "Vectors":
        """A series as a cell receives it."""
        return cls(series.scaled, series)


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
    """A token as typed, the key it was looked up by, and whether the vocabulary has it.

    read_as: the word that a misspelt or drawn-out one was taken for; None where it is read as it
    stands.
    """

    text: str
    key: str
    known: bool
    read_as: str | None = None
