"""What all units do at every step, as masks of bits, one a unit, for each trait:

    high, low                  tanh(c) >= CLEAR, tanh(c) <= -CLEAR
    writes, erases, shows      i, 1 - f, o above OPEN

Over the corpora of the trained models they are kept in `patterns.npz`, written by
`gate_explorer.training.corpora`: to survey a corpus takes seconds and hundreds of megabytes.
Source of the idea: Strobelt, Gehrmann, Pfister & Rush 2018, LSTMVis.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self, get_args
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.checks import Array
from gate_explorer.errors import DataError

OPEN, CLEAR = 0.5, 0.5
Trait = Literal["high", "low", "writes", "erases", "shows"]
TRAITS: tuple[str, ...] = get_args(Trait)
LENGTHS = "lengths"
A_WORD = 64

Mask = NDArray[np.bool_]
Bits = NDArray[np.uint64]
Counts = NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Patterns:
    """A corpus of so many steps a text, and each trait's bits (W, M), 64 units a word."""

    lengths: NDArray[np.intp]
    bits: Mapping[str, Bits]

    @classmethod
    def of(cls, lengths: NDArray[np.intp], traits: Mapping[str, Mask]) -> Self:
        """The patterns of booleans, (M, H) a trait."""
        return cls(
            lengths, {name: np.ascontiguousarray(packed(mask).T) for name, mask in traits.items()}
        )

    def __len__(self) -> int:
        return int(self.lengths.sum())

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """At which of all steps each text begins."""
        return np.concatenate(([0], self.lengths.cumsum()[:-1]))

    @cached_property
    def _texts(self) -> NDArray[np.intp]:
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def counts(self, trait: str, units: Mask) -> Counts:
        """How many of the units, a mask (H,), have the trait at every step: (M,)."""
        counts = np.zeros(len(self), np.uint16)
        for word, wanted in zip(self.bits[trait], packed(units[None])[0], strict=True):
            if wanted:
                counts += np.bitwise_count(word & wanted)
        return counts

    def find(self, counts: Counts, most: int) -> list[tuple[int, int]]:
        """The text and the step (from 0) where the counts are largest, so many places at most.

        One step a text: the first of its longest stretch at the text's best count.
        """
        best = int(counts.max(initial=0))
        chosen: dict[int, int] = {}
        while best and len(chosen) < most:
            for step in _longest_first(counts == best, self._texts):
                text = int(self._texts[step])
                chosen.setdefault(text, step - int(self.starts[text]))
                if len(chosen) == most:
                    break
            best -= 1
        return list(chosen.items())


def packed(mask: Mask) -> Bits:
    """Booleans (M, H) as bits, (M, W) words of 64."""
    rows, units = mask.shape
    padded = np.zeros((rows, -(-units // A_WORD) * A_WORD), bool)
    padded[:, :units] = mask
    return np.packbits(padded, axis=1).view(np.uint64)


def traits_of(values: Mapping[str, Array]) -> dict[str, Mask]:
    """Which units have each trait at each step, (M, H); values: c, and f, i, o where there are."""
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


def save(path: Path, patterns: Patterns) -> None:
    """Write the patterns, compressed."""
    arrays: dict[str, Any] = {LENGTHS: patterns.lengths.astype(np.uint32), **patterns.bits}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def load(path: Path, inputs: int, units: int) -> Patterns:
    """The patterns of a corpus of so many inputs, read by so many units.

    Raises: DataError for a file that is damaged, or of another corpus.
    """
    try:
        with path.open("rb") as opened, np.load(opened) as file:
            lengths = file[LENGTHS].astype(np.intp)
            bits = {name: file[name] for name in TRAITS if name in file}
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise DataError(f"{path} can't be read as patterns: {error}") from error
    shape = (-(-units // A_WORD), int(lengths.sum()))
    fits = len(lengths) == inputs and bool(bits)
    if not fits or any(each.shape != shape or each.dtype != np.uint64 for each in bits.values()):
        raise DataError(f"{path} doesn't fit the corpus beside it")
    return Patterns(lengths, bits)


def _longest_first(at: Mask, texts: NDArray[np.intp]) -> list[int]:
    """Where each stretch of steps within one text begins, the longest first."""
    begins = at.copy()
    begins[1:] &= ~(at[:-1] & (texts[1:] == texts[:-1]))
    starts = np.flatnonzero(begins)
    ends = np.flatnonzero(np.append(at[:-1] & (~at[1:] | begins[1:]), at[-1:]))
    lengths = ends - starts
    order: list[int] = starts[np.argsort(-lengths, kind="stable")].tolist()
    return order
