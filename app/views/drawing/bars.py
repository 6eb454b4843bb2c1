"""Bars: numbers as paths, or as classes that the style sheet turns into lengths.

The page's Content-Security-Policy forbids inline styles. A row of the equation is one SVG with a
path for its bars, which the style sheet moves from step to step. A bar goes up from the zero line
or down from it with the same commands, so that one path can turn into another. A meter is an
element whose length is two classes, tens and units of per cent: `t6 u2` is 62 %.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from gate_explorer.engine.checks import Array

STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15)
# Below it a power of ten is subnormal: its multiples are no longer what they should be, or 0.
SMALLEST_POWER = -300
CLASSES = [f"t{whole // 10} u{whole % 10}" for whole in range(101)]
COLUMN, HEIGHT = 20, 100
ZERO = 100
MARGIN, NARROW_MARGIN = 1.5, 1.0
# So many bars stand so close that they need all the width there is.
MOST_APART = 48


@dataclass(frozen=True)
class Bars:
    """A row's bars, one a drawn unit, in columns COLUMN wide.

    sizes: in whole per cent of the scale, 0 for zero alone, plus ZERO: 0 to 200, a byte each.
    passing: the same for the part that passes the gate, where there is one. signed: whether they
    may go down from a zero line in the middle.
    """

    sizes: bytes
    passing: bytes | None
    signed: bool

    @property
    def width(self) -> int:
        """The drawing's width in its own units."""
        return COLUMN * len(self.sizes)

    @property
    def height(self) -> int:
        """The drawing's height in its own units."""
        return 2 * HEIGHT if self.signed else HEIGHT

    @property
    def whole(self) -> str:
        """The path of the bars as they are, before a gate."""
        return _path(self.sizes)

    @property
    def passes(self) -> str:
        """The path of what passes the gate; empty where there is none."""
        return _path(self.passing) if self.passing is not None else ""

    @property
    def track(self) -> str:
        """The path of full bars, behind those of a gate."""
        return _path(bytes([2 * ZERO]) * len(self.sizes))


def sizes(values: Array, top: float) -> list[bytes]:
    """Values (T, H) in [-top, top] as a step's `Bars.sizes` each."""
    share = np.rint(np.clip(np.abs(values) / top, 0, 1) * 100)
    share[(share == 0) & (values != 0)] = 1
    return [row.tobytes() for row in (np.copysign(share, values) + ZERO).astype(np.uint8)]


def level(size: int, signed: bool) -> str:
    """The classes of a size of `Bars.sizes`."""
    side = ("n " if size < ZERO else "p ") if signed else ""
    return side + CLASSES[abs(size - ZERO)]


def gate_level(value: float) -> str:
    """The classes of a value in [0, 1]."""
    return _digits(value)


def signed_level(value: float, top: float) -> str:
    """The classes of a value in [-top, top]: its side and its size as a share of `top`."""
    return f"{'n' if value < 0 else 'p'} {_digits(abs(value) / top)}"


def nice_top(*arrays: Array) -> float:
    """The end of a scale that holds all values: the next of STEPS times a power of ten."""
    largest = max((float(abs(array).max()) for array in arrays), default=0.0)
    if not largest:
        return 1.0
    power = 10.0 ** max(math.floor(math.log10(largest)), SMALLEST_POWER)
    return next(step * power for step in STEPS if step * power >= largest * (1 - 1e-12))


def _path(sizes: Sequence[int]) -> str:
    """A way over all bars, along the zero line between them."""
    tops = _tops(NARROW_MARGIN if len(sizes) > MOST_APART else MARGIN)
    return f"M0 {HEIGHT}{''.join([tops[size] for size in sizes])}"


@cache
def _tops(margin: float) -> list[str]:
    """The way over a bar of each size of `Bars.sizes`, and on to the next."""
    around, width = f"h{margin:g}", f"{COLUMN - 2 * margin:g}"
    return [
        f"{around}V{HEIGHT - (size - ZERO)}h{width}V{HEIGHT}{around}"
        for size in range(2 * ZERO + 1)
    ]


def _digits(share: float) -> str:
    whole = round(min(max(share, 0), 1) * 100)
    if whole == 0 and share > 0:
        whole = 1
    return CLASSES[whole]
