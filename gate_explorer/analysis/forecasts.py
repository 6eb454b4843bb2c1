"""Forecasts in the units of their series, beside what came and two peers that need no learning.

A model whose answer is its series' next value answers on the scale that its cell reads; people read
it in the units that they gave. The peers are the last value and, where a year has several steps,
the value of a year ago.
"""

import math
from dataclasses import dataclass

import numpy as np

from gate_explorer.analysis.words import MINUS, number
from gate_explorer.engine.checks import Array
from gate_explorer.runs.outputs import NumberOutput
from gate_explorer.runs.run import Run
from gate_explorer.runs.series import Series, plain

MOST_DECIMALS = 9
NO_BREAK = "\N{NO-BREAK SPACE}"
SETTLED = 4  # steps before forecasts are counted


@dataclass(frozen=True)
class Forecast:
    """What a model says of a row (from 0, one beyond the last too), and what there is beside it.

    came: None beyond the last row. year: None without a season, and in the first year.
    """

    row: int
    said: float
    last: float
    year: float | None
    came: float | None


@dataclass(frozen=True)
class Errors:
    """Root mean squared errors over rows from first to end (from 1), in the first column's units.

    year: None without a season.
    """

    first: int
    end: int
    own: float
    last: float
    year: float | None


def forecasts(run: Run) -> bool:
    """Whether the run's answers are the next values of its series."""
    return run.series is not None and run.card.series is not None and run.card.series.forecasts


def forecast(run: Run, t: int) -> Forecast | None:
    """What is said after step t (from 1) of the next row; None for a run that forecasts nothing."""
    output, series = run.outputs[t - 1], run.series
    if series is None or not forecasts(run) or not isinstance(output, NumberOutput):
        return None
    ago = t - series.season
    return Forecast(
        row=t,
        said=series.in_units(output.value),
        last=series.rows[t - 1][0],
        year=series.rows[ago][0] if series.season > 1 and ago >= 0 else None,
        came=series.rows[t][0] if t < len(series.rows) else None,
    )


def errors(run: Run) -> Errors | None:
    """How the forecasts of a run and of their peers did; None where there are too few to tell."""
    series = run.series
    if series is None or not forecasts(run):
        return None
    start = max(series.season, SETTLED)
    found = [each for t in range(start, len(run)) if (each := forecast(run, t))]
    if not found:
        return None
    came, own, last, year = (
        np.array([getattr(each, name) for each in found], float)
        for name in ("came", "said", "last", "year")
    )
    yearly = _size(year - came) if series.season > 1 else None
    return Errors(start + 1, len(run), _size(own - came), _size(last - came), yearly)


def said(run: Run, value: float) -> str:
    """A number that a run answers, as people read it: of a forecast, in the series' own units."""
    if run.series is None or not forecasts(run):
        return number(value)
    return with_unit(run.series, rounded(run.series, run.series.in_units(value)))


def exact(value: float) -> str:
    """A number as it was given."""
    return plain(value).replace("-", MINUS)


def rounded(series: Series, value: float) -> str:
    """A number in the first column's units, to about a hundredth of its spread."""
    spread = series.spread or abs(value) or 1.0
    decimals = min(max(2 - math.floor(math.log10(spread)), 0), MOST_DECIMALS)
    return f"{value:.{decimals}f}".replace("-", MINUS)


def with_unit(series: Series, value: str, column: int = 0) -> str:
    """A number that is written, with its column's unit, on one line; a dot before a unit that
    begins as a number does.
    """
    unit = series.columns[column].unit
    whole = f"{value} · {unit}" if unit[:1].isdigit() else f"{value} {unit}".strip()
    return whole.replace(" ", NO_BREAK)


def _size(error: Array) -> float:
    return float(np.sqrt((error**2).mean()))
