"""Bars: numbers as classes that the style sheet turns into heights.

The page's Content-Security-Policy forbids inline styles, so a height is written as two classes,
tens and units of per cent: `t6 u2` is 62 % of the plot. Signed bars grow from a centre line, up
(`p`) or down (`n`); gates grow from the bottom.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.engine.checks import Array

STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15)
# Below it a power of ten is subnormal: its multiples are no longer what they should be, or 0.
SMALLEST_POWER = -300
CLASSES = [f"t{whole // 10} u{whole % 10}" for whole in range(101)]


@dataclass(frozen=True, slots=True)
class Bar:
    """One unit's bar: the value's classes, those of the part that passes, and its number."""

    unit: int
    level: str
    passes: str | None
    label: str


def gate_level(value: float) -> str:
    """The classes of a value in [0, 1]."""
    return _digits(value)


def signed_level(value: float, top: float) -> str:
    """The classes of a value in [-top, top]: its side and its size as a share of `top`."""
    return f"{'n' if value < 0 else 'p'} {_digits(abs(value) / top)}"


def strip_level(value: float, top: float) -> int:
    """A value in [-top, top] as one of nine levels, -4 to 4; only zero itself is 0."""
    level = math.ceil(min(abs(value) / top, 1) * 4)
    return -level if value < 0 else level


def nice_top(*arrays: Array) -> float:
    """The end of a scale that holds all values: the next of STEPS times a power of ten."""
    largest = max((float(abs(array).max()) for array in arrays), default=0.0)
    if not largest:
        return 1.0
    power = 10.0 ** max(math.floor(math.log10(largest)), SMALLEST_POWER)
    return next(step * power for step in STEPS if step * power >= largest * (1 - 1e-12))


def row(bars: Sequence[Bar], key: str, chosen: int, labelled: bool) -> Markup:
    """A panel's bars as buttons that choose their unit, in one piece.

    A page has over a hundred bars; written by the template, one by one, they took half its time.
    Nothing needs escaping: a bar holds numbers and classes.
    """
    return Markup("".join([_button(bar, key, bar.unit == chosen, labelled) for bar in bars]))


def _button(bar: Bar, key: str, chosen: bool, labelled: bool) -> str:
    unit, on, draft = bar.unit, " on" if chosen else "", " draft" if bar.passes else ""
    passes = f'<i class="bar {bar.passes}"></i>' if bar.passes else ""
    label = f'<b class="{bar.level}">{bar.label}</b>' if labelled else ""
    return (
        f'<button form="pick-unit" name="unit" value="{unit}" id="{key}{unit}" class="unit{on}"'
        f' tabindex="-1" title="unit {unit}: {bar.label}"><i class="bar {bar.level}{draft}"></i>'
        f"{passes}{label}</button>"
    )


def strip(levels: Sequence[int]) -> Markup:
    """A memory in small: a mark a unit, coloured by its level."""
    return Markup("".join([f'<i class="c{level}"></i>' for level in levels]))


def _digits(share: float) -> str:
    whole = round(min(max(share, 0), 1) * 100)
    if whole == 0 and share > 0:
        whole = 1
    return CLASSES[whole]
