"""The whole run at a glance: a map of units by steps for any quantity, a unit over time, orders."""

from dataclasses import dataclass, replace

import numpy as np

from gate_explorer.analysis.outputs import tone_in_figures
from gate_explorer.engine.checks import Array
from gate_explorer.runs.outputs import ClassesOutput
from gate_explorer.runs.run import by_unit

from ..address.state import MOST_PINS
from ..drawing.plots import LINE_HEIGHT, level_paths, line_points
from ..equation.explorer import Explorer
from ..equation.units import COUNTS, ORDERS, order_of
from .context import Context
from .table import DIGITS, Row, Table

SHOWN = ("c", "h", "f", "i", "g", "o")
FEW_UNITS, MOST_COLUMNS = 8, 32


@dataclass(frozen=True)
class UnitChoice:
    """A choice of units to draw: its value in the address, its words, what it does."""

    value: str
    words: str
    why: str
    current: bool


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
    chosen unit's last. tone: the verdict's line, for models that have one.
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
    tone: str | None
    orders: tuple[UnitChoice, ...] = ()
    counts: tuple[UnitChoice, ...] = ()
    table: Table | None = None
    height: float = LINE_HEIGHT

    @property
    def columns(self) -> range:
        """The steps on the map, from 1."""
        return range(self.first, self.last + 1)

    @property
    def quantity(self) -> str:
        """The chosen quantity's name."""
        return next(choice.label for choice in self.choices if choice.current)


def title(context: Context) -> str:
    """The tab's words."""
    return "Whole run"


def has(context: Context) -> bool:
    """Every run."""
    return True


def overview(context: Context) -> Overview:
    """The map and the line of a quantity (the memory first), in the tape's window of steps."""
    e = context.explorer
    asked = context.state.show
    key = asked if asked and asked in e.equation else e.equation.memory
    first, last = e.window
    made = e.once(f"overview {key} {first}", lambda: _overview(e, key, first, last))
    table = _table(e, made) if context.state.tables else None
    return replace(made, now=e.t - first, orders=_orders(e), counts=_counts(e), table=table)


def _overview(explorer: Explorer, key: str, first: int, last: int) -> Overview:
    values = by_unit(explorer.layer, key)[first - 1 : last]
    top = explorer.top(key)
    largest = float(np.abs(by_unit(explorer.layer, key)).max()) or 1.0
    signed = explorer.signed(key)
    low = -top if signed else 0.0
    return Overview(
        key=key,
        choices=tuple(
            Choice(k, f"{explorer.called(k)} {explorer.equation[k].letter}", k == key)
            for k in SHOWN
            if k in explorer.equation
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
        tone=_tone_line(explorer, first, last),
    )


def _orders(explorer: Explorer) -> tuple[UnitChoice, ...]:
    """The orders that the units can be put in; none where there are few."""
    if explorer.units < FEW_UNITS:
        return ()
    shown = order_of(explorer.run, explorer.state)
    return tuple(
        UnitChoice(name, words, why, name == shown) for name, (words, why) in ORDERS.items()
    )


def _counts(explorer: Explorer) -> tuple[UnitChoice, ...]:
    """How many units can be drawn: all, or some of the most telling."""
    units, only = explorer.units, explorer.state.only
    some = tuple(
        UnitChoice(str(n), str(n), f"the {n} most telling", n == only) for n in COUNTS if n < units
    )
    return (UnitChoice("", "all", f"all {units} units", only is None), *some) if some else ()


def _table(explorer: Explorer, shown: Overview) -> Table:
    """The map and its lines: a row a step, a column a drawn unit, the first of many."""
    e, units = explorer, explorer.drawn[:MOST_COLUMNS]
    values = by_unit(e.layer, shown.key)
    rows = tuple(
        Row(
            f"{t} {e.label(t)}",
            (
                *((_tone_words(e, t),) if shown.tone else ()),
                *(e.word(shown.key, float(values[t - 1, unit - 1]), DIGITS) for unit in units),
            ),
            t == e.t,
        )
        for t in shown.columns
    )
    heads = ("Step", *(("tone",) if shown.tone else ()), *(f"unit {unit}" for unit in units))
    left = len(e.drawn) - len(units)
    note = f"{left} more drawn units aren’t in the table; the CSV has all." if left else ""
    return Table(f"{shown.quantity} over steps {shown.first} to {shown.last}", heads, rows, note)


def _tone_words(explorer: Explorer, t: int) -> str:
    output = explorer.run.outputs[t - 1]
    tone = output.tone if isinstance(output, ClassesOutput) else None
    return "–" if tone is None else tone_in_figures(tone)


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


def _tone_line(explorer: Explorer, first: int, last: int) -> str | None:
    outputs = explorer.run.outputs[first - 1 : last]
    tones = [o.tone for o in outputs if isinstance(o, ClassesOutput) and o.tone is not None]
    return line_points(tones, -1.0, 1.0) if len(tones) == len(outputs) else None
