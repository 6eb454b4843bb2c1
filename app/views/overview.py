"""The run at a glance: a map of units by steps for any quantity, and the chosen unit over time."""

from dataclasses import dataclass

import numpy as np

from app.views.explorer import GATES, Explorer
from app.views.plots import LINE_HEIGHT, level_paths, line_points
from app.zoo.base import ClassesOutput

QUANTITIES = {
    "c": "memory c",
    "h": "hidden state h",
    "f": "Eraser f",
    "i": "Filter i",
    "g": "Writer g",
    "o": "Presenter o",
}


@dataclass(frozen=True)
class Choice:
    """A quantity that the map can show."""

    key: str
    label: str
    current: bool


@dataclass(frozen=True)
class Overview:
    """The map's cells as paths, the line's points, and what both are scaled to.

    first and last: the steps on the map, which is a window of a long run; `now` is the chosen
    step's column in it, from 0. score: the prediction's line, for models that have one.
    """

    choices: tuple[Choice, ...]
    first: int
    last: int
    now: int
    units: int
    unit: int
    paths: tuple[tuple[str, str], ...]
    top: str
    bottom: str
    line: str
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
    values = getattr(explorer.layer, key)[first - 1 : last]
    top = 1.0 if key in GATES else explorer.tops[key]
    largest = float(np.abs(getattr(explorer.layer, key)).max()) or 1.0
    signed = key not in GATES and explorer.below_zero
    low = -top if signed else 0.0
    return Overview(
        choices=tuple(
            Choice(k, label, k == key)
            for k, label in QUANTITIES.items()
            if explorer.gated or k == "h"
        ),
        first=first,
        last=last,
        now=explorer.t - first,
        units=explorer.units,
        unit=explorer.unit,
        paths=tuple(level_paths(values, largest)),
        top=explorer.word(key, top),
        bottom=explorer.word(key, low) if signed else "0",
        line=line_points(values[:, explorer.unit - 1].tolist(), low, top),
        zero=LINE_HEIGHT / 2 if signed else LINE_HEIGHT,
        score=_score(explorer, first, last),
    )


def _score(explorer: Explorer, first: int, last: int) -> str | None:
    outputs = explorer.run.outputs[first - 1 : last]
    scores = [o.score for o in outputs if isinstance(o, ClassesOutput) and o.score is not None]
    return line_points(scores, 0.0, 1.0) if len(scores) == len(outputs) else None
