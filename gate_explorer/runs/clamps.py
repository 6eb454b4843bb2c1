"""What-if: gates held at values of one's own, as an address writes them.

    forget_gate:0@3            the forget gate of every unit is 0 at step 3
    output_gate:1@2-5/7,9      the output gates of units 7 and 9 are 1 at steps 2 to 5
    candidate:0.5@*            every unit's candidate is 0.5 throughout

Steps and units count from 1; steps as the trace numbers them. Where two clamps meet, the later
one holds.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.lstm import Held
from gate_explorer.errors import FieldError, InputError

GATES: dict[str, Literal["i", "f", "g", "o"]] = {
    "input_gate": "i",
    "forget_gate": "f",
    "candidate": "g",
    "output_gate": "o",
}
MOST_CLAMPS = 16
FORM = "forget_gate:0@3, output_gate:1@2-5/7,9 or candidate:0.5@*"
NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
PLACES = r"\*|\d{1,7}(?:-\d{1,7})?(?:,\d{1,7}(?:-\d{1,7})?){0,63}"
CLAMP = re.compile(rf"(\w+):({NUMBER})@({PLACES})(?:/({PLACES}))?", re.ASCII)

Ranges = tuple[tuple[int, int], ...]
EVERYWHERE: Ranges = ((1, 10**7),)


@dataclass(frozen=True)
class Clamp:
    """A gate, what it is held at, and where: ranges of steps and of units, from 1, ends included.

    text: as the address writes it.
    """

    text: str
    gate: Literal["i", "f", "g", "o"]
    value: float
    steps: Ranges
    units: Ranges


def split(texts: Sequence[str]) -> tuple[str, ...]:
    """Clamps that are repeated or written with semicolons between, one by one; of two, the last."""
    parts = [part.strip() for text in texts for part in text.split(";") if part.strip()]
    return tuple(reversed(dict.fromkeys(reversed(parts))))


def parse(texts: Sequence[str]) -> tuple[Clamp, ...]:
    """The clamps of an address, in its order.

    Raises: InputError naming what can't be read, and how it is written.
    """
    if len(texts) > MOST_CLAMPS:
        raise _refused(f"There are {len(texts)} clamps; at most {MOST_CLAMPS} are read.")
    return tuple(_parse(text) for text in texts)


def held(clamps: Sequence[Clamp], first: int, steps: int, units: int, largest: float) -> Held:
    """The clamps over a run's steps, `first` (from 1) and those after it: arrays (T, H).

    largest: how far a candidate may be from 0. Raises: InputError for a value out of its gate's
    range, or for a step or a unit that the run doesn't have.
    """
    arrays = Held.nothing((steps, units))
    for clamp in clamps:
        low, high = (-largest, largest) if clamp.gate == "g" else (0.0, 1.0)
        if not low <= clamp.value <= high:
            words = f"{clamp.text} holds it at {clamp.value:g}; it can be {low:g} to {high:g}."
            raise _refused(words)
        rows = _places(clamp, "step", clamp.steps, first, first + steps - 1)
        columns = _places(clamp, "unit", clamp.units, 1, units)
        getattr(arrays, clamp.gate)[np.ix_(rows, columns)] = clamp.value
    return arrays


def _parse(text: str) -> Clamp:
    found = CLAMP.fullmatch(text)
    if not found:
        raise _refused(f"“{text[:40]}” isn't a clamp; write one as {FORM}.")
    name, value, steps, units = found.groups()
    if name not in GATES:
        raise _refused(f"There is no gate “{name[:20]}” to hold; there are {', '.join(GATES)}.")
    if not math.isfinite(float(value)):
        raise _refused(f"{text[:40]} holds it at {value[:20]}, which is too large.")
    return Clamp(text, GATES[name], float(value), _ranges(steps), _ranges(units or "*"))


def _ranges(text: str) -> Ranges:
    if text == "*":
        return EVERYWHERE
    parts = [part.partition("-") for part in text.split(",")]
    return tuple((int(first), int(last or first)) for first, _, last in parts)


def _places(clamp: Clamp, what: str, ranges: Ranges, first: int, last: int) -> NDArray[np.intp]:
    """The places of the ranges within first to last, from 0, each once, however often named."""
    named = np.full(last - first + 1, ranges == EVERYWHERE)
    for low, high in () if ranges == EVERYWHERE else ranges:
        if not first <= low <= high <= last:
            asked = f"{low}" if low == high else f"{low}-{high}"
            words = f"{clamp.text} names {what} {asked}; the run has {what}s {first} to {last}."
            raise _refused(words)
        named[low - first : high - first + 1] = True
    return np.flatnonzero(named)


def _refused(words: str) -> InputError:
    return InputError(words, [FieldError(("clamp",), words)])
