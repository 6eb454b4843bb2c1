"""A series of one's own: a form that takes CSV or a column of numbers, and how the model did on it.

Shown are the scaling with its figures, the line of the first column with the forecasts beside it,
and their errors against those of two peers that need no learning.
"""

from dataclasses import dataclass

import numpy as np

from gate_explorer.analysis.forecasts import errors, exact, forecast, rounded, with_unit
from gate_explorer.runs.series import Series, csv_text

from ...settings import settings
from ..address.state import Pasted
from ..drawing.plots import LINE_HEIGHT
from ..equation.readings import LAST, YEAR
from .context import Context


@dataclass(frozen=True)
class Scale:
    """A column and what is done to it: its mean taken off, by its spread."""

    column: str
    mean: str
    spread: str


@dataclass(frozen=True)
class Chart:
    """Points of the first column and of the forecasts, over columns by LINE_HEIGHT; its ends."""

    columns: int
    now: int
    values: str
    expected: str
    top: str
    bottom: str
    name: str


@dataclass(frozen=True)
class SeriesPanel:
    """The form as filled in, what is wrong in it, and what there is to see of the series shown.

    errors: whose, and how much. counted: over which rows.
    """

    pasted: Pasted
    faults: tuple[str, ...]
    width: int
    most: int
    season: int
    scales: tuple[Scale, ...]
    chart: Chart | None
    errors: tuple[tuple[str, str], ...]
    counted: str


MOST_SCALES = 16


def title(context: Context) -> str:
    """The tab's words."""
    return "Your series"


def has(context: Context) -> bool:
    """A model whose numbers mean nothing in particular."""
    return context.card.series is not None


def series(context: Context) -> SeriesPanel:
    """The panel, with what was pasted where that could not be read."""
    shown, typed = context.run.series, context.typed
    pasted = typed.pasted if typed and typed.pasted else None
    refused = context.error is not None and pasted is not None
    return SeriesPanel(
        pasted=pasted or _filled_in(context, shown),
        faults=tuple(e.msg for e in context.error.errors) if context.error and refused else (),
        width=context.card.input_size,
        most=settings().max_steps,
        season=shown.season if shown else 1,
        scales=_scales(shown) if shown and shown.scaling != "none" else (),
        chart=_chart(context, shown) if shown else None,
        errors=_errors(context, shown) if shown else (),
        counted=_counted(context, shown) if shown else "",
    )


def _filled_in(context: Context, shown: Series | None) -> Pasted:
    """The form as it would have been filled in for what is shown."""
    default = context.card.series.scaling if context.card.series else "none"
    if shown is None:
        return Pasted(scaling=default)
    season = str(shown.season) if shown.season > 1 else ""
    return Pasted(csv_text(shown), "", shown.scaling, season, "")


def _scales(shown: Series) -> tuple[Scale, ...]:
    return tuple(
        Scale(str(column), exact(float(f"{mean:.6g}")), exact(float(f"{spread:.6g}")))
        for column, mean, spread in zip(
            shown.columns[:MOST_SCALES], shown.means, shown.spreads, strict=False
        )
    )


def _chart(context: Context, shown: Series) -> Chart:
    """The first column, and one column to the right what was expected there."""
    run, values = context.run, [row[0] for row in shown.rows]
    said = [forecast(run, t) for t in range(1, len(run) + 1)]
    expected = [each.said for each in said if each]
    low, high = min(values + expected), max(values + expected)
    if low == high:
        low, high = low - 1, high + 1

    def points(numbers: list[float], first: float) -> str:
        heights = (high - np.array(numbers)) * (LINE_HEIGHT / (high - low))
        return " ".join(f"{first + n:g},{y:.1f}" for n, y in enumerate(heights.tolist()))

    return Chart(
        columns=len(run) + bool(expected),
        now=context.explorer.t - 1,
        values=points(values, 0.5),
        expected=points(expected, 1.5) if expected else "",
        top=rounded(shown, high),
        bottom=rounded(shown, low),
        name=str(shown.columns[0]),
    )


def _errors(context: Context, shown: Series) -> tuple[tuple[str, str], ...]:
    found = errors(context.run)
    if found is None:
        return ()
    pairs = [("the network", found.own), (LAST, found.last)]
    if found.year is not None:
        pairs.append((f"the value of {YEAR}", found.year))
    return tuple((who, with_unit(shown, f"{value:.3g}")) for who, value in pairs)


def _counted(context: Context, shown: Series) -> str:
    found = errors(context.run)
    if found is None:
        return ""
    first, last = (shown.label(n - 1) or f"row {n}" for n in (found.first, found.end))
    return f"{first} to {last}"
