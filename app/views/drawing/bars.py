"""Bars: numbers as paths, or as classes that the style sheet turns into lengths.

The page's Content-Security-Policy forbids inline styles. A panel of many units is a few SVG paths,
which the style sheet moves from step to step: a hundred elements less to lay out in each frame. A
bar that stands alone, or a meter, is an element whose length is two classes, tens and units of per
cent: `t6 u2` is 62 %. Signed bars grow from a centre line, up (`p`) or down (`n`); gates grow from
the bottom.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from markupsafe import Markup

from gate_explorer.engine.checks import Array

STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15)
# Below it a power of ten is subnormal: its multiples are no longer what they should be, or 0.
SMALLEST_POWER = -300
CLASSES = [f"t{whole // 10} u{whole % 10}" for whole in range(101)]
COLUMN, MARGIN, HEIGHT = 10, 1, 100
ZERO = 100
STRIP_LEVELS = 4


@dataclass(frozen=True)
class Bars:
    """A panel's bars, one a drawn unit; dense: too many for gaps between them.

    sizes: in whole per cent of the scale, 0 for zero alone, plus ZERO: 0 to 200, a byte each.
    passing: the same for the part that passes the gate, where there is one. labels: the numbers,
    with a | between them.
    """

    units: tuple[int, ...]
    sizes: bytes
    passing: bytes | None
    labels: str
    signed: bool
    dense: bool


def sizes(values: Array, top: float) -> list[bytes]:
    """Values (T, H) in [-top, top] as a step's `Bars.sizes` each."""
    share = np.rint(np.clip(np.abs(values) / top, 0, 1) * 100)
    share[(share == 0) & (values != 0)] = 1
    return [row.tobytes() for row in (np.copysign(share, values) + ZERO).astype(np.uint8)]


def size_level(size: int, signed: bool) -> str:
    """The classes of a size of `Bars.sizes`."""
    side = ("n " if size < ZERO else "p ") if signed else ""
    return side + CLASSES[abs(size - ZERO)]


def gate_level(value: float) -> str:
    """The classes of a value in [0, 1]."""
    return _digits(value)


def signed_level(value: float, top: float) -> str:
    """The classes of a value in [-top, top]: its side and its size as a share of `top`."""
    return f"{'n' if value < 0 else 'p'} {_digits(abs(value) / top)}"


def strip_level(value: float, top: float) -> int:
    """A value in [-top, top] as one of nine levels, -4 to 4; only zero itself is 0."""
    level = math.ceil(min(abs(value) / top, 1) * STRIP_LEVELS)
    return -level if value < 0 else level


def nice_top(*arrays: Array) -> float:
    """The end of a scale that holds all values: the next of STEPS times a power of ten."""
    largest = max((float(abs(array).max()) for array in arrays), default=0.0)
    if not largest:
        return 1.0
    power = 10.0 ** max(math.floor(math.log10(largest)), SMALLEST_POWER)
    return next(step * power for step in STEPS if step * power >= largest * (1 - 1e-12))


def row(bars: Bars, key: str, chosen: int, kept: bool = False) -> Markup:
    """A panel's bars, and a button a unit that chooses it, in one piece.

    kept: the page has the buttons already. Nothing needs escaping: bars are numbers.
    """
    if len(bars.units) == 1:
        return Markup(_lone(bars, key))
    drawn = _half(bars, "up", 1)
    if bars.signed:
        drawn += _half(bars, "down", -1)
    if kept:
        return Markup(f'{drawn}<div id="{key}-units" data-labels="{bars.labels}" data-kept></div>')
    labelled = zip(_buttons(key, bars.units), bars.labels.split("|"), strict=True)
    buttons = [f'{start}{label}"></button>' for start, label in labelled]
    place = bars.units.index(chosen)
    buttons[place] = buttons[place].replace('class="unit"', 'class="unit on"', 1)
    return Markup(f'{drawn}<div id="{key}-units" class="hits">{"".join(buttons)}</div>')


def _lone(bars: Bars, key: str) -> str:
    """The only unit's bar, with its number on it."""
    (unit,), (size,), label = bars.units, bars.sizes, bars.labels
    level = size_level(size, bars.signed)
    passes = draft = ""
    if bars.passing:
        draft, passes = " draft", f'<i class="bar {size_level(bars.passing[0], bars.signed)}"></i>'
    button = _buttons(key, (unit,))[0].replace('class="unit"', 'class="unit on"', 1)
    return (
        f'{button}{label}"><i class="bar {level}{draft}"></i>{passes}<b class="{level}">{label}</b>'
        "</button>"
    )


@lru_cache(maxsize=256)
def _buttons(key: str, units: tuple[int, ...]) -> list[str]:
    """Each unit's button up to its number."""
    return [
        f'<button form="pick-unit" name="unit" value="{unit}" id="{key}{unit}" class="unit"'
        f' tabindex="-1" title="unit {unit}: '
        for unit in units
    ]


def _half(bars: Bars, side: str, sign: int) -> str:
    """The bars that grow to one side: what is there, pale if a gate follows, and what passes."""
    tops = _tops(sign, bars.dense)
    # Along the zero line; a bar of the other sign is flat, so that the path always has the same
    # commands, and one can turn into another.
    start = f"M{0 if bars.dense else MARGIN} {HEIGHT if sign > 0 else 0}"
    drawn = f'd="{start}{"".join([tops[size] for size in bars.sizes])}"/>'
    if bars.passing:
        passing = "".join([tops[size] for size in bars.passing])
        drawn = f'class="draft" {drawn}<path d="{start}{passing}"/>'
    view = f"0 0 {COLUMN * len(bars.units)} {HEIGHT}"
    return (
        f'<svg class="bars {side}" viewBox="{view}" preserveAspectRatio="none" aria-hidden="true">'
        f"<path {drawn}</svg>"
    )


@cache
def _tops(sign: int, dense: bool) -> list[str]:
    """The way over a bar of each size of `Bars.sizes`, and on to the next."""
    zero, margin = HEIGHT if sign > 0 else 0, 0 if dense else MARGIN
    gap = f"h{2 * margin}" if margin else ""
    heights = [max(sign * (size - ZERO), 0) for size in range(2 * ZERO + 1)]
    return [f"V{zero - sign * h}h{COLUMN - 2 * margin}V{zero}{gap}" for h in heights]


def strip(levels: Sequence[int]) -> Markup:
    """A memory in small: a mark a unit, up for positive, down for negative, four sizes each."""
    up, down = (
        "".join(
            f"V{STRIP_LEVELS - level if level * sign > 0 else STRIP_LEVELS}h9V{STRIP_LEVELS}h1"
            for level in levels
        )
        for sign in (1, -1)
    )
    view = f"0 0 {COLUMN * len(levels)} {2 * STRIP_LEVELS}"
    return Markup(
        f'<svg class="strip" viewBox="{view}" preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="M0 {STRIP_LEVELS}{up}"/><path class="n" d="M0 {STRIP_LEVELS}{down}"/></svg>'
    )


def _digits(share: float) -> str:
    whole = round(min(max(share, 0), 1) * 100)
    if whole == 0 and share > 0:
        whole = 1
    return CLASSES[whole]
