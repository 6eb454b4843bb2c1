"""Forecasts in their series' units, beside what came and peers that need no learning."""

import math

import pytest

from gate_explorer.analysis.forecasts import (
    errors,
    exact,
    forecast,
    forecasts,
    rounded,
    said,
    with_unit,
)
from gate_explorer.runs.inputs import Options, Vectors
from gate_explorer.runs.outputs import NumberOutput
from gate_explorer.runs.run import Run
from gate_explorer.runs.series import Column, Series, read_series
from gate_explorer.zoo import registry

MONTHS = [f"{1960 + n // 12}-{n % 12 + 1:02}" for n in range(30)]
VALUES = [300 + n + 10 * math.sin(n * math.pi / 6) for n in range(30)]


def run_of(series: Series) -> Run:
    return registry.get("forecast").run(Vectors.of(series), None, Options())


def monthly() -> Series:
    lines = (f"{month},{value:.3f}" for month, value in zip(MONTHS, VALUES, strict=True))
    return read_series("month,height (m)\n" + "\n".join(lines), 1, scaling="spread")


def test_forecast_is_the_answer_in_the_series_units() -> None:
    series = monthly()
    run = run_of(series)
    assert forecasts(run)
    for t in range(1, 31):
        found, output = forecast(run, t), run.outputs[t - 1]
        assert found
        assert isinstance(output, NumberOutput)
        assert found.said == pytest.approx(output.value * series.spreads[0] + series.means[0])
        assert (found.row, found.last) == (t, series.rows[t - 1][0])
        assert found.came == (series.rows[t][0] if t < 30 else None)
        assert found.year == (series.rows[t - 12][0] if t >= 12 else None)


def test_errors_count_the_same_rows_for_all_from_the_second_year() -> None:
    series = monthly()
    run = run_of(series)
    found = errors(run)
    assert found
    assert (found.first, found.end) == (13, 30)
    values = [row[0] for row in series.rows]
    pairs = [(values[t], values[t - 1], values[t - 12]) for t in range(12, 30)]
    assert found.last == pytest.approx(
        math.sqrt(sum((c - before) ** 2 for c, before, _ in pairs) / 18)
    )
    assert found.year == pytest.approx(math.sqrt(sum((c - y) ** 2 for c, _, y in pairs) / 18))
    own = [forecast(run, t) for t in range(12, 30)]
    size = math.sqrt(sum((f.said - (f.came or 0)) ** 2 for f in own if f) / 18)
    assert found.own == pytest.approx(size)


def test_too_short_a_series_has_no_errors_and_no_year() -> None:
    run = run_of(read_series("1\n2\n3\n4", 1, scaling="spread"))
    assert errors(run) is None
    longer = errors(run_of(read_series("1\n2\n3\n4\n5", 1, scaling="spread")))
    assert longer
    assert (longer.first, longer.end, longer.year) == (5, 5, None)


def test_run_without_a_series_forecasts_nothing() -> None:
    run = registry.get("forecast").run(Vectors([[0.5], [0.2]]), None, Options())
    assert not forecasts(run)
    assert forecast(run, 1) is None
    assert errors(run) is None
    assert said(run, 0.25) == "0.25"


def test_numbers_are_told_to_a_hundredth_of_the_spread_with_their_unit() -> None:
    wide = Series(((1000.0,), (1400.0,)), (Column("flow", "10⁸ m³"),))
    narrow = Series(((0.01,), (0.013,)), (Column("share"),))
    assert rounded(wide, 1234.567) == "1235"
    assert rounded(narrow, 0.0123456) == "0.01235"
    assert (
        with_unit(wide, "1235")
        == "1235\N{NO-BREAK SPACE}·\N{NO-BREAK SPACE}10⁸\N{NO-BREAK SPACE}m³"
    )
    assert with_unit(narrow, "3") == "3"
    assert exact(-3.0) == "−3"
    assert rounded(Series(((0.0,),), (Column("x1"),)), 0.0) == "0.00"
