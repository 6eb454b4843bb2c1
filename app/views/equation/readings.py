"""A series on the page: what was read at a step, and what a forecast stands beside, by name."""

from collections.abc import Iterator
from dataclasses import dataclass

from gate_explorer.analysis.forecasts import Forecast, exact, forecast, with_unit
from gate_explorer.runs.run import Run
from gate_explorer.runs.series import Series

LAST, YEAR = "the last value", "a year ago"
MOST_READ = 4  # columns that are told at a step


@dataclass(frozen=True)
class Reading:
    """A quantity with its words, as a person would write it."""

    words: str
    value: str


def readings(series: Series, t: int) -> tuple[Reading, ...]:
    """The first columns at step t (from 1), each by its name."""
    row = series.rows[t - 1][:MOST_READ]
    return tuple(
        Reading(series.columns[k].name, with_unit(series, exact(value), k))
        for k, value in enumerate(row)
    )


def in_a_line(series: Series, t: int) -> str:
    """The same in one line: `flow 1120; rain 3 mm`."""
    return "; ".join(f"{each.words} {each.value}" for each in readings(series, t))


def facts(run: Run, t: int) -> tuple[Reading, ...]:
    """What stands beside the answer after step t: the columns read, or what a forecast is set
    against.
    """
    series, found = run.series, forecast(run, t)
    if series is None:
        return ()
    return tuple(_beside(series, found)) if found else readings(series, t)


def _beside(series: Series, found: Forecast) -> Iterator[Reading]:
    if found.came is not None:
        yield Reading("what came", with_unit(series, exact(found.came)))
    yield Reading(LAST, with_unit(series, exact(found.last)))
    if found.year is not None:
        yield Reading(YEAR, with_unit(series, exact(found.year)))
