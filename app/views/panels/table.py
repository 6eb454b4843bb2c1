"""The plots as tables, for readers who don't see them and for those who want the numbers."""

from dataclasses import dataclass

from gate_explorer.runs.card import Card

from .about import curve_points
from .context import Context

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


def title(context: Context) -> str:
    """The tab's words."""
    return "As a table"


def has(context: Context) -> bool:
    """Where the state asks for tables."""
    return context.state.tables is not None


def step_table(context: Context) -> Table:
    """The desk's bars: a row a drawn unit, a column a quantity."""
    e = context.explorer
    values = {q.key: e.values(q.key).tolist() for q in e.equation.quantities}
    rows = tuple(
        Row(
            str(unit),
            tuple(e.word(key, column[unit - 1], DIGITS) for key, column in values.items()),
            unit == e.unit,
        )
        for unit in e.drawn
    )
    heads = tuple(f"{e.called(q.key)} ({q.letter})" for q in e.equation.quantities)
    return Table(f"Step {e.t} of {e.steps}, {e.token}: every unit", ("Unit", *heads), rows)


def curve_table(card: Card) -> Table | None:
    """The learning curve: a column a checkpoint; None where the card has no curve."""
    points = curve_points(card)
    if points is None:
        return None
    what, values = points
    heads = ("Checkpoint", *(name.removeprefix("step-") for name, _ in values))
    row = Row(what, tuple(f"{value:.3g}" for _, value in values), now=False)
    return Table("The learning curve, by the updates made", heads, (row,))
