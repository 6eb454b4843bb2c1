"""The run at a glance: a map of units by steps for any quantity, and the chosen unit over time."""

from dataclasses import dataclass, replace

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.runs.cells import LSTM
from gate_explorer.runs.outputs import ClassesOutput

from ..address.state import MOST_PINS
from ..drawing.plots import LINE_HEIGHT, level_paths, line_points
from ..equation.explorer import GATES, Explorer

QUANTITIES = {
    "c": "memory c",
    "h": "hidden state h",
    "f": f"{LSTM['f'].nickname} f",
    "i": f"{LSTM['i'].nickname} i",
    "g": f"{LSTM['g'].nickname} g",
    "o": f"{LSTM['o'].nickname} o",
}


@dataclass(frozen=True)
class Choice:
    """A quantity that the map can show."""

    key: str
    label: str
    current: bool


@dataclass(frozen=True)
class Line:
    """A unit's quantity over time, as points; pins: those of the address with the unit taken out,
    or for the chosen unit with it put in; None where nothing is to be changed.
    """

    unit: int
    points: str
    pins: str | None


@dataclass(frozen=True)
class Overview:
    """The map's cells as paths, the lines' points, and what both are scaled to.

    first and last: the steps on the map, which is a window of a long run; `now` is the chosen
    step's column in it, from 0, and `row` the chosen unit's row. lines: the pinned units', the
    chosen unit's last. score: the prediction's line, for models that have one.
    """

    key: str
    choices: tuple[Choice, ...]
    first: int
    last: int
    now: int
    units: int
    unit: int
    row: int
    paths: tuple[tuple[str, str], ...]
    top: str
    bottom: str
    lines: tuple[Line, ...]
    zero: float
    score: str | None
    height: float = LINE_HEIGHT

    @property
    def columns(self) -> range:
        """The steps on the map, from 1."""
        return range(self.first, self.last + 1)

    @property
    def quantity(self) -> str:
        """The chosen quantity's name."""
        return next(choice.label for choice in self.choices if choice.current)


def overview(explorer: Explorer, shown: str | None) -> Overview:
    """The map and the line of a quantity (None: the memory), in the tape's window of steps."""
    key = (shown or "c") if explorer.gated else "h"
    first, last = explorer.window
    name = f"overview {key} {first}"
    made = explorer.once(name, lambda: _overview(explorer, key, first, last))
    return replace(made, now=explorer.t - first)


def _overview(explorer: Explorer, key: str, first: int, last: int) -> Overview:
    values = getattr(explorer.layer, key)[first - 1 : last]
    top = explorer.top(key)
    largest = float(np.abs(getattr(explorer.layer, key)).max()) or 1.0
    signed = key not in GATES and explorer.below_zero
    low = -top if signed else 0.0
    return Overview(
        key=key,
        choices=tuple(
            Choice(k, label, k == key)
            for k, label in QUANTITIES.items()
            if explorer.gated or k == "h"
        ),
        first=first,
        last=last,
        now=0,
        units=len(explorer.drawn),
        unit=explorer.unit,
        row=explorer.drawn.index(explorer.unit),
        paths=tuple(level_paths(values[:, explorer.columns], largest)),
        top=explorer.word(key, top),
        bottom=explorer.word(key, low) if signed else "0",
        lines=_lines(explorer, values, low, top),
        zero=LINE_HEIGHT / 2 if signed else LINE_HEIGHT,
        score=_score(explorer, first, last),
    )


def _lines(explorer: Explorer, values: Array, low: float, top: float) -> tuple[Line, ...]:
    pins = [unit for unit in explorer.state.pinned if unit <= explorer.units]
    others = [unit for unit in pins if unit != explorer.unit]
    can_pin = explorer.units > 1 and explorer.unit not in pins and len(pins) < MOST_PINS
    lines = [(unit, [pin for pin in pins if pin != unit]) for unit in others]
    lines.append((explorer.unit, [*pins, explorer.unit] if can_pin else []))
    return tuple(
        Line(
            unit,
            line_points(values[:, unit - 1].tolist(), low, top),
            ",".join(map(str, after)) if unit in others or after else None,
        )
        for unit, after in lines
    )


def _score(explorer: Explorer, first: int, last: int) -> str | None:
    outputs = explorer.run.outputs[first - 1 : last]
    scores = [o.score for o in outputs if isinstance(o, ClassesOutput) and o.score is not None]
    return line_points(scores, 0.0, 1.0) if len(scores) == len(outputs) else None
