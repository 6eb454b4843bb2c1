"""The plots as tables, for readers who don't see them and for those who want the numbers."""

from dataclasses import dataclass

from gate_explorer.analysis.words import percent
from gate_explorer.runs.card import Card
from gate_explorer.runs.outputs import ClassesOutput

from ..equation.explorer import MEMORY_ROW, OUTPUT_ROW, RNN_ROW, Explorer
from .card import curve_points
from .overview import Overview

MOST_COLUMNS = 32
DIGITS = 3


@dataclass(frozen=True)
class Row:
    """A row's head and numbers; whether it is the chosen step or unit."""

    head: str
    cells: tuple[str, ...]
    now: bool


@dataclass(frozen=True)
class Table:
    """What a table shows, its column heads (the first is the rows'), its rows, what is left out."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""


def step_table(explorer: Explorer) -> Table:
    """The equation's bars: a row a drawn unit, a column a panel."""
    e = explorer
    kinds = (*MEMORY_ROW, *OUTPUT_ROW) if e.gated else RNN_ROW
    values = {kind.key: getattr(e.layer, kind.key)[e.t - 1].tolist() for kind in kinds}
    rows = tuple(
        Row(
            str(unit),
            tuple(e.word(key, column[unit - 1], DIGITS) for key, column in values.items()),
            unit == e.unit,
        )
        for unit in e.drawn
    )
    heads = tuple(f"{kind.name} ({kind.symbol})" for kind in kinds)
    return Table(f"Step {e.t} of {e.steps}, {e.token}: every unit", ("Unit", *heads), rows)


def run_table(explorer: Explorer, shown: Overview) -> Table:
    """The map and its lines: a row a step, a column a drawn unit, the first of many."""
    e = explorer
    units = e.drawn[:MOST_COLUMNS]
    values = getattr(e.layer, shown.key)
    verdicts = shown.score is not None
    rows = tuple(
        Row(
            f"{t} {e.label(t)}",
            (
                *((_verdict(e, t),) if verdicts else ()),
                *(e.word(shown.key, float(values[t - 1, unit - 1]), DIGITS) for unit in units),
            ),
            t == e.t,
        )
        for t in shown.columns
    )
    heads = ("Step", *(("positive",) if verdicts else ()), *(f"unit {unit}" for unit in units))
    left = len(e.drawn) - len(units)
    note = f"{left} more drawn units aren’t in the table; the CSV has all." if left else ""
    caption = f"{shown.quantity} over steps {shown.first} to {shown.last}"
    return Table(caption[0].upper() + caption[1:], heads, rows, note)


def curve_table(card: Card) -> Table | None:
    """The learning curve: a column a checkpoint; None where the card has no curve."""
    points = curve_points(card)
    if points is None:
        return None
    what, values = points
    heads = ("Checkpoint", *(name.removeprefix("step-") for name, _ in values))
    row = Row(what, tuple(f"{value:.3g}" for _, value in values), now=False)
    return Table("The learning curve, by the updates made", heads, (row,))


def _verdict(explorer: Explorer, t: int) -> str:
    output = explorer.run.outputs[t - 1]
    if not isinstance(output, ClassesOutput) or output.score is None:
        return "–"
    return percent(output.score)
