"""What-if: gates held at values of one's own, as an address writes them.

    forget_gate:0@3            the forget gate of every unit is 0 at step 3
    output_gate:1@2-5/7,9      the output gates of units 7 and 9 are 1 at steps 2 to 5
    candidate:0.5@*            every unit's candidate is 0.5 throughout
    forget_gate:0@3/7/layer:2            in a stack, of layer 2 alone
    forget_gate:0@3/layer:2-backward     of the pass of layer 2 that begins at the end

Steps and units count from 1; steps as the trace numbers them. What isn't named isn't narrowed: a
clamp without units holds all of them, one without a layer holds those of every layer and direction
that has them. Where two clamps meet, the later one holds.
"""

import math
import re
from collections.abc import Mapping, Sequence
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
FORM = "forget_gate:0@3, output_gate:1@2-5/7,9, candidate:0.5@* or forget_gate:0@3/layer:2"
NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
PLACES = r"\*|\d{1,7}(?:-\d{1,7})?(?:,\d{1,7}(?:-\d{1,7})?){0,63}"
LAYER = r"[1-9]\d{0,2}(?:-backward)?"
IN_LAYER = "/layer:"
CLAMP = re.compile(
    rf"(\w+):({NUMBER})@({PLACES})(?:/({PLACES}))?(?:{IN_LAYER}({LAYER}))?", re.ASCII
)

Ranges = tuple[tuple[int, int], ...]
EVERYWHERE: Ranges = ((1, 10**7),)


@dataclass(frozen=True)
class Clamp:
    """A gate, what it is held at, and where: ranges of steps and of units, from 1, ends included.

    text: as the address writes it. layer: the only one that is held, as an address calls it; None
    for all of them.
    """

    text: str
    gate: Literal["i", "f", "g", "o"]
    value: float
    steps: Ranges
    units: Ranges
    layer: str | None = None


def written(
    gate: str, value: float, step: int | str, units: str = "*", layer: str | None = None
) -> str:
    """A clamp as an address writes it; gate: its word; layer: None for all."""
    where = f"{step}" if units == "*" else f"{step}/{units}"
    return f"{gate}:{value:g}@{where}{f'{IN_LAYER}{layer}' if layer else ''}"


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


def held(
    clamps: Sequence[Clamp], first: int, steps: int, units: Mapping[str, int], largest: float
) -> tuple[Held | None, ...]:
    """The clamps over a run's steps, `first` (from 1) and those after it, in each of its layers.

    units: how many each layer has, by what an address calls it -> arrays (T, H) of each, in that
    order; None of those that hold nothing. largest: how far a candidate may be from 0. Raises:
    InputError for a value out of its gate's range, or for what the run doesn't have.
    """
    arrays: dict[str, Held] = {}
    for clamp in clamps:
        low, high = (-largest, largest) if clamp.gate == "g" else (0.0, 1.0)
        if not low <= clamp.value <= high:
            words = f"{clamp.text} holds it at {clamp.value:g}; it can be {low:g} to {high:g}."
            raise _refused(words)
        rows = _places(clamp, "step", clamp.steps, first, first + steps - 1)
        layers = _layers(clamp, units)
        most = max(units[name] for name in layers)
        columns = _places(clamp, "unit", clamp.units, 1, most)
        for name in layers:
            there = columns[columns < units[name]]
            if there.size:
                each = arrays.setdefault(name, Held.nothing((steps, units[name])))
                getattr(each, clamp.gate)[np.ix_(rows, there)] = clamp.value
    return tuple(arrays.get(name) for name in units)


def _parse(text: str) -> Clamp:
    found = CLAMP.fullmatch(text)
    if not found:
        raise _refused(f"“{text[:40]}” isn't a clamp; write one as {FORM}.")
    name, value, steps, units, layer = found.groups()
    if name not in GATES:
        raise _refused(f"There is no gate “{name[:20]}” to hold; there are {', '.join(GATES)}.")
    if not math.isfinite(float(value)):
        raise _refused(f"{text[:40]} holds it at {value[:20]}, which is too large.")
    return Clamp(text, GATES[name], float(value), _ranges(steps), _ranges(units or "*"), layer)


def _ranges(text: str) -> Ranges:
    if text == "*":
        return EVERYWHERE
    parts = [part.partition("-") for part in text.split(",")]
    return tuple((int(first), int(last or first)) for first, _, last in parts)


def _layers(clamp: Clamp, units: Mapping[str, int]) -> Sequence[str]:
    """The layers that a clamp holds, by what an address calls them."""
    if clamp.layer is None:
        return tuple(units)
    if clamp.layer in units:
        return (clamp.layer,)
    have = "one layer, 1" if len(units) == 1 else f"layers {', '.join(units)}"
    raise _refused(f"{clamp.text} names layer {clamp.layer}; the run has {have}.")


def _places(clamp: Clamp, what: str, ranges: Ranges, first: int, last: int) -> NDArray[np.intp]:
    """The places of the ranges within first to last, from 0, each once, however often named."""
    named = np.full(last - first + 1, ranges == EVERYWHERE)
    for low, high in () if ranges == EVERYWHERE else ranges:
        if not first <= low <= high <= last:
            asked = f"{low}" if low == high else f"{low}-{high}"
            whose = f"layer {clamp.layer}" if clamp.layer and what == "unit" else "the run"
            words = f"{clamp.text} names {what} {asked}; {whose} has {what}s {first} to {last}."
            raise _refused(words)
        named[low - first : high - first + 1] = True
    return np.flatnonzero(named)


def _refused(words: str) -> InputError:
    return InputError(words, [FieldError(("clamp",), words)])
